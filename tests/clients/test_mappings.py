"""Managing mappings and AWS accounts: with the key pair, and with a token from a delegated login."""
import json
import unittest

import boto3
import support
from datadog_api_client.aws import AWSCredentials
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v2.api.aws_integration_api import AWSIntegrationApi
from datadog_api_client.v2.api.cloud_authentication_api import CloudAuthenticationApi
from datadog_api_client.v2.model.aws_account_create_request import AWSAccountCreateRequest
from datadog_api_client.v2.model.aws_cloud_auth_persona_mapping_create_request import (
    AWSCloudAuthPersonaMappingCreateRequest,
)


def pattern(role: str, account: str = support.ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/*"


def persona(arn_pattern: str, target: str = support.SERVICE_ACCOUNT) -> dict:
    attributes = {"account_identifier": target, "arn_pattern": arn_pattern}
    return {"data": {"type": "aws_cloud_auth_config", "attributes": attributes}}


def intake(arn_pattern: str, kind: str = "aws_cloud_auth_intake_mapping") -> dict:
    return {"data": {"type": kind, "attributes": {"arn_pattern": arn_pattern}}}


def session(name: str) -> AWSCredentials:
    """A session of the mapped role under this name."""
    given = boto3.client("sts").assume_role(RoleArn=support.ROLE_ARN, RoleSessionName=name)["Credentials"]
    return AWSCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


class WithKeys(unittest.TestCase):
    """The whole life of a mapping through the official client, authenticated by the key pair."""

    @classmethod
    def setUpClass(cls):
        cls.client = cls.connect()
        cls.mappings = CloudAuthenticationApi(cls.client)

    @classmethod
    def connect(cls):
        return support.client_with_keys()

    @classmethod
    def headers(cls) -> dict:
        return support.keys()

    def create(self, arn_pattern: str):
        request = AWSCloudAuthPersonaMappingCreateRequest(**persona(arn_pattern))
        made = self.mappings.create_aws_cloud_auth_persona_mapping(body=request).data
        self.addCleanup(support.api, "DELETE", f"{support.PERSONA_MAPPINGS}/{made.id}", support.keys())
        return made

    def refused(self, status: int, call, *args, **kwargs) -> str:
        with self.assertRaises(ApiException) as caught:
            call(*args, **kwargs)
        self.assertEqual(caught.exception.status, status, caught.exception)
        return json.dumps(caught.exception.body)

    def test_create_get_list_delete(self):
        made = self.create(pattern(support.unique("ci")))
        # A service account's handle is its id.
        self.assertEqual(made.attributes.account_identifier, made.attributes.account_uuid)
        got = self.mappings.get_aws_cloud_auth_persona_mapping(made.id).data
        self.assertEqual(got.to_dict(), made.to_dict())
        listed = self.mappings.list_aws_cloud_auth_persona_mappings().data
        self.assertIn(made.id, [mapping.id for mapping in listed])
        self.mappings.delete_aws_cloud_auth_persona_mapping(made.id)
        with self.assertRaises(NotFoundException):
            self.mappings.get_aws_cloud_auth_persona_mapping(made.id)
        with self.assertRaises(NotFoundException):
            self.mappings.delete_aws_cloud_auth_persona_mapping(made.id)

    def test_the_same_pattern_twice(self):
        made = self.create(pattern(support.unique("ci")))
        self.refused(409, self.create, made.attributes.arn_pattern)

    def test_an_account_that_is_not_integrated(self):
        text = self.refused(400, self.create, pattern("ci", "999999999999"))
        self.assertIn("AWS Account Id is not integrated with this Datadog account", text)

    def test_a_pasted_role_is_answered_with_its_pattern(self):
        text = self.refused(400, self.create, f"arn:aws:iam::{support.ACCOUNT}:role/deploy")
        self.assertIn(f"arn:aws:sts::{support.ACCOUNT}:assumed-role/deploy/*", text)

    def test_patterns_that_are_none(self):
        role = f"arn:aws:sts::{support.ACCOUNT}:assumed-role"
        for text in ["", "*", f"{role}/*", f"{role}/*/x", f"arn:aws:iam::{support.ACCOUNT}:root", "arn:aws:sts::12:x/y"]:
            with self.subTest(pattern=text):
                self.refused(400, self.create, text)

    def test_an_unknown_target(self):
        request = persona(pattern(support.unique("ci")))
        request["data"]["attributes"]["account_identifier"] = "nobody@example.com"
        answer = support.api("POST", support.PERSONA_MAPPINGS, self.headers(), request)
        self.assertEqual(answer.status, 400, answer)

    def test_intake_mappings(self):
        path, wanted = support.INTAKE_MAPPINGS, pattern(support.unique("agent"))
        made = support.api("POST", path, self.headers(), intake(wanted))
        self.assertEqual(made.status, 201, made)
        self.assertTrue(made.headers["Content-Type"].startswith("application/vnd.api+json"), made.headers)
        self.assertEqual(made.body["data"]["type"], "aws_cloud_auth_intake_mapping")
        self.assertEqual(made.body["data"]["attributes"]["arn_pattern"], wanted)
        one = f"{path}/{made.body['data']['id']}"
        self.assertEqual(support.api("GET", one, self.headers()).body["data"], made.body["data"])
        self.assertIn(made.body["data"], support.api("GET", path, self.headers()).body["data"])
        self.assertEqual(support.api("POST", path, self.headers(), intake(wanted)).status, 409)
        self.assertEqual(support.api("DELETE", one, self.headers()).status, 204)
        self.assertEqual(support.api("GET", one, self.headers()).status, 404)

    def test_the_newer_paths_are_the_same_mappings_under_their_own_type(self):
        made = self.create(pattern(support.unique("ci")))
        answer = support.api("GET", f"/api/v2/wif/aws/persona_mapping/{made.id}", self.headers())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body["data"]["type"], "aws_wif_config")
        wanted = intake(pattern(support.unique("agent")), "aws_wif_intake_mapping")
        answer = support.api("POST", "/api/v2/wif/aws/intake_mapping", self.headers(), wanted)
        self.assertEqual((answer.status, answer.body["data"]["type"]), (201, "aws_wif_intake_mapping"), answer)
        one = f"{support.INTAKE_MAPPINGS}/{answer.body['data']['id']}"
        self.assertEqual(support.api("DELETE", one, self.headers()).status, 204)

    def test_wrong_documents(self):
        good = persona(pattern(support.unique("ci")))
        other_type = {"data": {**good["data"], "type": "users"}}
        without = {"data": {"type": good["data"]["type"], "attributes": {}}}
        for body in ["{", "[]", "null", '{"data":[]}', other_type, without]:
            with self.subTest(body=str(body)[:40]):
                headers = {**self.headers(), "Content-Type": "application/json"}
                answer = support.api("POST", support.PERSONA_MAPPINGS, headers, body)
                self.assertEqual(answer.status, 400, answer)
                self.assertTrue(answer.detail())


