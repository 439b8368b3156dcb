"""Signing in from the official client with AWS credentials, as its documentation says, and the agent's way."""
import datetime
import json
import re
import unittest

import support
from datadog_api_client.aws import AWSAuth, AWSCredentials
from datadog_api_client.exceptions import ApiException, ApiValueError
from datadog_api_client.v2.api.aws_integration_api import AWSIntegrationApi
from datadog_api_client.v2.api.cloud_authentication_api import CloudAuthenticationApi

PAST = datetime.datetime(2000, 1, 1)


def accounts(client) -> list:
    """The AWS accounts, by their numbers."""
    return [account.attributes.aws_account_id for account in AWSIntegrationApi(client).list_aws_accounts().data]


class Login(unittest.TestCase):
    def test_global_host(self):
        self.assertIn(support.ACCOUNT, accounts(support.client_with_aws()))

    def test_regional_hosts(self):
        for region in ["us-east-1", "eu-west-1", "ap-southeast-2", "me-central-1"]:
            with self.subTest(region=region):
                self.assertIn(support.ACCOUNT, accounts(support.client_with_aws(AWSAuth(aws_region=region))))

    def test_a_region_that_does_not_exist(self):
        with self.assertRaisesRegex(ApiValueError, r"\(400\)"):
            accounts(support.client_with_aws(AWSAuth(aws_region="mars-north-1")))

    def test_unstable_operations_too(self):
        mappings = CloudAuthenticationApi(support.client_with_aws()).list_aws_cloud_auth_persona_mappings()
        patterns = [mapping.attributes.arn_pattern for mapping in mappings.data]
        self.assertIn(f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/*", patterns)

    def test_the_token_acts_as_the_mapped_account(self):
        answer = support.api("GET", "/api/v2/current_user", support.bearer(support.login()))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body["data"]["attributes"]["email"], support.SERVICE_ACCOUNT)
        organization = answer.body["data"]["relationships"]["org"]["data"]["id"]
        self.assertEqual(organization, support.need("DD_ORG_UUID"))

    def test_one_exchange_serves_many_calls(self):
        client, before = support.client_with_aws(AWSAuth(aws_region="eu-west-2")), support.sts_calls()
        for _ in range(20):
            accounts(client)
        self.assertEqual(support.sts_calls() - before, 1)

    def test_400_calls_with_a_token_that_expires_at_once(self):
        """The client leaves two stray bytes on the connection after each exchange; none of the calls may suffer.

        The token's end is moved into the past inside the client, because it renews only once the end has come.
        """
        client, tokens = support.client_with_aws(), []
        for number in range(400):
            self.assertIn(support.ACCOUNT, accounts(client), f"call {number}")
            held = client.configuration._delegated_token_credentials
            tokens.append(held.delegated_token)
            held.expiration = PAST
        self.assertGreater(len(set(tokens)), 1, "the client did not renew")

    def test_the_exchange_closes_its_connection(self):
        answer = support.exchange(support.proof())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.headers["Connection"] or "").lower(), "close")

    def test_the_answer_has_the_form_that_both_clients_read(self):
        attributes = support.exchange(support.proof()).body["data"]["attributes"]
        self.assertIsInstance(attributes["expires"], str)
        left = int(attributes["expires"]) - datetime.datetime.now().timestamp()
        self.assertTrue(0 < left <= 15 * 60, left)
        self.assertEqual(attributes["access_token"].count("."), 2)


class NoLogin(unittest.TestCase):
    def test_a_wrong_secret(self):
        good = support.credentials()
        wrong = AWSCredentials(good.access_key_id, "x" * 40, good.session_token)
        with self.assertRaisesRegex(ApiValueError, r"\(401\)"):
            accounts(support.client_with_aws(support.FixedAuth(wrong)))

    def test_a_caller_without_mapping_is_told_its_name(self):
        answer = support.exchange(support.proof(support.credentials("AGENT_")))
        self.assertEqual(answer.status, 401, answer)
        self.assertIn(f"arn:aws:sts::{support.ACCOUNT}:assumed-role/DatadogAgentRole/", answer.detail())

    def test_an_unknown_organization(self):
        with self.assertRaisesRegex(ApiValueError, r"\(401\)"):
            accounts(support.client_with_aws(org="11111111-2222-4333-8444-555555555555"))

    def test_a_tampered_token(self):
        token = support.login()
        head, claims, signature = token.split(".")
        other = ("A" if signature[0] != "A" else "B") + signature[1:]
        for bad in [f"{head}.{claims}.{other}", f"{head}.{claims}.", f"{head}.{claims}", "x.y.z", ""]:
            with self.subTest(bad=bad[-12:]):
                answer = support.api("GET", "/api/v2/current_user", support.bearer(bad))
                self.assertIn(answer.status, (401, 403), answer)

    def test_no_credentials_at_all(self):
        answer = support.api("GET", support.PERSONA_MAPPINGS, {})
        self.assertIn(answer.status, (401, 403), answer)


class IntakeKey(unittest.TestCase):
    """The agent's way: the same proof, another purpose."""

    def ask(self):
        return support.exchange(support.proof(support.credentials("AGENT_")), "/api/v2/intake-key")

    def test_every_agent_gets_the_same_key_and_it_is_valid(self):
        first, second = self.ask(), self.ask()
        self.assertEqual((first.status, second.status), (200, 200), first)
        self.assertEqual(first.body["data"]["type"], "intake_api_key")
        key = first.body["data"]["attributes"]["api_key"]
        self.assertRegex(key, re.compile(r"^[0-9a-f]{32}$"))
        self.assertEqual(key, second.body["data"]["attributes"]["api_key"])
        answer = support.api("GET", "/api/v1/validate", {"DD-Api-Key": key})
        self.assertEqual((answer.status, answer.body), (200, {"valid": True}))

    def test_a_managed_key_alone_reads_no_configuration(self):
        key = self.ask().body["data"]["attributes"]["api_key"]
        answer = support.api("GET", support.PERSONA_MAPPINGS, {"DD-API-KEY": key})
        self.assertIn(answer.status, (401, 403), answer)

    def test_a_persona_is_no_agent(self):
        answer = support.exchange(support.proof(), "/api/v2/intake-key")
        self.assertEqual(answer.status, 401, answer)
        self.assertIn(f"assumed-role/{support.ROLE}/", answer.detail())


class Errors(unittest.TestCase):
    def test_the_official_client_shows_our_text(self):
        with self.assertRaises((ApiException, ApiValueError)) as caught:
            accounts(support.client_with_aws(support.FixedAuth(support.credentials("AGENT_"))))
        self.assertIn("assumed-role/DatadogAgentRole/", str(caught.exception))
        self.assertNotIn(json.dumps(support.need("AGENT_AWS_SESSION_TOKEN")), str(caught.exception))


if __name__ == "__main__":
    support.main()
