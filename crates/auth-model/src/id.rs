//! Typed ids. Text form: a UUID in the hyphenated lower-case form of RFC 9562, nothing else.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::{Clock, Randomness, RandomnessError};

/// The text is not a UUID in its hyphenated form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a UUID such as `3fa85f64-5717-4562-b3fc-2c963f66afa6`")]
pub struct IdError {
    /// What was given, shortened to what is safe to show.
    text: String,
}

impl IdError {
    fn new(text: &str) -> Self {
        Self { text: text.chars().filter(|c| c.is_ascii_graphic()).take(64).collect() }
    }
}

/// Accepts `8-4-4-4-12` hexadecimal digits in either case: no braces, no URN, no bare 32 digits.
fn parse(text: &str) -> Result<Uuid, IdError> {
    let hyphenated = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
    hyphenated.ok_or_else(|| IdError::new(text))
}

/// A version 7 UUID (RFC 9562 §5.7): sorted by time of creation, so that rows stay together on disk.
fn version_7(clock: &dyn Clock, randomness: &dyn Randomness) -> Result<Uuid, RandomnessError> {
    let mut random = [0; 10];
    randomness.fill(&mut random)?;
    let millis = u64::try_from(clock.now().unix_micros() / 1_000).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// A version 4 UUID (RFC 9562 §5.4): tells nothing of when it was made.
fn version_4(randomness: &dyn Randomness) -> Result<Uuid, RandomnessError> {
    let mut random = [0; 16];
    randomness.fill(&mut random)?;
    Ok(uuid::Builder::from_random_bytes(random).into_uuid())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id that sorts by time of creation (version 7).
            pub fn new(clock: &dyn Clock, randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
                version_7(clock, randomness).map(Self)
            }

            /// A fresh id that is random throughout (version 4).
            pub fn random(randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
                version_4(randomness).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }
    )* };
}

ids! {
    /// An organization: the tenant. Random, because a proof is bound to nothing else (two
    /// installations that shared one could replay each other's proofs).
    OrgId
    /// A person or a service account.
    UserId
    /// A role.
    RoleId
    /// A permission of the catalogue.
    PermissionId
    /// A persona or intake mapping. Random (version 4), as clients of the public service expect.
    MappingId
    /// The configuration of an integrated AWS account; not the 12-digit account id.
    AwsAccountConfigId
    /// An API key.
    ApiKeyId
    /// An application key.
    AppKeyId
    /// One generation of a managed API key.
    ManagedKeyId
    /// An audit event.
    AuditEventId
    /// A team.
    TeamId
    /// An invitation of a user.
    InvitationId
    /// A mapping of an identity provider's attribute to a role or team.
    AuthnMappingId
    /// A browser's session. Random: it tells nothing of when somebody signed in.
    SessionId
    /// An assertion that was accepted and is kept.
    KeptAssertionId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, OsRandomness, Timestamp};

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        #[rustfmt::skip]
        let cases = [
            ("hyphenated",      "3fa85f64-5717-4562-b3fc-2c963f66afa6",            true),
            ("upper case",      "3FA85F64-5717-4562-B3FC-2C963F66AFA6",            true),
            ("bare digits",     "3fa85f6457174562b3fc2c963f66afa6",                false),
            ("braces",          "{3fa85f64-5717-4562-b3fc-2c963f66afa6}",          false),
            ("urn",             "urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6",   false),
            ("leading space",   " 3fa85f64-5717-4562-b3fc-2c963f66afa6",           false),
            ("empty",           "",                                                false),
        ];
        for (rule, text, expected) in cases {
            assert_eq!(text.parse::<OrgId>().is_ok(), expected, "{rule}");
        }
    }

    #[test]
    fn version_7_ids_sort_by_time() {
        let clock = ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000));
        let first = UserId::new(&clock, &OsRandomness).unwrap();
        clock.advance_seconds(1);
        assert!(first < UserId::new(&clock, &OsRandomness).unwrap());
        assert_eq!(first.0.get_version_num(), 7);
        assert_eq!(MappingId::random(&OsRandomness).unwrap().0.get_version_num(), 4);
    }
}
