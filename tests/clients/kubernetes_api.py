"""As much of a Kubernetes API server as a Secret needs, by the documentation of server-side apply and of the API's Status.

It speaks TLS with a certificate of a CA of its own, knows one bearer token at a time, and keeps who owns which entry. `kubectl` finds
what it looks for here too.
"""
import contextlib
import datetime
import http.server
import ipaddress
import json
import pathlib
import ssl
import threading
import urllib.parse
from typing import NamedTuple

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

APPLY = "application/apply-patch+yaml"
SECRETS = {"name": "secrets", "singularName": "secret", "namespaced": True, "kind": "Secret",
           "verbs": ["create", "get", "patch"]}
DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [SECRETS]},
}


class Authority:
    """A certificate authority, and what it signs for 127.0.0.1."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster CA")])
        self.certificate = self._signed(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))

    def _signed(self, subject: x509.Name, key, *extensions: x509.ExtensionType) -> str:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def server(self) -> str:
        """A key, and a certificate for it."""
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
        return text.decode() + self._signed(subject, key, address)


class Asked(NamedTuple):
    """One request."""
    method: str
    path: str
    query: dict
    content_type: str
    authorization: str
    body: dict


class Cluster:
    """Runs from `with` until its end, and has the namespace `telemetry`."""

    NAMESPACE = "telemetry"

    def __init__(self, folder: pathlib.Path):
        self.authority, self.pem = Authority(), folder / "server.pem"
        self.secrets, self.owners = {}, {}
        self.asked, self.broken_handshakes = [], []
        self.token, self.forbids = "first-token", False

    def __enter__(self):
        self.pem.write_text(self.authority.server())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        handler = type("Handler", (Handler,), {"cluster": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        # A handshake is its connection's affair.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_port
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def writes(self) -> list:
        return [asked for asked in self.asked if asked.method != "GET"]

    def apply(self, namespace: str, name: str, query: dict, body: dict) -> tuple:
        """Server-side apply: entries belong to who applies them; what another has is a conflict, unless by force."""
        manager, force = query.get("fieldManager"), query.get("force") == "true"
        if not manager:
            return 400, status(400, "BadRequest", "fieldManager is required for apply patch")
        metadata = body.get("metadata") or {}
        if (body.get("apiVersion"), body.get("kind")) != ("v1", "Secret") or metadata.get("name") != name:
            return 400, status(400, "BadRequest", "the object is not the one that the URL names")
        if metadata.get("namespace", namespace) != namespace or namespace != self.NAMESPACE:
            return 404, status(404, "NotFound", f'namespaces "{namespace}" not found')
        made = (namespace, name) not in self.secrets
        secret = self.secrets.setdefault((namespace, name), {})
        owners = self.owners.setdefault((namespace, name), {})
        wanted = body.get("data", {})
        taken = [entry for entry, value in wanted.items()
                 if owners.get(entry, manager) != manager and secret.get(entry) != value]
        if taken and not force:
            return 409, status(409, "Conflict", f"conflicts with others over {taken}")
        for entry in [entry for entry, owner in owners.items() if owner == manager and entry not in wanted]:
            del secret[entry], owners[entry]
        secret.update(wanted)
        owners.update({entry: manager for entry in wanted})
        return (201 if made else 200), self.shown(namespace, name)

    def shown(self, namespace: str, name: str) -> dict:
        metadata = {"name": name, "namespace": namespace, "uid": "0", "resourceVersion": "1"}
        return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": self.secrets[namespace, name]}


def status(code: int, reason: str, message: str) -> dict:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}


class Handler(http.server.BaseHTTPRequestHandler):
    cluster: Cluster
    protocol_version = "HTTP/1.1"

    def setup(self):
        try:
            self.request.settimeout(30)
            self.request.do_handshake()
        except OSError as error:
            self.cluster.broken_handshakes.append(str(error))
            raise
        super().setup()

    def log_message(self, *_):
        pass

    def handle(self):
        # A caller may go away in the middle of a connection that it keeps.
        with contextlib.suppress(OSError):
            super().handle()

    def answer(self, code: int, body: dict):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def serve(self):
        url = urllib.parse.urlsplit(self.path)
        body = yaml.safe_load(self.rfile.read(int(self.headers.get("Content-Length", 0)))) or {}
        asked = Asked(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), self.headers.get("Content-Type"),
                      self.headers.get("Authorization"), body)
        self.cluster.asked.append(asked)
        self.answer(*self.answered(asked))

    do_GET = do_PATCH = do_POST = do_PUT = serve

    def answered(self, asked: Asked) -> tuple:
        if asked.authorization != f"Bearer {self.cluster.token}":
            return 401, status(401, "Unauthorized", "Unauthorized")
        if asked.method == "GET" and asked.path in DISCOVERY:
            return 200, DISCOVERY[asked.path]
        match asked.path.split("/")[1:]:
            case ["api", "v1", "namespaces", namespace, "secrets", name]:
                pass
            case _:
                return 404, status(404, "NotFound", "the server could not find the requested resource")
        if self.cluster.forbids:
            return 403, status(403, "Forbidden", f'secrets "{name}" is forbidden: User cannot patch resource "secrets"')
        if asked.method == "GET":
            there = (namespace, name) in self.cluster.secrets
            return (200, self.cluster.shown(namespace, name)) if there else (404, status(404, "NotFound", "not found"))
        if asked.method != "PATCH":
            return 405, status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        if asked.content_type != APPLY:
            return 415, status(415, "UnsupportedMediaType", "the body of the request was in an unknown format")
        return self.cluster.apply(namespace, name, asked.query, asked.body)
