"""Real proxies ask the gate, by the configurations of `crates/countersign-server/examples/`, before they hand a request on."""
import contextlib
import json
import pathlib
import re
import subprocess
import time
import unittest
import urllib.parse

import gate_proxies
import support
import yaml
from datadog_api_client.aws import AWSCredentials

NAMES = ("Org", "Kind", "User", "Handle")
# As callers may spell them. To many a service all of these are the same headers.
FORGED = {f"X{mark}Countersign{mark}{name}": "forged" for name in NAMES for mark in "-_.!~"}
# A proxy that believes this takes the headers off after it has set them.
FORGED["Connection"] = "close, X-Countersign-User, X-Countersign-Kind"


class Proxied(unittest.TestCase):
    """A service behind a proxy, for all tests of a class."""

    @classmethod
    def proxy(cls, service_port: int):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.cleanup = contextlib.ExitStack()
        cls.addClassCleanup(cls.cleanup.close)
        cls.url = cls.cleanup.enter_context(cls.proxy(cls.cleanup.enter_context(gate_proxies.service())))

    def ask(self, headers: dict, method: str = "GET", path: str = "/page?kind=intake_key") -> support.Answer:
        return support.send(method, self.url + path, headers)

    def assert_refused(self, headers: dict, status: int):
        """From the next request on."""
        self.assertEqual(self.ask(headers).status, status)


def account_without_roles() -> tuple:
    """A service account that may do nothing: the path of its key, and its key pair."""
    keys = support.keys()
    account = {"type": "users", "attributes": {"email": f"{support.unique('gate')}@myorg.com", "name": "Gate",
                                               "service_account": True}}
    made = support.api("POST", "/api/v2/service_accounts", keys, {"data": account}).body["data"]["id"]
    path = f"/api/v2/service_accounts/{made}/application_keys"
    key = support.api("POST", path, keys, {"data": {"type": "application_keys", "attributes": {"name": "gate"}}})
    data = key.body["data"]
    return f"{path}/{data['id']}", {**keys, "DD-APPLICATION-KEY": data["attributes"]["key"]}


def reader() -> tuple:
    """A service account with the read-only role: its id, the path of its key, and its key pair."""
    path, keys = account_without_roles()
    user = path.split("/")[4]
    role = support.api("GET", "/api/v2/roles?filter=Read%20Only", support.keys()).body["data"][0]["id"]
    added = support.api("POST", f"/api/v2/roles/{role}/users", support.keys(), {"data": {"type": "users", "id": user}})
    assert added.status == 200, added
    return user, path, keys


class Rules:
    """What holds behind every proxy."""

    def test_nobody_passes_without_credentials(self):
        for headers in [{}, FORGED, support.bearer("x")]:
            self.assertEqual(self.ask(headers).status, 401)

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
        self.assertNotIn("forged", json.dumps(answer.body))
        self.assertFalse({"dd-api-key", "dd-application-key"} & set(answer.body))

    def test_who_lacks_the_permission_does_not_pass(self):
        _, keys = account_without_roles()
        self.assertEqual(self.ask(keys).status, 403)
        # Whatever the caller's own path and query say.
        for path in ["/kind=service_account?permission=", "/../kind=service_account", "//kind=service_account/x",
                     "/%2e%2e/kind=service_account", "/..%2fkind=service_account", "/x/../../../kind=service_account"]:
            self.assertIn(self.ask(keys, path=path).status, (400, 403), path)

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
        # Nobody writes the method for the proxy.
        for header in ["X-Original-Method", "X-Forwarded-Method", "X_Forwarded_Method"]:
            self.assertEqual(self.ask({**cookie, header: "GET"}, "POST").status, 403, header)
        self.assertEqual(self.ask({**cookie, "Origin": "https://evil.example"}, "POST").status, 403)
        self.assertEqual(self.ask({**cookie, "Origin": support.need("DD_HOST")}, "POST").status, 200)
        out = support.send("POST", f"{self.url}/sign-out", {**cookie, "Origin": support.need("DD_HOST")})
        self.assertEqual(out.status, 303)
        self.assert_refused(cookie, 401)

    def test_a_key_that_is_taken_away_does_not_pass_the_next_time(self):
        _, path, keys = reader()
        self.assertEqual(self.ask(keys).status, 200)
        self.assertEqual(support.api("DELETE", path, support.keys()).status, 204)
        self.assert_refused(keys, 403)


