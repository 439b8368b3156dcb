//! One rule of an administrator.

use auth_model::{AuthnMapping, AuthnMappingId};

use crate::{LimitError, MAX_KEY_BYTES, MAX_VALUE_BYTES, Part, Target};

/// What an authn mapping says: whoever has this value of this attribute gets the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRule {
    id: AuthnMappingId,
    key: Box<str>,
    value: Box<str>,
    target: Target,
}

impl MappingRule {
    /// Keeps key and value byte for byte.
    pub fn new(
        id: AuthnMappingId,
        key: &str,
        value: &str,
        target: Target,
    ) -> Result<Self, LimitError> {
        LimitError::check(Part::Key, key.len(), MAX_KEY_BYTES)?;
        LimitError::check(Part::Value, value.len(), MAX_VALUE_BYTES)?;
        Ok(Self { id, key: key.into(), value: value.into(), target })
    }

    /// What a stored mapping says.
    pub fn of(mapping: &AuthnMapping) -> Result<Self, LimitError> {
        Self::new(mapping.id, &mapping.key, &mapping.value, mapping.target)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> AuthnMappingId {
        self.id
    }

    /// The name of the attribute.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value that matches.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What it gives.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target
    }
}
