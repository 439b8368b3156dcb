//! Users.

use auth_model::{User, UserChange};

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::Store;

/// Roles in the order given.
pub async fn users_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let first = world.user(org, &[two.id, one.id]);
    let second = User { service_account: true, disabled: true, ..world.user(org, &[]) };
    let second = User { name: String::new(), title: String::new(), ..second };
    let third = User { verified: false, ..world.user(org, &[one.id]) };
    for row in [&second, &first, &third] {
        store.insert_user(row, &world.event(org)).await.unwrap();
    }
    assert_eq!(store.user(org, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(world.users(org).await, [first, second, third]);
}

/// A service account may share it with anybody.
pub async fn people_have_an_email_address_of_their_own(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let ada = world.user_added(org, &[]).await;
    let namesake = User { email: ada.email.clone(), ..world.user(org, &[]) };
    assert_duplicate(store.insert_user(&namesake, &world.event(org)).await, "a user");
    let again = User { id: ada.id, ..world.user(org, &[]) };
    assert_duplicate(store.insert_user(&again, &world.event(org)).await, "a user");
    for _ in 0..2 {
        let machine = User { email: ada.email.clone(), ..world.user(org, &[]) };
        let machine = User { service_account: true, ..machine };
        store.insert_user(&machine, &world.event(org)).await.unwrap();
    }
    assert_eq!(world.users(org).await.len(), 3);
}

/// All of the address, oldest first.
pub async fn users_are_found_by_email(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let ada = world.user_added(org, &[]).await;
    world.user_added(org, &[]).await;
    let machine = User { email: ada.email.clone(), service_account: true, ..world.user(org, &[]) };
    store.insert_user(&machine, &world.event(org)).await.unwrap();
    let email = ada.email.clone();
    assert_eq!(store.users_by_email(org, &email).await.unwrap(), [ada, machine]);
    assert_eq!(store.users_by_email(org, "nobody@example.com").await.unwrap(), []);
}

/// Oldest first, each once, whatever else is asked for.
pub async fn users_are_found_by_ids(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (ada, bob) = (world.user_added(org, &[]).await, world.user_added(org, &[]).await);
    world.user_added(org, &[]).await;
    let asked = [bob.id, world.id(), ada.id, bob.id];
    assert_eq!(store.users_by_ids(org, &asked).await.unwrap(), [ada, bob]);
    assert_eq!(store.users_by_ids(org, &[]).await.unwrap(), []);
}

/// Its own organization's roles.
pub async fn a_user_needs_its_organization_and_roles(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.organization_added().await.id, world.organization_added().await.id);
    let role = world.role_added(theirs, &[]).await;
    let user = world.user(ours, &[role.id]);
    assert_missing(store.insert_user(&user, &world.event(ours)).await, "role");
    let user = world.user(world.id(), &[]);
    assert_missing(store.insert_user(&user, &world.event(ours)).await, "organization");
    assert_eq!(world.users(ours).await, []);
    let role = world.role(world.id(), &[]);
    assert_missing(store.insert_role(&role, &world.event(ours)).await, "organization");
}

/// And counted once.
pub async fn a_role_that_is_given_twice_is_held_once(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let user = world.user_added(org, &[two.id, one.id, two.id]).await;
    let kept = store.user(org, user.id).await.unwrap().unwrap();
    assert_eq!(kept.roles, [two.id, one.id]);
    assert_eq!(world.holders(org, two.id).await, 1);
}

/// Its answer is the row as it is then; roles, kind and age stay.
pub async fn a_change_of_a_user_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let role = world.role_added(org, &[]).await;
    let mut row = world.user_added(org, &[role.id]).await;
    let text = |text: &str| Some(text.to_owned());
    for change in [
        UserChange { name: text("Ada Lovelace"), ..UserChange::default() },
        UserChange { title: text(""), ..UserChange::default() },
        UserChange { email: text("ada@example.org"), ..UserChange::default() },
        UserChange { disabled: Some(true), ..UserChange::default() },
        UserChange { disabled: Some(false), name: text("A"), ..UserChange::default() },
        UserChange::default(),
    ] {
        let change = UserChange { modified_at: world.now(), ..change };
        change.apply(&mut row);
        let event = world.event(org);
        let changed = store.change_user(org, row.id, &change, &event).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&row));
        assert_eq!(store.user(org, row.id).await.unwrap().as_ref(), Some(&row));
        assert!(world.has_event(&event).await);
    }
    assert_eq!(store.users_by_email(org, "ada@example.org").await.unwrap(), [row]);
}

/// And then nothing of it is changed. A service account may.
pub async fn a_change_of_a_user_may_not_take_an_email(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (ada, bob) = (world.user_added(org, &[]).await, world.user_added(org, &[]).await);
    let machine = User { service_account: true, ..world.user(org, &[]) };
    store.insert_user(&machine, &world.event(org)).await.unwrap();
    let take = UserChange {
        email: Some(ada.email.clone()),
        name: Some("Bert".to_owned()),
        ..UserChange::default()
    };
    let event = world.event(org);
    assert_duplicate(store.change_user(org, bob.id, &take, &event).await, "a user");
    assert_eq!(store.user(org, bob.id).await.unwrap(), Some(bob));
    assert!(!world.has_event(&event).await);
    for id in [machine.id, ada.id] {
        let event = world.event(org);
        assert!(store.change_user(org, id, &take, &event).await.unwrap().is_some());
    }
    assert_eq!(store.users_by_email(org, &ada.email).await.unwrap().len(), 2);
}
