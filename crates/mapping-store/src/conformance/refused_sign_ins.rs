//! Sign-ins that are refused: nothing of them is written, and no event tells of them.

use auth_model::{KeptAssertion, Role, RoleId, Session, User, UserChange};

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::{SignIn, Store, StoreError};

/// A sign-in that was decided on somebody else than who is there now.
async fn refused_as_stale(world: &World<'_>, sign_in: SignIn, why: &str) {
    let (store, org) = (world.store, sign_in.user.org);
    let sign_in = SignIn { kept: Some(world.kept(&sign_in.user)), ..sign_in };
    let (before, event) = (world.picture(org).await, world.event(org));
    assert_eq!(store.sign_in(&sign_in, &event).await.unwrap(), None, "{why}");
    assert_eq!(world.picture(org).await, before, "{why}");
    assert!(!world.has_event(&event).await, "{why}");
    assert!(!world.has_session(&sign_in.session).await, "{why}");
    // The event's id and those of the rows are still free.
    let ada = world.user_added(org, &[]).await;
    let session = Session { user: ada.id, ..sign_in.session };
    let kept = sign_in.kept.map(|kept| KeptAssertion { user: ada.id, ..kept });
    let fresh = SignIn { session, kept, ..world.sign_in(&ada) };
    assert_eq!(store.sign_in(&fresh, &event).await.unwrap(), Some(ada), "{why}");
}

/// With other roles, another e-mail address, disabled, or not there at all: nothing is changed, and no event tells of it.
pub async fn who_is_not_as_they_were_read_is_not_signed_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let other = world.role_added(org, &[]).await;
    let (joined, left) = (world.team_added(org).await, world.team_added(org).await);
    let read = async || {
        let user = User { verified: false, ..world.user(org, &[home.role.id]) };
        store.insert_user(&user, &world.event(org)).await.unwrap();
        world.member_added(&left, user.id).await;
        let sign_in = world.sign_in(&user);
        SignIn {
            name: Some("Changed".to_owned()),
            roles: Some(vec![other.id]),
            joined: vec![joined.id],
            left: vec![left.id],
            ..sign_in
        }
    };
    let given = read().await;
    store.add_role_holder(org, other.id, given.user.id, &world.event(org)).await.unwrap();
    refused_as_stale(&world, given, "a role was given").await;
    let taken = read().await;
    let (role, user) = (home.role.id, taken.user.id);
    store.remove_role_holder(org, role, user, &world.event(org)).await.unwrap();
    refused_as_stale(&world, taken, "a role was taken").await;
    // Also where the sign-in itself sets no roles.
    let taken = SignIn { roles: None, ..read().await };
    store.remove_role_holder(org, role, taken.user.id, &world.event(org)).await.unwrap();
    refused_as_stale(&world, taken, "a role was taken, and none is set").await;
    let moved = read().await;
    let email = Some("elsewhere@example.com".to_owned());
    let change = UserChange { email, ..UserChange::default() };
    store.change_user(org, moved.user.id, &change, &world.event(org)).await.unwrap().unwrap();
    refused_as_stale(&world, moved, "the e-mail address has changed").await;
    let disabled = read().await;
    world.disable(&disabled.user, true).await;
    refused_as_stale(&world, disabled, "disabled").await;
    let disabled = read().await;
    let user = world.disable(&disabled.user, true).await;
    refused_as_stale(&world, SignIn { user, ..disabled }, "disabled when they were read").await;
    let strange = world.user(org, &[home.role.id]);
    let gone = SignIn { roles: Some(vec![other.id]), ..world.sign_in(&strange) };
    refused_as_stale(&world, gone, "not there").await;
    let stray = User { org, ..world.open_home().await.user };
    refused_as_stale(&world, world.sign_in(&stray), "there in another organization").await;
}

/// A sign-in that fails, and nothing of it is written.
async fn refused(
    world: &World<'_>,
    sign_in: &SignIn,
    check: impl Fn(Result<Option<User>, StoreError>),
) {
    let org = sign_in.user.org;
    let (before, event) = (world.picture(org).await, world.event(org));
    check(world.store.sign_in(sign_in, &event).await);
    assert_eq!(world.picture(org).await, before);
    assert!(!world.has_event(&event).await);
    assert!(!world.has_session(&sign_in.session).await);
}

