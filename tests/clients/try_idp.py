"""An identity provider to try sign-in with, by hand: pysaml2 on loopback, until it is interrupted. `cargo xtask idp` runs it.

The one argument is the URL of our metadata, `http://HOST/saml/ORG/metadata`. Its page lets whoever asks be any of three people.
"""
import os
import pathlib
import sys
import tempfile
import threading
import urllib.request

from pysaml2_idp import PySaml2Idp

PORT = 8402
PEOPLE = {
    "admin": {"mail": ["admin@myorg.com"], "groups": ["admins", "developers"]},
    "ann": {"mail": ["ann@myorg.com"], "displayName": ["Ann Ant"], "groups": ["developers"]},
    "eve": {"mail": ["eve@elsewhere.example"], "groups": ["developers"]},
}


def main():
    if len(sys.argv) != 2:
        sys.exit("give the URL of our metadata: `countersign saml status` shows it")
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=10) as answer:
            metadata = answer.read().decode()
    except OSError as error:
        sys.exit(f"there is no metadata at {sys.argv[1]}: {error}; is `countersign dev` running?")
    with tempfile.TemporaryDirectory(prefix="countersign-idp-") as home:
        xmlsec1 = os.environ.get("COUNTERSIGN_TEST_XMLSEC1", "/usr/bin/xmlsec1")
        provider = PySaml2Idp(pathlib.Path(home), xmlsec1, [metadata], PEOPLE, port=PORT)
        print(f"Identity provider: {provider.url}; its metadata: {provider.entity_id}")
        for name, attributes in PEOPLE.items():
            print(f"  {name:<6} {attributes['mail'][0]:<22} groups = {', '.join(attributes['groups'])}")
        print(f"Next: curl -o idp.xml {provider.entity_id} && countersign saml configure --idp-metadata idp.xml", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            provider.stop()


if __name__ == "__main__":
    main()
