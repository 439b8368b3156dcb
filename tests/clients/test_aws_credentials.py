"""boto3 and `countersign` in the same environment come to the same AWS credentials, from each source and where two have some.

Where they differ on purpose, `DIFFERENT` and the last tests say how; the README of `countersign-client` says so too.
"""
import base64
import dataclasses
import hashlib
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import support
from aws_door import CONTAINER_TOKEN, SSO_TOKEN, Door

ROLE = "arn:aws:iam::123456789012:role/ci"
START = "https://sso.example/start"
SECRET = "k" * 40
BOTO3 = """
import boto3, json, sys
found = boto3.Session(profile_name=sys.argv[1] if sys.argv[1:] else None).get_credentials().get_frozen_credentials()
print(json.dumps([found.access_key, found.token]))
"""


@dataclasses.dataclass(frozen=True)
class Way:
    """One source that has credentials. `HOST` stands for the door's address, `HOME` for the home folder."""
    name: str
    env: dict = dataclasses.field(default_factory=dict)
    default: str = ""
    more: str = ""
    credentials: str = ""
    files: dict = dataclasses.field(default_factory=dict)


def keys(access_key_id: str) -> str:
    return f"aws_access_key_id = {access_key_id}\naws_secret_access_key = {SECRET}\n"


def sso_cache(name: str, **more) -> dict:
    """A sign-in as `aws sso login` leaves it: by the session's name, or by the start URL where the profile names no session."""
    token = {"accessToken": SSO_TOKEN, "expiresAt": "2036-01-01T00:00:00Z", "region": "eu-west-1", "startUrl": START, **more}
    return {f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json": json.dumps(token)}


PROCESS = {"Version": 1, "AccessKeyId": "ASIAPROCESS000000000", "SecretAccessKey": SECRET, "SessionToken": "process"}
ENVIRONMENT = Way("environment", {
    "AWS_ACCESS_KEY_ID": "ASIAENVIRONMENT00000", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "environment"})
USER = Way("user", {"AWS_ACCESS_KEY_ID": "AKIAUSER000000000000", "AWS_SECRET_ACCESS_KEY": SECRET})
CREDENTIALS_FILE = Way("credentials file", credentials="[default]\n" + keys("AKIACREDENTIALS00000"))
CONFIG_FILE = Way("config file", default=keys("AKIACONFIG0000000000"))
CREDENTIAL_PROCESS = Way("credential_process", default="credential_process = cat HOME/process.json\n",
                         files={"process.json": json.dumps(PROCESS)})
SSO_SESSION = Way("SSO session", {"AWS_ENDPOINT_URL_SSO": "HOST/sso"},
                  default="sso_session = it\nsso_account_id = 123456789012\nsso_role_name = ci\n",
                  more=f"[sso-session it]\nsso_region = eu-west-1\nsso_start_url = {START}\n", files=sso_cache("it"))
SSO_LEGACY = Way("SSO", {"AWS_ENDPOINT_URL_SSO": "HOST/sso"}, files=sso_cache(START),
                 default=f"sso_start_url = {START}\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = old\n")
ASSUMED_ROLE = Way("assumed role", {"AWS_ENDPOINT_URL_STS": "HOST/sts", "AWS_DEFAULT_REGION": "eu-west-1"},
                   default=f"role_arn = {ROLE}-assumed\nsource_profile = base\n", more="[profile base]\n" + keys("AKIABASE000000000000"))
PROFILE_WEB_IDENTITY = Way("web identity of a profile", {"AWS_ENDPOINT_URL_STS": "HOST/sts"},
                           default=f"role_arn = {ROLE}-of-profile\nweb_identity_token_file = HOME/profile-token\n",
                           files={"profile-token": "header.profile.signature"})
WEB_IDENTITY = Way("web identity", {
    "AWS_ENDPOINT_URL_STS": "HOST/sts", "AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/token"},
    files={"token": "header.payload.signature"})
ECS = Way("ECS, full URI", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "HOST/container",
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN})
EKS = Way("EKS Pod Identity", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "HOST/container",
                               "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/pod-token"},
          files={"pod-token": CONTAINER_TOKEN})
IMDS = Way("IMDS", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "HOST/imds"})
IMDS_V1 = Way("IMDSv1", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "HOST/imds-v1"})

