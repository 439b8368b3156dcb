//! Who makes a request.

use std::time::Duration;

use auth_model::{AppKey, AwsAccount, KeyHash, Organization, PermissionSet};

use super::fixtures::{World, role_pattern};
use crate::{ApiKeyHolder, Authority, HeldKey, Store};

/// While the organization is enabled and the key is there.
pub async fn an_api_key_tells_its_organization(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    world.home().await;
    let key = world.api_key_added(home.org).await;
    let by_key = async || store.by_api_key(key.hash, world.now()).await.unwrap();
    let held = HeldKey::Made(key.id);
    let holder = ApiKeyHolder { organization: home.organization.clone(), key: held };
    assert_eq!(by_key().await, Some(holder.clone()));
    assert_eq!(store.by_api_key(KeyHash([7; 32]), world.now()).await.unwrap(), None);
    let disabled = Organization { disabled: true, ..home.organization.clone() };
    assert!(store.update_organization(&disabled, &world.event(home.org)).await.unwrap());
    assert_eq!(by_key().await, None);
    assert!(store.update_organization(&home.organization, &world.event(home.org)).await.unwrap());
    assert_eq!(by_key().await, Some(holder));
    assert!(store.delete_api_key(home.org, key.id, &world.event(home.org)).await.unwrap());
    assert_eq!(by_key().await, None);
}

/// Any generation that has not expired.
pub async fn a_managed_key_tells_its_mapping(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    for generation in 1..3 {
        let key = world.managed_key_added(&mapping, generation).await;
        let held = HeldKey::Managed { id: key.id, mapping: mapping.id };
        let holder = ApiKeyHolder { organization: home.organization.clone(), key: held };
        assert_eq!(store.by_api_key(key.hash, world.now()).await.unwrap(), Some(holder));
    }
    let key = store.managed_key(home.org, mapping.id).await.unwrap().unwrap();
    let disabled = Organization { disabled: true, ..home.organization };
    assert!(store.update_organization(&disabled, &world.event(home.org)).await.unwrap());
    assert_eq!(store.by_api_key(key.hash, world.now()).await.unwrap(), None);
}

/// At its time, not after it.
pub async fn a_managed_key_expires(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let key = world.managed_key_added(&mapping, 1).await;
    let last = key.expires_at.minus(Duration::from_micros(1));
    assert!(store.by_api_key(key.hash, last).await.unwrap().is_some());
    assert_eq!(store.by_api_key(key.hash, key.expires_at).await.unwrap(), None);
}

/// In the pattern's partition.
pub async fn a_managed_key_needs_its_account(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let key = world.managed_key_added(&mapping, 1).await;
    let by_key = async || store.by_api_key(key.hash, world.now()).await.unwrap();
    let china = AwsAccount { partition: "aws-cn".parse().unwrap(), ..home.account.clone() };
    assert!(store.update_aws_account(&china, &world.event(home.org)).await.unwrap());
    assert_eq!(by_key().await, None);
    assert!(store.update_aws_account(&home.account, &world.event(home.org)).await.unwrap());
    assert!(by_key().await.is_some());
    let event = world.event(home.org);
    assert!(store.delete_aws_account(home.org, home.account.id, &event).await.unwrap());
    assert_eq!(by_key().await, None);
}

/// A user without roles may do nothing; with several, what any of them lets it.
pub async fn a_key_pair_has_the_union_of_its_owners_roles(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (shared, alone) = (world.id(), world.id());
    let one = world.role_added(home.org, &[shared]).await;
    let two = world.role_added(home.org, &[shared, alone]).await;
    let empty = world.role_added(home.org, &[]).await;
    let user = world.user_added(home.org, &[two.id, empty.id, one.id]).await;
    let nobody = world.user_added(home.org, &[]).await;
    let api = world.api_key_added(home.org).await;
    for (user, permissions) in
        [(user, PermissionSet::from([shared, alone])), (nobody, PermissionSet::new())]
    {
        let app = world.app_key_added(home.org, user.id).await;
        let expected = Authority {
            organization: home.organization.clone(),
            user,
            permissions,
            keys: Some((api.id, app.id)),
            scopes: None,
        };
        assert_eq!(store.by_key_pair(api.hash, app.hash).await.unwrap(), Some(expected));
    }
}

/// None, or an empty set, or some.
pub async fn a_key_pair_has_the_scopes_of_its_application_key(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let api = world.api_key_added(home.org).await;
    for scopes in [None, Some(vec![]), Some(vec![world.id()])] {
        let scopes = scopes.map(|scopes| scopes.into_iter().collect::<PermissionSet>());
        let app = AppKey { scopes, ..world.app_key(home.org, home.user.id) };
        store.insert_app_key(&app, u64::MAX, &world.event(home.org)).await.unwrap();
        let authority = store.by_key_pair(api.hash, app.hash).await.unwrap().unwrap();
        assert_eq!(authority.scopes, app.scopes);
        assert_eq!(authority.permissions, home.role.permissions);
    }
}

