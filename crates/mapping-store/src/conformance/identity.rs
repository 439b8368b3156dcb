//! Organizations, and that they are apart.

use auth_model::{
    ApiKeyChange, AppKeyChange, AuthnMappingChange, KeptAssertion, Organization, Role, RoleChange,
    SamlChange, Session, TeamChange, User, UserChange,
};

use super::fixtures::{World, assert_duplicate, assert_missing, key_id, role_pattern};
use crate::{KeyUse, SignIn, Slice, Store, TeamMemberQuery, UsedKey};

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
    let found = store.users_by_email(theirs, &user.email).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&user));
    let title = Some("Changed".to_owned());
    let change = UserChange { title, ..UserChange::default() };
    let event = world.event(theirs);
    let changed = store.change_user(theirs, user.id, &change, &event).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.title.as_str()), ("Eve", "Changed"));
    assert_eq!(world.users(ours.org).await, [ours.user]);
    assert_eq!(world.users(theirs).await, [changed]);
}

/// Whatever is asked of one organization about the rows of another finds nothing, and changes nothing.
pub async fn no_row_is_reached_from_another_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.organization_added().await.id);
    let (org, user, role) = (ours.org, ours.user.id, ours.role.id);
    let team = world.team_added(org).await;
    let member = world.member_added(&team, user).await;
    let invitation = world.invitation_added(org, user).await;
    let api = world.api_key_added(org).await;
    let app = world.app_key_added(org, user).await;
    let event = world.event(theirs);
    assert_eq!(store.team(theirs, team.id).await.unwrap(), None);
    assert_eq!(store.invitation(theirs, invitation.id).await.unwrap(), None);
    assert_eq!(store.api_key(theirs, api.id).await.unwrap(), None);
    assert_eq!(store.app_key(theirs, app.id).await.unwrap(), None);
    assert_eq!(store.users_by_ids(theirs, &[user]).await.unwrap(), []);
    assert_eq!(store.roles_by_ids(theirs, &[role]).await.unwrap(), []);
    assert_eq!(store.memberships(theirs, user).await.unwrap(), []);
    let change = UserChange { disabled: Some(true), ..UserChange::default() };
    assert_eq!(store.change_user(theirs, user, &change, &event).await.unwrap(), None);
    let change = RoleChange { permissions: Some([].into()), ..RoleChange::default() };
    assert_eq!(store.change_role(theirs, role, &change, &event).await.unwrap(), None);
    assert!(!store.delete_role(theirs, role, &event).await.unwrap());
    let permission = world.id();
    assert_missing(store.grant_permission(theirs, role, permission, &event).await, "role");
    assert_missing(store.revoke_permission(theirs, role, permission, &event).await, "role");
    assert_missing(store.add_role_holder(theirs, role, user, &event).await, "role");
    assert_missing(store.remove_role_holder(theirs, role, user, &event).await, "role");
    let named = Some("named".to_owned());
    let change = ApiKeyChange { name: named.clone(), ..ApiKeyChange::default() };
    assert_eq!(store.change_api_key(theirs, api.id, &change, &event).await.unwrap(), None);
    let change = AppKeyChange { name: named.clone(), ..AppKeyChange::default() };
    assert_eq!(store.change_app_key(theirs, app.id, &change, &event).await.unwrap(), None);
    let change = TeamChange { name: named, ..TeamChange::default() };
    assert_eq!(store.change_team(theirs, team.id, &change, &event).await.unwrap(), None);
    assert!(!store.delete_team(theirs, team.id, &event).await.unwrap());
    let stray = world.member(theirs, team.id, user);
    assert_missing(store.insert_team_member(&stray, &event).await, "team");
    let changed = store.change_team_member(theirs, team.id, user, true, &event).await;
    assert_eq!(changed.unwrap(), None);
    assert!(!store.delete_team_member(theirs, team.id, user, &event).await.unwrap());
    let query = TeamMemberQuery::of(team.id);
    assert_eq!(store.team_members(theirs, &query).await.unwrap().total, 0);
    assert_missing(store.insert_invitation(&world.invitation(theirs, user), &event).await, "user");
    for key in [UsedKey::Api(api.id), UsedKey::App(app.id)] {
        store.note_key_uses(&[KeyUse { org: theirs, key, at: world.now() }]).await.unwrap();
    }
    assert!(!world.has_event(&event).await);
    assert_eq!(store.memberships(org, user).await.unwrap(), [member]);
    assert_eq!(world.teams(org).await, [team]);
    assert_eq!(world.users(org).await, [ours.user]);
    assert_eq!(world.roles(org).await, [ours.role]);
    assert_eq!(world.api_keys(org).await, [api]);
    assert_eq!(world.app_keys(org).await, [app]);
}

