"""What the client suites share: the running server's coordinates, the official client, raw HTTP, and a runner.

Each suite is a script of its own: `python test_x.py`. Its surroundings come from the environment, as
`countersign dev --env-file` writes it. Its last line is `N passed, N failed`.
"""
import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse
import uuid
import warnings
from typing import Any, NamedTuple, Optional

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.aws import AWSAuth, AWSCredentials

ACCOUNT = "123456789012"
ROLE = "terraform-runner"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
ADMIN = "admin@myorg.com"
SERVICE_ACCOUNT = "terraform-service-account@myorg.com"
PERSONA_MAPPINGS = "/api/v2/cloud_auth/aws/persona_mapping"
INTAKE_MAPPINGS = "/api/v2/cloud_auth/aws/intake_mapping"
UNSTABLE = [f"{verb}_aws_cloud_auth_persona_mapping" for verb in ("create", "get", "delete")]
UNSTABLE.append("list_aws_cloud_auth_persona_mappings")
TIMEOUT = 30

warnings.filterwarnings("ignore", "Using unstable operation")

# The CLI before version 2 and boto3 read the region from this name only.
os.environ.setdefault("AWS_DEFAULT_REGION", os.environ.get("AWS_REGION", "us-east-1"))


def need(name: str) -> str:
    """A variable that `countersign dev` exports."""
    try:
        return os.environ[name]
    except KeyError:
        sys.exit(f"{name} is not set: run `cargo xtask test --only clients`, or source what `countersign dev` prints")


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: Any

    def detail(self) -> str:
        """The texts of all errors in it, in either form."""
        errors = self.body.get("errors", []) if isinstance(self.body, dict) else []
        return "; ".join(e if isinstance(e, str) else e.get("detail") or e.get("title") or "" for e in errors)


def send(method: str, url: str, headers: Optional[dict] = None, body: Any = None) -> Answer:
    """One request on a connection of its own. A body that is not a string goes out as JSON. TLS trusts what SSL_CERT_FILE names."""
    parts = urllib.parse.urlsplit(url)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(parts.hostname, parts.port, timeout=TIMEOUT)) as connection:
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        raw = response.read()
        is_json = "json" in (response.getheader("Content-Type") or "")
        return Answer(response.status, response.headers, json.loads(raw) if raw and is_json else raw.decode())


def keys() -> dict:
    """The headers of the administrator's key pair."""
    return {"DD-API-KEY": need("DD_API_KEY"), "DD-APPLICATION-KEY": need("DD_APP_KEY")}


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def api(method: str, path: str, headers: dict, body: Any = None) -> Answer:
    return send(method, need("DD_HOST") + path, headers, body)


def control(method: str, path: str, body: Any = None) -> Answer:
    """The control side of the local STS."""
    return send(method, need("AWS_ENDPOINT_URL_STS") + "/_control" + path, None, body)


def sts_calls() -> int:
    """How many requests the local STS has received."""
    answer = control("GET", "/requests")
    assert answer.status == 200, answer
    return answer.body["count"]


def credentials(prefix: str = "") -> AWSCredentials:
    """The role session that `dev` exports; `AGENT_` is the agent's."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return AWSCredentials(*(need(prefix + name) for name in names))


class FixedAuth(AWSAuth):
    """The official provider with given credentials, so that a test need not change its own environment."""

    def __init__(self, given: AWSCredentials, aws_region: Optional[str] = None):
        super().__init__(aws_region)
        self.given = given

    def get_credentials(self) -> AWSCredentials:
        return self.given


def proof(given: Optional[AWSCredentials] = None, org: Optional[str] = None, region: Optional[str] = None) -> str:
    """A proof as the official client makes it."""
    data = AWSAuth(region).generate_aws_auth_data(org or need("DD_ORG_UUID"), given or credentials())
    return f"{data.body_encoded}|{data.headers_encoded}|{data.method}|{data.url_encoded}"


def exchange(a_proof: str, path: str = "/api/v2/delegated-token", host: Optional[str] = None) -> Answer:
    headers = {"Authorization": f"Delegated {a_proof}", "Content-Type": "application/json", "Content-Length": "0"}
    return send("POST", (host or need("DD_HOST")) + path, headers)


def login(given: Optional[AWSCredentials] = None) -> str:
    """An access token."""
    answer = exchange(proof(given))
    assert answer.status == 200, answer
    return answer.body["data"]["attributes"]["access_token"]


def client_with_keys() -> ApiClient:
    configuration = Configuration(
        host=need("DD_HOST"), api_key={"apiKeyAuth": need("DD_API_KEY"), "appKeyAuth": need("DD_APP_KEY")}
    )
    return _client(configuration)


def client_with_aws(provider: Optional[AWSAuth] = None, org: Optional[str] = None) -> ApiClient:
    """The official client, signing in with AWS credentials alone: it holds no keys."""
    configuration = Configuration(
        host=need("DD_HOST"),
        delegated_auth_provider=provider or AWSAuth(),
        delegated_auth_org_uuid=org or need("DD_ORG_UUID"),
    )
    configuration.api_key = {}
    return _client(configuration)


def _client(configuration: Configuration) -> ApiClient:
    for operation in UNSTABLE:
        configuration.unstable_operations[operation] = True
    return ApiClient(configuration)


def aws(*words: str, env: Optional[dict] = None) -> subprocess.CompletedProcess:
    """The AWS command line."""
    surroundings = {**os.environ, **(env or {})}
    return subprocess.run(["aws", *words, "--output", "json"], env=surroundings, capture_output=True, text=True, timeout=120)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def exports(text: str) -> dict:
    """What lines `export NAME=value` hold."""
    lines = [line for line in text.splitlines() if line.startswith("export ")]
    pairs = (line[len("export "):].split("=", 1) for line in lines)
    return {name: value.strip("'") for name, value in pairs}


class Served:
    """A `countersign serve` of the caller's own, from its start until `stop`. By the configuration it answers at `host`."""

    def __init__(self, config: pathlib.Path, host: str):
        self.host, self.log = host, config.with_suffix(".log")
        command = [need("COUNTERSIGN_TEST_BIN"), "serve", "--config", str(config)]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if send("GET", f"{host}/readyz").status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"`countersign serve` did not start: {self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def main() -> None:
    """Runs the calling script's tests. What is skipped has failed: a suite that cannot run must say so."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    # An error outside a test (in a class's set-up) is not among the tests that ran.
    bad = {str(test) for test, _ in result.failures + result.errors + result.skipped}
    bad |= {str(test) for test in result.unexpectedSuccesses}
    ran_badly = sum(1 for name in bad if not name.startswith(("setUpClass", "setUpModule", "tearDown")))
    passed, failed = result.testsRun - ran_badly, max(len(bad), 0 if result.wasSuccessful() else 1)
    print(f"{max(passed, 0)} passed, {failed} failed")
    sys.exit(1 if failed else 0)
