//! The ring of signing keys.

use auth_model::{KeyState, SigningAlgorithm, SigningKey};

use super::fixtures::{World, assert_duplicate};
use crate::Store;

/// With everything they were given.
pub async fn signing_keys_are_listed_oldest_first(store: &dyn Store) {
    let world = World::new(store);
    assert_eq!(store.signing_keys().await.unwrap(), []);
    let first = SigningKey {
        algorithm: SigningAlgorithm::Rs256,
        state_since: world.now(),
        ..world.signing_key(KeyState::Retired)
    };
    let second =
        SigningKey { algorithm: SigningAlgorithm::EdDsa, ..world.signing_key(KeyState::Current) };
    let third = world.signing_key(KeyState::Next);
    for row in [&third, &first, &second] {
        store.insert_signing_key(row).await.unwrap();
    }
    assert_eq!(store.signing_keys().await.unwrap(), [first, second, third]);
}

/// And any number are retired; an id is never taken twice.
pub async fn one_signing_key_is_next_and_one_is_current(store: &dyn Store) {
    let world = World::new(store);
    let first = world.signing_key_added(KeyState::Next).await;
    world.signing_key_added(KeyState::Current).await;
    world.signing_key_added(KeyState::Retired).await;
    world.signing_key_added(KeyState::Retired).await;
    let rows = store.signing_keys().await.unwrap();
    for state in [KeyState::Next, KeyState::Current] {
        let outcome = store.insert_signing_key(&world.signing_key(state)).await;
        assert_duplicate(outcome, "a signing key");
    }
    let again = SigningKey { kid: first.kid, ..world.signing_key(KeyState::Retired) };
    assert_duplicate(store.insert_signing_key(&again).await, "a signing key");
    assert_eq!(store.signing_keys().await.unwrap(), rows);
}

/// Its predecessor is retired at the same moment.
pub async fn a_signing_key_is_promoted_once(store: &dyn Store) {
    let world = World::new(store);
    let retired = world.signing_key_added(KeyState::Retired).await;
    let current = world.signing_key_added(KeyState::Current).await;
    let next = world.signing_key_added(KeyState::Next).await;
    for key in [&retired, &current] {
        assert!(!store.promote_signing_key(&key.kid, world.now()).await.unwrap());
    }
    let at = world.now();
    assert!(store.promote_signing_key(&next.kid, at).await.unwrap());
    let expected = [
        retired,
        SigningKey { state: KeyState::Retired, state_since: at, ..current },
        SigningKey { state: KeyState::Current, state_since: at, ..next.clone() },
    ];
    assert_eq!(store.signing_keys().await.unwrap(), expected);
    assert!(!store.promote_signing_key(&next.kid, world.now()).await.unwrap());
    assert_eq!(store.signing_keys().await.unwrap(), expected);
}

/// As in a new installation.
pub async fn the_first_signing_key_is_promoted_without_a_predecessor(store: &dyn Store) {
    let world = World::new(store);
    let next = world.signing_key_added(KeyState::Next).await;
    let at = world.now();
    assert!(store.promote_signing_key(&next.kid, at).await.unwrap());
    let current = SigningKey { state: KeyState::Current, state_since: at, ..next };
    assert_eq!(store.signing_keys().await.unwrap(), [current]);
}

/// Whatever signs or will sign stays.
pub async fn only_retired_signing_keys_are_removed(store: &dyn Store) {
    let world = World::new(store);
    let retired = world.signing_key_added(KeyState::Retired).await;
    let current = world.signing_key_added(KeyState::Current).await;
    let next = world.signing_key_added(KeyState::Next).await;
    assert!(!store.remove_signing_key(&current.kid).await.unwrap());
    assert!(!store.remove_signing_key(&next.kid).await.unwrap());
    assert!(store.remove_signing_key(&retired.kid).await.unwrap());
    assert!(!store.remove_signing_key(&retired.kid).await.unwrap());
    assert_eq!(store.signing_keys().await.unwrap(), [current, next]);
}
