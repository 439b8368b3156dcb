"""SimpleSAMLphp as an identity provider: the whole of it, with its own pages and log-in form, on PHP's built-in web server."""
import os
import pathlib
import subprocess
import time

import requests
import support
from browser import Browser, Page
from pysaml2_idp import KeyPair

START_LIMIT = 30
PASSWORD = "correct horse"

CONFIG = """<?php
$config = [
    'baseurlpath' => '{url}/',
    'certdir' => '{folder}/',
    'loggingdir' => '{folder}/',
    'datadir' => '{folder}/',
    'tempdir' => '{folder}/tmp',
    'metadatadir' => '{folder}/metadata/',
    'attributenamemapdir' => '{program}/attributemap/',
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'secretsalt' => 'of a provider that lives for one test',
    'auth.adminpassword' => 'nobody signs in as admin',
    'admin.checkforupdates' => false,
    'logging.handler' => 'errorlog',
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.savepath' => '{folder}/sessions',
    'language.available' => ['en'],
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'store.type' => 'phpsession',
    'metadata.sources' => [['type' => 'flatfile'], {sources}],
];
"""

# Requests are signed as ours are where a key is configured, so the provider asks for that.
HOSTED = """<?php
$metadata['{url}/saml2/idp/metadata.php'] = [
    'host' => '__DEFAULT__',
    'privatekey' => '{key}',
    'certificate' => '{certificate}',
    'auth' => 'people',
    'sign.response' => {sign_response},
    'validate.authnrequest' => {validate},
];
"""


def php(value) -> str:
    """A value as PHP writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, dict):
        return "[" + ", ".join(f"{php(key)} => {php(item)}" for key, item in value.items()) + "]"
    return "[" + ", ".join(map(php, value)) + "]"


class SimpleSamlPhp:
    """The provider, for the service providers whose metadata it is given, until `stop`. `people` are names with their attributes."""

    def __init__(self, folder: pathlib.Path, program: str, service_providers: list, people: dict, validate=False):
        self.folder, self.program = folder, pathlib.Path(program)
        self.url = f"http://127.0.0.1:{support.free_port()}"
        self.entity_id = f"{self.url}/saml2/idp/metadata.php"
        for name in ("metadata", "sessions", "tmp"):
            (folder / name).mkdir()
        self._configure(service_providers, validate)
        self.know(people)
        self.process = self._start()

    def _configure(self, service_providers: list, validate: bool):
        sources = []
        for number, xml in enumerate(service_providers):
            path = self.folder / f"sp-{number}.xml"
            path.write_text(xml)
            sources.append(php({"type": "xml", "file": str(path)}))
        (self.folder / "config.php").write_text(CONFIG.format(
            url=self.url, folder=self.folder, program=self.program, sources=", ".join(sources)))
        pair = KeyPair.make(self.folder, "simplesamlphp")
        (self.folder / "metadata/saml20-idp-hosted.php").write_text(HOSTED.format(
            url=self.url, key=pair.key.name, certificate=pair.certificate.name,
            sign_response=php(True), validate=php(validate)))

    def know(self, people: dict):
        """From now on these people can sign in. PHP reads the file at each request."""
        known = {f"{name}:{PASSWORD}": attributes for name, attributes in people.items()}
        text = f"<?php\n$config = ['people' => ['exampleauth:UserPass', {php(known)[1:-1]}]];\n"
        (self.folder / "authsources.php").write_text(text)

    def sign_in(self, browser: Browser, asked: requests.Response, person: str) -> dict:
        """Goes where we send the browser and logs in there, unless it has already; returns the fields of the answer's form."""
        page = browser.follow(asked if "Location" in asked.headers
                              else browser.submit(asked.url, Page(asked.text).form("request")))
        form = Page(page.text).form()
        if "username" in form.fields:
            page = browser.follow(browser.submit(page.url, form, username=person, password=PASSWORD))
            form = Page(page.text).form()
        assert "SAMLResponse" in form.fields, f"SimpleSAMLphp refuses: {page.text}\n{self.log()}"
        return form.fields

    def _start(self) -> subprocess.Popen:
        command = ["php", "-d", "display_errors=0", "-d", "error_reporting=E_ALL & ~E_DEPRECATED",
                   "-S", self.url.removeprefix("http://"), "-t", str(self.program / "www")]
        surroundings = {**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(self.folder)}
        with open(self.folder / "php.log", "w") as log:
            process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.metadata()
                return process
            except OSError:
                time.sleep(0.02)
        process.kill()
        process.wait()
        raise AssertionError(f"SimpleSAMLphp did not start: {self.log()}")

    def log(self) -> str:
        return (self.folder / "php.log").read_text()

    def metadata(self) -> str:
        answer = requests.get(self.entity_id, timeout=support.TIMEOUT)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}\n{self.log()}"
        return answer.text

    def stop(self):
        self.process.terminate()
        self.process.wait(START_LIMIT)
