"""What tests of sign-in by SAML stand on: an organization and providers of their own for each, people, and what it is to be refused."""
import pathlib
import tempfile
import unittest

from browser import Browser, Page
from pysaml2_idp import PySaml2Idp
from saml_world import ADMIN, SESSION, Installation, Organization, program
from simplesamlphp_idp import SimpleSamlPhp

ANN = "ann@corp.example"
PEOPLE = {
    "ann": {"mail": [ANN], "displayName": ["Ann Ant"], "groups": ["dev", "core", "choir"]},
    "boss": {"mail": [ADMIN], "givenName": ["Ada"], "sn": ["Min"], "groups": ["managers"]},
    "eve": {"mail": ["eve@evil.example"], "groups": ["dev", "managers"]},
}


class Case(unittest.TestCase):
    """Each test has an organization and a provider of its own, in an installation that the class shares."""

    signs_requests = False
    tls = False

    @classmethod
    def setUpClass(cls):
        cls.installation = Installation(cls.signs_requests, cls.tls)
        cls.addClassCleanup(cls.installation.stop)

    def setUp(self):
        self.org = self.installation.organization()

    def folder(self) -> pathlib.Path:
        home = tempfile.TemporaryDirectory(prefix="countersign-idp-")
        self.addCleanup(home.cleanup)
        return pathlib.Path(home.name)

    def pysaml2(self, *organizations: Organization, **options) -> PySaml2Idp:
        """A provider for these organizations; without any, for the test's."""
        known = [org.metadata() for org in organizations or (self.org,)]
        provider = PySaml2Idp(self.folder(), program("XMLSEC1"), known, PEOPLE, **options)
        self.addCleanup(provider.stop)
        return provider

    def simplesamlphp(self, **options) -> SimpleSamlPhp:
        provider = SimpleSamlPhp(self.folder(), program("SIMPLESAMLPHP"), [self.org.metadata()], PEOPLE, **options)
        self.addCleanup(provider.stop)
        return provider

    def answered(self, provider, person: str = "ann", browser=None, **how) -> tuple:
        """A browser that has begun here, and the provider's answer that it has not brought yet."""
        browser = browser or Browser()
        return browser, provider.sign_in(browser, self.org.start(browser), person, **how)

    def accepted(self, answer):
        self.assertEqual((answer.status_code, answer.headers.get("Location")), (303, "/account"), answer.text)

    def signed_in(self, provider, person: str = "ann", browser=None, **how) -> Browser:
        browser, fields = self.answered(provider, person, browser, **how)
        self.accepted(self.org.bring(browser, fields))
        return browser

    def refused(self, browser: Browser, fields: dict, reason: str):
        """Nobody is let in, the browser is told a number and nothing else, and by the number the audit log says why."""
        answer = self.org.bring(browser, fields)
        self.assertEqual(answer.status_code, 403, answer.text)
        self.assertIsNone(browser.cookie(SESSION), "nobody is signed in")
        reference = Page(answer.text).texts["reference"].strip()
        self.assertEqual(answer.headers["X-Request-Id"], reference)
        events = self.org.events(f"request:{reference}")
        self.assertEqual([(event["action"], event["outcome"], event["reason"]) for event in events],
                         [("sign_in.saml", "refused", reason)], events)
        for told in filter(None, (reason, events[0]["detail"])):
            self.assertNotIn(told, answer.text, "the browser is told nothing of why")
