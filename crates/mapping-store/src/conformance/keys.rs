//! API keys, application keys and managed keys.

use std::time::Duration;

use auth_model::{ApiKey, AppKey, KeyHash, ManagedKey};

use super::fixtures::{World, assert_duplicate, assert_missing, role_pattern};
use crate::Store;

/// Oldest first.
pub async fn api_keys_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let first = ApiKey { created_by: Some(home.user.id), ..world.api_key(home.org) };
    let second = ApiKey { modified_at: world.now(), ..world.api_key(home.org) };
    for row in [&second, &first] {
        store.insert_api_key(row, &world.event(home.org)).await.unwrap();
    }
    assert_eq!(store.api_keys(home.org).await.unwrap(), [first, second]);
}

/// In the whole installation: a key is looked up by its hash alone.
pub async fn a_key_hash_is_taken_once(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let api = world.api_key_added(ours.org).await;
    let again = ApiKey { hash: api.hash, ..world.api_key(theirs.org) };
    assert_duplicate(store.insert_api_key(&again, &world.event(theirs.org)).await, "an API key");
    let app = world.app_key_added(ours.org, ours.user.id).await;
    let again = AppKey { hash: app.hash, ..world.app_key(theirs.org, theirs.user.id) };
    let outcome = store.insert_app_key(&again, &world.event(theirs.org)).await;
    assert_duplicate(outcome, "an application key");
    assert_eq!(store.api_keys(theirs.org).await.unwrap(), []);
    assert_eq!(store.app_keys(theirs.org).await.unwrap(), []);
    let stray = world.api_key(world.id());
    assert_missing(store.insert_api_key(&stray, &world.event(ours.org)).await, "organization");
}

/// No scopes at all differ from an empty set of them.
pub async fn app_keys_keep_their_scopes(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut rows = Vec::new();
    for scopes in [None, Some(vec![]), Some(vec![world.id(), world.id()])] {
        let scopes = scopes.map(|scopes| scopes.into_iter().collect());
        let row = AppKey { scopes, ..world.app_key(home.org, home.user.id) };
        store.insert_app_key(&row, &world.event(home.org)).await.unwrap();
        rows.push(row);
    }
    assert_eq!(store.app_keys(home.org).await.unwrap(), rows);
}

/// A user of the same organization.
pub async fn an_app_key_needs_its_owner(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let key = world.app_key(ours.org, theirs.user.id);
    assert_missing(store.insert_app_key(&key, &world.event(ours.org)).await, "user");
    assert_eq!(store.app_keys(ours.org).await.unwrap(), []);
}

/// And just once.
pub async fn keys_are_removed_in_their_organization_only(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let api = world.api_key_added(ours.org).await;
    let app = world.app_key_added(ours.org, ours.user.id).await;
    assert!(!store.delete_api_key(theirs.org, api.id, &world.event(theirs.org)).await.unwrap());
    assert!(!store.delete_app_key(theirs.org, app.id, &world.event(theirs.org)).await.unwrap());
    for there in [true, false] {
        let event = world.event(ours.org);
        assert_eq!(store.delete_api_key(ours.org, api.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
        let event = world.event(ours.org);
        assert_eq!(store.delete_app_key(ours.org, app.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
    }
    assert_eq!(store.api_keys(ours.org).await.unwrap(), []);
    assert_eq!(store.app_keys(ours.org).await.unwrap(), []);
}

/// By its number, whatever the order of insertion.
pub async fn the_newest_generation_of_a_managed_key_is_found(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let mapping = world.intake_added(&ours, &role_pattern("agent")).await;
    let other = world.intake_added(&ours, &role_pattern("other")).await;
    assert_eq!(store.managed_key(ours.org, mapping.id).await.unwrap(), None);
    world.managed_key_added(&mapping, 1).await;
    let newest = world.managed_key_added(&mapping, 10).await;
    world.managed_key_added(&mapping, 9).await;
    world.managed_key_added(&other, 11).await;
    assert_eq!(store.managed_key(ours.org, mapping.id).await.unwrap(), Some(newest));
    assert_eq!(store.managed_key(theirs.org, mapping.id).await.unwrap(), None);
}

/// In its mapping; and its hash only once at all.
pub async fn a_generation_of_a_managed_key_is_added_once(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let first = world.managed_key_added(&mapping, 1).await;
    let again = world.managed_key(&mapping, 1);
    assert_duplicate(store.insert_managed_key(&again).await, "a managed key");
    let again = ManagedKey { hash: first.hash, ..world.managed_key(&mapping, 2) };
    assert_duplicate(store.insert_managed_key(&again).await, "a managed key");
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap(), Some(first));
}

/// Of its own organization.
pub async fn a_managed_key_needs_its_mapping(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let mapping = world.intake_added(&ours, &role_pattern("agent")).await;
    let stray = ManagedKey { org: theirs.org, ..world.managed_key(&mapping, 1) };
    assert_missing(store.insert_managed_key(&stray).await, "intake mapping");
    let persona = world.persona_added(&ours, &role_pattern("agent")).await;
    let stray = ManagedKey { mapping: persona.id, ..world.managed_key(&mapping, 1) };
    assert_missing(store.insert_managed_key(&stray).await, "intake mapping");
}

/// And those of other mappings stay.
pub async fn managed_keys_go_with_their_mapping(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let other = world.intake_added(&home, &role_pattern("other")).await;
    let gone = world.managed_key_added(&mapping, 1).await;
    let kept = world.managed_key_added(&other, 1).await;
    assert!(
        store.delete_intake_mapping(home.org, mapping.id, &world.event(home.org)).await.unwrap()
    );
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap(), None);
    assert_eq!(store.by_api_key(gone.hash, gone.created_at).await.unwrap(), None);
    assert_eq!(store.managed_key(home.org, other.id).await.unwrap(), Some(kept));
    assert_missing(store.insert_managed_key(&gone).await, "intake mapping");
}

/// Those that expired before the time given, not at it.
pub async fn expired_managed_keys_are_swept(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let old = world.managed_key_added(&mapping, 1).await;
    let new = ManagedKey {
        expires_at: old.expires_at.plus(Duration::from_secs(1)),
        ..world.managed_key(&mapping, 2)
    };
    store.insert_managed_key(&new).await.unwrap();
    assert_eq!(store.sweep_managed_keys(old.expires_at).await.unwrap(), 0);
    assert_eq!(store.sweep_managed_keys(new.expires_at).await.unwrap(), 1);
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap().as_ref(), Some(&new));
    let later = new.expires_at.plus(Duration::from_secs(1));
    assert_eq!(store.sweep_managed_keys(later).await.unwrap(), 1);
    assert_eq!(store.by_api_key(KeyHash([1; 32]), world.now()).await.unwrap(), None);
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap(), None);
}