class WithBearer(WithKeys):
    """The same by a delegated login that acts as the administrator: the client holds no keys at all."""

    @classmethod
    def setUpClass(cls):
        name = support.unique("admin")
        exact = f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/{name}"
        mapping = support.api("POST", support.PERSONA_MAPPINGS, support.keys(), persona(exact, support.ADMIN))
        assert mapping.status == 201, mapping
        one = f"{support.PERSONA_MAPPINGS}/{mapping.body['data']['id']}"
        cls.addClassCleanup(support.api, "DELETE", one, support.keys())
        cls.session = session(name)
        super().setUpClass()

    @classmethod
    def connect(cls):
        return support.client_with_aws(support.FixedAuth(cls.session))

    @classmethod
    def headers(cls) -> dict:
        return support.bearer(support.login(cls.session))


class Widening(unittest.TestCase):
    """A token that came of a mapping does not lead to more."""

    def setUp(self):
        self.headers = support.bearer(support.login())

    def refused(self, target: str):
        wanted = persona(pattern(support.unique("ci")), target)
        answer = support.api("POST", support.PERSONA_MAPPINGS, self.headers, wanted)
        self.assertEqual(answer.status, 403, answer)
        self.assertTrue(answer.detail())

    def test_no_mapping_to_its_own_account(self):
        self.refused(support.SERVICE_ACCOUNT)

    def test_no_mapping_to_an_account_that_may_do_more(self):
        self.refused(support.ADMIN)


class Accounts(unittest.TestCase):
    def test_create_list_get_delete_and_the_patterns_that_need_it(self):
        number = "210987654321"
        integration = AWSIntegrationApi(support.client_with_keys())
        attributes = {"aws_account_id": number, "aws_partition": "aws", "auth_config": {"role_name": "reader"}}
        request = AWSAccountCreateRequest(data={"type": "account", "attributes": attributes}, _check_type=False)
        made = integration.create_aws_account(body=request).data
        self.addCleanup(support.api, "DELETE", f"/api/v2/integration/aws/accounts/{made.id}", support.keys())
        listed = integration.list_aws_accounts(aws_account_id=number).data
        self.assertEqual([account.id for account in listed], [made.id])
        self.assertEqual(integration.get_aws_account(made.id).data.attributes.aws_account_id, number)
        quoted = support.api("GET", f"/api/v2/integration/aws/accounts/%22{made.id}%22", support.keys())
        self.assertEqual(quoted.status, 200, quoted)
        with self.assertRaises(ApiException) as caught:
            integration.create_aws_account(body=request)
        self.assertEqual(caught.exception.status, 409)
        mapping = support.api("POST", support.PERSONA_MAPPINGS, support.keys(), persona(pattern("ci", number)))
        self.assertEqual(mapping.status, 201, mapping)
        support.api("DELETE", f"{support.PERSONA_MAPPINGS}/{mapping.body['data']['id']}", support.keys())
        integration.delete_aws_account(made.id)
        with self.assertRaises(NotFoundException):
            integration.get_aws_account(made.id)


class Revocation(unittest.TestCase):
    def test_a_token_ends_with_its_mapping(self):
        name = support.unique("release")
        exact = f"arn:aws:sts::{support.ACCOUNT}:assumed-role/{support.ROLE}/{name}"
        mapping = support.api("POST", support.PERSONA_MAPPINGS, support.keys(), persona(exact))
        self.assertEqual(mapping.status, 201, mapping)
        token = support.login(session(name))
        self.assertEqual(support.api("GET", "/api/v2/current_user", support.bearer(token)).status, 200)
        one = f"{support.PERSONA_MAPPINGS}/{mapping.body['data']['id']}"
        self.assertEqual(support.api("DELETE", one, support.keys()).status, 204)
        self.assertIn(support.api("GET", "/api/v2/current_user", support.bearer(token)).status, (401, 403))


if __name__ == "__main__":
    support.main()
