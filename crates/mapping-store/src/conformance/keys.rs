//! API keys that people made, application keys, and when keys were last used.

use std::time::Duration;

use auth_model::{ApiKey, ApiKeyChange, AppKey, AppKeyChange, PermissionSet, Timestamp};
use futures_util::future::join_all;

use super::fixtures::{World, assert_duplicate, assert_missing, role_pattern};
use crate::{KeyUse, Store, StoreError, UsedKey};

/// With everything they were given.
pub async fn api_keys_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let user = Some(home.user.id);
    let first = ApiKey { created_by: user, modified_by: user, ..world.api_key(home.org) };
    let first = ApiKey { remote_config_read_enabled: true, ..first };
    let second = ApiKey { modified_at: world.now(), ..world.api_key(home.org) };
    let second = ApiKey { last_used_at: Some(world.now()), ..second };
    for row in [&second, &first] {
        store.insert_api_key(row, 2, &world.event(home.org)).await.unwrap();
        assert_eq!(store.api_key(home.org, row.id).await.unwrap().as_ref(), Some(row));
    }
    assert_eq!(world.api_keys(home.org).await, [first, second]);
}

/// In the whole installation: a key is looked up by its hash alone.
pub async fn a_key_hash_is_taken_once(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let api = world.api_key_added(ours.org).await;
    let again = ApiKey { hash: api.hash, ..world.api_key(theirs.org) };
    assert_duplicate(
        store.insert_api_key(&again, u64::MAX, &world.event(theirs.org)).await,
        "an API key",
    );
    let app = world.app_key_added(ours.org, ours.user.id).await;
    let again = AppKey { hash: app.hash, ..world.app_key(theirs.org, theirs.user.id) };
    let outcome = store.insert_app_key(&again, u64::MAX, &world.event(theirs.org)).await;
    assert_duplicate(outcome, "an application key");
    assert_eq!(world.api_keys(theirs.org).await, []);
    assert_eq!(world.app_keys(theirs.org).await, []);
    let stray = world.api_key(world.id());
    assert_missing(
        store.insert_api_key(&stray, u64::MAX, &world.event(ours.org)).await,
        "organization",
    );
}

/// No scopes at all differ from an empty set of them.
pub async fn app_keys_keep_their_scopes(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut rows = Vec::new();
    for scopes in [None, Some(vec![]), Some(vec![world.id(), world.id()])] {
        let scopes = scopes.map(|scopes| scopes.into_iter().collect());
        let row = AppKey { scopes, ..world.app_key(home.org, home.user.id) };
        store.insert_app_key(&row, u64::MAX, &world.event(home.org)).await.unwrap();
        rows.push(row);
    }
    assert_eq!(world.app_keys(home.org).await, rows);
}

/// A user of the same organization.
pub async fn an_app_key_needs_its_owner(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let key = world.app_key(ours.org, theirs.user.id);
    assert_missing(store.insert_app_key(&key, u64::MAX, &world.event(ours.org)).await, "user");
    assert_eq!(world.app_keys(ours.org).await, []);
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
    assert_eq!(world.api_keys(ours.org).await, []);
    assert_eq!(world.app_keys(ours.org).await, []);
}

/// Its answer is the row as it is then.
pub async fn a_change_of_an_api_key_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut row = world.api_key_added(home.org).await;
    for change in [
        ApiKeyChange { name: Some("renamed".to_owned()), ..ApiKeyChange::default() },
        ApiKeyChange { remote_config_read_enabled: Some(true), ..ApiKeyChange::default() },
        ApiKeyChange { modified_by: Some(home.user.id), ..ApiKeyChange::default() },
        ApiKeyChange { remote_config_read_enabled: Some(false), ..ApiKeyChange::default() },
    ] {
        let change = ApiKeyChange { modified_at: world.now(), ..change };
        change.apply(&mut row);
        let event = world.event(home.org);
        let changed = store.change_api_key(home.org, row.id, &change, &event).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&row));
        assert_eq!(store.api_key(home.org, row.id).await.unwrap().as_ref(), Some(&row));
        assert!(world.has_event(&event).await);
    }
}

/// Its answer is the row as it is then; narrowing can be taken away.
pub async fn a_change_of_an_app_key_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut row = world.app_key_added(home.org, home.user.id).await;
    for change in [
        AppKeyChange { name: Some("renamed".to_owned()), ..AppKeyChange::default() },
        AppKeyChange { scopes: Some(Some([world.id()].into())), ..AppKeyChange::default() },
        AppKeyChange { name: Some(String::new()), ..AppKeyChange::default() },
        AppKeyChange { scopes: Some(Some(PermissionSet::new())), ..AppKeyChange::default() },
        AppKeyChange { scopes: Some(None), ..AppKeyChange::default() },
    ] {
        change.apply(&mut row);
        let event = world.event(home.org);
        let changed = store.change_app_key(home.org, row.id, &change, &event).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&row));
        assert_eq!(store.app_key(home.org, row.id).await.unwrap().as_ref(), Some(&row));
        assert!(world.has_event(&event).await);
    }
}

#[track_caller]
fn assert_full(outcome: Result<(), StoreError>, of: &str) {
    assert!(
        matches!(&outcome, Err(StoreError::Full { what, .. }) if *what == of),
        "expected too many {of}, got {outcome:?}"
    );
}

