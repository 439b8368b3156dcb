//! What a sign-in changes.

use auth_model::{TeamMember, User, UserChange};

use super::fixtures::World;
use crate::{SignIn, Store, UserQuery};

/// Added with their roles, and verified.
pub async fn a_new_user_is_signed_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let other = world.role_added(home.org, &[]).await;
    let machine = User { service_account: true, ..world.user(home.org, &[]) };
    store.insert_user(&machine, &world.event(home.org)).await.unwrap();
    let first = world.first_sign_in(home.org, &[other.id, home.role.id, other.id]);
    // The name that they have anyway, and another one.
    let named = SignIn { name: Some("Ada".to_owned()), ..world.first_sign_in(home.org, &[]) };
    let renamed = SignIn { name: Some(String::new()), ..world.first_sign_in(home.org, &[]) };
    let verified = world.first_sign_in(home.org, &[]);
    let verified = SignIn { user: User { verified: true, ..verified.user.clone() }, ..verified };
    // Service accounts stand in nobody's way.
    let shared = world.first_sign_in(home.org, &[home.role.id]);
    let shared =
        SignIn { user: User { email: machine.email.clone(), ..shared.user.clone() }, ..shared };
    let mut expected = vec![home.user.clone(), machine];
    for sign_in in [&first, &named, &renamed, &verified, &shared] {
        let user = world.signed_in(sign_in).await;
        assert_eq!(user, sign_in.outcome());
        assert!(user.verified);
        assert!(world.has_session(&sign_in.session).await);
        expected.push(user);
    }
    assert_eq!(expected[2].roles, [other.id, home.role.id]);
    assert_eq!(world.users(home.org).await, expected);
    assert_eq!(world.holders(home.org, home.role.id).await, 3);
    assert_eq!(world.holders(home.org, other.id).await, 1);
    let found = store.users_by_email(home.org, &first.user.email).await.unwrap();
    assert_eq!(found, [first.outcome()]);
}

/// Verified the first time. What does not change does not count as a change.
pub async fn a_known_user_is_signed_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.open_organization_added().await.id;
    let role = world.role_added(org, &[]).await;
    let mut user = User { verified: false, ..world.user(org, &[role.id]) };
    store.insert_user(&user, &world.event(org)).await.unwrap();
    let bystander = world.user_added(org, &[role.id]).await;
    let name = |name: &str| Some(name.to_owned());
    for (name, changes) in [
        (None, true),
        (None, false),
        (name(&user.name), false),
        (name("Ada Lovelace"), true),
        (name("Ada Lovelace"), false),
        (name(""), true),
        (None, false),
    ] {
        let sign_in = SignIn { name, ..world.sign_in(&user) };
        let expected = sign_in.outcome();
        assert_eq!(expected.modified_at == sign_in.session.created_at, changes);
        assert_eq!(world.signed_in(&sign_in).await, expected);
        assert_eq!(world.users(org).await, [expected.clone(), bystander.clone()]);
        assert!(world.has_session(&sign_in.session).await);
        user = expected;
    }
    assert_eq!(world.holders(org, role.id).await, 2);
    // The name is found by what it is now.
    let rename = SignIn { name: name("Grace"), ..world.sign_in(&user) };
    world.signed_in(&rename).await;
    let query = UserQuery { text: "grac".to_owned(), ..UserQuery::default() };
    assert_eq!(store.users(org, &query).await.unwrap().rows, [rename.outcome()]);
}