/// Roles and teams of its own organization; otherwise nothing is left half-written.
pub async fn a_sign_in_needs_what_it_gives(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.open_home().await, world.open_home().await);
    let (org, role) = (home.org, home.role.id);
    let (ours, ours_too) = (world.team_added(org).await, world.team_added(org).await);
    let theirs = world.team_added(other.org).await;
    world.member_added(&ours_too, home.user.id).await;
    let full = |sign_in: SignIn| SignIn {
        name: Some("Changed".to_owned()),
        joined: vec![ours.id],
        left: vec![ours_too.id],
        kept: Some(world.kept(&sign_in.user)),
        ..sign_in
    };
    for stray in [world.id(), other.role.id] {
        let roles = Some(vec![role, stray]);
        let sign_in = SignIn { roles, ..full(world.sign_in(&home.user)) };
        refused(&world, &sign_in, |outcome| assert_missing(outcome, "role")).await;
        let sign_in = full(world.first_sign_in(org, &[role, stray]));
        refused(&world, &sign_in, |outcome| assert_missing(outcome, "role")).await;
    }
    for stray in [world.id(), theirs.id] {
        let known = SignIn { roles: Some(vec![]), ..full(world.sign_in(&home.user)) };
        for sign_in in [known, full(world.first_sign_in(org, &[role]))] {
            let sign_in = SignIn { joined: vec![ours.id, stray], ..sign_in };
            refused(&world, &sign_in, |outcome| assert_missing(outcome, "team")).await;
        }
    }
    let nowhere = world.first_sign_in(world.id(), &[]);
    refused(&world, &nowhere, |outcome| assert_missing(outcome, "organization")).await;
}

/// Nor an id; and nothing of it is written.
pub async fn a_new_user_does_not_take_an_email_by_signing_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let team = world.team_added(home.org).await;
    for (email, id) in [(Some(&home.user.email), None), (None, Some(home.user.id))] {
        let first = world.first_sign_in(home.org, &[home.role.id]);
        let mut user = first.user.clone();
        user.email = email.unwrap_or(&user.email).clone();
        user.id = id.unwrap_or(user.id);
        let session = Session { user: user.id, ..first.session };
        let kept = Some(world.kept(&user));
        let sign_in = SignIn { user, session, kept, joined: vec![team.id], ..first };
        refused(&world, &sign_in, |outcome| assert_duplicate(outcome, "a user")).await;
    }
}

/// A session and an assertion each have an id of their own; the first one stays.
pub async fn a_session_and_an_assertion_are_added_once(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let bob = world.user_added(home.org, &[]).await;
    let kept = Some(world.kept(&home.user));
    let sign_in = SignIn { kept: kept.clone(), ..world.sign_in(&home.user) };
    world.signed_in(&sign_in).await;
    let before = world.picture(home.org).await;
    let event = world.event(home.org);
    let change = |sign_in| SignIn { roles: Some(vec![home.role.id]), ..sign_in };
    let session = Session { id: sign_in.session.id, ..world.session(&bob) };
    let again = change(SignIn { session, ..world.sign_in(&bob) });
    assert_duplicate(store.sign_in(&again, &event).await, "a session");
    let kept = kept.map(|kept| KeptAssertion { user: bob.id, sealed: vec![], ..kept });
    let again = change(SignIn { kept, ..world.sign_in(&bob) });
    assert_duplicate(store.sign_in(&again, &event).await, "an assertion");
    assert!(!world.has_session(&again.session).await);
    assert!(!world.has_event(&event).await);
    assert_eq!(world.picture(home.org).await, before);
    let now = world.now();
    let (found, _) = store.session(home.org, sign_in.session.id, now).await.unwrap().unwrap();
    assert_eq!(found, sign_in.session);
}

async fn an_admin(world: &World<'_>) -> (User, Role) {
    let org = world.open_organization_added().await.id;
    let role = world.admin_role_added(org).await;
    (world.user_added(org, &[role.id]).await, role)
}

