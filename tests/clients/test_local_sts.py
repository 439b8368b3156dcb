"""The AWS command line and boto3 against the local STS, which really verifies signatures."""
import json
import unittest
import urllib.error
import urllib.request

import boto3
import support
from botocore.exceptions import ClientError
from datadog_api_client.aws import AWSCredentials


def sts(**given):
    return boto3.client("sts", **given)


def keywords(credentials: dict) -> dict:
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


class CommandLine(unittest.TestCase):
    def run_aws(self, *words: str, env=None) -> dict:
        done = support.aws("sts", *words, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_get_caller_identity(self):
        identity = self.run_aws("get-caller-identity")
        self.assertEqual(identity["Account"], support.ACCOUNT)
        self.assertIn(f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/", identity["Arn"])
        self.assertRegex(identity["UserId"], "^AROA[A-Z0-9]+:")

    def test_get_caller_identity_at_an_endpoint_of_the_command_line(self):
        endpoint = support.need("AWS_ENDPOINT_URL_STS")
        identity = self.run_aws("get-caller-identity", "--endpoint-url", endpoint, env={"AWS_ENDPOINT_URL_STS": ""})
        self.assertEqual(identity["Account"], support.ACCOUNT)

    def test_assume_role_and_use_it(self):
        name = support.unique("cli")
        made = self.run_aws("assume-role", "--role-arn", support.ROLE_ARN, "--role-session-name", name)
        arn = f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/{name}"
        self.assertEqual(made["AssumedRoleUser"]["Arn"], arn)
        given = {
            "AWS_ACCESS_KEY_ID": made["Credentials"]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["Credentials"]["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["Credentials"]["SessionToken"],
        }
        self.assertEqual(self.run_aws("get-caller-identity", env=given)["Arn"], arn)

    def test_a_wrong_secret(self):
        done = support.aws("sts", "get-caller-identity", env={"AWS_SECRET_ACCESS_KEY": "x" * 40})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(SignatureDoesNotMatch)", done.stderr)


class Boto3(unittest.TestCase):
    def fails(self, code: str, **given):
        with self.assertRaises(ClientError) as caught:
            sts(**given).get_caller_identity()
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)

    def test_get_caller_identity(self):
        self.assertEqual(sts().get_caller_identity()["Account"], support.ACCOUNT)

    def test_other_regions(self):
        for region in ["us-east-1", "eu-central-1", "ap-east-1"]:
            with self.subTest(region=region):
                self.assertEqual(sts(region_name=region).get_caller_identity()["Account"], support.ACCOUNT)

    def test_a_wrong_secret(self):
        self.fails("SignatureDoesNotMatch", aws_access_key_id=support.need("AWS_ACCESS_KEY_ID"),
                   aws_secret_access_key="x" * 40, aws_session_token=support.need("AWS_SESSION_TOKEN"))

    def test_an_unknown_key(self):
        self.fails("InvalidClientTokenId", aws_access_key_id="AKIAUNKNOWN000000000", aws_secret_access_key="x" * 40)

    def test_a_session_without_its_token(self):
        self.fails("InvalidClientTokenId", aws_access_key_id=support.need("AWS_ACCESS_KEY_ID"),
                   aws_secret_access_key=support.need("AWS_SECRET_ACCESS_KEY"), aws_session_token="other")

    def test_a_signed_url(self):
        url = sts().generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        with urllib.request.urlopen(url, timeout=support.TIMEOUT) as response:
            self.assertIn(f"<Account>{support.ACCOUNT}</Account>", response.read().decode())

    def test_a_signed_url_bent(self):
        url = sts().generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url[:-1] + ("0" if url[-1] != "0" else "1"), timeout=support.TIMEOUT)
        with caught.exception as response:
            self.assertEqual(response.code, 403)
            self.assertIn("<Code>SignatureDoesNotMatch</Code>", response.read().decode())

    def test_a_role_assumed_here_signs_in_there(self):
        name = support.unique("boto3")
        made = sts().assume_role(RoleArn=support.ROLE_ARN, RoleSessionName=name)
        self.assertTrue(sts(**keywords(made["Credentials"])).get_caller_identity()["Arn"].endswith(name))
        given = made["Credentials"]
        session = AWSCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        answer = support.api("GET", "/api/v2/current_user", support.bearer(support.login(session)))
        self.assertEqual(answer.body["data"]["attributes"]["email"], support.SERVICE_ACCOUNT)

    def test_a_role_that_does_not_exist(self):
        with self.assertRaises(ClientError) as caught:
            sts().assume_role(RoleArn=f"arn:aws:iam::{support.ACCOUNT}:role/missing", RoleSessionName="x1")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")


if __name__ == "__main__":
    support.main()
