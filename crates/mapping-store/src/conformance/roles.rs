//! Roles, what they hold and who holds them.

use auth_model::{PermissionSet, Role, RoleChange, User};

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::Store;

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
    assert_eq!(world.roles(org).await, [first, second]);
}

/// In its organization.
pub async fn a_role_has_a_name_of_its_own(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let again = Role { name: one.name.clone(), ..world.role(org, &[]) };
    assert_duplicate(store.insert_role(&again, &world.event(org)).await, "a role");
    let again = Role { id: one.id, ..world.role(org, &[]) };
    assert_duplicate(store.insert_role(&again, &world.event(org)).await, "a role");
    let rename = RoleChange { name: Some(one.name.clone()), ..RoleChange::default() };
    let event = world.event(org);
    assert_duplicate(store.change_role(org, two.id, &rename, &event).await, "a role");
    assert!(!world.has_event(&event).await);
    assert_eq!(world.roles(org).await, [one, two]);
}

/// Oldest first, each once, whatever else is asked for.
pub async fn roles_are_found_by_ids(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let one = world.role_added(org, &[world.id()]).await;
    let two = world.role_added(org, &[]).await;
    world.role_added(org, &[]).await;
    let asked = [two.id, world.id(), one.id, two.id];
    assert_eq!(store.roles_by_ids(org, &asked).await.unwrap(), [one, two]);
    assert_eq!(store.roles_by_ids(org, &[]).await.unwrap(), []);
}

/// Its answer is the row as it is then.
pub async fn a_change_of_a_role_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let shared = world.id();
    let mut row = world.role_added(org, &[world.id(), shared]).await;
    for change in [
        RoleChange { name: Some("renamed".to_owned()), ..RoleChange::default() },
        RoleChange { permissions: Some([shared, world.id()].into()), ..RoleChange::default() },
        RoleChange { permissions: Some(PermissionSet::new()), ..RoleChange::default() },
        RoleChange::default(),
    ] {
        let change = RoleChange { modified_at: world.now(), ..change };
        change.apply(&mut row);
        let event = world.event(org);
        let changed = store.change_role(org, row.id, &change, &event).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&row));
        assert_eq!(store.role(org, row.id).await.unwrap().as_ref(), Some(&row));
        assert!(world.has_event(&event).await);
    }
}

/// Each once, at the time of the event; what is so already is no change.
pub async fn permissions_are_granted_and_revoked(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let mut row = world.role_added(org, &[world.id()]).await;
    let permission = world.id();
    for granted in [true, true, false, false, true] {
        let event = world.event(org);
        let happens = row.permissions.contains(&permission) != granted;
        let happened = match granted {
            true => store.grant_permission(org, row.id, permission, &event).await,
            false => store.revoke_permission(org, row.id, permission, &event).await,
        };
        assert_eq!(happened.unwrap(), happens);
        assert_eq!(world.has_event(&event).await, happens);
        if happens {
            row.modified_at = event.at;
        }
        if granted {
            row.permissions.insert(permission)
        } else {
            row.permissions.remove(&permission)
        };
        assert_eq!(store.role(org, row.id).await.unwrap().as_ref(), Some(&row));
    }
    let event = world.event(org);
    let (role, permission) = (world.id(), world.id());
    assert_missing(store.grant_permission(org, role, permission, &event).await, "role");
    assert_missing(store.revoke_permission(org, role, permission, &event).await, "role");
    assert!(!world.has_event(&event).await);
}

/// After those that the user holds; neither the role's time of change nor the user's moves.
pub async fn roles_are_given_and_taken(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let mut user = world.user_added(org, &[one.id]).await;
    let other = world.user_added(org, &[two.id]).await;
    for (given, role, roles) in [
        (true, two.id, vec![one.id, two.id]),
        (true, one.id, vec![one.id, two.id]),
        (false, one.id, vec![two.id]),
        (false, one.id, vec![two.id]),
        (true, one.id, vec![two.id, one.id]),
        (false, one.id, vec![two.id]),
        (false, two.id, vec![]),
        (true, one.id, vec![one.id]),
    ] {
        let event = world.event(org);
        let happened = match given {
            true => store.add_role_holder(org, role, user.id, &event).await.unwrap(),
            false => store.remove_role_holder(org, role, user.id, &event).await.unwrap(),
        };
        assert_eq!(happened, user.roles != roles);
        assert_eq!(world.has_event(&event).await, happened);
        user.roles = roles;
        assert_eq!(store.user(org, user.id).await.unwrap().as_ref(), Some(&user));
        for role in [one.id, two.id] {
            let users = [&user, &other];
            let held = users.iter().filter(|user| user.roles.contains(&role)).count();
            assert_eq!(world.holders(org, role).await, u64::try_from(held).unwrap());
        }
    }
    assert_eq!(world.roles(org).await, [one.clone(), two]);
    let event = world.event(org);
    let (nobody, nothing) = (world.id(), world.id());
    assert_missing(store.add_role_holder(org, nothing, user.id, &event).await, "role");
    assert_missing(store.add_role_holder(org, one.id, nobody, &event).await, "user");
    assert_missing(store.remove_role_holder(org, nothing, user.id, &event).await, "role");
    assert_missing(store.remove_role_holder(org, one.id, nobody, &event).await, "user");
    assert!(!world.has_event(&event).await);
}

/// Its holders stay, with their other roles in order.
pub async fn a_deleted_role_is_held_by_nobody(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let three = world.role_added(org, &[]).await;
    let ada = world.user_added(org, &[one.id, two.id, three.id]).await;
    let bob = world.user_added(org, &[two.id]).await;
    for there in [true, false] {
        let event = world.event(org);
        assert_eq!(store.delete_role(org, two.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
    }
    assert_eq!(store.role(org, two.id).await.unwrap(), None);
    let ada = User { roles: vec![one.id, three.id], ..ada };
    let bob = User { roles: vec![], ..bob };
    assert_eq!(world.users(org).await, [ada, bob]);
    assert_eq!(world.roles(org).await, [one, three]);
    // Its name and its id are free again.
    store.insert_role(&two, &world.event(org)).await.unwrap();
    assert_eq!(world.holders(org, two.id).await, 0);
}
