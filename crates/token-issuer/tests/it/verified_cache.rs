//! What the memory of verified tokens serves, and what it does not.

use std::{sync::Arc, time::Duration};

use auth_model::{OsRandomness, SigningAlgorithm};
use token_issuer::{KeyRing, TokenError, VerifiedCache};

use crate::support::{LEEWAY, START, current_key, installation};

#[test]
fn a_token_is_verified_once_and_then_remembered() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 100);
    let token = home.token();
    let first = cache.verify(&home.ring, &token, START).unwrap();
    let second = cache.verify(&home.ring, &token, START).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(*first, home.verify(&token).unwrap());
    assert_eq!(cache.len(), 1);
}

#[test]
fn what_was_refused_is_not_remembered() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 100);
    let token = home.token();
    let (message, _) = token.rsplit_once('.').unwrap();
    let (other, _) = (home.token(), ());
    let (_, foreign) = other.rsplit_once('.').unwrap();
    cache.verify(&home.ring, &token, START).unwrap();
    let forged = format!("{message}.{foreign}");
    for _ in 0..2 {
        assert_eq!(cache.verify(&home.ring, &forged, START), Err(TokenError::Signature));
    }
    assert_eq!(cache.len(), 1);
}

#[test]
fn j_05_a_remembered_token_ends_when_any_other_does() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 100);
    let token = home.token();
    let end = START.plus(Duration::from_secs(900));
    let micro = Duration::from_micros(1);
    for now in [
        START,
        START.minus(LEEWAY),
        START.minus(LEEWAY).minus(micro),
        end.minus(micro),
        end,
        end.plus(LEEWAY).minus(micro),
        end.plus(LEEWAY),
        end.plus(LEEWAY).plus(micro),
        START,
    ] {
        let remembered = cache.verify(&home.ring, &token, now).map(|claims| (*claims).clone());
        assert_eq!(remembered, home.verifier.verify(&home.ring, &token, now), "{now:?}");
    }
}

#[test]
fn j_07_tokens_of_a_removed_key_are_not_served_from_memory() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 100);
    let token = home.token();
    cache.verify(&home.ring, &token, START).unwrap();

    let other = current_key(&home.master, SigningAlgorithm::EdDsa);
    let both = KeyRing::open(&home.master, &[home.key.clone(), other.clone()]).unwrap();
    assert!(cache.verify(&both, &token, START).is_ok(), "verified again under the new set");

    let without = KeyRing::open(&home.master, &[other]).unwrap();
    assert_eq!(cache.verify(&without, &token, START), Err(TokenError::UnknownKey));
    assert_eq!(cache.len(), 0, "and forgotten");
}

#[test]
fn a_new_snapshot_of_the_same_keys_keeps_what_is_remembered() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 100);
    let token = home.token();
    let first = cache.verify(&home.ring, &token, START).unwrap();
    let again = KeyRing::open(&home.master, std::slice::from_ref(&home.key)).unwrap();
    assert!(Arc::ptr_eq(&first, &cache.verify(&again, &token, START).unwrap()));
}

#[test]
fn the_memory_is_bounded_and_keeps_what_is_used() {
    let home = installation(SigningAlgorithm::EdDsa);
    let cache = VerifiedCache::new(home.verifier.clone(), 160);
    let favourite = home.token();
    let first = cache.verify(&home.ring, &favourite, START).unwrap();
    for _ in 0..1_000 {
        let token = home.issuer.issue(&home.ring, &home.subject, START, None, &OsRandomness);
        cache.verify(&home.ring, token.unwrap().expose(), START).unwrap();
        let again = cache.verify(&home.ring, &favourite, START).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(cache.len() <= 160, "{}", cache.len());
    }
    assert!(cache.len() >= 60, "{}", cache.len());
    assert!(!cache.is_empty());
}
