//! Managed keys: their generations, also as they stand among API keys.

use std::time::Duration;

use auth_model::{ApiKey, ApiKeyChange, ApiKeyId, KeyHash, ManagedKey};

use super::fixtures::{World, as_api_key, assert_duplicate, assert_missing, role_pattern};
use crate::Store;

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

/// Named by mapping and generation.
pub async fn managed_keys_are_listed_among_api_keys(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let one = world.managed_key_added(&mapping, 1).await;
    let made = world.api_key_added(home.org).await;
    let two = world.managed_key_added(&mapping, 2).await;
    let expected = [as_api_key(&one), made, as_api_key(&two)];
    assert_eq!(world.api_keys(home.org).await, expected);
    let found = store.api_key(home.org, ApiKeyId(two.id.0)).await.unwrap();
    assert_eq!(found.as_ref(), Some(&expected[2]));
    assert_eq!(expected[2].name, format!("managed intake key 2 of mapping {}", mapping.id));
}

/// Nobody changes one; its program does.
pub async fn a_managed_key_is_not_changed_by_people(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let key = world.managed_key_added(&mapping, 1).await;
    let change = ApiKeyChange { name: Some("mine".to_owned()), ..ApiKeyChange::default() };
    let (id, event) = (ApiKeyId(key.id.0), world.event(home.org));
    assert_eq!(store.change_api_key(home.org, id, &change, &event).await.unwrap(), None);
    assert!(!world.has_event(&event).await);
    assert_eq!(world.api_keys(home.org).await, [as_api_key(&key)]);
}

/// It is refused from then on, and its generation can be made anew.
pub async fn a_managed_key_is_revoked_among_api_keys(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let (one, two) =
        (world.managed_key_added(&mapping, 1).await, world.managed_key_added(&mapping, 2).await);
    let id = ApiKeyId(two.id.0);
    for there in [true, false] {
        let event = world.event(home.org);
        assert_eq!(store.delete_api_key(home.org, id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
    }
    assert_eq!(store.by_api_key(two.hash, world.now()).await.unwrap(), None);
    assert!(store.by_api_key(one.hash, world.now()).await.unwrap().is_some());
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap().as_ref(), Some(&one));
    let anew = world.managed_key_added(&mapping, 2).await;
    assert_eq!(store.managed_key(home.org, mapping.id).await.unwrap().as_ref(), Some(&anew));
    assert!(store.by_api_key(anew.hash, world.now()).await.unwrap().is_some());
    assert_eq!(world.api_keys(home.org).await, [as_api_key(&one), as_api_key(&anew)]);
}

/// One lookup finds keys of either category, so that a hash or an id can't be of both.
pub async fn managed_keys_and_made_ones_are_apart(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let (managed, made) =
        (world.managed_key_added(&mapping, 1).await, world.api_key_added(home.org).await);
    for again in [
        ApiKey { hash: managed.hash, ..world.api_key(home.org) },
        ApiKey { id: ApiKeyId(managed.id.0), ..world.api_key(home.org) },
    ] {
        let outcome = store.insert_api_key(&again, u64::MAX, &world.event(home.org)).await;
        assert_duplicate(outcome, "an API key");
    }
    for again in [
        ManagedKey { hash: made.hash, ..world.managed_key(&mapping, 2) },
        ManagedKey { id: auth_model::ManagedKeyId(made.id.0), ..world.managed_key(&mapping, 2) },
    ] {
        assert_duplicate(store.insert_managed_key(&again).await, "a managed key");
    }
}
