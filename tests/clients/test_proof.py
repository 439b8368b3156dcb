"""Proofs of the official client: as published, and bent in every way that must be refused before STS hears of it."""
import base64
import datetime
import json
import unittest
from unittest import mock

import support
from datadog_api_client import aws
from datadog_api_client.aws import AWSAuth, AWSCredentials

# AWS's published example keys: they open nothing.
EXAMPLE = AWSCredentials(
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEExampleSessionToken"
)
EXAMPLE_ORG = "11111111-2222-3333-4444-555555555555"
EXAMPLE_TIME = datetime.datetime(2026, 8, 5, 12, 34, 56)


def at(moment: datetime.datetime):
    """The official client signs as if it were this moment."""
    clock = mock.Mock(wraps=datetime.datetime)
    clock.utcnow.return_value = moment
    return mock.patch.object(aws, "datetime", clock)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def parts(a_proof: str) -> tuple:
    body, headers, method, url = a_proof.split("|")
    return base64.b64decode(body), json.loads(base64.b64decode(headers)), method, base64.b64decode(url)


def joined(body: bytes, headers: dict, method: str, url: bytes) -> str:
    encoded = base64.b64encode(json.dumps(headers, separators=(",", ":")).encode())
    return "|".join([base64.b64encode(body).decode(), encoded.decode(), method, base64.b64encode(url).decode()])


class Published(unittest.TestCase):
    """The client in this environment still signs as our own vectors say."""

    def test_signature_at_a_fixed_time(self):
        for region, signature in [
            (None, "3c567cb74f09e429570dae6682df7b08d094e3025394a08df8e92ab225fc2006"),
            ("eu-west-1", "1d1538a94acf69ac32a4e8a63b4012ad1e51d23f4469404417feb0c0375a647a"),
        ]:
            with self.subTest(region=region), at(EXAMPLE_TIME):
                data = AWSAuth(region).generate_aws_auth_data(EXAMPLE_ORG, EXAMPLE)
                headers = json.loads(base64.b64decode(data.headers_encoded))
                self.assertTrue(headers["Authorization"][0].endswith(signature), headers["Authorization"])


class Refused(unittest.TestCase):
    """A bent proof gets no token, a JSON:API error that says something, and costs no request to STS."""

    def setUp(self):
        self.before = support.sts_calls()

    def refuse(self, a_proof: str, statuses=(400, 401)):
        answer = support.exchange(a_proof)
        self.assertIn(answer.status, statuses, answer)
        self.assertTrue(answer.detail(), "an error says what is wrong")
        self.assertNotIn(support.need("AWS_SECRET_ACCESS_KEY"), json.dumps(answer.body))
        self.assertNotIn(support.need("AWS_SESSION_TOKEN"), json.dumps(answer.body))
        self.assertEqual(support.sts_calls(), self.before, "STS was asked")

    def bend(self, **changes):
        body, headers, method, url = parts(support.proof())
        values = {"body": body, "headers": headers, "method": method, "url": url, **changes}
        return joined(**values)

    def with_header(self, name: str, value: str) -> str:
        _, headers, _, _ = parts(support.proof())
        headers[name] = [value]
        return self.bend(headers=headers)

    def test_not_a_proof_at_all(self):
        for text in ["", "x", "a|b|c", "a|b|c|d", "a|b|c|d|e", support.proof() + "|", "%%%|%%%|POST|%%%"]:
            with self.subTest(text=text[:20]):
                self.refuse(text)

    def test_another_action(self):
        for body in [b"Action=GetSessionToken&Version=2011-06-15", b"action=getcalleridentity&version=2011-06-15"]:
            with self.subTest(body=body):
                self.refuse(self.bend(body=body))

    def test_another_method(self):
        self.refuse(self.bend(method="GET"))

    def test_a_host_that_is_not_sts(self):
        for host in ["evil.example.com", "sts.amazonaws.com.evil.example", "sts.mars-north-1.amazonaws.com"]:
            with self.subTest(host=host):
                _, headers, _, _ = parts(support.proof())
                headers["host"] = [host]
                self.refuse(self.bend(headers=headers, url=f"https://{host}".encode()))

    def test_an_url_with_more_than_a_host(self):
        sts = "https://sts.amazonaws.com"
        for url in ["http://sts.amazonaws.com", sts + ":8443", sts + "/?Action=x", "https://me@sts.amazonaws.com"]:
            with self.subTest(url=url):
                self.refuse(self.bend(url=url.encode()))

    def test_two_organizations(self):
        _, headers, _, _ = parts(support.proof())
        headers["X-Ddog-Org-Id"] = [EXAMPLE_ORG]
        self.refuse(self.bend(headers=headers))

    def test_an_organization_outside_the_signature(self):
        _, headers, _, _ = parts(support.proof())
        headers["Authorization"] = [headers["Authorization"][0].replace(";x-ddog-org-id", "")]
        self.refuse(self.bend(headers=headers))

    def test_a_header_that_no_client_signs(self):
        self.refuse(self.with_header("X-Forwarded-Host", "evil.example.com"))

    def test_a_line_break_in_a_header(self):
        self.refuse(self.with_header("User-Agent", "x\r\nHost: evil.example.com"))

    def test_signed_too_long_ago(self):
        with at(now() - datetime.timedelta(minutes=6)):
            old = support.proof()
        self.refuse(old)

    def test_signed_in_the_future(self):
        with at(now() + datetime.timedelta(minutes=3)):
            early = support.proof()
        self.refuse(early)

    def test_too_large(self):
        self.refuse(self.with_header("User-Agent", "x" * 20_000), statuses=(400, 401, 413, 431))


class RefusedBySts(unittest.TestCase):
    """What only STS can see: asked once, refused with 401, and nothing of its answer passed on."""

    def refuse(self, a_proof: str):
        answer = support.exchange(a_proof)
        self.assertEqual(answer.status, 401, answer)
        self.assertTrue(answer.detail())
        self.assertNotIn("access_token", json.dumps(answer.body))

    def test_a_wrong_secret(self):
        good = support.credentials()
        self.refuse(support.proof(AWSCredentials(good.access_key_id, "x" * 40, good.session_token)))

    def test_a_wrong_session_token(self):
        good = support.credentials()
        self.refuse(support.proof(AWSCredentials(good.access_key_id, good.secret_access_key, "FwoGZXIvYXdzEOther")))

    def test_an_unknown_access_key(self):
        good = support.credentials()
        self.refuse(support.proof(AWSCredentials("ASIAUNKNOWN000000000", good.secret_access_key, good.session_token)))

    def test_a_changed_signature(self):
        body, headers, method, url = parts(support.proof())
        last = headers["Authorization"][0][-1]
        headers["Authorization"] = [headers["Authorization"][0][:-1] + ("0" if last != "0" else "1")]
        self.refuse(joined(body, headers, method, url))

    def test_an_organization_changed_after_signing(self):
        body, headers, method, url = parts(support.proof(org=EXAMPLE_ORG))
        headers["x-ddog-org-id"] = [support.need("DD_ORG_UUID")]
        self.refuse(joined(body, headers, method, url))

    def test_an_unknown_organization_is_told_nothing(self):
        answer = support.exchange(support.proof(org=EXAMPLE_ORG))
        self.assertEqual(answer.status, 401, answer)
        self.assertNotIn("organization", answer.detail().lower())


if __name__ == "__main__":
    support.main()
