//! Organizations, users and roles.

use auth_model::{Organization, Role, User};

use super::fixtures::{World, assert_duplicate, assert_missing, key_id, role_pattern};
use crate::Store;

/// Also when they were added in another order.
pub async fn organizations_are_listed_oldest_first(store: &dyn Store) {
    let world = World::new(store);
    let (first, second, third) = (world.organization(), world.organization(), world.organization());
    for row in [&second, &third, &first] {
        store.insert_organization(row, &world.event(row.id)).await.unwrap();
    }
    assert_eq!(store.organizations().await.unwrap(), [first, second.clone(), third]);
    assert_eq!(store.organization(second.id).await.unwrap(), Some(second));
}

/// By its id as by its number.
pub async fn an_organization_is_added_once(store: &dyn Store) {
    let world = World::new(store);
    let row = world.organization_added().await;
    for again in [
        Organization { id: row.id, ..world.organization() },
        Organization { number: row.number, ..world.organization() },
    ] {
        let outcome = store.insert_organization(&again, &world.event(row.id)).await;
        assert_duplicate(outcome, "an organization");
    }
    assert_eq!(store.organizations().await.unwrap(), [row]);
}

/// Name, `disabled` and time of change are replaced.
pub async fn an_update_of_an_organization_keeps_number_and_age(store: &dyn Store) {
    let world = World::new(store);
    let row = world.organization_added().await;
    let (other, event) = (world.organization(), world.event(row.id));
    let change = Organization { id: row.id, disabled: true, ..other };
    assert!(store.update_organization(&change, &event).await.unwrap());
    let kept = Organization { number: row.number, created_at: row.created_at, ..change };
    assert_eq!(store.organization(row.id).await.unwrap(), Some(kept));
    assert!(world.has_event(&event).await);
}

/// Roles in the order given.
pub async fn users_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let first = world.user(org, &[two.id, one.id]);
    let second = User { service_account: true, disabled: true, ..world.user(org, &[]) };
    let second = User { name: String::new(), title: String::new(), ..second };
    for row in [&second, &first] {
        store.insert_user(row, &world.event(org)).await.unwrap();
    }
    assert_eq!(store.user(org, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.users(org).await.unwrap(), [first, second]);
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
    assert_eq!(store.users(org).await.unwrap().len(), 3);
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

/// Its own organization's roles.
pub async fn a_user_needs_its_organization_and_roles(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.organization_added().await.id, world.organization_added().await.id);
    let role = world.role_added(theirs, &[]).await;
    let user = world.user(ours, &[role.id]);
    assert_missing(store.insert_user(&user, &world.event(ours)).await, "role");
    let user = world.user(world.id(), &[]);
    assert_missing(store.insert_user(&user, &world.event(ours)).await, "organization");
    assert_eq!(store.users(ours).await.unwrap(), []);
    let role = world.role(world.id(), &[]);
    assert_missing(store.insert_role(&role, &world.event(ours)).await, "organization");
}

/// The rest is replaced, roles too.
pub async fn an_update_of_a_user_keeps_kind_and_age(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let row = world.user_added(org, &[one.id]).await;
    let change = User { id: row.id, disabled: true, ..world.user(org, &[two.id, one.id]) };
    let change = User { service_account: true, ..change };
    let event = world.event(org);
    assert!(store.update_user(&change, &event).await.unwrap());
    let kept = User { service_account: false, created_at: row.created_at, ..change };
    assert_eq!(store.user(org, row.id).await.unwrap(), Some(kept));
    assert!(world.has_event(&event).await);
}

/// And then nothing of it is changed.
pub async fn an_update_of_a_user_may_not_take_an_email_or_a_missing_role(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let role = world.role_added(org, &[]).await;
    let (ada, bob) = (world.user_added(org, &[]).await, world.user_added(org, &[role.id]).await);
    let (taken, event) = (User { email: ada.email, ..bob.clone() }, world.event(org));
    assert_duplicate(store.update_user(&taken, &event).await, "a user");
    let roleless = User { roles: vec![world.id()], name: "Bert".to_owned(), ..bob.clone() };
    assert_missing(store.update_user(&roleless, &event).await, "role");
    assert_eq!(store.user(org, bob.id).await.unwrap(), Some(bob));
    assert!(!world.has_event(&event).await);
}