/// Sessions, kept assertions and configuration; also where the ids of users, sessions and assertions are the same.
pub async fn no_sign_in_is_reached_from_another_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.open_home().await, world.open_organization_added().await.id);
    let configured = store.saml_configuration(ours.org).await.unwrap();
    let (session, kept) = (world.session(&ours.user), world.kept(&ours.user));
    let sign_in =
        SignIn { session: session.clone(), kept: Some(kept.clone()), ..world.sign_in(&ours.user) };
    world.signed_in(&sign_in).await;
    let ends = SamlChange {
        enabled: Some(false),
        strict: Some(true),
        keep_assertions: Some(false),
        ..SamlChange::default()
    };
    let nothing_of_ours = async || {
        let (event, now, to) = (world.event(theirs), world.now(), world.hash());
        assert_eq!(store.session(theirs, session.id, now).await.unwrap(), None);
        assert!(!store.rotate_session(theirs, session.id, session.secret, to, now).await.unwrap());
        assert!(!store.end_session(theirs, session.id, &event).await.unwrap());
        assert!(!store.end_sessions_of(theirs, ours.user.id, &event).await.unwrap());
        assert!(!world.has_event(&event).await);
        assert_eq!(store.kept_assertion(theirs, kept.id, now).await.unwrap(), None);
        assert_eq!(store.kept_assertions(theirs, Slice::ALL, now).await.unwrap().total, 0);
        assert_eq!(store.latest_assertions(theirs, Slice::ALL, now).await.unwrap().total, 0);
    };
    nothing_of_ours().await;
    // The same ids there are of other rows.
    let user = User { org: theirs, roles: vec![], ..ours.user.clone() };
    let same = SignIn {
        user,
        new: true,
        session: Session { org: theirs, secret: world.hash(), ..session.clone() },
        kept: Some(KeptAssertion { org: theirs, sealed: vec![], ..kept.clone() }),
        ..sign_in
    };
    world.signed_in(&same).await;
    let (found, authority) = store.session(theirs, session.id, world.now()).await.unwrap().unwrap();
    assert_eq!((found, authority.organization.id), (same.session, theirs));
    let found = store.kept_assertions(theirs, Slice::ALL, world.now()).await.unwrap();
    assert_eq!(found.rows, Vec::from_iter(same.kept));
    // It ends there, and only there.
    world.saml_changed(theirs, &ends).await;
    nothing_of_ours().await;
    let (found, authority) =
        store.session(ours.org, session.id, world.now()).await.unwrap().unwrap();
    assert_eq!((found, authority.user), (session, ours.user));
    let found = store.kept_assertion(ours.org, kept.id, world.now()).await.unwrap();
    assert_eq!(found, Some(kept));
    assert_eq!(store.saml_configuration(ours.org).await.unwrap(), configured);
}

/// For every way of asking for, changing or removing one row.
pub async fn an_unknown_id_is_nothing_and_leaves_no_event(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    assert_eq!(store.organization(world.id()).await.unwrap(), None);
    assert_eq!(store.user(org, world.id()).await.unwrap(), None);
    assert_eq!(store.role(org, world.id()).await.unwrap(), None);
    assert_eq!(store.team(org, world.id()).await.unwrap(), None);
    assert_eq!(store.invitation(org, world.id()).await.unwrap(), None);
    assert_eq!(store.authn_mapping(org, world.id()).await.unwrap(), None);
    assert_eq!(store.api_key(org, world.id()).await.unwrap(), None);
    assert_eq!(store.app_key(org, world.id()).await.unwrap(), None);
    assert_eq!(store.memberships(org, world.id()).await.unwrap(), []);
    assert_eq!(store.persona_mapping(org, world.id()).await.unwrap(), None);
    assert_eq!(store.intake_mapping(org, world.id()).await.unwrap(), None);
    assert_eq!(store.aws_account(org, world.id()).await.unwrap(), None);
    assert_eq!(store.managed_key(org, world.id()).await.unwrap(), None);
    assert!(!store.update_organization(&world.organization(), &event).await.unwrap());
    let change = UserChange::default();
    assert_eq!(store.change_user(org, world.id(), &change, &event).await.unwrap(), None);
    let change = RoleChange::default();
    assert_eq!(store.change_role(org, world.id(), &change, &event).await.unwrap(), None);
    assert!(!store.delete_role(org, world.id(), &event).await.unwrap());
    let change = ApiKeyChange::default();
    assert_eq!(store.change_api_key(org, world.id(), &change, &event).await.unwrap(), None);
    let change = AppKeyChange::default();
    assert_eq!(store.change_app_key(org, world.id(), &change, &event).await.unwrap(), None);
    let change = TeamChange::default();
    assert_eq!(store.change_team(org, world.id(), &change, &event).await.unwrap(), None);
    assert!(!store.delete_team(org, world.id(), &event).await.unwrap());
    let change = AuthnMappingChange::default();
    assert_eq!(store.change_authn_mapping(org, world.id(), &change, &event).await.unwrap(), None);
    assert!(!store.delete_authn_mapping(org, world.id(), &event).await.unwrap());
    let (team, user) = (world.team_added(org).await.id, home.user.id);
    assert_eq!(store.change_team_member(org, team, user, true, &event).await.unwrap(), None);
    assert!(!store.delete_team_member(org, team, user, &event).await.unwrap());
    let account = world.account(org, "999999999999");
    assert!(!store.update_aws_account(&account, &event).await.unwrap());
    assert!(!store.delete_aws_account(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_persona_mapping(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_intake_mapping(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_api_key(org, world.id(), &event).await.unwrap());
    assert!(!store.delete_app_key(org, world.id(), &event).await.unwrap());
    assert!(!store.end_session(org, world.id(), &event).await.unwrap());
    assert!(!store.end_sessions_of(org, world.id(), &event).await.unwrap());
    assert!(!store.promote_signing_key(&key_id("none"), world.now()).await.unwrap());
    assert!(!store.remove_signing_key(&key_id("none")).await.unwrap());
    assert!(!world.has_event(&event).await);
    // The event's id is still free.
    let mapping = world.persona(&home, &role_pattern("r"));
    store.insert_persona_mapping(&mapping, &event).await.unwrap();
    assert!(world.has_event(&event).await);
}
