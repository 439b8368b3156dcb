//! Browsers that are signed in.

use std::time::Duration;

use auth_model::{KeyHash, Organization, PermissionSet, Session, SignInMethod, User, UserChange};

use super::fixtures::{World, assert_duplicate};
use crate::{Authority, SignIn, Store, StoreError};

/// By either method, with or without attributes.
pub async fn sessions_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let long: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut rows = Vec::new();
    for (method, arrived, previous) in [
        (SignInMethod::Saml, b"\0\xFF\x80\\x'".to_vec(), None),
        (SignInMethod::Keys, Vec::new(), None),
        (SignInMethod::Saml, long, Some(world.hash())),
    ] {
        let session = Session { method, arrived, ..world.session(&home.user) };
        let session = Session { previous_secret: previous, rotated_at: world.now(), ..session };
        let sign_in = SignIn { session, ..world.sign_in(&home.user) };
        world.signed_in(&sign_in).await;
        rows.push(sign_in.session);
    }
    let authority = Authority {
        organization: home.organization,
        user: home.user,
        permissions: home.role.permissions,
        keys: None,
        scopes: None,
    };
    for row in rows {
        let found = store.session(home.org, row.id, world.now()).await.unwrap();
        assert_eq!(found, Some((row, authority.clone())));
    }
    assert_eq!(store.session(home.org, world.id(), world.now()).await.unwrap(), None);
}

/// At its time, not after it.
pub async fn a_session_ends_at_its_time(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let row = world.session_added(&home.user).await;
    let at = async |now| store.session(home.org, row.id, now).await.unwrap().is_some();
    assert!(at(row.expires_at.minus(Duration::from_micros(1))).await);
    assert!(!at(row.expires_at).await);
    assert!(!at(row.expires_at.plus(Duration::from_secs(1))).await);
}

/// Not what they might do when they signed in.
pub async fn a_session_gives_what_its_user_may_do_now(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let (shared, alone, later) = (world.id(), world.id(), world.id());
    let one = world.role_added(org, &[shared]).await;
    let two = world.role_added(org, &[shared, alone]).await;
    let user = world.user_added(org, &[two.id]).await;
    let sign_in = SignIn { roles: Some(vec![one.id, two.id]), ..world.sign_in(&user) };
    let user = world.signed_in(&sign_in).await;
    let authority = async || {
        let found = store.session(org, sign_in.session.id, world.now()).await.unwrap();
        found.unwrap().1
    };
    assert_eq!(authority().await.user, user);
    assert_eq!(authority().await.permissions, PermissionSet::from([shared, alone]));
    assert!(store.grant_permission(org, one.id, later, &world.event(org)).await.unwrap());
    assert_eq!(authority().await.permissions, PermissionSet::from([shared, alone, later]));
    assert!(store.delete_role(org, two.id, &world.event(org)).await.unwrap());
    assert_eq!(authority().await.permissions, PermissionSet::from([shared, later]));
    assert_eq!(authority().await.user.roles, [one.id]);
    let event = world.event(org);
    assert!(store.remove_role_holder(org, one.id, user.id, &event).await.unwrap());
    assert_eq!(authority().await.permissions, PermissionSet::new());
    let change = UserChange { name: Some("Grace".to_owned()), ..UserChange::default() };
    let changed = store.change_user(org, user.id, &change, &world.event(org)).await.unwrap();
    assert_eq!(Some(authority().await.user), changed);
}

/// But it has not ended.
pub async fn nobody_is_signed_in_to_a_disabled_organization(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let row = world.session_added(&home.user).await;
    let disabled = Organization { disabled: true, ..home.organization.clone() };
    for (organization, there) in [(&disabled, false), (&home.organization, true)] {
        let event = world.event(home.org);
        assert!(store.update_organization(organization, &event).await.unwrap());
        assert_eq!(world.has_session(&row).await, there);
    }
}

/// All of them at once, and for good; those of others go on.
pub async fn sessions_end_when_their_user_is_disabled(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let bob = world.user_added(home.org, &[]).await;
    let (saml, keys) =
        (world.session_added(&home.user).await, world.key_session_added(&home.user).await);
    let bobs = world.session_added(&bob).await;
    let rename = UserChange { name: Some("Grace".to_owned()), ..UserChange::default() };
    let event = world.event(home.org);
    store.change_user(home.org, home.user.id, &rename, &event).await.unwrap().unwrap();
    world.disable(&home.user, false).await;
    assert!(world.has_session(&saml).await && world.has_session(&keys).await);
    for disabled in [true, false] {
        world.disable(&home.user, disabled).await;
        assert!(!world.has_session(&saml).await && !world.has_session(&keys).await);
        assert!(world.has_session(&bobs).await);
    }
}

/// The last admin, somebody else's e-mail address, an event that can't be kept.
pub async fn sessions_go_on_when_disabling_fails(store: &dyn Store) {
    let world = World::new(store);
    let org = world.open_organization_added().await.id;
    let role = world.admin_role_added(org).await;
    let (admin, bob) = (world.user_added(org, &[role.id]).await, world.user_added(org, &[]).await);
    let used = world.event(org);
    store.record(&used).await.unwrap();
    let (admins, bobs) = (world.session_added(&admin).await, world.session_added(&bob).await);
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    let outcome = store.change_user(org, admin.id, &disable, &world.event(org)).await;
    assert!(matches!(outcome, Err(StoreError::LastAdmin)), "{outcome:?}");
    assert_duplicate(store.change_user(org, bob.id, &disable, &used).await, "an audit event");
    let disable = UserChange { email: Some(admin.email.clone()), ..disable };
    let outcome = store.change_user(org, bob.id, &disable, &world.event(org)).await;
    assert_duplicate(outcome, "a user");
    assert!(world.has_session(&admins).await && world.has_session(&bobs).await);
}

