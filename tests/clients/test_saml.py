"""People sign in by SAML at identity providers that are not ours, over HTTP: pysaml2 and SimpleSAMLphp."""
import base64
import hashlib

import support
from browser import Browser, Page
from saml_case import ANN, PEOPLE, Case
from saml_world import ADMIN, ASSERTIONS, PREFERENCES, PREVIEW, SESSION, certificates

class AtBoth:
    """What holds for any provider."""

    def setUp(self):
        super().setUp()
        self.provider = self.connected()
        self.dev = self.org.role("Developers")
        self.managers = self.org.role("Managers", "user_access_manage", "user_access_read")
        self.by_dev = self.org.mapping("groups", "dev", self.dev)
        self.by_managers = self.org.mapping("groups", "managers", self.managers)

    def connected(self):
        """A provider whose metadata the official client has uploaded."""
        raise NotImplementedError

    def ann(self) -> set:
        """Makes Ann a user with a role that no mapping gives; returns her roles."""
        self.other = self.org.role("Others")
        self.org.user(ANN, self.other)
        return {self.other}

    def test_the_metadata_says_who_signs(self):
        shown = self.org.configuration()
        self.assertTrue(shown["enabled"], "the first metadata switches it on")
        ders = [base64.b64decode(text) for text in certificates(self.provider.metadata())]
        self.assertEqual([known["sha256"].replace(":", "").lower() for known in shown["idp"]["certificates"]],
                         [hashlib.sha256(der).hexdigest() for der in ders])
        self.assertEqual(shown["idp"]["entity_id"], self.provider.entity_id)
        self.assertEqual((shown["sp"]["entity_id"], shown["sp"]["acs_url"]), (self.org.entity_id, f"{self.org.url}/acs"))
        self.org.configure(enabled=False)
        for kind in ("application/xml", "text/xml; charset=utf-8", "application/samlmetadata+xml"):
            again = self.org.upload_raw(self.provider.metadata(), kind)
            self.assertEqual((again.status, again.body["data"]["attributes"]["enabled"]), (200, False), again)

    def test_while_mappings_are_not_enforced_roles_stay_and_the_log_says_what_would_have_been(self):
        had = self.ann()
        browser = self.signed_in(self.provider)
        self.assertEqual(self.org.roles_of(ANN), had)
        self.assertEqual(self.org.account_page(browser).rows["roles"], ["Others"])
        event = self.org.latest_sign_in()
        self.assertEqual((event["outcome"], event["reason"]), ("granted", ""))
        self.assertIn("not enforced", event["detail"])
        self.assertIn(f"role {self.dev} by mapping {self.by_dev}", event["detail"])
        self.assertIn(f"without role {self.other}", event["detail"])
        self.assertNotIn(ANN, event["detail"])

    def test_once_mappings_are_enforced_a_sign_in_replaces_roles(self):
        self.ann()
        self.org.configure(keep_assertions=True)
        self.signed_in(self.provider)
        refused = self.org.enforce(True)
        self.assertEqual(refused.status, 409, refused)
        self.assertIn("user_access_manage", refused.detail())
        self.signed_in(self.provider, "boss")
        self.assertEqual(self.org.enforce(True).status, 200, "the admin was seen, and would go on managing access")
        self.assertTrue(self.org.ok("GET", PREFERENCES)["data"]["attributes"]["preference_data"])

        browser = self.signed_in(self.provider)
        self.assertEqual(self.org.roles_of(ANN), {self.dev})
        page = self.org.account_page(browser)
        self.assertEqual(page.texts["user"], ANN)
        self.assertEqual([" ".join(row.split()) for row in page.rows["roles"]], ["Developers by groups = dev"])
        self.assertTrue(any("choir" in row for row in page.rows["arrived"]), page.rows)
        self.assertIn(f"without role {self.other}", self.org.latest_sign_in()["detail"])
        self.signed_in(self.provider, "boss")
        self.assertEqual(self.org.roles_of(ADMIN), {self.managers})

        self.assertEqual(self.org.enforce(False).status, 200)
        self.provider.know({"ann": {"mail": [ANN], "groups": ["managers"]}})
        self.signed_in(self.provider)
        self.assertEqual(self.org.roles_of(ANN), {self.dev}, "switched off, nothing changes")

    def test_switching_on_can_be_forced(self):
        self.ann()
        self.assertEqual(self.org.enforce(True).status, 409, "nobody was seen yet")
        self.assertEqual(self.org.enforce(True, force=True).status, 200)
        self.signed_in(self.provider)
        self.assertEqual(self.org.roles_of(ANN), {self.dev})

    def test_a_preview_tells_before_what_comes_after(self):
        had = self.ann()
        self.org.configure(keep_assertions=True)
        browser, fields = self.answered(self.provider)
        pasted = self.org.preview(saml_response=fields["SAMLResponse"], user=ANN)
        self.assertEqual(pasted["verification"]["accepted"], True, pasted)
        self.accepted(self.org.bring(browser, fields))
        kept = self.org.ok("GET", ASSERTIONS)["data"][0]
        self.assertEqual((kept["attributes"]["email"], kept["attributes"]["issuer"]), (ANN, self.provider.entity_id))
        by_id = self.org.preview(assertion=kept["id"])
        by_hand = self.org.preview(attributes=kept["attributes"]["attributes"], user=ANN)
        everybody = self.org.ok("GET", PREVIEW)["data"]
        self.assertEqual([row["attributes"]["email"] for row in everybody], [ANN])
        for way in (pasted, by_id, by_hand, everybody[0]["attributes"]):
            self.assertEqual([target["id"] for target in way["gained"]], [self.dev], way)
            self.assertEqual([target["id"] for target in way["lost"]], list(had), way)
            self.assertEqual(way["attributes"]["groups"], PEOPLE["ann"]["groups"], way)
        self.assertEqual(self.org.roles_of(ANN), had, "a preview changes nothing")
        self.org.enforce(True, force=True)
        self.signed_in(self.provider)
        self.assertEqual(self.org.roles_of(ANN), {target["id"] for target in by_id["then"]})

    def test_signing_out_ends_the_session(self):
        self.ann()
        browser = self.signed_in(self.provider)
        stolen = browser.cookie(SESSION)
        page = self.org.account(browser)
        self.assertEqual(page.status_code, 200)
        out = browser.submit(page.url, Page(page.text).form("sign-out"))
        self.assertEqual(out.status_code, 303, out.text)
        self.assertTrue(out.headers["Location"].endswith(f"/saml/{self.org.id}"), out.headers)
        self.assertEqual(self.org.account(browser).status_code, 401)
        browser.session.cookies.set(SESSION, stolen)
        self.assertEqual(self.org.account(browser).status_code, 401, "it is over, not only forgotten")
        self.assertEqual(len(self.org.events("action:session.end")), 1)

    def test_a_strict_organization_takes_no_keys(self):
        keys = {"api_key": self.org.api_key, "application_key": self.org.app_key}
        browser = Browser()
        self.assertEqual(Page(browser.get(self.org.url).text).form("key-sign-in").method, "post")
        self.accepted(browser.post(f"{self.org.url}/keys", keys))
        self.org.configure(strict=True)
        self.assertEqual(Page(browser.get(self.org.url).text).forms, [])
        refused = Browser().post(f"{self.org.url}/keys", keys)
        self.assertEqual(refused.status_code, 403, refused.text)
        self.ann()
        self.signed_in(self.provider)

    def test_an_admin_ends_somebody_s_sessions(self):
        self.ann()
        browsers = [self.signed_in(self.provider) for _ in range(2)]
        self.org.ok("DELETE", f"/api/v2/users/{self.org.find_user(ANN)['id']}/sessions")
        self.assertEqual([self.org.account(browser).status_code for browser in browsers], [401, 401])

    def test_people_of_an_allowed_domain_are_made_users_and_others_are_not(self):
        self.refused(*self.answered(self.provider, "ann"), "unknown_user")
        self.org.configure(autocreate_domains=["corp.example"], autocreate_role=self.dev)
        self.signed_in(self.provider)
        made = self.org.find_user(ANN)
        self.assertEqual(made["attributes"]["name"], "Ann Ant")
        self.assertEqual(self.org.roles_of(ANN), {self.dev})
        self.signed_in(self.provider, "boss")
        self.assertEqual(self.org.find_user(ADMIN)["attributes"]["name"], "Ada Min", "from two attributes")
        self.refused(*self.answered(self.provider, "eve"), "unknown_user")
        self.assertIsNone(self.org.find_user("eve@evil.example"))

    def test_whom_no_mapping_matches_is_told_what_arrived(self):
        self.ann()
        self.org.configure(unmatched_users="refuse")
        self.org.enforce(True, force=True)
        self.signed_in(self.provider)
        self.provider.know({"ann": {"mail": [ANN], "groups": ["choir"]}})
        answer = self.org.bring(*self.answered(self.provider))
        self.assertEqual(answer.status_code, 403)
        self.assertTrue(any("groups" in row and "choir" in row for row in Page(answer.text).rows["arrived"]), answer.text)
        self.assertEqual(self.org.latest_sign_in()["reason"], "no_mapping")

    def test_a_session_may_call_the_api_and_other_sites_may_not_through_it(self):
        self.ann()
        self.org.enforce(True, force=True)
        browser = self.signed_in(self.provider, "boss")
        url = self.org.installation.host + PREFERENCES
        self.assertEqual(browser.get(url).status_code, 200)
        body = browser.get(url).content
        for origin, status in [("https://evil.example", 403), (None, 403), (self.org.installation.host, 200)]:
            headers = {"Content-Type": "application/json", **({"Origin": origin} if origin else {})}
            answer = browser.session.post(url, data=body, headers=headers, timeout=support.TIMEOUT)
            self.assertEqual(answer.status_code, status, f"{origin}: {answer.text}")


class AtPySaml2(AtBoth, Case):
    """E-mail addresses as NameID, attributes named by object identifier."""

    def connected(self):
        provider = self.pysaml2()
        self.org.upload(provider.metadata())
        return provider


class AtSimpleSamlPhp(AtBoth, Case):
    """Passing NameIDs and plain names of attributes, one of which holds the e-mail address."""

    def connected(self):
        provider = self.simplesamlphp()
        self.org.upload(provider.metadata())
        self.org.configure(email_attribute="mail")
        return provider


if __name__ == "__main__":
    support.main()
