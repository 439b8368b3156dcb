//! One rule of an administrator.

use auth_model::{AuthnMapping, AuthnMappingId};

use crate::{LimitError, MAX_KEY_BYTES, MAX_VALUE_BYTES, Part, Target};

/// What an authn mapping says: whoever has this value of this attribute gets the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRule {
    id: AuthnMappingId,
    /// The key and, right behind it, the value: whoever compares both goes to one place in memory.
    text: Box<str>,
    key_bytes: u16,
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
        // No key that is let in is longer.
        let key_bytes = u16::try_from(key.len()).unwrap_or(u16::MAX);
        Ok(Self { id, text: [key, value].concat().into(), key_bytes, target })
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
        self.pair().0
    }

    /// The value that matches.
    #[must_use]
    pub fn value(&self) -> &str {
        self.pair().1
    }

    /// Both.
    pub(crate) fn pair(&self) -> (&str, &str) {
        self.text.split_at_checked(self.key_bytes.into()).unwrap_or_default()
    }

    /// What it gives.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target
    }
}
