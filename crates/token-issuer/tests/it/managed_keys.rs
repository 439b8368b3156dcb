//! Managed keys and the texts of all API keys.

use std::{collections::BTreeSet, time::Duration};

use auth_model::{
    Clock as _, ExposeSecret as _, ManagedKey, ManagedKeyId, ManualClock, MappingId, OrgId,
    OsRandomness, SecretString,
};
use proptest::prelude::*;
use token_issuer::{
    ManagedKeyError, ManagedKeyPolicy, ManagedKeyPolicyError, ManagedKeyStep, MasterKey, SealError,
    hash_key, last4, managed_key_step, mint_managed_key, new_api_key_text, new_app_key_text,
    open_managed_key, same_key,
};

use crate::support::START;

fn mint(master: &MasterKey, clock: &ManualClock, generation: i64) -> (ManagedKey, SecretString) {
    let org = OrgId::random(&OsRandomness).unwrap();
    let mapping = MappingId::random(&OsRandomness).unwrap();
    let policy = ManagedKeyPolicy::default();
    mint_managed_key(master, &OsRandomness, clock, org, mapping, generation, &policy).unwrap()
}

#[test]
fn a_01_every_caller_is_given_the_same_key_after_a_restart_too() {
    let text = MasterKey::new_text(&OsRandomness).unwrap();
    let master = MasterKey::parse(text.expose_secret()).unwrap();
    let (key, minted) = mint(&master, &ManualClock::at(START), 1);
    drop(master);
    let restarted = MasterKey::parse(text.expose_secret()).unwrap();
    for _ in 0..3 {
        let opened = open_managed_key(&restarted, &key).unwrap();
        assert_eq!(opened.expose_secret(), minted.expose_secret());
    }
    assert_eq!(hash_key(minted.expose_secret()), key.hash);
}

#[test]
fn a_01_nothing_that_is_stored_holds_the_key() {
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let (key, text) = mint(&master, &ManualClock::at(START), 1);
    let text = text.expose_secret();
    assert!(!key.sealed.windows(8).any(|part| text.as_bytes().windows(8).any(|t| t == part)));
    let shown = format!("{key:?} {key:#?} {master:?}");
    assert!(!shown.contains(&text[..8]));
    assert_eq!(key.last4, text[28..]);
}

#[test]
fn a_01_a_sealed_key_cannot_be_moved_to_another_row() {
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let (key, _) = mint(&master, &ManualClock::at(START), 1);
    let moved = [
        ManagedKey { org: OrgId::random(&OsRandomness).unwrap(), ..key.clone() },
        ManagedKey { mapping: MappingId::random(&OsRandomness).unwrap(), ..key.clone() },
        ManagedKey { id: ManagedKeyId::random(&OsRandomness).unwrap(), ..key.clone() },
        ManagedKey { generation: 2, ..key.clone() },
    ];
    for row in moved {
        let error = open_managed_key(&master, &row).unwrap_err();
        assert_eq!(error, ManagedKeyError::Seal(SealError::NotAuthentic));
    }
    let rehashed = ManagedKey { hash: hash_key("another"), ..key };
    let error = open_managed_key(&master, &rehashed).unwrap_err();
    assert_eq!(error, ManagedKeyError::HashMismatch);
}

#[test]
fn a_02_a_key_is_handed_out_for_a_day_and_works_five_hours_longer() {
    let clock = ManualClock::at(START);
    let master = MasterKey::generate(&OsRandomness).unwrap();
    assert_eq!(managed_key_step(None, START), ManagedKeyStep::Rotate { next_generation: 1 });
    let (key, _) = mint(&master, &clock, 7);
    assert_eq!((key.generation, key.created_at), (7, clock.now()));
    assert_eq!(key.rotate_at, START.plus(Duration::from_secs(24 * 3_600)));
    assert_eq!(key.expires_at, START.plus(Duration::from_secs(29 * 3_600)));
    let micro = Duration::from_micros(1);
    #[rustfmt::skip]
    let cases = [
        ("at once",               START,                      ManagedKeyStep::HandOut),
        ("a clock that is late",  START.minus(micro),         ManagedKeyStep::HandOut),
        ("until the last moment", key.rotate_at.minus(micro), ManagedKeyStep::HandOut),
        ("from then on",          key.rotate_at,              ManagedKeyStep::Rotate { next_generation: 8 }),
        ("after a long silence",  key.expires_at.plus(micro), ManagedKeyStep::Rotate { next_generation: 8 }),
    ];
    for (rule, now, expected) in cases {
        assert_eq!(managed_key_step(Some(&key), now), expected, "{rule}");
    }
}