/// By those given, in their order, each once; or not at all. That alone is no change of the user.
pub async fn a_sign_in_replaces_roles(store: &dyn Store) {
    let world = World::new(store);
    let org = world.open_organization_added().await.id;
    let mut roles = Vec::new();
    for _ in 0..3 {
        roles.push(world.role_added(org, &[world.id()]).await.id);
    }
    let (a, b, c) = (roles[0], roles[1], roles[2]);
    let mut user = world.user_added(org, &[a, b]).await;
    world.user_added(org, &[a, c]).await;
    for (given, expected) in [
        (None, vec![a, b]),
        (Some(vec![c, a, c]), vec![c, a]),
        (None, vec![c, a]),
        (Some(vec![a, c]), vec![a, c]),
        (Some(vec![a, c, b, a, b]), vec![a, c, b]),
        (Some(vec![]), vec![]),
        (None, vec![]),
        (Some(vec![b]), vec![b]),
    ] {
        let sign_in = SignIn { roles: given, ..world.sign_in(&user) };
        let before = user.modified_at;
        user = world.signed_in(&sign_in).await;
        assert_eq!((&user.roles, user.modified_at), (&expected, before));
        assert_eq!(store.user(org, user.id).await.unwrap().as_ref(), Some(&user));
        let (_, authority) =
            store.session(org, sign_in.session.id, world.now()).await.unwrap().unwrap();
        assert_eq!(authority.permissions.len(), expected.len());
        for role in &roles {
            let others = u64::from(*role != b);
            let holders = others + u64::from(expected.contains(role));
            assert_eq!(world.holders(org, *role).await, holders);
        }
    }
}

/// Who is in a team already stays as they are there; who is not can't leave it.
pub async fn a_sign_in_joins_and_leaves_teams(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let (org, user) = (home.org, home.user.clone());
    let (leads, leaves) = (&world.team_added(org).await, &world.team_added(org).await);
    let (joins, stays) = (&world.team_added(org).await, &world.team_added(org).await);
    let never = &world.team_added(org).await;
    let led = world.member(org, leads.id, user.id);
    let led = TeamMember { admin: true, added_by: Some(user.id), ..led };
    store.insert_team_member(&led, &world.event(org)).await.unwrap();
    world.member_added(leaves, user.id).await;
    let stayed = world.member_added(stays, user.id).await;
    let bob = world.user_added(org, &[]).await;
    for team in [leads, leaves, joins, stays, never] {
        world.member_added(team, bob.id).await;
    }
    let sign_in = SignIn {
        joined: vec![joins.id, leads.id, joins.id],
        left: vec![never.id, leaves.id],
        ..world.sign_in(&user)
    };
    world.signed_in(&sign_in).await;
    let joined = TeamMember {
        created_at: sign_in.session.created_at,
        ..world.member(org, joins.id, user.id)
    };
    let expected = [led, stayed, joined];
    assert_eq!(store.memberships(org, user.id).await.unwrap(), expected);
    assert_eq!(store.memberships(org, bob.id).await.unwrap().len(), 5);
    for (team, members) in [(leads, 2), (leaves, 1), (joins, 2), (stays, 2), (never, 1)] {
        assert_eq!(world.members(team).await, members);
        assert_eq!(store.team(org, team.id).await.unwrap().unwrap().user_count, members);
    }
    // A new user joins in the same way.
    let first = SignIn { joined: vec![never.id], ..world.first_sign_in(org, &[]) };
    let newcomer = world.signed_in(&first).await;
    let joined = TeamMember {
        created_at: first.session.created_at,
        ..world.member(org, never.id, newcomer.id)
    };
    assert_eq!(store.memberships(org, newcomer.id).await.unwrap(), [joined]);
    assert_eq!(world.members(never).await, 2);
}

/// A title or name that changed after they were read is no reason to refuse, and is not taken back.
pub async fn what_else_changed_before_a_sign_in_stays(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    for name in [None, Some("As the provider says".to_owned())] {
        let user = world.user_added(org, &[home.role.id]).await;
        let sign_in = SignIn { name: name.clone(), ..world.sign_in(&user) };
        let change = UserChange {
            title: Some("Countess".to_owned()),
            name: Some("As an admin says".to_owned()),
            modified_at: world.now(),
            ..UserChange::default()
        };
        let changed = store.change_user(org, user.id, &change, &world.event(org)).await;
        let changed = changed.unwrap().unwrap();
        let after = world.signed_in(&sign_in).await;
        assert_eq!(after, sign_in.outcome_of(&changed));
        assert_eq!(after.title, "Countess");
        assert_eq!(after.name, name.unwrap_or_else(|| "As an admin says".to_owned()));
        assert_eq!(store.user(org, user.id).await.unwrap(), Some(after));
    }
}
