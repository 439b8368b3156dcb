"""What must not sign anybody in, over HTTP: answers of a real provider that are replayed, bent, meant for others, or signed by nobody we know.

Each test first shows that the honest answer is accepted, so that it is refused for the one thing that is wrong.
"""
import base64

import support
from browser import Browser
from pysaml2_idp import KeyPair
from saml_case import ANN, Case
from saml_world import SESSION, SIGN_IN, certificates


def bent(fields: dict, old: str, new: str) -> dict:
    """The answer with a text in it replaced."""
    message = base64.b64decode(fields["SAMLResponse"]).decode()
    assert old in message, f"no `{old}` in {message}"
    return {**fields, "SAMLResponse": base64.b64encode(message.replace(old, new).encode()).decode()}


def cut(message: str, element: str) -> str:
    """The first element of this name, as pysaml2 writes it."""
    end = f"</{element}>"
    return message[message.index(f"<{element}"):message.index(end) + len(end)]


class Attacks(Case):
    def setUp(self):
        super().setUp()
        self.provider = self.pysaml2()
        self.org.upload(self.provider.metadata())
        self.org.user(ANN)
        self.signed_in(self.provider)

    def test_whatever_is_signed_is_enough(self):
        for how in ("assertion", "response", "both"):
            with self.subTest(how=how):
                self.signed_in(self.provider, how=how)

    def test_what_the_provider_should_not_send(self):
        for how, reason in [("unsigned", "unsigned"), ("sha1", "algorithm"), ("expired", "expired")]:
            with self.subTest(how=how):
                self.refused(*self.answered(self.provider, how=how), reason)

    def test_the_same_answer_again(self):
        browser, fields = self.answered(self.provider)
        self.accepted(self.org.bring(browser, fields))
        browser.session.cookies.pop(SESSION)
        self.refused(browser, fields, "unknown_request")
        # The browser asks anew, and the old answer comes for the new question.
        other, fresh = self.answered(self.provider)
        self.refused(other, {**fields, "RelayState": fresh["RelayState"]}, "in_response_to")

    def test_the_same_answer_again_where_nothing_was_asked(self):
        self.org.configure(idp_initiated=True)
        browser = Browser()
        fields = self.provider.sign_in_unasked(browser, self.org.entity_id, "ann")
        self.accepted(self.org.bring(browser, fields))
        for thief in (browser, Browser()):
            thief.session.cookies.pop(SESSION, None)
            self.refused(thief, fields, "replayed")

    def test_an_answer_that_nobody_asked_for(self):
        browser = Browser()
        self.refused(browser, self.provider.sign_in_unasked(browser, self.org.entity_id, "ann"), "unknown_request")
        self.org.configure(idp_initiated=True)
        self.accepted(self.org.bring(browser, self.provider.sign_in_unasked(browser, self.org.entity_id, "ann")))

    def test_an_answer_to_another_browser(self):
        browser, fields = self.answered(self.provider)
        self.refused(Browser(), fields, "unknown_request")
        thief, _ = self.answered(self.provider)
        self.refused(thief, fields, "unknown_request")
        mine = browser.session.cookies.pop(SIGN_IN)
        self.refused(browser, fields, "unknown_request")
        # Nobody has used it up.
        browser.session.cookies.set(SIGN_IN, mine)
        self.accepted(self.org.bring(browser, fields))

    def test_a_relay_state_that_is_not_ours(self):
        browser, fields = self.answered(self.provider)
        for text in ("https://evil.example/", "//evil.example", "", "x" * 10_000, "\N{SNOWMAN}\0"):
            with self.subTest(text=text[:40]):
                self.refused(browser, {**fields, "RelayState": text}, "unknown_request")
        self.refused(browser, {"SAMLResponse": fields["SAMLResponse"]}, "unknown_request")
        self.accepted(self.org.bring(browser, fields))

    def test_a_relay_state_of_a_provider_that_begins_leads_nowhere(self):
        self.org.configure(idp_initiated=True)
        browser = Browser()
        fields = self.provider.sign_in_unasked(browser, self.org.entity_id, "ann")
        self.accepted(self.org.bring(browser, {**fields, "RelayState": "https://evil.example/"}))

    def test_an_answer_for_somebody_else(self):
        other = self.installation.organization()
        provider = self.pysaml2(self.org, other)
        for org in (self.org, other):
            org.upload(provider.metadata())
            org.configure(idp_initiated=True)
        self.signed_in(provider)
        self.refused(*self.answered(provider, how="wrong_audience"), "audience")
        # Everything in it is true, but of the other organization, which has a user of this address too.
        other.user(ANN)
        browser = Browser()
        fields = provider.sign_in_unasked(browser, other.entity_id, "ann")
        self.refused(browser, fields, "destination")
        self.accepted(other.bring(browser, fields))

    def test_the_provider_of_another_organization(self):
        other, stranger = self.installation.organization(), self.pysaml2()
        other.upload(stranger.metadata())
        browser = Browser()
        asked = self.org.start(browser)
        # Carried to the provider that it is not meant for, the request is no good even there.
        asked.headers["Location"] = asked.headers["Location"].replace(self.provider.url, stranger.url)
        with self.assertRaisesRegex(AssertionError, "pysaml2 refuses"):
            stranger.sign_in(browser, asked, "ann")
        self.org.configure(idp_initiated=True)
        fields = stranger.sign_in_unasked(browser, self.org.entity_id, "ann")
        # It may name whom it wants: its key is none that this organization was given.
        self.refused(browser, fields, "signature")
        self.accepted(self.org.bring(browser, self.provider.sign_in_unasked(browser, self.org.entity_id, "ann")))

    def test_a_key_that_the_metadata_does_not_name(self):
        honest, stolen_name = self.provider.key, KeyPair.make(self.folder(), "attacker")
        self.provider.sign_with(stolen_name, [])
        self.refused(*self.answered(self.provider), "signature")
        self.provider.sign_with(honest, [])
        self.signed_in(self.provider)

    def test_a_word_that_is_changed_on_the_way(self):
        for how in ("assertion", "response", "both"):
            with self.subTest(how=how):
                browser, fields = self.answered(self.provider, how=how)
                self.refused(browser, bent(fields, ">choir<", ">managers<"), "digest")

    def test_a_comment_in_a_name(self):
        # The signature says nothing of comments, and careless readers stop at them.
        self.org.configure(autocreate_domains=["corp.example.evil.example"])
        self.provider.know({"eve": {"mail": [f"{ANN}.evil.example"]}})
        self.signed_in(self.provider, "eve")
        browser, fields = self.answered(self.provider, "eve")
        self.refused(browser, bent(fields, f"{ANN}.evil", f"{ANN}<!-- -->.evil"), "xml_comment")

    def test_an_assertion_beside_the_signed_one(self):
        for place, reason in [("before", "several_assertions"), ("after", "several_assertions"),
                              ("around", "signature_form")]:
            with self.subTest(place=place):
                browser, fields = self.answered(self.provider, how="assertion")
                signed = cut(base64.b64decode(fields["SAMLResponse"]).decode(), "ns1:Assertion")
                signature = cut(signed, "ns2:Signature")
                forged = signed.replace(signature, "").replace(">dev<", ">managers<").replace(' ID="', ' ID="x', 1)
                wrapped = {"before": forged + signed, "after": signed + forged,
                           "around": forged.replace("</ns1:Issuer>", "</ns1:Issuer>" + signature, 1)}
                self.refused(browser, bent(fields, signed, wrapped[place]), reason)


