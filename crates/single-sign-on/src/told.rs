//! What an assertion said of somebody, kept sealed: attributes are personal data.

use std::collections::BTreeMap;

use auth_model::{OrgId, Randomness};
use saml_sp::VerifiedAssertion;
use serde::{Deserialize, Serialize};
use token_issuer::{MasterKey, SealContext, SealError, SealPurpose};

/// What an assertion said of somebody. Its `Debug` shows how much, not what.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who said it: the identity provider's entity id.
    pub issuer: String,
    /// Of whom.
    pub name_id: String,
    /// Names, each with its values in the order in which they came.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// What was said can't be kept, or not be read again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToldError {
    /// Not sealed, or not opened.
    #[error("what an assertion said can't be sealed or opened")]
    Seal(#[from] SealError),
    /// Not the form that this version writes.
    #[error("what an assertion said is not in the form that is kept")]
    Form(#[from] serde_json::Error),
}

impl Told {
    /// Everything that is mapped or shown.
    pub fn of(assertion: &VerifiedAssertion) -> Self {
        Self {
            issuer: assertion.issuer().to_owned(),
            name_id: assertion.name_id().value.clone(),
            attributes: gathered(assertion.attribute_pairs()),
        }
    }

    /// Each value with its name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().flat_map(|(key, values)| {
            values.iter().map(move |value| (key.as_str(), value.as_str()))
        })
    }

    /// Sealed for one row of one organization.
    pub(crate) fn seal(
        &self,
        master_key: &MasterKey,
        randomness: &dyn Randomness,
        org: OrgId,
        row: &str,
    ) -> Result<Vec<u8>, ToldError> {
        let plain = serde_json::to_vec(self)?;
        Ok(master_key.seal(randomness, &context(org, row), &plain)?)
    }

    /// The reverse.
    pub(crate) fn open(
        master_key: &MasterKey,
        org: OrgId,
        row: &str,
        sealed: &[u8],
    ) -> Result<Self, ToldError> {
        let plain = master_key.open(&context(org, row), sealed)?;
        Ok(serde_json::from_slice(&plain)?)
    }
}

/// Values under their names; an attribute that comes twice is one, with the values of both.
pub(crate) fn gathered<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, Vec<String>> {
    let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in pairs {
        attributes.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    attributes
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("attributes", &self.attributes.len()).finish_non_exhaustive()
    }
}

fn context(org: OrgId, row: &str) -> SealContext<'_> {
    SealContext { purpose: SealPurpose::Assertion, org: Some(org), row }
}
