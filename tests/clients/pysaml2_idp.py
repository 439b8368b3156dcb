"""pysaml2 as an identity provider: an HTTP server around `saml2.server.Server`, which reads requests and writes and signs answers.

`GET /metadata`; `GET /sso/redirect` and `POST /sso/post` take requests by their binding; `GET /unasked` begins by itself. Each shows
a page with one button for each person, or answers at once for the field `person`. The field `how` asks for an answer that is signed
in another way, or that no honest provider would give: see `WAYS`.
"""
import datetime
import html
import http.server
import pathlib
import threading
import urllib.parse
from typing import NamedTuple, Optional

import requests
from browser import Browser, Form, Page
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml, xmldsig
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.server import Server

SHA256 = {"sign_alg": xmldsig.SIG_RSA_SHA256, "digest_alg": xmldsig.DIGEST_SHA256}
SHA1 = {"sign_alg": xmldsig.SIG_RSA_SHA1, "digest_alg": xmldsig.DIGEST_SHA1}
# What stays the same of an answer is not named.
WAYS = {
    "assertion": {"sign_assertion": True, "sign_response": False},
    "response": {"sign_assertion": False, "sign_response": True},
    "both": {"sign_assertion": True, "sign_response": True},
    "unsigned": {"sign_assertion": False, "sign_response": False},
    "sha1": {"sign_assertion": True, "sign_response": True, **SHA1},
    # The audience is another service provider that we serve; the address is still the one that asked.
    "wrong_audience": {"sign_assertion": True, "sign_response": True},
    "expired": {"sign_assertion": True, "sign_response": True},
}
LIFETIME_MINUTES = 5
EXPIRED_MINUTES = -60


class KeyPair(NamedTuple):
    key: pathlib.Path
    certificate: pathlib.Path

    @classmethod
    def make(cls, folder: pathlib.Path, name: str, host: str = "idp.example") -> "KeyPair":
        """A fresh RSA key and a certificate that it signs itself."""
        pair = cls(folder / f"{name}.key.pem", folder / f"{name}.cert.pem")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(),
                                          now - datetime.timedelta(days=1), now + datetime.timedelta(days=30))
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        plain = serialization.NoEncryption()
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        pair.key.write_bytes(key.private_bytes(pem, pkcs8, plain))
        pair.certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
        return pair


class PySaml2Idp:
    """The provider, for the service providers whose metadata it is given. Runs in a thread of its own until `stop`.

    `people` are names with their attributes; the first `mail` is the NameID.
    """

    def __init__(self, folder: pathlib.Path, xmlsec1: str, service_providers: list, people: dict,
                 post_only: bool = False, wants_signed: bool = False, port: int = 0):
        self.xmlsec1, self.service_providers, self.people = xmlsec1, service_providers, people
        self.post_only, self.wants_signed = post_only, wants_signed
        self.key, self.next_key = KeyPair.make(folder, "now"), KeyPair.make(folder, "next")
        # What the metadata names beside the key that signs.
        self.also_published: list = []
        self.servers: dict = {}
        # pysaml2 is not written for threads.
        self.lock = threading.Lock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.entity_id = f"{self.url}/metadata"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def sign_with(self, pair: KeyPair, also_published: list):
        """From now on signs with another key, and publishes these beside it."""
        with self.lock:
            self.key, self.also_published, self.servers = pair, also_published, {}

    def know(self, people: dict):
        """From now on these people can sign in."""
        self.people = people

    def sign_in(self, browser: Browser, asked: requests.Response, person: str, how: str = "both") -> dict:
        """Goes where we send the browser and says who it is there; returns the fields of the answer's form."""
        if "Location" in asked.headers:
            form_at, form = asked.url, Form(None, asked.headers["Location"], "get", {})
        else:
            form_at, form = asked.url, Page(asked.text).form("request")
        return self._answered(browser.submit(form_at, form, person=person, how=how))

    def sign_in_unasked(self, browser: Browser, entity_id: str, person: str, how: str = "both") -> dict:
        """Begins at the provider."""
        form = Form(None, f"{self.url}/unasked", "get", {"sp": entity_id})
        return self._answered(browser.submit(self.url, form, person=person, how=how))

    @staticmethod
    def _answered(page: requests.Response) -> dict:
        assert page.status_code == 200, f"pysaml2 refuses: {page.text}"
        fields = Page(page.text).form().fields
        assert "SAMLResponse" in fields, page.text
        return fields

    def metadata(self) -> str:
        return str(entity_descriptor(self._config(LIFETIME_MINUTES)))

    def _config(self, minutes: int) -> IdPConfig:
        endpoints = [(f"{self.url}/sso/post", BINDING_HTTP_POST)]
        if not self.post_only:
            endpoints.insert(0, (f"{self.url}/sso/redirect", BINDING_HTTP_REDIRECT))
        return IdPConfig().load({
            "entityid": self.entity_id,
            "service": {"idp": {
                "endpoints": {"single_sign_on_service": endpoints},
                "name_id_format": [saml.NAMEID_FORMAT_EMAILADDRESS, saml.NAMEID_FORMAT_PERSISTENT],
                "policy": {"default": {"lifetime": {"minutes": minutes}, "name_form": saml.NAME_FORMAT_URI}},
                "want_authn_requests_signed": self.wants_signed,
            }},
            "key_file": str(self.key.key), "cert_file": str(self.key.certificate),
            "additional_cert_files": [str(pair.certificate) for pair in self.also_published],
            "metadata": {"inline": self.service_providers},
            "xmlsec_binary": self.xmlsec1,
        })

    def server(self, minutes: int = LIFETIME_MINUTES) -> Server:
        if minutes not in self.servers:
            self.servers[minutes] = Server(config=self._config(minutes))
        return self.servers[minutes]

    def answer(self, person: str, how: str, asked: "Asked") -> str:
        """The form that carries an answer, as pysaml2 makes it: it posts itself."""
        server = self.server(EXPIRED_MINUTES if how == "expired" else LIFETIME_MINUTES)
        attributes, audience = self.people[person], asked.entity_id
        if how == "wrong_audience":
            audience = next(known for known in server.metadata.service_providers() if known != asked.entity_id)
        response = server.create_authn_response(
            dict(attributes), asked.request_id, asked.acs, audience,
            name_id=saml.NameID(format=saml.NAMEID_FORMAT_EMAILADDRESS, text=attributes["mail"][0]),
            authn={"class_ref": saml.AUTHN_PASSWORD_PROTECTED, "authn_auth": self.entity_id},
            **{**SHA256, **WAYS[how]},
        )
        form = server.apply_binding(BINDING_HTTP_POST, str(response), asked.acs, asked.relay_state or "", response=True)
        return form["data"]