class Keys(Case):
    """A provider changes its key, and nobody is locked out."""

    def test_from_one_key_to_the_next(self):
        provider = self.pysaml2()
        old, new = provider.key, provider.next_key
        self.org.upload(provider.metadata())
        self.org.user(ANN)
        self.signed_in(provider)
        provider.sign_with(new, [])
        self.refused(*self.answered(provider), "signature")
        # The metadata names both: the old key goes on signing, then the new one.
        provider.sign_with(old, [new])
        self.org.upload(provider.metadata())
        self.assertEqual(len(certificates(provider.metadata())), 2)
        self.assertEqual(len(self.org.configuration()["idp"]["certificates"]), 2)
        for pair in (old, new):
            provider.sign_with(pair, [])
            self.signed_in(provider)
        self.org.upload(provider.metadata())
        self.signed_in(provider)
        provider.sign_with(old, [])
        self.refused(*self.answered(provider), "signature")

    def test_metadata_that_is_none_changes_nothing(self):
        provider = self.pysaml2()
        self.org.user(ANN)
        self.org.upload(provider.metadata())
        for text in ("", "<x/>", "not xml", self.org.metadata(), provider.metadata().replace("X509Certificate>", "X>")):
            answer = self.org.upload_raw(text)
            self.assertEqual(answer.status, 400, answer)
            self.assertTrue(answer.detail(), answer)
        self.signed_in(provider)


class PostBinding(Case):
    """A provider that takes requests by form only."""

    def test_a_request_in_a_form(self):
        provider = self.pysaml2(post_only=True)
        self.org.upload(provider.metadata())
        self.org.user(ANN)
        self.signed_in(provider)


class SignedRequests(Case):
    """The installation has a key for requests, and the providers insist on it."""

    signs_requests = True

    def test_pysaml2_takes_our_signature_and_nothing_else(self):
        provider = self.pysaml2(wants_signed=True)
        self.org.upload(provider.metadata())
        shown = self.org.configuration()
        self.assertEqual((shown["idp"]["wants_signed_requests"], shown["sp"]["signs_requests"]), (True, True))
        self.org.user(ANN)
        self.signed_in(provider)
        browser = Browser()
        asked = self.org.start(browser)
        asked.headers["Location"] = asked.headers["Location"].partition("&SigAlg=")[0]
        with self.assertRaisesRegex(AssertionError, "pysaml2 refuses"):
            provider.sign_in(browser, asked, "ann")

    def test_simplesamlphp_takes_our_signature_and_nothing_else(self):
        provider = self.simplesamlphp(validate=True)
        self.org.upload(provider.metadata())
        self.org.configure(email_attribute="mail")
        self.org.user(ANN)
        self.signed_in(provider)
        browser = Browser()
        asked = self.org.start(browser)
        asked.headers["Location"] = asked.headers["Location"].partition("&SigAlg=")[0]
        with self.assertRaisesRegex(AssertionError, "SimpleSAMLphp refuses"):
            provider.sign_in(browser, asked, "ann")


if __name__ == "__main__":
    support.main()
