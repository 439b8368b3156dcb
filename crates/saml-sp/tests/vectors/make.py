#!/usr/bin/env python3
"""Makes the messages in this folder: identity providers that are not ours write and sign them.

    apt-get install xmlsec1 openssl nodejs npm
    python3 -m venv v && v/bin/pip install pysaml2 && npm install --prefix n samlp
    NODE_PATH=n/node_modules v/bin/python make.py

Keys are made where they are missing and kept otherwise. They are public: never use them.
Messages are valid for a few minutes after they were made, so `vectors.json` says when that was.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml, xmldsig
from saml2.config import Config, IdPConfig
from saml2.metadata import entity_descriptor
from saml2.samlp import STATUS_AUTHN_FAILED
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import (
    DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512,
    SIG_RSA_SHA1, SIG_RSA_SHA256, SIG_RSA_SHA384, SIG_RSA_SHA512,
)

HERE = Path(__file__).resolve().parent
IDP = "https://idp.example/metadata"
SP = "https://sp.example/saml/metadata"
ACS = "https://sp.example/saml/acs"
REQUEST = "_0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PASSWORD = {"class_ref": saml.AUTHN_PASSWORD_PROTECTED, "authn_auth": IDP}
SUBJECT = NameID(format=NAMEID_FORMAT_PERSISTENT, text="ada-7f3a")
IDENTITY = {
    "mail": ["ada@example.com"],
    "givenName": ["Ada"],
    "eduPersonAffiliation": ["staff", "member"],
    "groups": ["engineering", " padded ", "R&D <core>", "Überwachung"],
}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def keys():
    kinds = {
        "idp": ["rsa:2048"],
        "next": ["rsa:2048"],
        "attacker": ["rsa:2048"],
        "small": ["rsa:1024"],
        "p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "p384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "sp": ["rsa:2048"],
    }
    for name, kind in kinds.items():
        key, cert = HERE / f"{name}.key.pem", HERE / f"{name}.cert.pem"
        if not key.exists():
            run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "36500", "-sha256",
                "-subj", f"/CN={name} (public test key)", "-keyout", str(key), "-out", str(cert))


def provider(work, key="idp"):
    sp = Config().load({
        "entityid": SP,
        "service": {"sp": {"endpoints": {"assertion_consumer_service": [(ACS, BINDING_HTTP_POST)]}}},
        "key_file": str(HERE / "sp.key.pem"), "cert_file": str(HERE / "sp.cert.pem"),
        "encryption_keypairs": [{"key_file": str(HERE / "sp.key.pem"), "cert_file": str(HERE / "sp.cert.pem")}],
    })
    sp_metadata = Path(work) / "sp.xml"
    sp_metadata.write_text(str(entity_descriptor(sp)))
    config = IdPConfig().load({
        "entityid": IDP,
        "service": {"idp": {
            "endpoints": {"single_sign_on_service": [
                ("https://idp.example/sso/redirect", BINDING_HTTP_REDIRECT),
                ("https://idp.example/sso/post", BINDING_HTTP_POST),
            ]},
            "name_id_format": [NAMEID_FORMAT_PERSISTENT, NAMEID_FORMAT_EMAILADDRESS],
            "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": saml.NAME_FORMAT_URI}},
        }},
        "key_file": str(HERE / f"{key}.key.pem"), "cert_file": str(HERE / f"{key}.cert.pem"),
        "metadata": {"local": [str(sp_metadata)]},
        "xmlsec_binary": "/usr/bin/xmlsec1",
    })
    return Server(config=config), config


def answer(server, sign="assertion", sig=SIG_RSA_SHA256, digest=DIGEST_SHA256, to=REQUEST, **more):
    return str(server.create_authn_response(
        dict(IDENTITY), to, ACS, SP, name_id=SUBJECT, authn=PASSWORD,
        sign_response=sign in ("response", "both"), sign_assertion=sign in ("assertion", "both"),
        sign_alg=sig, digest_alg=digest, **more))


def signed_by_xmlsec(work, unsigned, key, method, digest):
    """An assertion signed by xmlsec1 itself, for what pysaml2 does not offer."""
    assertion = unsigned.index(":Assertion ")
    own = unsigned[assertion:].split(' ID="', 1)[1].split('"', 1)[0]
    place = unsigned.index(":Issuer>", assertion) + len(":Issuer>")
    template = (
        f'<ds:Signature xmlns:ds="{xmldsig.NAMESPACE}"><ds:SignedInfo>'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{own}"><ds:Transforms>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">'
        '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs"/>'
        f'</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>")
    path = Path(work) / "template.xml"
    path.write_text(unsigned[:place] + template + unsigned[place:])
    out = Path(work) / "signed.xml"
    run("xmlsec1", "--sign", "--privkey-pem", str(HERE / f"{key}.key.pem"),
        "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", "--output", str(out), str(path))
    return out.read_text()


def main():
    keys()
    with tempfile.TemporaryDirectory() as work:
        server, config = provider(work)
        more = xmldsig
        unsigned = answer(server, sign="none")
        messages = {
            "pysaml2-assertion-signed": answer(server),
            "pysaml2-response-signed": answer(server, "response"),
            "pysaml2-both-signed": answer(server, "both"),
            "pysaml2-sha384": answer(server, sig=SIG_RSA_SHA384, digest=DIGEST_SHA384),
            "pysaml2-sha512": answer(server, "response", sig=SIG_RSA_SHA512, digest=DIGEST_SHA512),
            "pysaml2-sha1-signature": answer(server, sig=SIG_RSA_SHA1),
            "pysaml2-sha1-digest": answer(server, digest=DIGEST_SHA1),
            "pysaml2-unsigned": unsigned,
            "pysaml2-unsolicited": answer(server, to=None),
            "pysaml2-session-end": answer(server, session_not_on_or_after=time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 120))),
            "pysaml2-encrypted": answer(server, "assertion", encrypt_assertion=True,
                encrypt_cert_assertion=(HERE / "sp.cert.pem").read_text()),
            "pysaml2-next-key": answer(provider(work, "next")[0], "both"),
            "pysaml2-attacker-key": answer(provider(work, "attacker")[0], "both"),
            "pysaml2-small-key": answer(provider(work, "small")[0], "both"),
            "pysaml2-failed": str(server.create_error_response(
                REQUEST, ACS, (STATUS_AUTHN_FAILED, "wrong password"),
                sign=True, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)),
            "xmlsec1-p256": signed_by_xmlsec(work, unsigned, "p256", more.SIG_ECDSA_SHA256, DIGEST_SHA256),
            "xmlsec1-p384": signed_by_xmlsec(work, unsigned, "p384", more.SIG_ECDSA_SHA384, DIGEST_SHA384),
        }
        (HERE / "pysaml2-metadata.xml").write_text(str(entity_descriptor(config)))
    node = subprocess.run(["node", str(HERE / "make.cjs")], check=True, capture_output=True, text=True,
                          input=json.dumps({"issuer": IDP, "audience": SP, "acs": ACS, "request": REQUEST,
                                            "folder": str(HERE)}))
    messages |= json.loads(node.stdout)
    for name, message in messages.items():
        (HERE / f"{name}.xml").write_text(message)
    facts = {"origin": "made by make.py", "at": int(time.time()), "idp": IDP, "sp": SP, "acs": ACS, "request": REQUEST}
    (HERE / "vectors.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(len(messages), "messages")


main()
