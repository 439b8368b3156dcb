//! One rule of an administrator.

use auth_model::{MappingId, RoleId, TeamId};

use crate::{LimitError, MAX_KEY_BYTES, MAX_VALUE_BYTES, Part};

/// What a mapping gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The permissions of a role.
    Role(RoleId),
    /// Membership of a team.
    Team(TeamId),
}

/// An authn mapping: whoever has this value of this attribute gets the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnMapping {
    id: MappingId,
    key: Box<str>,
    value: Box<str>,
    target: Target,
}

impl AuthnMapping {
    /// Keeps key and value byte for byte.
    pub fn new(id: MappingId, key: &str, value: &str, target: Target) -> Result<Self, LimitError> {
        LimitError::check(Part::Key, key.len(), MAX_KEY_BYTES)?;
        LimitError::check(Part::Value, value.len(), MAX_VALUE_BYTES)?;
        Ok(Self { id, key: key.into(), value: value.into(), target })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> MappingId {
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