class BehindNginx(Rules, Proxied):
    proxy = staticmethod(gate_proxies.nginx)


class BehindNginxThatRemembers(Rules, Proxied):
    proxy = staticmethod(gate_proxies.nginx_cached)

    def assert_refused(self, headers: dict, status: int):
        """No later than the example says; nginx counts whole seconds, so up to one more."""
        late = time.monotonic() + gate_proxies.CACHE_SECONDS + 1.5
        while (found := self.ask(headers).status) == 200 and time.monotonic() < late:
            time.sleep(0.1)
        self.assertEqual(found, status)

    def test_what_is_remembered_is_one_callers_and_one_methods(self):
        _, _, keys = reader()
        admin, account = self.ask(support.keys()).body, self.ask(keys).body
        for _ in range(2):
            self.assertEqual(self.ask(support.keys()).body, admin)
            self.assertEqual(self.ask(keys).body, account)
            self.assertEqual(self.ask({}).status, 401)
            # No part of what has passed passes.
            for name, value in keys.items():
                self.assertEqual(self.ask({name: value}).status, 401)
                self.assertEqual(self.ask({**keys, name: value + "x"}).status, 403)
        self.assertNotEqual(admin["x-countersign-user"], account["x-countersign-user"])

    def test_no_credential_is_in_the_folder(self):
        token = support.login()
        with gate_proxies.folder() as place, gate_proxies.service() as service:
            with gate_proxies.nginx(service, gate_proxies.CACHED, place) as url:
                for headers in [support.keys(), support.bearer(token)]:
                    self.assertEqual(support.send("GET", url, headers).status, 200)
                files = [file for file in (place / "cache").rglob("*") if file.is_file()]
                self.assertEqual(len(files), 2)
                for file in files:
                    self.assertEqual(file.stat().st_mode & 0o077, 0)
                    for secret in [token, *support.keys().values()]:
                        self.assertNotIn(secret.encode(), file.read_bytes())


class BehindEnvoy(Rules, Proxied):
    proxy = staticmethod(gate_proxies.envoy)


class BehindTraefik(Rules, Proxied):
    proxy = staticmethod(gate_proxies.traefik)


class KeysAlone(unittest.TestCase):
    """Where agents' keys pass, nobody stands behind them: the service is told of no user, whatever the caller says."""

    def test_a_managed_key_is_nobodys(self):
        key = support.exchange(support.proof(support.credentials("AGENT_")), "/api/v2/intake-key")
        key = key.body["data"]["attributes"]["api_key"]
        changes = {"/auth/verify/permission=teams_read": "/auth/verify/kind=intake_key"}
        for proxy in [gate_proxies.nginx, gate_proxies.envoy, gate_proxies.traefik]:
            with self.subTest(proxy=proxy.__name__), gate_proxies.service() as service, proxy(service, changes) as url:
                answer = support.send("GET", url, {"DD-API-KEY": key, **FORGED})
                self.assertEqual((answer.status, answer.body["x-countersign-kind"]), (200, "intake_key"))
                self.assertEqual(answer.body.get("x-countersign-user", ""), "")
                self.assertNotIn("forged", json.dumps(answer.body))
                self.assertNotIn(key, json.dumps(answer.body))


class WithoutCountersign(unittest.TestCase):
    def test_nobody_passes(self):
        ours, nobody = urllib.parse.urlsplit(support.need("DD_HOST")).port, support.free_port()
        for proxy, words in [(gate_proxies.nginx, "server 127.0.0.1:{}; keepalive"), (gate_proxies.envoy, "port_value: {} }}"),
                             (gate_proxies.traefik, "http://127.0.0.1:{}/auth")]:
            changes = {words.format(ours): words.format(nobody)}
            with self.subTest(proxy=proxy.__name__), gate_proxies.service() as service, proxy(service, changes) as url:
                self.assertIn(support.send("GET", url, support.keys()).status, (403, 500, 502, 503))


