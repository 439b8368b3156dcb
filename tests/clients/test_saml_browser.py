"""Sign-in by SAML as a person sees it: Chromium, without a window, between our pages and those of two identity providers.

Only a browser shows whether cookies, redirects, content policies and forms that post themselves fit together.
Pictures of the pages go to the folder that COUNTERSIGN_TEST_SCREENSHOTS names, if it does.
"""
import contextlib

import chromium
import support
from playwright.sync_api import Page, expect
from saml_case import ANN, Case
from saml_world import SESSION, SIGN_IN
from simplesamlphp_idp import PASSWORD


class WithChromium(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cleanup = contextlib.ExitStack()
        cls.addClassCleanup(cleanup.close)
        cls.chromium = chromium.launch(cleanup)

    def setUp(self):
        super().setUp()
        self.page = self.new_page()
        self.dev = self.org.role("Developers")
        self.org.mapping("groups", "dev", self.dev)
        self.org.user(ANN, self.org.role("Others"))

    def new_page(self, **options) -> Page:
        """Of a browser that has been nowhere. What it complains of in our pages is kept for `no_complaints`."""
        context = self.chromium.new_context(**options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(chromium.TIMEOUT_MS)
        self.complaints = []
        page.on("console", lambda message: self.complaints.append((message.location["url"], message.text)))
        return page

    def no_complaints(self):
        """Such as of a form, style or script that our policy forbids."""
        ours = [(url, text) for url, text in self.complaints if url.startswith(self.org.installation.host)]
        self.assertEqual(ours, [])

    def picture(self, name: str, page: Page = None):
        chromium.picture(name, page or self.page)

    def begin(self):
        self.page.goto(self.org.url)
        self.page.locator("#sign-in").click()

    def see_roles(self, *roles: str):
        self.page.wait_for_url("**/account")
        expect(self.page.locator("#user")).to_have_text(ANN)
        rows = self.page.locator("#roles > li")
        expect(rows).to_have_count(len(roles))
        for row, role in zip(rows.all(), roles):
            expect(row).to_contain_text(role)

    def sign_out(self):
        self.page.locator("#sign-out button").click()
        self.page.wait_for_url(self.org.url)
        self.assertNotIn(SESSION, [cookie["name"] for cookie in self.page.context.cookies()])


class OnOneSite(WithChromium):
    """Without TLS, so that all of it has to be one site: browsers do not mind ports there."""

    def test_roles_change_once_mappings_are_enforced(self):
        provider = self.simplesamlphp()
        self.org.upload(provider.metadata())
        self.org.configure(email_attribute="mail")
        self.page.goto(self.org.url)
        self.picture("1-sign-in")
        self.page.locator("#sign-in").click()
        # The provider's own page: a person types here.
        self.page.locator("#username").fill("ann")
        self.page.locator("#password").fill(PASSWORD)
        self.picture("2-provider")
        self.page.locator("#submit_button").click()
        self.see_roles("Others")
        self.picture("3-account")

        self.assertEqual(self.org.enforce(True, force=True).status, 200)
        # The provider remembers the person, so nobody is asked.
        self.begin()
        self.see_roles("Developers")
        expect(self.page.locator(f"#roles > li[data-role='{self.dev}']")).to_contain_text("by groups = dev")
        self.picture("4-account-enforced")
        cookie = next(cookie for cookie in self.page.context.cookies() if cookie["name"] == SESSION)
        self.assertEqual((cookie["httpOnly"], cookie["sameSite"]), (True, "Lax"))
        self.assertEqual(self.page.evaluate("document.cookie").count(SESSION), 0, "no script reads it")
        self.sign_out()
        self.picture("5-signed-out")
        self.no_complaints()
        self.page.goto(f"{self.org.installation.host}/account")
        expect(self.page.locator("#user")).to_have_count(0)
        self.picture("6-account-signed-out")

    def test_forms_that_post_themselves_both_ways(self):
        provider = self.pysaml2(post_only=True)
        self.org.upload(provider.metadata())
        self.begin()
        self.picture("7-provider-pysaml2")
        self.page.get_by_role("button", name="ann").click()
        self.see_roles("Others")
        self.sign_out()
        self.no_complaints()

    def test_without_scripts_a_button_goes_on(self):
        self.page = self.new_page(java_script_enabled=False)
        provider = self.pysaml2(post_only=True)
        self.org.upload(provider.metadata())
        self.begin()
        self.picture("8-no-scripts")
        self.page.locator("#request button").click()
        self.page.get_by_role("button", name="ann").click()
        self.page.locator("input[type=submit]").click()
        self.see_roles("Others")
        self.sign_out()

    def test_who_is_refused_sees_a_number(self):
        provider = self.pysaml2()
        self.org.upload(provider.metadata())
        self.begin()
        self.page.get_by_role("button", name="eve").click()
        reference = self.page.locator("#reference").inner_text()
        self.picture("9-refused")
        events = self.org.events(f"request:{reference}")
        self.assertEqual([event["reason"] for event in events], ["unknown_user"])

    def test_whom_no_mapping_matches_sees_what_arrived(self):
        provider = self.pysaml2()
        provider.know({"ann": {"mail": [ANN], "groups": ["choir", "<b>bold</b>"]}})
        self.org.upload(provider.metadata())
        self.org.configure(unmatched_users="refuse")
        self.org.enforce(True, force=True)
        self.begin()
        self.page.get_by_role("button", name="ann").click()
        expect(self.page.locator("#arrived small")).to_have_text(["choir", "<b>bold</b>", ANN])
        self.picture("10-no-mapping")

    def test_a_person_signs_in_by_keys(self):
        self.page.goto(self.org.url)
        self.page.locator("summary").click()
        self.page.locator("input[name=api_key]").fill(self.org.api_key)
        self.page.locator("input[name=application_key]").fill(self.org.app_key)
        self.picture("11-keys")
        self.page.locator("#key-sign-in button").click()
        self.page.wait_for_url("**/account")
        self.picture("12-account-admin")
        self.sign_out()
        self.no_complaints()


class AcrossSites(WithChromium):
    """With TLS, and the providers on another site: what a form there posts to us brings no cookie but those that say so."""

    tls = True

    def cookies(self) -> dict:
        return {cookie["name"]: cookie for cookie in self.page.context.cookies(self.org.installation.host)}

    def signed_in_and_out(self):
        self.see_roles("Others")
        cookie = self.cookies()[f"__Host-{SESSION}"]
        self.assertEqual((cookie["secure"], cookie["httpOnly"], cookie["sameSite"]), (True, True, "Lax"))
        self.sign_out()
        self.assertNotIn(f"__Host-{SESSION}", self.cookies())
        self.no_complaints()

    def test_the_answer_comes_from_another_site(self):
        provider = self.simplesamlphp()
        self.org.upload(provider.metadata())
        self.org.configure(email_attribute="mail")
        self.page = self.new_page(ignore_https_errors=True)
        self.begin()
        cookie = self.cookies()[f"__Host-{SIGN_IN}"]
        self.assertEqual((cookie["secure"], cookie["httpOnly"], cookie["sameSite"]), (True, True, "None"))
        self.page.locator("#username").fill("ann")
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("#submit_button").click()
        self.signed_in_and_out()

    def test_the_request_goes_to_another_site_by_a_form(self):
        provider = self.pysaml2(post_only=True)
        self.org.upload(provider.metadata())
        self.page = self.new_page(ignore_https_errors=True)
        self.begin()
        self.page.get_by_role("button", name="ann").click()
        self.signed_in_and_out()


if __name__ == "__main__":
    support.main()
