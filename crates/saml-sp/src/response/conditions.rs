//! For whom, when and why. Sources: SAML core, sections 2.4.1 and 2.5; SAML profiles, section 4.1.4.

use auth_model::Timestamp;

use super::{
    Expected,
    structure::{self, Parts},
};
use crate::{
    Element, IdentityProvider, Moment, Refusal, ServiceProvider, Url, instant, names, shown::shown,
    xml::Node,
};

/// What the conditions say beside yes.
pub(super) struct Checked<'d> {
    pub(super) statement: Node<'d>,
    pub(super) authn_instant: Timestamp,
    pub(super) session_end: Option<Timestamp>,
    pub(super) replay_until: Timestamp,
}

pub(super) fn check<'d>(
    parts: Parts<'d>,
    sp: &ServiceProvider,
    idp: &IdentityProvider,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Checked<'d>, Refusal> {
    let request = match expected {
        Expected::ReplyTo(request) => Some(request),
        Expected::Unsolicited if sp.settings.allow_unsolicited => None,
        Expected::Unsolicited => return Err(Refusal::Unsolicited),
    };
    let check = Check { sp, idp, request, now };
    check.response(parts.response)?;
    check.issuer(Element::Assertion, structure::issuer(parts.assertion))?;
    check.issued(Moment::AssertionIssued, parts.assertion)?;
    let end = check.conditions(parts.assertion)?;
    check.subject(parts.assertion)?;
    let (statement, authn_instant, session_end) = check.statement(parts.assertion)?;
    let replay_until = end.plus(sp.settings.clock_allowance);
    Ok(Checked { statement, authn_instant, session_end, replay_until })
}

struct Check<'a> {
    sp: &'a ServiceProvider,
    idp: &'a IdentityProvider,
    request: Option<&'a str>,
    now: Timestamp,
}

