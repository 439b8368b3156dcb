//! When signing keys are made, take over, and go. Pure: the store's keys and the time in, the changes out.

use std::time::Duration;

use auth_model::{KeyId, KeyState, SigningKey, Timestamp};

use crate::{MAX_LEEWAY, MAX_TTL};

/// The spans of a signing key's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// A key is published at least this long before it signs, so that verifiers that cache the key set know
    /// it by then: 24 h.
    pub publish_ahead: Duration,
    /// A key signs for this long: 30 days.
    pub sign_for: Duration,
    /// A key stays published this long after it last signed: 1 h. Covers the life of a token, the leeway of
    /// clocks, and the time until the last replica has heard of the change.
    pub retire_keep: Duration,
}

impl Default for RotationPolicy {
    fn default() -> Self {
        Self {
            publish_ahead: Duration::from_secs(24 * 3_600),
            sign_for: Duration::from_secs(30 * 24 * 3_600),
            retire_keep: Duration::from_secs(3_600),
        }
    }
}

/// Why a policy would leave tokens that nobody can verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RotationPolicyError {
    /// A key would go before the last token that it signed.
    #[error(
        "`retire_keep` is {} s; it must be at least {} s, or a key would be gone before the last token it signed",
        .given.as_secs(), RotationPolicy::MIN_RETIRE_KEEP.as_secs()
    )]
    RetireKeepTooShort {
        /// The setting.
        given: Duration,
    },
    /// The next key would have to be published before its predecessor signs.
    #[error(
        "`sign_for` is {} s and `publish_ahead` {} s; a key must sign for longer than its successor is published ahead",
        .sign_for.as_secs(), .publish_ahead.as_secs()
    )]
    SignForTooShort {
        /// The setting.
        sign_for: Duration,
        /// The setting.
        publish_ahead: Duration,
    },
}

impl RotationPolicy {
    /// The longest life of a token, the leeway on both sides, and a minute for replicas to hear of a change.
    pub const MIN_RETIRE_KEEP: Duration =
        Duration::from_secs(MAX_TTL.as_secs() + 2 * MAX_LEEWAY.as_secs() + 60);

    /// Fails where tokens could not be verified, or keys would overtake each other.
    pub fn validate(&self) -> Result<(), RotationPolicyError> {
        if self.retire_keep < Self::MIN_RETIRE_KEEP {
            return Err(RotationPolicyError::RetireKeepTooShort { given: self.retire_keep });
        }
        if self.sign_for <= self.publish_ahead {
            let Self { sign_for, publish_ahead, .. } = *self;
            return Err(RotationPolicyError::SignForTooShort { sign_for, publish_ahead });
        }
        Ok(())
    }
}

/// One change to the store's signing keys. Each is safe on its own and may be made by any replica: the store lets
/// only the first of several win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// Make a key and add it in this state: `Current` for an installation's very first, otherwise `Next`.
    Generate {
        /// Where it starts.
        state: KeyState,
    },
    /// Let this `Next` key sign, and retire the `Current` one in the same transaction.
    Promote {
        /// The key that takes over.
        kid: KeyId,
    },
    /// Remove this `Retired` key: the last token that it signed has expired.
    Remove {
        /// The key that goes.
        kid: KeyId,
    },
}

/// What is to be done now, in order. Empty most of the time; ask again about once a minute. A late or
/// missed call delays a rotation but never shortens a span.
///
/// `keys` are all keys of the store, of which at most one is `Next` and at most one `Current`. Where none is
/// `Current` (an operator has removed it), the next one signs at once: a token that some verifiers don't
/// know yet is better than none.
pub fn plan(keys: &[SigningKey], now: Timestamp, policy: &RotationPolicy) -> Vec<KeyChange> {
    let next = keys.iter().find(|key| key.state == KeyState::Next);
    let current = keys.iter().find(|key| key.state == KeyState::Current);
    let turn = match (current, next) {
        (None, None) => Some(KeyChange::Generate { state: KeyState::Current }),
        (None, Some(next)) => Some(promote(next)),
        (Some(current), None) => {
            let publish_from =
                current.state_since.plus(policy.sign_for).minus(policy.publish_ahead);
            (now >= publish_from).then_some(KeyChange::Generate { state: KeyState::Next })
        }
        (Some(current), Some(next)) => {
            let known_from = next.created_at.plus(policy.publish_ahead);
            let due_from = current.state_since.plus(policy.sign_for);
            (now >= known_from && now >= due_from).then(|| promote(next))
        }
    };
    let gone = keys.iter().filter(|key| {
        key.state == KeyState::Retired && now >= key.state_since.plus(policy.retire_keep)
    });
    turn.into_iter().chain(gone.map(|key| KeyChange::Remove { kid: key.kid.clone() })).collect()
}

fn promote(key: &SigningKey) -> KeyChange {
    KeyChange::Promote { kid: key.kid.clone() }
}
