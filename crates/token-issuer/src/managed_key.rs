//! Managed API keys: one for each intake mapping, handed to each of its agents, replaced on schedule.

use std::time::Duration;

use auth_model::{
    Clock, ExposeSecret as _, ManagedKey, ManagedKeyId, MappingId, OrgId, Randomness,
    RandomnessError, SecretString, Timestamp,
};

use crate::{
    MasterKey, SealContext, SealError, SealPurpose,
    api_key::{hash_key, last4, new_api_key_text},
};

/// When a managed key is replaced, and how long the one before still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedKeyPolicy {
    /// From its making until callers are handed the next: 24 h.
    pub rotate_every: Duration,
    /// From then until it is refused: 5 h. Agents ask once an hour (66 min at most) and wait up to another
    /// hour after a failure, so this covers two failures in a row.
    pub overlap: Duration,
}

impl Default for ManagedKeyPolicy {
    fn default() -> Self {
        Self { rotate_every: hours(24), overlap: hours(5) }
    }
}

/// Why a policy would cut agents off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagedKeyPolicyError {
    /// Too short for an agent that has failed once.
    #[error(
        "the overlap of managed keys is {} minutes; it must be at least {} minutes, because an agent that fails \
         once asks again only after that long",
        .given.as_secs() / 60, ManagedKeyPolicy::MIN_OVERLAP.as_secs() / 60
    )]
    OverlapTooShort {
        /// The setting.
        given: Duration,
    },
    /// The store would fill with keys.
    #[error(
        "managed keys rotate every {} s; it must be at least {} s",
        .given.as_secs(), ManagedKeyPolicy::MIN_ROTATE_EVERY.as_secs()
    )]
    RotationTooOften {
        /// The setting.
        given: Duration,
    },
    /// A key that never goes is no managed key.
    #[error(
        "managed keys would be valid for {} days in all; `rotate_every` and `overlap` together may be at most {} days",
        .given.as_secs() / 86_400, ManagedKeyPolicy::MAX_LIFE.as_secs() / 86_400
    )]
    LifeTooLong {
        /// The sum of both settings.
        given: Duration,
    },
}

impl ManagedKeyPolicy {
    /// One refresh of an agent at its latest (66 min), one back-off (60 min), and some minutes to spare.
    pub const MIN_OVERLAP: Duration = Duration::from_secs(135 * 60);
    /// For looking on. Agents that ask less often pass over keys, which costs them nothing.
    pub const MIN_ROTATE_EVERY: Duration = Duration::from_secs(60);
    /// The longest that a key may work in all.
    pub const MAX_LIFE: Duration = hours(400 * 24);

    /// Fails where the policy would cut agents off or keep keys forever.
    pub fn validate(&self) -> Result<(), ManagedKeyPolicyError> {
        let life = self.rotate_every.saturating_add(self.overlap);
        if self.overlap < Self::MIN_OVERLAP {
            Err(ManagedKeyPolicyError::OverlapTooShort { given: self.overlap })
        } else if self.rotate_every < Self::MIN_ROTATE_EVERY {
            Err(ManagedKeyPolicyError::RotationTooOften { given: self.rotate_every })
        } else if life > Self::MAX_LIFE {
            Err(ManagedKeyPolicyError::LifeTooLong { given: life })
        } else {
            Ok(())
        }
    }
}

/// Why a managed key could not be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagedKeyError {
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// Sealing or opening failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It opened, but is not the key whose hash stands beside it.
    #[error("the sealed managed key is not the one that its hash belongs to")]
    HashMismatch,
}

/// What to do for a caller that asks for its mapping's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagedKeyStep {
    /// Give it the current one.
    HandOut,
    /// Mint this generation and give it that. If another replica was first, read that one's.
    Rotate {
        /// One more than the newest there is; 1 for the first.
        next_generation: i64,
    },
}

/// Whether the newest generation is to be handed out, or replaced first.
pub fn managed_key_step(newest: Option<&ManagedKey>, now: Timestamp) -> ManagedKeyStep {
    match newest {
        Some(key) if now < key.rotate_at && now < key.expires_at => ManagedKeyStep::HandOut,
        Some(key) => ManagedKeyStep::Rotate { next_generation: key.generation.saturating_add(1) },
        None => ManagedKeyStep::Rotate { next_generation: 1 },
    }
}

/// A new generation of a mapping's key, and its text for the caller that asked. `policy` is taken as valid.
pub fn mint_managed_key(
    master: &MasterKey,
    randomness: &dyn Randomness,
    clock: &dyn Clock,
    org: OrgId,
    mapping: MappingId,
    generation: i64,
    policy: &ManagedKeyPolicy,
) -> Result<(ManagedKey, SecretString), ManagedKeyError> {
    let text = new_api_key_text(randomness)?;
    let created_at = clock.now();
    let rotate_at = created_at.plus(policy.rotate_every);
    let mut key = ManagedKey {
        id: ManagedKeyId::new(clock, randomness)?,
        org,
        mapping,
        generation,
        hash: hash_key(text.expose_secret()),
        sealed: Vec::new(),
        last4: last4(text.expose_secret()),
        created_at,
        rotate_at,
        expires_at: rotate_at.plus(policy.overlap),
    };
    let row = row(&key);
    key.sealed = master.seal(randomness, &context(org, &row), text.expose_secret().as_bytes())?;
    Ok((key, text))
}

/// The text of a managed key, the same for every caller of its mapping.
pub fn open_managed_key(
    master: &MasterKey,
    key: &ManagedKey,
) -> Result<SecretString, ManagedKeyError> {
    let bytes = master.open(&context(key.org, &row(key)), &key.sealed)?;
    let text = str::from_utf8(&bytes).map_err(|_| ManagedKeyError::HashMismatch)?;
    if hash_key(text) != key.hash {
        return Err(ManagedKeyError::HashMismatch);
    }
    Ok(SecretString::from(text))
}

/// The row is its id, its mapping and its generation: none of them can be changed under the sealed text.
fn row(key: &ManagedKey) -> String {
    format!("{}/{}/{}", key.id, key.mapping, key.generation)
}

fn context(org: OrgId, row: &str) -> SealContext<'_> {
    SealContext { purpose: SealPurpose::ManagedKey, org: Some(org), row }
}

const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}
