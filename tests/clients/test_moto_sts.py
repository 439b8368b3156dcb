"""moto's server as a second, independent STS behind a real `countersign serve`.

`dev --once` fills a data folder; `serve` then runs on it with moto in the place of AWS. moto answers in XML
and verifies signatures in its own way, once it is told to.
"""
import json
import pathlib
import subprocess
import tempfile
import unittest

import boto3
import support
from datadog_api_client.aws import AWSCredentials
from datadog_api_client.v2.api.aws_integration_api import AWSIntegrationApi
from moto.server import ThreadedMotoServer

# What `dev` leaves in its data folder.
DATABASE = "countersign.db"
MASTER_KEY = "master.key"
ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


class MotoSts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.keep(tempfile.TemporaryDirectory()))
        cls.exports = cls.fill()
        cls.moto = cls.start_moto()
        cls.host = cls.start_server()

    @classmethod
    def keep(cls, context):
        """Enters a context until the class is done."""
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value

    @classmethod
    def fill(cls) -> dict:
        data, env_file = cls.folder / "data", cls.folder / "env"
        command = [support.need("COUNTERSIGN_TEST_BIN"), "dev", "--once", "--listen", "127.0.0.1:0"]
        command += ["--sts-listen", "127.0.0.1:0", "--data", str(data), "--env-file", str(env_file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return support.exports(env_file.read_text())

    @classmethod
    def start_moto(cls) -> str:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        cls.addClassCleanup(server.stop)
        return "http://{}:{}".format(*server.get_host_and_port())

    @classmethod
    def start_server(cls) -> str:
        listen, data = f"127.0.0.1:{support.free_port()}", cls.folder / "data"
        config = cls.folder / "countersign.toml"
        config.write_text(
            f'listen = "{listen}"\n'
            f'store = "sqlite:{data / DATABASE}"\n'
            f'master_key_file = "{data / MASTER_KEY}"\n'
            f'[sts]\nendpoint_override = "{cls.moto}"\n'
        )
        server = support.Served(config, f"http://{listen}")
        cls.addClassCleanup(server.stop)
        return server.host

    def setUp(self):
        self.verify_signatures(False)
        support.send("POST", f"{self.moto}/moto-api/reset")

    def verify_signatures(self, on: bool):
        headers = {"Content-Type": "text/plain"}
        answer = support.send("POST", f"{self.moto}/moto-api/reset-auth", headers, "0" if on else "inf")
        self.assertEqual(answer.status, 200, answer)

    def aws(self, service: str):
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.moto,
                            aws_access_key_id="AKIAMOTO000000000000", aws_secret_access_key="unchecked")

    def session(self) -> AWSCredentials:
        """A session of the mapped role, made at moto."""
        iam = self.aws("iam")
        role = iam.create_role(RoleName=support.ROLE, AssumeRolePolicyDocument=ALLOW_ALL)["Role"]
        iam.put_role_policy(RoleName=support.ROLE, PolicyName="all", PolicyDocument=ALLOW_ALL)
        given = self.aws("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="moto")["Credentials"]
        return AWSCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def exchange(self, given: AWSCredentials, region=None):
        return support.exchange(support.proof(given, self.exports["DD_ORG_UUID"], region), host=self.host)

    def test_a_session_that_moto_knows_signs_in(self):
        session = self.session()
        for region in [None, "eu-west-1"]:
            with self.subTest(region=region):
                answer = self.exchange(session, region)
                self.assertEqual(answer.status, 200, answer)
        token = answer.body["data"]["attributes"]["access_token"]
        me = support.send("GET", f"{self.host}/api/v2/current_user", support.bearer(token))
        self.assertEqual(me.body["data"]["attributes"]["email"], support.SERVICE_ACCOUNT)

    def test_the_official_client(self):
        client = support.client_with_aws(support.FixedAuth(self.session()), self.exports["DD_ORG_UUID"])
        client.configuration.host = self.host
        accounts = AWSIntegrationApi(client).list_aws_accounts().data
        self.assertIn(support.ACCOUNT, [account.attributes.aws_account_id for account in accounts])

    def test_moto_agrees_with_the_signature(self):
        session = self.session()
        self.verify_signatures(True)
        answer = self.exchange(session, "eu-central-1")
        self.assertEqual(answer.status, 200, answer)

    def test_moto_refuses_a_wrong_secret(self):
        session = self.session()
        self.verify_signatures(True)
        wrong = AWSCredentials(session.access_key_id, "x" * 40, session.session_token)
        answer = self.exchange(wrong)
        # Its refusal is no answer that STS would give (HTML, another envelope): refused in any case.
        self.assertIn(answer.status, (401, 502, 503), answer)
        self.assertNotIn("access_token", json.dumps(answer.body))

    def test_the_arn_that_no_principal_has(self):
        """moto calls whom it does not know `…:user/moto` under `sts`; AWS has no such ARN, so nobody is that."""
        answer = self.exchange(AWSCredentials("ASIAUNKNOWN000000000", "x" * 40, "token"))
        self.assertIn(answer.status, (401, 502, 503), answer)
        self.assertNotIn("access_token", json.dumps(answer.body))


if __name__ == "__main__":
    support.main()
