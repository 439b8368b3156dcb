"""A Countersign of the suite's own for sign-in by SAML, and organizations in it: one for each test, so that none sees another's settings."""
import io
import os
import pathlib
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as xml
from typing import Any, Optional

import support
from browser import Browser, Page
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.authn_mappings_api import AuthNMappingsApi
from datadog_api_client.v2.api.organizations_api import OrganizationsApi
from datadog_api_client.v2.api.roles_api import RolesApi
from datadog_api_client.v2.model.authn_mapping_create_request import AuthNMappingCreateRequest
from datadog_api_client.v2.model.role_create_request import RoleCreateRequest
from pysaml2_idp import KeyPair

CONFIGURATION = "/api/v2/saml_configurations"
METADATA = f"{CONFIGURATION}/idp_metadata"
ASSERTIONS = f"{CONFIGURATION}/assertions"
PREFERENCES = "/api/v1/org_preferences"
PREVIEW = "/api/v2/authn_mappings/preview"
USERS = "/api/v2/users"
AUDIT = "/api/v2/audit/events"
SESSION, SIGN_IN = "countersign_session", "countersign_sign_in"
ADMIN = "admin@corp.example"


def program(name: str) -> str:
    """Where `cargo xtask test` found what is no Python package; by hand, what the name stands for on a Debian machine."""
    usual = {"XMLSEC1": "/usr/bin/xmlsec1", "SIMPLESAMLPHP": "/usr/share/simplesamlphp"}
    return os.environ.get(f"COUNTERSIGN_TEST_{name}", usual[name])


class Installation:
    """`init`, then `serve` on a free port with fresh data, until `stop`.

    With `signs_requests` it signs what it asks of providers. With `tls` it answers at `https://localhost`, which to a browser is another
    site than the providers' 127.0.0.1, as it will be for people.
    """

    def __init__(self, signs_requests: bool = False, tls: bool = False):
        self.home = tempfile.TemporaryDirectory(prefix="countersign-saml-")
        self.folder = pathlib.Path(self.home.name)
        port, more = support.free_port(), ""
        self.host, self.certificate = f"http://127.0.0.1:{port}", None
        if signs_requests:
            pair = KeyPair.make(self.folder, "requests")
            more += f'[saml]\nrequest_key = "{pair.key}"\nrequest_certificate = "{pair.certificate}"\n'
        if tls:
            pair = KeyPair.make(self.folder, "tls", "localhost")
            self.host, self.certificate = f"https://localhost:{port}", pair.certificate
            more += f'[tls]\nprivate_key = "{pair.key}"\ncertificate = "{pair.certificate}"\n'
            os.environ["SSL_CERT_FILE"] = str(pair.certificate)
        self.config = self.folder / "countersign.toml"
        self.config.write_text(
            f'listen = "127.0.0.1:{port}"\n'
            f'public_url = "{self.host}"\n'
            f'store = "sqlite:{self.folder / "countersign.db"}"\n'
            f'master_key_file = "{self.folder / "master.key"}"\n'
            # All sign-ins come from one address here.
            f"[limits]\nsign_ins_per_source = 0\n{more}"
        )
        self._run("init", "--master-key-file", str(self.folder / "master.key"))
        self.first = Organization(self, self._new("bootstrap"))
        self.server = support.Served(self.config, self.host)

    def organization(self) -> "Organization":
        return Organization(self, self._new("org", "create"))

    def _new(self, *words: str) -> dict:
        name = support.unique("org")
        return support.exports(self._run(*words, "--config", str(self.config), "--org", name, "--admin-email", ADMIN,
                                         "--output", "env"))

    def _run(self, *words: str) -> str:
        command = [support.need("COUNTERSIGN_TEST_BIN"), *words]
        # What is exported for the suites' shared server is of no concern to this one.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DD_", "COUNTERSIGN_"))}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self):
        self.server.stop()
        self.home.cleanup()