/// Unless it may; a new user takes nothing from anybody.
pub async fn a_sign_in_does_not_strip_the_last_admin(store: &dyn Store) {
    let world = World::new(store);
    let (admin, role) = an_admin(&world).await;
    let org = admin.org;
    let (other, team) = (world.role_added(org, &[world.id()]).await, world.team_added(org).await);
    let disabled = world.user_added(org, &[role.id]).await;
    world.disable(&disabled, true).await;
    world.signed_in(&world.first_sign_in(org, &[other.id])).await;
    let stripped = |roles: &[RoleId]| SignIn {
        name: Some("Changed".to_owned()),
        roles: Some(roles.to_vec()),
        joined: vec![team.id],
        kept: Some(world.kept(&admin)),
        ..world.sign_in(&admin)
    };
    for roles in [&[][..], &[other.id]] {
        refused(&world, &stripped(roles), |outcome| {
            assert!(matches!(outcome, Err(StoreError::LastAdmin)), "{outcome:?}");
        })
        .await;
    }
    // What leaves the power with them is none of it.
    let admin = world.signed_in(&stripped(&[other.id, role.id])).await;
    let again = SignIn { user: admin, ..stripped(&[role.id]) };
    let admin = world.signed_in(&again).await;
    let may = SignIn { user: admin, may_strip_last_admin: true, ..stripped(&[other.id]) };
    assert_eq!(world.signed_in(&may).await, may.outcome());
    assert_eq!(world.holders(org, role.id).await, 1);
    assert_eq!(world.holders(org, other.id).await, 2);
    // Where nobody manages access any more, nobody is kept from signing in.
    let user = store.user(org, may.user.id).await.unwrap().unwrap();
    let none = SignIn { user, ..stripped(&[]) };
    assert_eq!(world.signed_in(&none).await.roles, []);
}

/// Another who manages access is enough, by whatever role.
pub async fn one_of_two_admins_may_be_stripped_by_a_sign_in(store: &dyn Store) {
    let world = World::new(store);
    let (one, role) = an_admin(&world).await;
    let another = world.admin_role_added(one.org).await;
    let two = world.user_added(one.org, &[another.id]).await;
    let strip = |user: &User| SignIn { roles: Some(vec![]), ..world.sign_in(user) };
    assert_eq!(world.signed_in(&strip(&one)).await.roles, []);
    refused(&world, &strip(&two), |outcome| {
        assert!(matches!(outcome, Err(StoreError::LastAdmin)), "{outcome:?}");
    })
    .await;
    assert_eq!(world.holders(one.org, role.id).await, 0);
    assert_eq!(world.holders(one.org, another.id).await, 1);
}

/// An event that can't be kept takes all of it back, of a new user and of one who is there.
pub async fn a_sign_in_and_its_event_go_together(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let other = world.role_added(org, &[]).await;
    let (joined, left) = (world.team_added(org).await, world.team_added(org).await);
    world.member_added(&left, home.user.id).await;
    let used = world.event(org);
    store.record(&used).await.unwrap();
    let known = SignIn { roles: Some(vec![other.id]), ..world.sign_in(&home.user) };
    for sign_in in [known, world.first_sign_in(org, &[other.id])] {
        let sign_in = SignIn {
            name: Some("Changed".to_owned()),
            joined: vec![joined.id],
            left: vec![left.id],
            kept: Some(world.kept(&sign_in.user)),
            ..sign_in
        };
        let before = world.picture(org).await;
        assert_duplicate(store.sign_in(&sign_in, &used).await, "an audit event");
        assert_eq!(world.picture(org).await, before);
        assert!(!world.has_session(&sign_in.session).await);
        // With another event it goes well.
        let user = world.signed_in(&sign_in).await;
        assert_eq!(user, sign_in.outcome());
        assert_eq!(store.memberships(org, user.id).await.unwrap().len(), 1);
        assert!(world.has_session(&sign_in.session).await);
        assert!(world.has_kept(sign_in.kept.as_ref().unwrap()).await);
    }
}
