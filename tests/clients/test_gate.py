"""A real nginx asks the gate, by the configuration of `crates/countersign-server/examples/`, before it hands a request on."""
import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

import support

EXAMPLE = pathlib.Path(__file__).parents[2] / "crates/countersign-server/examples/nginx.conf"
FORGED = {f"X-Countersign-{name}": "forged" for name in ("Org", "Kind", "User", "Handle")}


def nginx_program() -> str:
    """Where `cargo xtask test` found it; by hand, where Debian's package puts it."""
    return os.environ.get("COUNTERSIGN_TEST_NGINX", "/usr/sbin/nginx")


class Service(http.server.BaseHTTPRequestHandler):
    """Knows nothing of Countersign: answers with the headers that came."""

    def do_GET(self):
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        """The tests' output is the log."""


class Gate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cleanup = contextlib.ExitStack()
        cls.addClassCleanup(cls.cleanup.close)
        service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        cls.cleanup.callback(service.server_close)
        cls.cleanup.callback(service.shutdown)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        cls.start_nginx(service.server_port)

    @classmethod
    def start_nginx(cls, service_port: int):
        folder = pathlib.Path(cls.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="countersign-nginx-")))
        # nginx gives its temporary files to a user who is not root.
        folder.chmod(0o755)
        port = support.free_port()
        text = EXAMPLE.read_text()
        ours = urllib.parse.urlsplit(support.need("DD_HOST")).netloc
        for shown, real in (("8400", ours), ("8480", f"127.0.0.1:{port}"), ("8481", f"127.0.0.1:{service_port}")):
            assert f"127.0.0.1:{shown}" in text, shown
            text = text.replace(f"127.0.0.1:{shown}", real)
        (folder / "nginx.conf").write_text(text)
        log = cls.cleanup.enter_context(open(folder / "log", "w+"))
        command = [nginx_program(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        nginx = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        cls.cleanup.callback(nginx.wait, support.TIMEOUT)
        cls.cleanup.callback(nginx.terminate)
        cls.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + support.TIMEOUT
        while time.monotonic() < deadline and nginx.poll() is None:
            with contextlib.suppress(OSError):
                support.send("GET", cls.url)
                return
        log.seek(0)
        raise AssertionError(f"nginx did not start: {log.read()}")

    def ask(self, headers: dict, method: str = "GET", path: str = "/page?kind=intake_key") -> support.Answer:
        return support.send(method, self.url + path, headers)

    def account_without_roles(self) -> tuple:
        """A service account that may do nothing: the path of its key, and its key pair."""
        keys = support.keys()
        account = {"type": "users", "attributes": {"email": f"{support.unique('gate')}@myorg.com", "name": "Gate",
                                                   "service_account": True}}
        made = support.api("POST", "/api/v2/service_accounts", keys, {"data": account}).body["data"]["id"]
        path = f"/api/v2/service_accounts/{made}/application_keys"
        key = support.api("POST", path, keys, {"data": {"type": "application_keys", "attributes": {"name": "gate"}}})
        data = key.body["data"]
        return f"{path}/{data['id']}", {**keys, "DD-APPLICATION-KEY": data["attributes"]["key"]}

    def test_nobody_passes_without_credentials(self):
        self.assertEqual(self.ask({}).status, 401)
        self.assertEqual(self.ask(FORGED).status, 401)
        self.assertEqual(self.ask(support.bearer("x")).status, 401)

    def test_a_token_passes_and_the_service_is_told_whose_it_is(self):
        answer = self.ask({**support.bearer(support.login()), **FORGED})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body["x-countersign-kind"], "service_account")
        self.assertEqual(answer.body["x-countersign-org"], support.need("DD_ORG_UUID"))
        self.assertEqual(answer.body["x-countersign-user"], answer.body["x-countersign-handle"])
        self.assertNotIn("forged", json.dumps(answer.body))
        self.assertNotIn("authorization", answer.body, "the service needs no credential of the caller's")

    def test_keys_pass_as_their_owner(self):
        answer = self.ask({**support.keys(), **FORGED}, "POST")
        self.assertEqual((answer.status, answer.body["x-countersign-handle"]), (200, support.ADMIN))
        self.assertFalse({"dd-api-key", "dd-application-key"} & set(answer.body))

    def test_who_lacks_the_permission_does_not_pass(self):
        _, keys = self.account_without_roles()
        self.assertEqual(self.ask(keys).status, 403)
        # Whatever the caller's own path and query say.
        self.assertEqual(self.ask(keys, path="/kind=service_account?permission=").status, 403)

    def test_a_key_that_is_taken_away_does_not_pass_the_next_time(self):
        account, keys = self.account_without_roles()
        role = support.api("GET", "/api/v2/roles?filter=Read%20Only", support.keys()).body["data"][0]["id"]
        user = {"data": {"type": "users", "id": account.split("/")[4]}}
        self.assertEqual(support.api("POST", f"/api/v2/roles/{role}/users", support.keys(), user).status, 200)
        self.assertEqual(self.ask(keys).status, 200)
        self.assertEqual(support.api("DELETE", account, support.keys()).status, 204)
        self.assertEqual(self.ask(keys).status, 403)

    def test_a_session_passes_and_changes_only_from_our_own_pages(self):
        org, keys = support.need("DD_ORG_UUID"), support.keys()
        form = urllib.parse.urlencode({"api_key": keys["DD-API-KEY"], "application_key": keys["DD-APPLICATION-KEY"]})
        signed_in = support.send("POST", f"{self.url}/saml/{org}/keys",
                                 {"Content-Type": "application/x-www-form-urlencoded"}, form)
        self.assertEqual(signed_in.status, 303, signed_in)
        held = next(line for line in signed_in.headers.get_all("Set-Cookie") if line.startswith("countersign_session="))
        cookie = {"Cookie": held.split(";")[0]}
        answer = self.ask(cookie)
        self.assertEqual((answer.status, answer.body["x-countersign-kind"]), (200, "person"))
        self.assertNotIn("cookie", answer.body)
        self.assertEqual(self.ask(cookie, "POST").status, 403)
        self.assertEqual(self.ask({**cookie, "Origin": "https://evil.example"}, "POST").status, 403)
        self.assertEqual(self.ask({**cookie, "Origin": support.need("DD_HOST")}, "POST").status, 200)
        out = support.send("POST", f"{self.url}/sign-out", {**cookie, "Origin": support.need("DD_HOST")})
        self.assertEqual(out.status, 303)
        self.assertEqual(self.ask(cookie).status, 401)


if __name__ == "__main__":
    support.main()
