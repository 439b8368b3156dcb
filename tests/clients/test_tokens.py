"""PyJWT, which is not ours, verifies our tokens offline from the published keys."""
import json
import time
import unittest

import jwt
import support


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.token = support.login()
        cls.metadata = support.api("GET", "/.well-known/openid-configuration", {}).body
        cls.keys = jwt.PyJWKSet.from_dict(support.api("GET", "/.well-known/jwks.json", {}).body)
        cls.head = jwt.get_unverified_header(cls.token)
        cls.key = cls.keys[cls.head["kid"]]

    def verify(self, token=None, key=None, **changes) -> dict:
        wanted = {"audience": support.need("DD_HOST"), "issuer": support.need("DD_HOST"), "algorithms": ["ES256"]}
        wanted["options"] = {"require": ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]}
        return jwt.decode(token or self.token, (key or self.key).key, **{**wanted, **changes})

    def test_every_claim(self):
        claims = self.verify()
        self.assertEqual(claims["org"], support.need("DD_ORG_UUID"))
        self.assertIn(f"assumed-role/{support.ROLE}/", json.dumps(claims["act"]))
        self.assertTrue(0 < claims["exp"] - time.time() <= 15 * 60)
        self.assertLessEqual(claims["nbf"], time.time())
        self.assertEqual(len(claims["sub"]), 36)

    def test_the_metadata_leads_to_the_keys(self):
        self.assertEqual(self.metadata["issuer"], support.need("DD_HOST"))
        self.assertEqual(self.metadata["jwks_uri"], support.need("DD_HOST") + "/.well-known/jwks.json")
        client = jwt.PyJWKClient(self.metadata["jwks_uri"])
        self.assertEqual(client.get_signing_key_from_jwt(self.token).key_id, self.head["kid"])

    def test_the_published_keys_hold_no_secret(self):
        for key in support.api("GET", "/.well-known/jwks.json", {}).body["keys"]:
            self.assertFalse({"d", "p", "q", "dp", "dq", "qi", "k"} & set(key), "a private part")
            self.assertEqual(key["use"], "sig")

    def test_another_issuer_or_audience(self):
        with self.assertRaises(jwt.InvalidIssuerError):
            self.verify(issuer="https://elsewhere.example")
        with self.assertRaises(jwt.InvalidAudienceError):
            self.verify(audience="https://elsewhere.example")

    def test_expired(self):
        claims = self.verify()
        with self.assertRaises(jwt.ExpiredSignatureError):
            # A leeway below zero is a clock that runs ahead; it would also put the token's start into the future.
            only_the_end = {"verify_iat": False, "verify_nbf": False}
            self.verify(leeway=-(claims["exp"] - claims["iat"] + 60), options=only_the_end)

    def test_another_key(self):
        other = jwt.PyJWK.from_dict({
            # The public key of RFC 7517, appendix A.1.
            "kty": "EC", "crv": "P-256", "alg": "ES256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        })
        with self.assertRaises(jwt.InvalidSignatureError):
            self.verify(key=other)

    def test_tampered(self):
        head, claims, signature = self.token.split(".")
        payload = json.loads(jwt.utils.base64url_decode(claims))
        payload["sub"] = "00000000-0000-4000-8000-000000000000"
        other = jwt.utils.base64url_encode(json.dumps(payload).encode()).decode()
        with self.assertRaises(jwt.InvalidSignatureError):
            self.verify(f"{head}.{other}.{signature}")
        self.assertIn(self.use(f"{head}.{other}.{signature}"), (401, 403))

    def test_ours_refuses_what_we_did_not_sign(self):
        claims = self.verify()
        for name, token in {
            "no algorithm": jwt.encode(claims, None, algorithm="none", headers={"kid": self.head["kid"]}),
            "a shared secret": jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": self.head["kid"]}),
            "an unknown key": jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "other"}),
        }.items():
            with self.subTest(name):
                self.assertIn(self.use(token), (401, 403))
        self.assertEqual(self.use(self.token), 200)

    def use(self, token: str) -> int:
        return support.api("GET", "/api/v2/current_user", support.bearer(token)).status


if __name__ == "__main__":
    support.main()