def session(role: str) -> AWSCredentials:
    """Of a role that nobody else has."""
    wanted = {"account": support.ACCOUNT, "principal": {"session": {"role": role, "name": "run"}}}
    answer = support.control("POST", "/credentials", wanted)
    assert answer.status in (200, 201), answer
    made = answer.body
    return AWSCredentials(made["access_key_id"], made["secret_access_key"], made["session_token"])


def mapped(path: str, kind: str, **attributes) -> tuple:
    """A role that is mapped: its credentials, and the path of its mapping."""
    role = support.unique("gate")
    attributes["arn_pattern"] = f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{role}/*"
    made = support.api("POST", path, support.keys(), {"data": {"type": kind, "attributes": attributes}})
    assert made.status in (200, 201), made
    return session(role), f"{path}/{made.body['data']['id']}"


def token_of_an_account() -> tuple:
    """An access token, the path of its mapping and that of its account."""
    user, _, _ = reader()
    given, mapping = mapped(support.PERSONA_MAPPINGS, "aws_cloud_auth_config", account_identifier=user)
    return support.bearer(support.login(given)), mapping, f"/api/v2/users/{user}"


def what_can_be_revoked() -> dict:
    """Credentials of every kind, and what is to be deleted so that they pass no more."""
    token, mapping, _ = token_of_an_account()
    other, _, account = token_of_an_account()
    user, key, _ = reader()
    pair, pair_of_disabled = reader()[1:], reader()
    given, intake = mapped(support.INTAKE_MAPPINGS, "aws_cloud_auth_intake_mapping")
    managed = support.exchange(support.proof(given), "/api/v2/intake-key").body["data"]["attributes"]["api_key"]
    made = {"data": {"type": "api_keys", "attributes": {"name": support.unique("gate")}}}
    made = support.api("POST", "/api/v2/api_keys", support.keys(), made).body["data"]
    return {
        "a token whose mapping goes": (token, mapping),
        "a token whose user is disabled": (other, account),
        "a key pair whose application key goes": (pair[1], pair[0]),
        "a key pair whose user is disabled": (pair_of_disabled[2], f"/api/v2/users/{pair_of_disabled[0]}"),
        "an API key": ({"DD-API-KEY": made["attributes"]["key"]}, f"/api/v2/api_keys/{made['id']}"),
        "a managed key whose mapping goes": ({"DD-API-KEY": managed}, intake),
    }


EVERYBODY = {"/auth/verify/permission=teams_read": "/auth/verify/kind=person,kind=service_account,kind=api_key,kind=intake_key"}


class Revocation(unittest.TestCase):
    def revoke(self, path: str):
        self.assertIn(support.api("DELETE", path, support.keys()).status, (200, 204), path)

    def test_without_a_cache_the_next_request_is_refused(self):
        with gate_proxies.service() as service, gate_proxies.nginx(service, EVERYBODY) as url:
            for name, (headers, path) in what_can_be_revoked().items():
                with self.subTest(name):
                    self.assertEqual(support.send("GET", url, headers).status, 200)
                    self.revoke(path)
                    self.assertIn(support.send("GET", url, headers).status, (401, 403))

    def test_with_nginxs_cache_it_is_refused_as_late_as_the_example_says(self):
        changes = {**EVERYBODY, **gate_proxies.CACHED}
        with gate_proxies.service() as service, gate_proxies.nginx(service, changes) as url:
            all_of_them = what_can_be_revoked()
            asked = {}
            for name, (headers, path) in all_of_them.items():
                self.assertEqual(support.send("GET", url, headers).status, 200, name)
                asked[name] = time.monotonic()
                self.revoke(path)
                # Which is what a cache is, and why it is off unless told.
                if time.monotonic() - asked[name] < gate_proxies.CACHE_SECONDS - 1:
                    self.assertEqual(support.send("GET", url, headers).status, 200, name)
            for name, (headers, _) in all_of_them.items():
                # nginx counts whole seconds.
                late = asked[name] + gate_proxies.CACHE_SECONDS + 1.5
                while (status := support.send("GET", url, headers).status) == 200 and time.monotonic() < late:
                    time.sleep(0.1)
                self.assertIn(status, (401, 403), name)


class Examples(unittest.TestCase):
    """They say what is so."""

    def texts(self) -> dict:
        return {path.name: path.read_text() for path in sorted(gate_proxies.EXAMPLES.iterdir())}

    def test_the_gate_understands_what_they_ask_for(self):
        for name, text in self.texts().items():
            asked = re.findall(r"/auth/verify/[^\s;`\"]+", text)
            self.assertTrue(asked, name)
            for path in asked:
                # Envoy adds the caller's.
                path += "/page" if path.endswith("/") else ""
                self.assertEqual(support.api("GET", path, support.keys()).status, 200, f"{name}: {path}")

    def test_they_hand_on_every_header_of_the_gates(self):
        answer = support.api("GET", "/auth/verify", support.keys())
        given = {name.lower() for name in answer.headers if name.lower().startswith("x-countersign-")}
        self.assertEqual(given, {f"x-countersign-{name.lower()}" for name in NAMES})
        texts = self.texts()
        for name in ["nginx.conf", "nginx-dev.conf"]:
            for form in [r"proxy_set_header (X-Countersign-\w+)", r"auth_request_set \$\w+ +\$upstream_http_(x_countersign_\w+);"]:
                found = {header.lower().replace("_", "-") for header in re.findall(form, texts[name])}
                self.assertEqual(found, given, name)
        forward = yaml.safe_load(texts["traefik.yaml"])["http"]["middlewares"]["gate"]["forwardAuth"]
        self.assertEqual({header.lower() for header in forward["authResponseHeaders"]}, given)
        self.assertIs(forward["trustForwardHeader"], False)
        manager = yaml.safe_load(texts["envoy.yaml"])["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
        filters = {each["name"].rsplit(".", 1)[1]: each["typed_config"] for each in manager["typed_config"]["http_filters"]}
        [pattern] = filters["ext_authz"]["http_service"]["authorization_response"]["allowed_upstream_headers"]["patterns"]
        self.assertTrue(all(header.startswith(pattern["prefix"]) for header in given))
        self.assertIs(filters["ext_authz"]["failure_mode_allow"], False)

    def test_they_let_the_same_of_our_own_paths_through(self):
        texts = self.texts()
        found = {name: re.search(r"/\(([a-z_\\.|0-9-]+)\)\(", texts[name]) for name in ["nginx.conf", "envoy.yaml", "traefik.yaml"]}
        paths = {name: match.group(1) for name, match in found.items()}
        self.assertEqual(len(set(paths.values())), 1, paths)
        ours = {path.split("/")[1] for path in support.api("GET", "/openapi.json", {}).body["paths"]}
        for segment in paths["nginx.conf"].replace("\\", "").split("|"):
            # Pages are no operations of the API, so not all are in the document.
            known = segment in ours or support.api("GET", f"/{segment}", {}).status == 401
            self.assertTrue(known or segment in ("saml", "sign-out", "static"), segment)


class Newcomers(unittest.TestCase):
    """What the README says of a page that opens only with a token."""

    def test_the_commands_do_what_they_say(self):
        root = pathlib.Path(__file__).parents[2]
        blocks = re.findall(r"```sh\n(.*?)```", (root / "README.md").read_text(), re.S)
        [block] = [block for block in blocks if "nginx-dev.conf" in block]
        start = next(line for line in block.splitlines() if line.startswith("nginx "))
        self.assertIn('-p target/gate -e stderr -c "$PWD/crates/countersign-server/examples/nginx-dev.conf"', start)
        script = block[block.index(start) + len(start):]
        promised = [line.split(" # ")[1].removesuffix(" …") for line in script.splitlines() if " # " in line]
        self.assertEqual(len(promised), 3)
        key = support.exchange(support.proof(support.credentials("AGENT_")), "/api/v2/intake-key")
        with gate_proxies.nginx_dev(support.free_port()) as url, gate_proxies.folder() as place:
            (place / "api.key").write_text(key.body["data"]["attributes"]["api_key"])
            script = script.replace("http://127.0.0.1:8403", url)
            script = script.replace("cargo run --release --quiet --", support.need("COUNTERSIGN_TEST_BIN"))
            said = subprocess.run(["sh", "-ec", script], cwd=place, capture_output=True, text=True, timeout=support.TIMEOUT)
            self.assertEqual(said.returncode, 0, said)
            # One after the other, in this order.
            self.assertRegex(said.stdout, "(?s)" + ".*".join(map(re.escape, promised)), said)


if __name__ == "__main__":
    support.main()