/// Generations of managed keys among them, and another organization's not.
pub async fn an_organization_has_no_more_api_keys_than_it_may(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    world.api_key_added(other.org).await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let managed = world.managed_key_added(&mapping, 1).await;
    let made = world.api_key_added(home.org).await;
    let (row, event) = (world.api_key(home.org), world.event(home.org));
    assert_full(store.insert_api_key(&row, 2, &event).await, "API keys");
    assert_full(store.insert_api_key(&row, 0, &event).await, "API keys");
    let again = ApiKey { hash: managed.hash, ..world.api_key(home.org) };
    assert_duplicate(store.insert_api_key(&again, 2, &event).await, "an API key");
    assert!(!world.has_event(&event).await);
    assert_eq!(world.api_keys(home.org).await.len(), 2);
    assert!(store.delete_api_key(home.org, made.id, &world.event(home.org)).await.unwrap());
    store.insert_api_key(&row, 2, &event).await.unwrap();
    assert!(world.has_event(&event).await);
}

/// Another user of the organization has as many again.
pub async fn a_user_has_no_more_app_keys_than_they_may(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let other = world.user_added(home.org, &[]).await;
    let first = world.app_key_added(home.org, home.user.id).await;
    world.app_key_added(home.org, other.id).await;
    let (row, event) = (world.app_key(home.org, home.user.id), world.event(home.org));
    let full = "application keys of this user";
    assert_full(store.insert_app_key(&row, 1, &event).await, full);
    assert!(!world.has_event(&event).await);
    assert!(store.delete_app_key(home.org, first.id, &world.event(home.org)).await.unwrap());
    store.insert_app_key(&row, 1, &event).await.unwrap();
    assert_eq!(world.app_keys(home.org).await.len(), 2);
}

/// Of eight calls at once as many as there may be go well.
pub async fn keys_at_once_are_no_more_than_there_may_be(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let rows: Vec<_> = (0..8).map(|_| (world.api_key(home.org), world.event(home.org))).collect();
    let calls = rows.iter().map(|(row, event)| store.insert_api_key(row, 3, event));
    let outcomes = join_all(calls).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3, "{outcomes:?}");
    assert_eq!(world.api_keys(home.org).await.len(), 3);
    let rows: Vec<_> =
        (0..8).map(|_| (world.app_key(home.org, home.user.id), world.event(home.org))).collect();
    let calls = rows.iter().map(|(row, event)| store.insert_app_key(row, 3, event));
    let outcomes = join_all(calls).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3, "{outcomes:?}");
    assert_eq!(world.app_keys(home.org).await.len(), 3);
}

/// Many at a time; a time never goes back, and a key that is gone is passed over.
pub async fn uses_of_keys_are_noted(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let managed = world.managed_key_added(&mapping, 1).await;
    let made = world.api_key_added(org).await;
    let unused = world.api_key_added(org).await;
    let app = world.app_key_added(org, home.user.id).await;
    let managed = auth_model::ApiKeyId(managed.id.0);
    let last = async || {
        let api = |id| async move { store.api_key(org, id).await.unwrap().unwrap().last_used_at };
        let app = store.app_key(org, app.id).await.unwrap().unwrap().last_used_at;
        [api(made.id).await, api(managed).await, app, api(unused.id).await]
    };
    let at = |n| Some(made.created_at.plus(Duration::from_secs(n)));
    let note = async |uses: &[(UsedKey, Option<Timestamp>)]| {
        let uses: Vec<KeyUse> =
            uses.iter().map(|(key, at)| KeyUse { org, key: *key, at: at.unwrap() }).collect();
        store.note_key_uses(&uses).await.unwrap();
    };
    let (made, managed, app) = (UsedKey::Api(made.id), UsedKey::Api(managed), UsedKey::App(app.id));
    note(&[]).await;
    assert_eq!(last().await, [None; 4]);
    note(&[(made, at(5)), (app, at(6))]).await;
    assert_eq!(last().await, [at(5), None, at(6), None]);
    let gone = [(UsedKey::Api(world.id()), at(9)), (UsedKey::App(world.id()), at(9))];
    note(&[gone[0], (made, at(7)), (managed, at(3)), (made, at(4)), gone[1]]).await;
    assert_eq!(last().await, [at(7), at(3), at(6), None]);
    note(&[(app, at(1)), (managed, at(2)), (made, at(7))]).await;
    assert_eq!(last().await, [at(7), at(3), at(6), None]);
    // Each kind has ids of its own.
    let (UsedKey::Api(id), UsedKey::App(other)) = (made, app) else { return };
    let (id, other) = (auth_model::AppKeyId(id.0), auth_model::ApiKeyId(other.0));
    note(&[(UsedKey::App(id), at(9)), (UsedKey::Api(other), at(9))]).await;
    assert_eq!(last().await, [at(7), at(3), at(6), None]);
}

/// In whatever order they come, also from several replicas at once.
pub async fn uses_at_once_leave_the_latest(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut keys = Vec::new();
    for _ in 0..8 {
        keys.push(UsedKey::Api(world.api_key_added(home.org).await.id));
        keys.push(UsedKey::App(world.app_key_added(home.org, home.user.id).await.id));
    }
    let org = home.org;
    let batches: Vec<Vec<KeyUse>> = (0..8)
        .map(|n| {
            let mut uses: Vec<_> =
                keys.iter().map(|key| KeyUse { org, key: *key, at: world.now() }).collect();
            uses.rotate_left(n);
            uses
        })
        .collect();
    for outcome in join_all(batches.iter().map(|uses| store.note_key_uses(uses))).await {
        outcome.unwrap();
    }
    let latest = |key: UsedKey| {
        batches.iter().flatten().filter(|used| used.key == key).map(|used| used.at).max()
    };
    for row in world.api_keys(org).await {
        assert_eq!(row.last_used_at, latest(UsedKey::Api(row.id)));
    }
    for row in world.app_keys(org).await {
        assert_eq!(row.last_used_at, latest(UsedKey::App(row.id)));
    }
}
