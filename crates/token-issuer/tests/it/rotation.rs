//! Rotation: what `plan` says, followed at whatever times, never leaves a token that can't be verified.

use std::{collections::BTreeMap, time::Duration};

use auth_model::{KeyId, KeyState, SigningAlgorithm, SigningKey, Timestamp};
use proptest::prelude::*;
use token_issuer::{KeyChange, RotationPolicy, RotationPolicyError, plan};

use crate::support::START;

/// Stands in for the store: does what it is told, as the storage port describes it.
#[derive(Default)]
struct Keys {
    rows: Vec<SigningKey>,
    made: u32,
}

impl Keys {
    fn apply(&mut self, change: KeyChange, now: Timestamp) {
        match change {
            KeyChange::Generate { state } => {
                assert!(self.rows.iter().all(|key| key.state != state), "one of each");
                self.made += 1;
                self.rows.push(key(&format!("key-{}", self.made), state, now, now));
            }
            KeyChange::Promote { kid } => {
                for key in &mut self.rows {
                    let state = match key.state {
                        KeyState::Current => KeyState::Retired,
                        KeyState::Next if key.kid == kid => KeyState::Current,
                        _ => continue,
                    };
                    (key.state, key.state_since) = (state, now);
                }
                assert!(self.current().is_some_and(|current| current.kid == kid));
            }
            KeyChange::Remove { kid } => {
                let of_it = |key: &SigningKey| key.kid == kid && key.state == KeyState::Retired;
                assert!(self.rows.iter().any(of_it), "only a retired key goes");
                self.rows.retain(|key| key.kid != kid);
            }
        }
    }

    fn follow(&mut self, now: Timestamp, policy: &RotationPolicy) -> usize {
        let changes = plan(&self.rows, now, policy);
        let count = changes.len();
        changes.into_iter().for_each(|change| self.apply(change, now));
        count
    }

    fn current(&self) -> Option<&SigningKey> {
        self.rows.iter().find(|key| key.state == KeyState::Current)
    }
}

fn key(kid: &str, state: KeyState, created_at: Timestamp, state_since: Timestamp) -> SigningKey {
    SigningKey {
        kid: kid.parse().unwrap(),
        algorithm: SigningAlgorithm::EdDsa,
        state,
        sealed_private: Vec::new(),
        created_at,
        state_since,
    }
}

fn policy() -> impl Strategy<Value = RotationPolicy> {
    (1_u64..5_000, 1_u64..20_000, 0_u64..5_000).prop_map(|(ahead, longer, keep)| RotationPolicy {
        publish_ahead: Duration::from_secs(ahead),
        sign_for: Duration::from_secs(ahead + longer),
        retire_keep: RotationPolicy::MIN_RETIRE_KEEP + Duration::from_secs(keep),
    })
}

proptest! {
    #[test]
    fn j_07_every_token_verifies_until_it_expires_and_every_key_is_published_first(
        policy in policy(),
        steps in proptest::collection::vec(prop_oneof![1_u64..100, 1_u64..3_000, 1_u64..100_000], 1..150),
    ) {
        prop_assert_eq!(policy.validate(), Ok(()));
        // The longest that anybody takes a token: its life, and the most leeway.
        let token_life = Duration::from_secs(900 + 30);
        let mut keys = Keys::default();
        let mut now = START;
        let mut last_signed: BTreeMap<KeyId, Timestamp> = BTreeMap::new();
        for step in steps {
            keys.follow(now, &policy);
            prop_assert!(plan(&keys.rows, now, &policy).is_empty(), "settled after one round");
            let current = keys.current().unwrap().clone();
            if current.kid.as_str() != "key-1" {
                prop_assert!(now >= current.created_at.plus(policy.publish_ahead));
            }
            // The current key signs until the next look: all the time up to now + step.
            now = now.plus(Duration::from_secs(step));
            last_signed.insert(current.kid, now);
            for (kid, at) in &last_signed {
                let published = keys.rows.iter().any(|key| key.kid == *kid);
                prop_assert!(published || now >= at.plus(token_life), "{} went too early", kid);
            }
        }
        prop_assert!(keys.rows.len() <= 100);
    }
}

#[test]
fn j_07_a_rotation_in_its_four_steps() {
    let policy = RotationPolicy::default();
    assert_eq!(policy.validate(), Ok(()));
    let (day, hour) = (Duration::from_secs(86_400), Duration::from_secs(3_600));
    let micro = Duration::from_micros(1);
    let mut keys = Keys::default();
    let generate = |state| vec![KeyChange::Generate { state }];
    let kid = |text: &str| text.parse::<KeyId>().unwrap();

    assert_eq!(plan(&keys.rows, START, &policy), generate(KeyState::Current));
    keys.follow(START, &policy);

    let published = START.plus(29 * day);
    assert_eq!(plan(&keys.rows, published.minus(micro), &policy), vec![]);
    assert_eq!(plan(&keys.rows, published, &policy), generate(KeyState::Next));
    keys.follow(published, &policy);

    let promoted = START.plus(30 * day);
    assert_eq!(plan(&keys.rows, promoted.minus(micro), &policy), vec![]);
    assert_eq!(plan(&keys.rows, promoted, &policy), vec![KeyChange::Promote { kid: kid("key-2") }]);
    keys.follow(promoted, &policy);

    let removed = promoted.plus(hour);
    assert_eq!(plan(&keys.rows, removed.minus(micro), &policy), vec![]);
    assert_eq!(plan(&keys.rows, removed, &policy), vec![KeyChange::Remove { kid: kid("key-1") }]);
    keys.follow(removed, &policy);
    assert_eq!(keys.rows.len(), 1);
}

#[test]
fn after_a_long_silence_the_next_key_is_still_published_first() {
    let policy = RotationPolicy::default();
    let mut keys = Keys::default();
    keys.follow(START, &policy);
    let late = START.plus(Duration::from_secs(400 * 86_400));
    keys.follow(late, &policy);
    assert_eq!(keys.current().unwrap().kid.as_str(), "key-1");
    keys.follow(late.plus(policy.publish_ahead), &policy);
    assert_eq!(keys.current().unwrap().kid.as_str(), "key-2");
}

#[test]
fn where_the_current_key_was_taken_away_the_next_one_signs_at_once() {
    let next = key("next", KeyState::Next, START, START);
    let retired = key("old", KeyState::Retired, START, START);
    let promote = KeyChange::Promote { kid: next.kid.clone() };
    let policy = RotationPolicy::default();
    assert_eq!(plan(&[retired.clone(), next], START, &policy), vec![promote]);
    let generate = KeyChange::Generate { state: KeyState::Current };
    assert_eq!(plan(&[retired], START, &policy), vec![generate]);
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let policy = RotationPolicy::default();
    let mut keys = Keys::default();
    keys.follow(START, &policy);
    assert_eq!(keys.follow(START.minus(Duration::from_secs(86_400)), &policy), 0);
}

#[test]
fn policies_that_would_break_tokens_are_refused() {
    let good = RotationPolicy::default();
    let short = RotationPolicy { retire_keep: Duration::from_secs(900), ..good };
    assert_eq!(
        short.validate().unwrap_err().to_string(),
        "`retire_keep` is 900 s; it must be at least 1020 s, or a key would be gone before the last token it signed"
    );
    let upside_down = RotationPolicy { sign_for: good.publish_ahead, ..good };
    let error = upside_down.validate().unwrap_err();
    assert!(matches!(error, RotationPolicyError::SignForTooShort { .. }));
}
