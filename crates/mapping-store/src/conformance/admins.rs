//! That somebody is left who manages access.

use auth_model::{OrgId, Role, RoleChange, User, UserChange, permissions};
use futures_util::future::join_all;

use super::fixtures::World;
use crate::{Store, StoreError};

/// The ways of taking power away.
#[derive(Clone, Copy, Debug)]
enum Way {
    Disable,
    ChangeRole,
    DeleteRole,
    RevokePermission,
    RemoveHolder,
}

const WAYS: [Way; 5] =
    [Way::Disable, Way::ChangeRole, Way::DeleteRole, Way::RevokePermission, Way::RemoveHolder];

/// Takes it from a role or a user; whether it happened.
async fn take(world: &World<'_>, way: Way, role: &Role, user: &User) -> Result<bool, StoreError> {
    let (store, org, event) = (world.store, role.org, world.event(role.org));
    let happened = match way {
        Way::Disable => {
            let change = UserChange { disabled: Some(true), ..UserChange::default() };
            store.change_user(org, user.id, &change, &event).await.map(|user| user.is_some())
        }
        Way::ChangeRole => {
            let permissions = Some([world.id()].into());
            let change = RoleChange { permissions, ..RoleChange::default() };
            store.change_role(org, role.id, &change, &event).await.map(|role| role.is_some())
        }
        Way::DeleteRole => store.delete_role(org, role.id, &event).await,
        Way::RevokePermission => {
            let manages = permissions::USER_ACCESS_MANAGE.id;
            store.revoke_permission(org, role.id, manages, &event).await
        }
        Way::RemoveHolder => store.remove_role_holder(org, role.id, user.id, &event).await,
    };
    assert_eq!(world.has_event(&event).await, matches!(happened, Ok(true)), "{way:?}");
    happened
}

#[track_caller]
fn assert_last(outcome: &Result<bool, StoreError>, way: Way) {
    assert!(matches!(outcome, Err(StoreError::LastAdmin)), "{way:?}: {outcome:?}");
}

async fn admin(world: &World<'_>, org: OrgId) -> (Role, User) {
    let role = world.admin_role_added(org).await;
    let user = world.user_added(org, &[role.id]).await;
    (role, user)
}

/// In none of the five ways, and nothing of it is changed.
pub async fn the_last_admin_stays(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let other = world.role_added(org, &[world.id()]).await;
    let role = world.admin_role_added(org).await;
    let user = world.user_added(org, &[other.id, role.id]).await;
    world.user_added(org, &[other.id]).await;
    let (users, roles) = (world.users(org).await, world.counted_roles(org).await);
    for way in WAYS {
        assert_last(&take(&world, way, &role, &user).await, way);
        assert_eq!(world.users(org).await, users, "{way:?}");
        assert_eq!(world.counted_roles(org).await, roles, "{way:?}");
    }
}

/// A disabled user manages nothing, a role without holders neither, and another organization's admin is none of ours.
pub async fn others_do_not_stand_in_for_the_last_admin(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    admin(&world, world.organization_added().await.id).await;
    let (role, user) = admin(&world, org).await;
    world.admin_role_added(org).await;
    let disabled = world.user_added(org, &[role.id]).await;
    world.disable(&disabled, true).await;
    for way in WAYS {
        assert_last(&take(&world, way, &role, &user).await, way);
    }
}

/// In each of the five ways, one organization for each.
pub async fn one_of_two_admins_may_go(store: &dyn Store) {
    let world = World::new(store);
    for way in WAYS {
        let org = world.organization_added().await.id;
        let (role, user) = admin(&world, org).await;
        let (last_role, last_user) = admin(&world, org).await;
        assert!(take(&world, way, &role, &user).await.unwrap(), "{way:?}");
        assert_last(&take(&world, way, &last_role, &last_user).await, way);
    }
}

/// The last of its holders may be one of several ways to the permission.
pub async fn an_admin_by_two_roles_may_lose_one(store: &dyn Store) {
    let world = World::new(store);
    for way in [Way::ChangeRole, Way::DeleteRole, Way::RevokePermission, Way::RemoveHolder] {
        let org = world.organization_added().await.id;
        let (one, two) = (world.admin_role_added(org).await, world.admin_role_added(org).await);
        let user = world.user_added(org, &[one.id, two.id]).await;
        assert!(take(&world, way, &one, &user).await.unwrap(), "{way:?}");
        assert_last(&take(&world, way, &two, &user).await, way);
    }
}

/// Where nobody manages access, nobody is kept from changing that nobody does.
pub async fn without_an_admin_nobody_is_the_last(store: &dyn Store) {
    let world = World::new(store);
    for way in WAYS {
        let org = world.organization_added().await.id;
        let role = world.admin_role_added(org).await;
        let user = User { disabled: true, ..world.user(org, &[role.id]) };
        store.insert_user(&user, &world.event(org)).await.unwrap();
        assert!(take(&world, way, &role, &user).await.unwrap(), "{way:?}");
    }
}

/// What takes no power away is no matter of admins.
pub async fn the_last_admin_may_be_changed_otherwise(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (role, user) = admin(&world, org).await;
    let change = UserChange { name: Some("renamed".to_owned()), ..UserChange::default() };
    assert!(store.change_user(org, user.id, &change, &world.event(org)).await.unwrap().is_some());
    let change = RoleChange { name: Some("renamed".to_owned()), ..RoleChange::default() };
    assert!(store.change_role(org, role.id, &change, &world.event(org)).await.unwrap().is_some());
    let manages = permissions::USER_ACCESS_MANAGE.id;
    let permissions = Some([manages].into());
    let change = RoleChange { permissions, ..RoleChange::default() };
    assert!(store.change_role(org, role.id, &change, &world.event(org)).await.unwrap().is_some());
    let event = world.event(org);
    assert!(!store.revoke_permission(org, role.id, world.id(), &event).await.unwrap());
}

/// Eight admins each take the power of the next one at the same moment, in every way: one is left.
pub async fn of_admins_that_take_each_others_power_one_is_left(store: &dyn Store) {
    let world = World::new(store);
    for way in WAYS {
        let org = world.organization_added().await.id;
        let mut admins = Vec::new();
        for _ in 0..8 {
            admins.push(admin(&world, org).await);
        }
        let calls = admins.iter().map(|(role, user)| take(&world, way, role, user));
        let outcomes = join_all(calls).await;
        let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
        assert_eq!(done, 7, "{way:?}: {outcomes:?}");
        for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
            assert_last(outcome, way);
        }
    }
}

/// Ways that meet in different places: one disables a user while another empties the other's role.
pub async fn different_ways_at_once_leave_an_admin(store: &dyn Store) {
    let world = World::new(store);
    for other in WAYS {
        for _ in 0..4 {
            let org = world.organization_added().await.id;
            let (one, two) = (admin(&world, org).await, admin(&world, org).await);
            let calls = [(Way::Disable, &one), (other, &two)];
            let calls = calls.map(|(way, (role, user))| take(&world, way, role, user));
            let outcomes = join_all(calls).await;
            let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
            assert_eq!(done, 1, "{other:?}: {outcomes:?}");
        }
    }
}