impl Check<'_> {
    fn response(&self, response: Node<'_>) -> Result<(), Refusal> {
        self.ours(Url::Destination, response.attribute("Destination"))?;
        let has_issuer = response.all(names::SAML, "Issuer").next().is_some();
        if has_issuer {
            self.issuer(Element::Response, structure::issuer(response))?;
        }
        self.issued(Moment::ResponseIssued, response)?;
        self.answers(Element::Response, response.attribute("InResponseTo"))
    }

    fn issuer(&self, element: Element, issuer: Option<Node<'_>>) -> Result<(), Refusal> {
        let entity =
            issuer.filter(|node| matches!(node.attribute("Format"), None | Some(names::ENTITY)));
        let found = entity.and_then(Node::token).ok_or(Refusal::Missing { what: "issuer" })?;
        if found == self.idp.entity_id {
            return Ok(());
        }
        Err(Refusal::Issuer { element, found: shown(&found) })
    }

    /// Destination and recipient are our URL, byte for byte.
    fn ours(&self, url: Url, found: Option<&str>) -> Result<(), Refusal> {
        let found = found.unwrap_or_default();
        if found == self.sp.settings.acs_url {
            return Ok(());
        }
        Err(Refusal::Addressee { url, found: shown(found) })
    }

    fn answers(&self, element: Element, found: Option<&str>) -> Result<(), Refusal> {
        if found == self.request {
            return Ok(());
        }
        Err(Refusal::InResponseTo { element, found: shown(found.unwrap_or_default()) })
    }

    fn issued(&self, moment: Moment, node: Node<'_>) -> Result<(), Refusal> {
        let at = time(node, "IssueInstant")?.ok_or(Refusal::Missing { what: "issue instant" })?;
        self.not_before(moment, at)
    }

    fn not_before(&self, moment: Moment, at: Timestamp) -> Result<(), Refusal> {
        if at > self.now.plus(self.sp.settings.clock_allowance) {
            return Err(Refusal::not_yet(moment, at, self.now));
        }
        Ok(())
    }

    fn not_on_or_after(&self, moment: Moment, at: Timestamp) -> Result<(), Refusal> {
        if at <= self.now.minus(self.sp.settings.clock_allowance) {
            return Err(Refusal::expired(moment, at, self.now));
        }
        Ok(())
    }

    /// Gives the end of validity.
    fn conditions(&self, assertion: Node<'_>) -> Result<Timestamp, Refusal> {
        let missing = |what| Refusal::Missing { what };
        let conditions = assertion
            .only(names::SAML, "Conditions")
            .ok_or(missing("conditions of the assertion"))?;
        if let Some(start) = time(conditions, "NotBefore")? {
            self.not_before(Moment::ConditionsStart, start)?;
        }
        let end = time(conditions, "NotOnOrAfter")?;
        let end = end.ok_or(missing("end of the assertion's validity"))?;
        self.not_on_or_after(Moment::ConditionsEnd, end)?;
        let mut audience = false;
        for condition in conditions.children() {
            if condition.is(names::SAML, "AudienceRestriction") {
                self.audience(condition)?;
                audience = true;
            } else if !condition.is(names::SAML, "OneTimeUse")
                && !condition.is(names::SAML, "ProxyRestriction")
            {
                return Err(Refusal::Condition { found: shown(condition.name()) });
            }
        }
        if audience { Ok(end) } else { Err(missing("audience of the assertion")) }
    }

    fn audience(&self, restriction: Node<'_>) -> Result<(), Refusal> {
        let mut found: Vec<String> = Vec::new();
        for audience in restriction.all(names::SAML, "Audience") {
            found.extend(audience.token());
        }
        if found.contains(&self.sp.settings.entity_id) {
            return Ok(());
        }
        let found = shown(found.first().map(String::as_str).unwrap_or_default());
        Err(Refusal::Addressee { url: Url::Audience, found })
    }

    /// One bearer confirmation must hold in full; the fault of the first is told if none does.
    fn subject(&self, assertion: Node<'_>) -> Result<(), Refusal> {
        let subject = assertion
            .only(names::SAML, "Subject")
            .ok_or(Refusal::Missing { what: "subject of the assertion" })?;
        let mut first = None;
        for confirmation in subject.all(names::SAML, "SubjectConfirmation") {
            if confirmation.attribute("Method") != Some(names::BEARER) {
                continue;
            }
            match self.confirmation(confirmation) {
                Ok(()) => return Ok(()),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        Err(first.unwrap_or(Refusal::NotBearer))
    }

    fn confirmation(&self, confirmation: Node<'_>) -> Result<(), Refusal> {
        let data = confirmation
            .only(names::SAML, "SubjectConfirmationData")
            .ok_or(Refusal::Missing { what: "data of the subject confirmation" })?;
        self.ours(Url::Recipient, data.attribute("Recipient"))?;
        if let Some(start) = time(data, "NotBefore")? {
            self.not_before(Moment::ConfirmationStart, start)?;
        }
        let end = time(data, "NotOnOrAfter")?
            .ok_or(Refusal::Missing { what: "end of the subject confirmation" })?;
        self.not_on_or_after(Moment::ConfirmationEnd, end)?;
        self.answers(Element::Assertion, data.attribute("InResponseTo"))
    }

    /// The first statement, when the person signed in, and the earliest end of a session.
    fn statement<'d>(
        &self,
        assertion: Node<'d>,
    ) -> Result<(Node<'d>, Timestamp, Option<Timestamp>), Refusal> {
        let what = "authentication statement";
        let mut session_end: Option<Timestamp> = None;
        for statement in assertion.all(names::SAML, "AuthnStatement") {
            if let Some(end) = time(statement, "SessionNotOnOrAfter")? {
                self.not_on_or_after(Moment::SessionEnd, end)?;
                session_end = Some(session_end.map_or(end, |earlier| earlier.min(end)));
            }
        }
        let statement = assertion.all(names::SAML, "AuthnStatement").next();
        let statement = statement.ok_or(Refusal::Missing { what })?;
        let instant = time(statement, "AuthnInstant")?.ok_or(Refusal::Missing { what })?;
        Ok((statement, instant, session_end))
    }
}

/// The time in an attribute, if it is there; one that is there must be a time.
fn time(node: Node<'_>, attribute: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = node.attribute(attribute) else { return Ok(None) };
    instant::parse(text).map(Some).ok_or(Refusal::Missing { what: attribute })
}