/// The new one becomes the secret, the one before is remembered, that before it is not.
pub async fn the_secret_of_a_session_is_rotated(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let mut row = world.session_added(&home.user).await;
    let other = world.session_added(&home.user).await;
    let mut before = world.hash();
    for _ in 0..3 {
        let (to, at) = (world.hash(), row.rotated_at.plus(Duration::from_secs(60)));
        for wrong in [before, world.hash(), other.secret, to] {
            let done = store.rotate_session(home.org, row.id, wrong, to, at).await.unwrap();
            assert!(!done);
        }
        assert!(store.rotate_session(home.org, row.id, row.secret, to, at).await.unwrap());
        before = row.secret;
        row = Session { secret: to, previous_secret: Some(before), rotated_at: at, ..row };
        let (found, _) = store.session(home.org, row.id, at).await.unwrap().unwrap();
        assert_eq!(found, row);
    }
    let (found, _) = store.session(home.org, other.id, world.now()).await.unwrap().unwrap();
    assert_eq!(found, other);
    let (from, to): (KeyHash, _) = (row.secret, world.hash());
    assert!(!store.rotate_session(home.org, world.id(), from, to, world.now()).await.unwrap());
}

/// That one, once, and it leaves its event once.
pub async fn a_session_is_ended(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let (row, other) =
        (world.session_added(&home.user).await, world.key_session_added(&home.user).await);
    let used = world.event(org);
    store.record(&used).await.unwrap();
    assert_duplicate(store.end_session(org, row.id, &used).await, "an audit event");
    assert!(world.has_session(&row).await);
    for there in [true, false] {
        let event = world.event(org);
        assert_eq!(store.end_session(org, row.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
        assert!(!world.has_session(&row).await);
        assert!(world.has_session(&other).await);
    }
    let to = world.hash();
    assert!(!store.rotate_session(org, row.id, row.secret, to, world.now()).await.unwrap());
}

/// However they signed in; and it leaves its event if there was one.
pub async fn all_sessions_of_a_user_are_ended(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let bob: User = world.user_added(org, &[]).await;
    let bobs = world.session_added(&bob).await;
    let rows = [
        world.session_added(&home.user).await,
        world.key_session_added(&home.user).await,
        world.session_added(&home.user).await,
    ];
    let used = world.event(org);
    store.record(&used).await.unwrap();
    let outcome = store.end_sessions_of(org, home.user.id, &used).await;
    assert_duplicate(outcome, "an audit event");
    for row in &rows {
        assert!(world.has_session(row).await);
    }
    for there in [true, false] {
        let event = world.event(org);
        assert_eq!(store.end_sessions_of(org, home.user.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
        for row in &rows {
            assert!(!world.has_session(row).await);
        }
        assert!(world.has_session(&bobs).await);
    }
    let event = world.event(org);
    assert!(!store.end_sessions_of(org, world.id(), &event).await.unwrap());
    assert!(!world.has_event(&event).await);
}

/// Requests, sessions and assertions at their time, of all organizations; each is counted once.
pub async fn what_is_left_of_sign_ins_is_swept(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.open_home().await, world.open_home().await);
    let start = world.now();
    let at = |seconds| start.plus(Duration::from_secs(seconds));
    let mut rows = Vec::new();
    for (seconds, user) in [(60, &home.user), (120, &other.user), (180, &home.user)] {
        let mut request = world.sign_in_request(user.org);
        request.expires_at = at(seconds);
        store.insert_sign_in_request(&request).await.unwrap();
        let mut sign_in = world.sign_in(user);
        sign_in.session.expires_at = at(seconds + 1);
        let mut kept = world.kept(user);
        kept.keep_until = at(seconds + 2);
        sign_in.kept = Some(kept.clone());
        world.signed_in(&sign_in).await;
        rows.push((request, sign_in.session, kept));
    }
    let just_before = |seconds| at(seconds).minus(Duration::from_micros(1));
    assert_eq!(store.sweep_sign_ins(start).await.unwrap(), 0);
    for seconds in 60..63 {
        for (now, swept) in [(just_before(seconds), 0), (at(seconds), 1), (at(seconds), 0)] {
            assert_eq!(store.sweep_sign_ins(now).await.unwrap(), swept);
        }
    }
    assert_eq!(store.sweep_sign_ins(at(121)).await.unwrap(), 2);
    // Asked for as of the beginning, so that only what was swept is not found.
    for (n, (request, session, kept)) in rows.iter().enumerate() {
        assert_eq!(world.has_session(session).await, n == 2);
        assert_eq!(world.has_kept(kept).await, n >= 1);
        let (org, handle, browser) = (request.org, request.handle, request.browser);
        let taken = store.take_sign_in_request(org, handle, browser, start).await.unwrap();
        assert_eq!(taken.is_some(), n == 2);
    }
    assert_eq!(store.sweep_sign_ins(at(600)).await.unwrap(), 3);
    assert_eq!(store.sweep_sign_ins(at(600)).await.unwrap(), 0);
}
