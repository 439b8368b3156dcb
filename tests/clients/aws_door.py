"""Services that hand out AWS credentials, behind one address of this machine.

STS and the pages of the metadata service are moto's. In front of them stands what AWS documents and moto leaves out: session
tokens with a time to live and 401 without one; and the same answer to the same question, so that two programs that ask one after
the other can be compared. Nobody else's emulator of the SSO portal or of a container's endpoint can be had from a package
registry, so these two are here, by the same documents. amazon-ec2-metadata-mock is in none of them either.
"""
import contextlib
import http.server
import json
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request

from moto.server import ThreadedMotoServer

TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
EXPIRATION = "2036-01-01T00:00:00Z"
SSO_TOKEN = "token-of-the-sso-portal"
CONTAINER_TOKEN = "token-of-the-container"


class Door:
    """Runs from `with` until its end. `host` is its address; below it are `/imds`, `/imds-v1`, `/sts`, `/sso` and `/container`."""

    def __enter__(self):
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.moto_host = "http://{}:{}".format(*self.moto.get_host_and_port())
        self.tokens, self.answers, self.given = set(), {}, {}
        handler = type("Handler", (Handler,), {"door": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = "http://127.0.0.1:{}".format(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.moto.stop()

    def hand_out(self, access_key_id: str, secret: str, token: str):
        """What the container's endpoint gives."""
        self.given = {"AccessKeyId": access_key_id, "SecretAccessKey": secret, "Token": token, "Expiration": EXPIRATION}


class Handler(http.server.BaseHTTPRequestHandler):
    door: Door
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status: int, body: str = "", headers: dict = {}):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def moto(self, path: str, body: bytes = None):
        headers = {name: self.headers[name] for name in ("Content-Type", "Authorization", "X-Amz-Date") if name in self.headers}
        request = urllib.request.Request(self.door.moto_host + path, body, headers)
        try:
            with contextlib.closing(urllib.request.urlopen(request, timeout=30)) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def do_PUT(self):
        """A session token. Version 1 knows none."""
        if self.path != "/imds/latest/api/token":
            return self.answer(404)
        if "X-Forwarded-For" in self.headers:
            return self.answer(403)
        ttl = self.headers.get(TTL, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return self.answer(400)
        token = secrets.token_urlsafe(32)
        self.door.tokens.add(token)
        self.answer(200, token, {TTL: ttl})

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path)
        if path.path.startswith("/imds/"):
            if self.headers.get(TOKEN) not in self.door.tokens:
                return self.answer(401)
            return self.answer(*self.metadata(path.path.removeprefix("/imds")))
        if path.path.startswith("/imds-v1/"):
            return self.answer(*self.metadata(path.path.removeprefix("/imds-v1")))
        if path.path == "/sso/federation/credentials":
            return self.sso(urllib.parse.parse_qs(path.query))
        if path.path == "/container":
            if self.headers.get("Authorization") != CONTAINER_TOKEN:
                return self.answer(401)
            return self.answer(200, json.dumps(self.door.given), {"Content-Type": "application/json"})
        self.answer(404)

    def metadata(self, path: str):
        """moto's page, with an access key id such as AWS makes them."""
        status, page = self.moto(path)
        return status, page.replace('"test-key"', '"ASIAMOTO000000000000"')

    def sso(self, query: dict):
        if self.headers.get("x-amz-sso_bearer_token") != SSO_TOKEN:
            return self.answer(401, json.dumps({"message": "Session token not found or invalid"}),
                               {"x-amzn-ErrorType": "UnauthorizedException"})
        given = {"accessKeyId": "ASIASSO0000000000000", "secretAccessKey": "k" * 40, "expiration": 2082758400000,
                 "sessionToken": "{}/{}".format(query["account_id"][0], query["role_name"][0])}
        self.answer(200, json.dumps({"roleCredentials": given}), {"Content-Type": "application/json"})

    def do_POST(self):
        """moto's STS. It makes other credentials each time, so that an answer is kept for whoever asks the same."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = urllib.parse.parse_qs(body.decode())
        question = tuple(str(asked.get(name)) for name in ("Action", "RoleArn", "WebIdentityToken"))
        if question not in self.door.answers:
            self.door.answers[question] = self.moto("/", body)
        self.answer(*self.door.answers[question], {"Content-Type": "text/xml"})