ALL = [ENVIRONMENT, USER, CREDENTIALS_FILE, CONFIG_FILE, CREDENTIAL_PROCESS, SSO_SESSION, SSO_LEGACY, ASSUMED_ROLE,
       PROFILE_WEB_IDENTITY, WEB_IDENTITY, ECS, EKS, IMDS]
# One of those that only differ in where they come from.
PAIRED = [way for way in ALL if way not in (USER, SSO_LEGACY, EKS)]
# The profile comes before web identity here, as in AWS's SDK for Rust; and a profile's process before its keys in the credentials
# file. Which of the two wins with us:
DIFFERENT = {(way.name, WEB_IDENTITY.name): way
             for way in (CREDENTIALS_FILE, CONFIG_FILE, CREDENTIAL_PROCESS, SSO_SESSION, PROFILE_WEB_IDENTITY)}
DIFFERENT[CREDENTIALS_FILE.name, CREDENTIAL_PROCESS.name] = CREDENTIAL_PROCESS

# Set up, but not right.
BROKEN = {
    "a key id alone": (Way("", {"AWS_ACCESS_KEY_ID": "AKIAHALF000000000000"}), "AWS_SECRET_ACCESS_KEY is not"),
    "a missing profile": (Way("", {"AWS_PROFILE": "absent"}), "profile `absent`: there is no such profile"),
    "a failing process": (Way("", default="credential_process = exit 1\n"), "its credential process failed"),
    "no sign-in to SSO": (dataclasses.replace(SSO_SESSION, files={}), "nobody has signed in to SSO"),
    "a token without a role": (dataclasses.replace(WEB_IDENTITY, env={"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/token"}), "AWS_ROLE_ARN is not"),
    "no token": (dataclasses.replace(WEB_IDENTITY, files={}), "web identity: the file that AWS_WEB_IDENTITY_TOKEN_FILE names"),
    "a container's token that is refused": (dataclasses.replace(EKS, files={"pod-token": "another"}), "endpoint: it answers with status 401"),
    "a host that must not be asked": (Way("", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/"}), "is not asked"),
}


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.door = Door().__enter__()
        cls.addClassCleanup(cls.door.__exit__)

    def setUp(self):
        self.door.hand_out("ASIACONTAINER0000000", SECRET, "container")

    def lay_out(self, *ways: Way, **more: str) -> dict:
        """The environment in which these are set up, in a fresh home folder."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        home = pathlib.Path(folder.name)
        put = lambda text: text.replace("HOST", self.door.host).replace("HOME", str(home))
        files = {name: content for way in ways for name, content in way.files.items()}
        files[".aws/config"] = "[default]\n" + "".join(way.default for way in ways) + "".join(way.more for way in ways)
        files[".aws/credentials"] = "".join(way.credentials for way in ways)
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(put(content))
        env = {name: put(value) for way in ways for name, value in way.env.items()}
        # Nobody is there; and nothing of the test's own environment but the programs.
        nobody = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1", "AWS_METADATA_SERVICE_TIMEOUT": "5"}
        return {"PATH": os.environ["PATH"], "HOME": str(home), **nobody, **env, **more}

    def run_boto3(self, env: dict, *words: str) -> subprocess.CompletedProcess:
        """In a process of its own: some of it looks for the home folder only once."""
        return subprocess.run([sys.executable, "-c", BOTO3, *words], env=env, capture_output=True, text=True, timeout=60)

    def boto3(self, env: dict, *profile: str) -> tuple:
        """The access key id and the session token."""
        done = self.run_boto3(env, *profile)
        self.assertEqual(done.returncode, 0, done.stderr)
        return tuple(json.loads(done.stdout))

    def run_ours(self, env: dict, *words: str) -> subprocess.CompletedProcess:
        org = {"DD_ORG_UUID": support.need("DD_ORG_UUID"), "DD_HOST": support.need("DD_HOST")}
        command = [support.need("COUNTERSIGN_TEST_BIN"), *words]
        return subprocess.run(command, env={**env, **org}, capture_output=True, text=True, timeout=60)

    def ours(self, env: dict, *words: str) -> tuple:
        """The same, out of a proof that is signed with them."""
        done = self.run_ours(env, "proof", "make", "--output", "json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        headers = json.loads(base64.b64decode(json.loads(done.stdout)["authorization"].split("|")[1]))
        headers = {name.lower(): value[0] for name, value in headers.items()}
        scope = headers["authorization"].split("Credential=")[1]
        return scope.split("/")[0], headers.get("x-amz-security-token")

    def test_each_source(self):
        for way in ALL:
            with self.subTest(way=way.name):
                env = self.lay_out(way)
                found = self.boto3(env)
                self.assertIsNotNone(found)
                self.assertEqual(self.ours(env), found)

    def test_a_user_has_no_session(self):
        self.assertEqual(self.ours(self.lay_out(USER)), ("AKIAUSER000000000000", None))

    def test_where_two_have_some(self):
        for one, other in itertools.combinations(PAIRED, 2):
            if one.default.startswith("role_arn") and other.default.startswith("role_arn"):
                continue
            with self.subTest(one=one.name, other=other.name):
                env = self.lay_out(one, other)
                found = self.boto3(env)
                if (one.name, other.name) in DIFFERENT:
                    wins = DIFFERENT[one.name, other.name]
                    self.assertNotEqual(self.ours(env), found)
                    self.assertEqual(self.ours(env), self.boto3(self.lay_out(wins)))
                else:
                    self.assertEqual(self.ours(env), found)

    def test_a_profile_that_is_named_comes_before_the_environment(self):
        env = self.lay_out(ENVIRONMENT, ASSUMED_ROLE)
        self.assertEqual(self.ours(env, "--profile", "base"), ("AKIABASE000000000000", None))
        self.assertEqual(self.boto3(env, "base"), ("AKIABASE000000000000", None))

    def test_where_one_is_not_right_nobody_looks_further(self):
        for rule, (way, words) in BROKEN.items():
            with self.subTest(rule=rule):
                env = self.lay_out(way, IMDS)
                self.assertNotEqual(self.run_boto3(env).returncode, 0)
                done = self.run_ours(env, "proof", "make")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(words, done.stderr)

    def test_a_profile_that_is_named_and_has_nothing_ends_the_search(self):
        """boto3 looks on."""
        env = self.lay_out(ECS, Way("", more="[profile bare]\nregion = eu-west-1\n"))
        self.assertEqual(self.boto3(env, "bare"), ("ASIACONTAINER0000000", "container"))
        done = self.run_ours(env, "proof", "make", "--profile", "bare")
        self.assertIn("profile `bare`", done.stderr)
        self.assertNotEqual(done.returncode, 0)
        # Named by the environment it is one source among others, for both.
        env["AWS_PROFILE"] = "bare"
        self.assertEqual(self.ours(env), self.boto3(env))

    def test_the_environment_does_not_need_the_profile_that_is_named(self):
        """boto3 wants it to be there."""
        env = {**self.lay_out(USER), "AWS_PROFILE": "absent"}
        self.assertEqual(self.ours(env), ("AKIAUSER000000000000", None))
        self.assertNotEqual(self.run_boto3(env).returncode, 0)

    def test_version_1_of_the_metadata_service_is_not_spoken_unasked(self):
        env = self.lay_out(IMDS_V1)
        self.assertEqual(self.boto3(env)[0], "ASIAMOTO000000000000")
        done = self.run_ours(env, "proof", "make")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("imds_v1", done.stderr)
        # boto3 leaves it too, where this is set.
        self.assertNotEqual(self.run_boto3({**env, "AWS_EC2_METADATA_V1_DISABLED": "true"}).returncode, 0)

    def test_signing_in_from_each_source(self):
        """The secret is right too: with the role session that the local STS knows."""
        given = support.credentials()
        self.door.hand_out(given.access_key_id, given.secret_access_key, given.session_token)
        process = json.dumps({"Version": 1, "AccessKeyId": given.access_key_id, "SecretAccessKey": given.secret_access_key,
                              "SessionToken": given.session_token})
        lines = (f"aws_access_key_id = {given.access_key_id}\naws_secret_access_key = {given.secret_access_key}\n"
                 f"aws_session_token = {given.session_token}\n")
        ways = [
            Way("environment", {"AWS_ACCESS_KEY_ID": given.access_key_id, "AWS_SECRET_ACCESS_KEY": given.secret_access_key,
                                "AWS_SESSION_TOKEN": given.session_token}),
            Way("credentials file", credentials="[default]\n" + lines),
            Way("config file", default=lines),
            dataclasses.replace(CREDENTIAL_PROCESS, files={"process.json": process}),
            ECS, EKS,
        ]
        for way in ways:
            with self.subTest(way=way.name):
                done = self.run_ours(self.lay_out(way), "login", "--output", "json")
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    support.main()