/// Halves of two are none.
pub async fn a_key_pair_is_of_one_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let (our_api, their_api) =
        (world.api_key_added(ours.org).await, world.api_key_added(theirs.org).await);
    let our_app = world.app_key_added(ours.org, ours.user.id).await;
    assert!(store.by_key_pair(our_api.hash, our_app.hash).await.unwrap().is_some());
    assert_eq!(store.by_key_pair(their_api.hash, our_app.hash).await.unwrap(), None);
    // The halves can't change places either.
    assert_eq!(store.by_key_pair(our_app.hash, our_api.hash).await.unwrap(), None);
    assert_eq!(store.by_key_pair(our_api.hash, our_api.hash).await.unwrap(), None);
    assert_eq!(store.by_api_key(our_app.hash, world.now()).await.unwrap(), None);
}

/// It can submit telemetry and nothing else.
pub async fn a_04_a_managed_key_is_no_half_of_a_pair(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let managed = world.managed_key_added(&mapping, 1).await;
    let app = world.app_key_added(home.org, home.user.id).await;
    assert_eq!(store.by_key_pair(managed.hash, app.hash).await.unwrap(), None);
}

/// Organization, owner and either key.
pub async fn a_key_pair_ends_with_its_parts(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, || world.event(home.org));
    let api = world.api_key_added(org).await;
    let app = world.app_key_added(org, home.user.id).await;
    let holds = async || store.by_key_pair(api.hash, app.hash).await.unwrap().is_some();
    assert!(holds().await);
    world.disable(&home.user, true).await;
    assert!(!holds().await);
    world.disable(&home.user, false).await;
    assert!(holds().await);
    let disabled = Organization { disabled: true, ..home.organization.clone() };
    assert!(store.update_organization(&disabled, &event()).await.unwrap());
    assert!(!holds().await);
    assert!(store.update_organization(&home.organization, &event()).await.unwrap());
    assert!(holds().await);
    assert!(store.delete_app_key(org, app.id, &event()).await.unwrap());
    assert!(!holds().await);
    store.insert_app_key(&app, u64::MAX, &event()).await.unwrap();
    assert!(holds().await);
    assert!(store.delete_api_key(org, api.id, &event()).await.unwrap());
    assert!(!holds().await);
}

/// Without keys or scopes.
pub async fn a_mapping_gives_the_authority_of_its_target(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.persona_added(&home, &role_pattern("ci")).await;
    let expected = Authority {
        organization: home.organization.clone(),
        user: home.user.clone(),
        permissions: home.role.permissions.clone(),
        keys: None,
        scopes: None,
    };
    let authority = store.by_mapping(home.org, mapping.id, home.user.id).await.unwrap();
    assert_eq!(authority, Some(expected));
    let other = world.user_added(home.org, &[]).await;
    assert_eq!(store.by_mapping(home.org, mapping.id, other.id).await.unwrap(), None);
    let intake = world.intake_added(&home, &role_pattern("ci")).await;
    assert_eq!(store.by_mapping(home.org, intake.id, home.user.id).await.unwrap(), None);
}

/// Organization, target, account in its partition, and the mapping itself.
pub async fn a_mapping_ends_with_its_parts(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, || world.event(home.org));
    let mapping = world.persona_added(&home, &role_pattern("ci")).await;
    let holds = async || store.by_mapping(org, mapping.id, home.user.id).await.unwrap().is_some();
    world.disable(&home.user, true).await;
    assert!(!holds().await);
    world.disable(&home.user, false).await;
    assert!(holds().await);
    let disabled = Organization { disabled: true, ..home.organization.clone() };
    assert!(store.update_organization(&disabled, &event()).await.unwrap());
    assert!(!holds().await);
    assert!(store.update_organization(&home.organization, &event()).await.unwrap());
    assert!(holds().await);
    let china = AwsAccount { partition: "aws-cn".parse().unwrap(), ..home.account.clone() };
    assert!(store.update_aws_account(&china, &event()).await.unwrap());
    assert!(!holds().await);
    assert!(store.update_aws_account(&home.account, &event()).await.unwrap());
    assert!(holds().await);
    assert!(store.delete_aws_account(org, home.account.id, &event()).await.unwrap());
    assert!(!holds().await);
    store.insert_aws_account(&home.account, &event()).await.unwrap();
    assert!(holds().await);
    assert!(store.delete_persona_mapping(org, mapping.id, &event()).await.unwrap());
    assert!(!holds().await);
}

/// Asked for in another it is none.
pub async fn a_mapping_is_of_one_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let mapping = world.persona_added(&ours, &role_pattern("ci")).await;
    assert_eq!(store.by_mapping(theirs.org, mapping.id, ours.user.id).await.unwrap(), None);
    assert_eq!(store.by_mapping(theirs.org, mapping.id, theirs.user.id).await.unwrap(), None);
}
