//! What an identity provider vouches for.

use auth_model::Timestamp;

use crate::Fingerprint;

/// An assertion whose signature, addressee and times are verified. Only [`crate::UnverifiedResponse::verify`] makes one.
///
/// Its `Debug` shows who issued and signed it, and nothing of the person.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    pub(crate) id: String,
    pub(crate) issuer: String,
    pub(crate) in_response_to: Option<String>,
    pub(crate) replay_until: Timestamp,
    pub(crate) name_id: NameId,
    pub(crate) session_index: Option<String>,
    pub(crate) authn_instant: Timestamp,
    pub(crate) session_not_on_or_after: Option<Timestamp>,
    pub(crate) authn_context: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signed: Signed,
    pub(crate) signed_by: Fingerprint,
}

impl VerifiedAssertion {
    /// Its id. Whoever accepts assertions keeps (issuer, id) until [`Self::replay_until`] and refuses a second one.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From this time on it is refused as expired, whoever brings it, so its id need not be kept longer.
    #[must_use]
    pub fn replay_until(&self) -> Timestamp {
        self.replay_until
    }

    /// The identity provider's entity id.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The request that it answers; none if the identity provider started the sign-in.
    #[must_use]
    pub fn in_response_to(&self) -> Option<&str> {
        self.in_response_to.as_deref()
    }

    /// The person.
    #[must_use]
    pub fn name_id(&self) -> &NameId {
        &self.name_id
    }

    /// The identity provider's name for the session, for single logout.
    #[must_use]
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// When the person signed in there.
    #[must_use]
    pub fn authn_instant(&self) -> Timestamp {
        self.authn_instant
    }

    /// When a session that rests on this must end, if the identity provider says so.
    #[must_use]
    pub fn session_not_on_or_after(&self) -> Option<Timestamp> {
        self.session_not_on_or_after
    }

    /// How the person signed in there: a URI.
    #[must_use]
    pub fn authn_context(&self) -> Option<&str> {
        self.authn_context.as_deref()
    }

    /// The attributes in the order of their first appearance.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// Every (name, value) pair in order.
    pub fn attribute_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .flat_map(|a| a.values.iter().map(|value| (a.name.as_str(), value.as_str())))
    }

    /// What was signed.
    #[must_use]
    pub fn signed(&self) -> Signed {
        self.signed
    }

    /// The certificate that verified the signature: the assertion's own where it has one.
    #[must_use]
    pub fn signed_by(&self) -> Fingerprint {
        self.signed_by
    }
}

impl std::fmt::Debug for VerifiedAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifiedAssertion")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("signed", &self.signed)
            .field("signed_by", &self.signed_by)
            .finish_non_exhaustive()
    }
}

/// What a signature was found on. All that are there are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The assertion only.
    Assertion,
    /// The response around it only.
    Response,
    /// Each by itself.
    Both,
}

/// The name of a person at an identity provider. No two of `value`, `format` and the qualifiers alone are unique.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NameId {
    /// The name, byte for byte.
    pub value: String,
    /// Its format: a URI.
    pub format: String,
    /// Within which domain it is unique; usually the identity provider.
    pub name_qualifier: Option<String>,
    /// For which service provider it was made.
    pub sp_name_qualifier: Option<String>,
}

impl std::fmt::Debug for NameId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameId").field("format", &self.format).finish_non_exhaustive()
    }
}

/// One attribute. Those of one name are merged within an assertion.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, byte for byte: the key of mappings.
    pub name: String,
    /// A name for people. Not unique, and nothing should depend on it.
    pub friendly_name: Option<String>,
    /// Its values in order, byte for byte. Values that are XML or nil are left out.
    pub values: Vec<String>,
}

impl std::fmt::Debug for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attribute")
            .field("name", &self.name)
            .field("values", &self.values.len())
            .finish_non_exhaustive()
    }
}