class Organization:
    """One with an admin, who has a key pair."""

    def __init__(self, installation: Installation, exported: dict):
        self.installation = installation
        self.id, self.api_key, self.app_key = (exported[name] for name in ("DD_ORG_UUID", "DD_API_KEY", "DD_APP_KEY"))

    @property
    def url(self) -> str:
        return f"{self.installation.host}/saml/{self.id}"

    @property
    def entity_id(self) -> str:
        return f"{self.url}/metadata"

    def keys(self) -> dict:
        return {"DD-API-KEY": self.api_key, "DD-APPLICATION-KEY": self.app_key}

    def client(self) -> ApiClient:
        keys = {"apiKeyAuth": self.api_key, "appKeyAuth": self.app_key}
        configuration = Configuration(host=self.installation.host, api_key=keys)
        if self.installation.certificate:
            configuration.ssl_ca_cert = str(self.installation.certificate)
        return ApiClient(configuration)

    def api(self, method: str, path: str, body: Any = None, headers: Optional[dict] = None) -> support.Answer:
        return support.send(method, self.installation.host + path, {**self.keys(), **(headers or {})}, body)

    def ok(self, method: str, path: str, body: Any = None, headers: Optional[dict] = None) -> Any:
        answer = self.api(method, path, body, headers)
        assert answer.status in (200, 201, 204), f"{method} {path}: {answer}"
        return answer.body

    # Setting up.

    def metadata(self) -> str:
        """Who we are to identity providers."""
        answer = support.send("GET", self.entity_id)
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/samlmetadata+xml", answer
        return answer.body

    def upload(self, metadata: str):
        """As the official client does it."""
        file = io.BytesIO(metadata.encode())
        file.name = "idp.xml"
        OrganizationsApi(self.client()).upload_idp_metadata(idp_file=file)

    def upload_raw(self, metadata: str, kind: str = "application/xml") -> support.Answer:
        return self.api("POST", METADATA, metadata, {"Content-Type": kind})

    def configuration(self) -> dict:
        return self.ok("GET", CONFIGURATION)["data"]["attributes"]

    def configure(self, **attributes) -> dict:
        body = {"data": {"type": "saml_configurations", "attributes": attributes}}
        return self.ok("PATCH", CONFIGURATION, body)["data"]["attributes"]

    def enforce(self, on: bool, force: bool = False) -> support.Answer:
        attributes = {"preference_type": "saml_authn_mapping_roles", "preference_data": on}
        if force:
            attributes["force"] = True
        return self.api("POST", PREFERENCES, {"data": {"type": "org_preferences", "id": 1, "attributes": attributes}})

    def role(self, name: str, *permissions: str) -> str:
        api = RolesApi(self.client())
        ids = {row.attributes.name: row.id for row in api.list_permissions().data}
        related = {"permissions": {"data": [{"type": "permissions", "id": ids[wanted]} for wanted in permissions]}}
        data = {"type": "roles", "attributes": {"name": name}, "relationships": related}
        return api.create_role(body=RoleCreateRequest(data=data)).data.id

    def mapping(self, key: str, value: str, role: str) -> str:
        """Made as the official client does it."""
        data = {"type": "authn_mappings", "attributes": {"attribute_key": key, "attribute_value": value},
                "relationships": {"role": {"data": {"type": "roles", "id": role}}}}
        return AuthNMappingsApi(self.client()).create_authn_mapping(body=AuthNMappingCreateRequest(data=data)).data.id

    def user(self, email: str, *roles: str) -> str:
        data = {"type": "users", "attributes": {"email": email}}
        if roles:
            data["relationships"] = {"roles": {"data": [{"type": "roles", "id": role} for role in roles]}}
        return self.ok("POST", USERS, {"data": data})["data"]["id"]

    # Looking.

    def find_user(self, email: str) -> Optional[dict]:
        found = self.ok("GET", f"{USERS}?filter={urllib.parse.quote(email)}")["data"]
        return next((row for row in found if row["attributes"]["email"] == email), None)

    def roles_of(self, email: str) -> set:
        return {role["id"] for role in self.find_user(email)["relationships"]["roles"]["data"]}

    def events(self, query: str) -> list:
        """Audit events, the newest first, each as its details."""
        found = self.ok("GET", f"{AUDIT}?" + urllib.parse.urlencode({"filter[query]": query, "sort": "-timestamp"}))
        return [row["attributes"]["attributes"] for row in found["data"]]

    def latest_sign_in(self) -> dict:
        return self.events("action:sign_in.saml")[0]

    def preview(self, **attributes) -> dict:
        body = {"data": {"type": "authn_mapping_previews", "attributes": attributes}}
        return self.ok("POST", PREVIEW, body)["data"]["attributes"]

    # Signing in.

    def start(self, browser: Browser):
        """Where the identity provider is asked: a URL, or a page whose form posts the request."""
        return browser.get(f"{self.url}/start")

    def bring(self, browser: Browser, fields: dict):
        """Posts what a provider's form holds to where we take it."""
        return browser.post(f"{self.url}/acs", fields)

    def account(self, browser: Browser):
        return browser.get(f"{self.installation.host}/account")

    def account_page(self, browser: Browser) -> Page:
        answer = self.account(browser)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        return Page(answer.text)


def certificates(metadata: str) -> list:
    """The signing certificates in somebody's metadata, as they stand there."""
    names = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
    keys = xml.fromstring(metadata).iterfind(".//md:KeyDescriptor", names)
    signing = (key for key in keys if key.get("use") in (None, "signing"))
    return ["".join(key.find(".//ds:X509Certificate", names).text.split()) for key in signing]