class Asked(NamedTuple):
    """What an answer must fit."""

    entity_id: str
    acs: str
    request_id: Optional[str] = None
    relay_state: Optional[str] = None


def _asked(idp: PySaml2Idp, fields: dict, binding: str) -> Asked:
    """The request in the form that pysaml2 reads it, which checks address, time, and the signature where there is one."""
    server = idp.server()
    signature = {"sigalg": fields.get("SigAlg"), "signature": fields.get("Signature")} if "Signature" in fields else {}
    if binding == BINDING_HTTP_REDIRECT:
        signature["relay_state"] = fields.get("RelayState")
    request = server.parse_authn_request(fields["SAMLRequest"], binding, **signature)
    found = server.response_args(request.message, [BINDING_HTTP_POST])
    return Asked(found["sp_entity_id"], found["destination"], found["in_response_to"], fields.get("RelayState"))


def _unasked(idp: PySaml2Idp, fields: dict) -> Asked:
    server, entity_id = idp.server(), fields["sp"]
    _, acs = server.pick_binding("assertion_consumer_service", [BINDING_HTTP_POST], "spsso", entity_id=entity_id)
    return Asked(entity_id, acs, None, fields.get("RelayState"))


def _choice(idp: PySaml2Idp, path: str, method: str, fields: dict) -> str:
    """Who is it? The fields that came go on with the answer."""
    hidden = "".join(f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                     for name, value in fields.items())
    buttons = "".join(f'<p><button name="person" value="{html.escape(name)}">{html.escape(name)}</button></p>'
                      for name in idp.people)
    return (f"<!DOCTYPE html><title>Identity provider</title><h1>Who are you?</h1>"
            f'<form id="people" method="{method}" action="{path}">{hidden}{buttons}</form>')


def _handler(idp: PySaml2Idp):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            if path == "/metadata":
                self.reply(200, idp.metadata(), "application/samlmetadata+xml")
            else:
                self.sign_in(path, "get", dict(urllib.parse.parse_qsl(query)))

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.sign_in(self.path, "post", dict(urllib.parse.parse_qsl(body)))

        def sign_in(self, path: str, method: str, fields: dict):
            person, how = fields.pop("person", None), fields.pop("how", "both")
            try:
                with idp.lock:
                    if path == "/unasked":
                        asked = _unasked(idp, fields)
                    else:
                        binding = {"/sso/redirect": BINDING_HTTP_REDIRECT, "/sso/post": BINDING_HTTP_POST}[path]
                        asked = _asked(idp, fields, binding)
                    page = idp.answer(person, how, asked) if person else _choice(idp, path, method, fields)
                self.reply(200, page)
            except Exception as error:  # Whatever pysaml2 does not like, the test shall read.
                self.reply(400, html.escape(f"{type(error).__name__}: {error}"))

        def reply(self, status: int, body: str, kind: str = "text/html; charset=utf-8"):
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """The tests' output is the log."""

    return Handler