/// With any number of permissions.
pub async fn roles_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let first = world.role(org, &[world.id(), world.id(), world.id()]);
    let second = Role { managed: true, ..world.role(org, &[]) };
    for row in [&second, &first] {
        store.insert_role(row, &world.event(org)).await.unwrap();
    }
    assert_eq!(store.role(org, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.roles(org).await.unwrap(), [first, second]);
}

/// In its organization.
pub async fn a_role_has_a_name_of_its_own(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let again = Role { name: one.name.clone(), ..world.role(org, &[]) };
    assert_duplicate(store.insert_role(&again, &world.event(org)).await, "a role");
    let renamed = Role { name: one.name.clone(), ..two.clone() };
    assert_duplicate(store.update_role(&renamed, &world.event(org)).await, "a role");
    assert_eq!(store.roles(org).await.unwrap(), [one, two]);
}

/// And keeps the rest.
pub async fn an_update_of_a_role_replaces_name_and_permissions(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let shared = world.id();
    let row = world.role_added(org, &[world.id(), shared]).await;
    let change = Role { id: row.id, managed: true, ..world.role(org, &[shared, world.id()]) };
    assert!(store.update_role(&change, &world.event(org)).await.unwrap());
    let kept = Role { managed: false, created_at: row.created_at, ..change };
    assert_eq!(store.role(org, row.id).await.unwrap(), Some(kept));
}

/// The same ids, names and addresses in two organizations are different rows, and neither sees the other's.
pub async fn organizations_are_apart(store: &dyn Store) {
    let world = World::new(store);
    let ours = world.home().await;
    let theirs = world.organization_added().await.id;
    let role = Role { org: theirs, ..ours.role.clone() };
    store.insert_role(&role, &world.event(theirs)).await.unwrap();
    let user = User { org: theirs, name: "Eve".to_owned(), ..ours.user.clone() };
    store.insert_user(&user, &world.event(theirs)).await.unwrap();
    assert_eq!(store.role(ours.org, role.id).await.unwrap(), Some(ours.role));
    assert_eq!(store.user(ours.org, user.id).await.unwrap(), Some(ours.user.clone()));
    assert_eq!(
        store.users_by_email(theirs, &user.email).await.unwrap(),
        std::slice::from_ref(&user)
    );
    let renamed = User { title: "Changed".to_owned(), ..user };
    assert!(store.update_user(&renamed, &world.event(theirs)).await.unwrap());
    assert_eq!(store.users(ours.org).await.unwrap(), [ours.user]);
    assert_eq!(store.users(theirs).await.unwrap(), [renamed]);
}

/// For every way of asking for, changing or removing one row.
pub async fn an_unknown_id_is_nothing_and_leaves_no_event(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    assert_eq!(store.organization(world.id()).await.unwrap(), None);
    assert_eq!(store.user(org, world.id()).await.unwrap(), None);
    assert_eq!(store.role(org, world.id()).await.unwrap(), None);
    assert_eq!(store.persona_mapping(org, world.id()).await.unwrap(), None);
    assert_eq!(store.intake_mapping(org, world.id()).await.unwrap(), None);
    assert_eq!(store.aws_account(org, world.id()).await.unwrap(), None);
    assert_eq!(store.managed_key(org, world.id()).await.unwrap(), None);
    assert!(!store.update_organization(&world.organization(), &event).await.unwrap());
    assert!(!store.update_user(&world.user(org, &[]), &event).await.unwrap());
    assert!(!store.update_role(&world.role(org, &[world.id()]), &event).await.unwrap());
    let account = world.account(org, "999999999999");
    assert!(!store.update_aws_account(&account, &event).await.unwrap());
    assert!(!store.delete_aws_account(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_persona_mapping(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_intake_mapping(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_api_key(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_app_key(org, world.id(), &event).await.unwrap());
    assert!(!store.promote_signing_key(&key_id("none"), world.now()).await.unwrap());
    assert!(!store.remove_signing_key(&key_id("none")).await.unwrap());
    assert!(!world.has_event(&event).await);
    // The event's id is still free.
    let mapping = world.persona(&home, &role_pattern("r"));
    store.insert_persona_mapping(&mapping, &event).await.unwrap();
    assert!(world.has_event(&event).await);
}