proptest! {
    /// Agents ask every hour, 10 % early or late, and wait up to another hour after each of two failures in a row;
    /// their clocks don't matter, the server's does. None of them ever holds a key that is refused.
    #[test]
    fn a_02_no_agent_of_a_fleet_is_cut_off(
        waits in proptest::collection::vec((54_u64..=66, 0_u8..=2), 300),
        start in 0_u64..100_000,
    ) {
        let clock = ManualClock::at(START);
        let master = MasterKey::generate(&OsRandomness).unwrap();
        let mut newest = mint(&master, &clock, 1).0;
        clock.advance_seconds(start as i64);
        let mut held = newest.clone();
        for (minutes, failures) in waits {
            let step = managed_key_step(Some(&newest), clock.now());
            if let ManagedKeyStep::Rotate { next_generation } = step {
                prop_assert_eq!(next_generation, newest.generation + 1);
                newest = mint(&master, &clock, next_generation).0;
            }
            held.clone_from(&newest);
            prop_assert!(clock.now() < held.expires_at);
            clock.advance_seconds(60 * (minutes + 60 * u64::from(failures)) as i64);
            prop_assert!(clock.now() < held.expires_at, "still works when the agent asks next");
        }
    }
}

#[test]
fn a_02_a_policy_that_would_cut_agents_off_is_refused() {
    let hours = |count: u64| Duration::from_secs(count * 3_600);
    let policy = |rotate_every, overlap| ManagedKeyPolicy { rotate_every, overlap };
    let default = ManagedKeyPolicy::default();
    assert_eq!(default, policy(hours(24), hours(5)));
    assert_eq!(default.validate(), Ok(()));
    assert_eq!(policy(hours(1), Duration::from_secs(135 * 60)).validate(), Ok(()));
    assert_eq!(policy(Duration::from_secs(60), hours(5)).validate(), Ok(()));
    let error = policy(hours(24), hours(2)).validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the overlap of managed keys is 120 minutes; it must be at least 135 minutes, because an agent that fails once asks again only after that long"
    );
    let error = policy(Duration::from_secs(59), hours(5)).validate().unwrap_err();
    assert!(matches!(error, ManagedKeyPolicyError::RotationTooOften { .. }));
    let error = policy(Duration::MAX, hours(5)).validate().unwrap_err();
    assert!(matches!(error, ManagedKeyPolicyError::LifeTooLong { .. }));
}

#[test]
fn key_texts_are_lower_case_hexadecimal_and_never_repeat() {
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        let api = new_api_key_text(&OsRandomness).unwrap();
        let app = new_app_key_text(&OsRandomness).unwrap();
        for (text, length) in [(api, 32), (app, 40)] {
            let text = text.expose_secret();
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert!(seen.insert(text.to_owned()));
        }
    }
}

#[test]
fn a_03_keys_are_found_and_compared_by_their_hash() {
    // SHA-256 of "abc": FIPS 180-4, the example of Appendix A.
    let hash = hash_key("abc");
    let hex: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert!(same_key(&hash, &hash_key("abc")));
    for other in ["", "ab", "abcd", "ABC", "abc "] {
        assert!(!same_key(&hash, &hash_key(other)), "{other}");
    }
    for bit in 0..256 {
        let mut other = hash;
        other.0[bit / 8] ^= 1 << (bit % 8);
        assert!(!same_key(&hash, &other), "bit {bit}");
    }
}

#[test]
fn a_06_only_the_last_four_characters_are_for_showing() {
    assert_eq!(last4("0123456789abcdef"), "cdef");
    assert_eq!(last4("abc"), "abc");
    assert_eq!(last4(""), "");
}
