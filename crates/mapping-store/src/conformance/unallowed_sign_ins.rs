//! Sign-ins that were decided before their organization decided otherwise: nothing of them is written, and no event tells of them.

use std::pin::Pin;

use auth_model::{
    AuditEvent, Enforcement, SamlChange, SamlConfiguration, Session, SignInMethod, User,
};
use futures_util::future::{TryFutureExt, join_all};

use super::fixtures::{Home, World};
use crate::{SignIn, Store, StoreError};

/// How many sign-ins of each kind are made at once.
const ROUNDS: usize = 3;

type Call<'a> = Pin<Box<dyn Future<Output = Result<Option<User>, StoreError>> + Send + 'a>>;

fn enabled(enabled: bool) -> SamlChange {
    SamlChange { enabled: Some(enabled), ..SamlChange::default() }
}

fn strict(strict: bool) -> SamlChange {
    SamlChange { strict: Some(strict), ..SamlChange::default() }
}

fn keep(keep: bool) -> SamlChange {
    SamlChange { keep_assertions: Some(keep), ..SamlChange::default() }
}

fn enforced(enforcement: Enforcement) -> SamlChange {
    SamlChange { enforcement: Some(enforcement), ..SamlChange::default() }
}

fn by_keys(sign_in: SignIn) -> SignIn {
    let session = Session { method: SignInMethod::Keys, ..sign_in.session };
    SignIn { session, ..sign_in }
}

fn keeping(world: &World<'_>, sign_in: SignIn) -> SignIn {
    SignIn { kept: Some(world.kept(&sign_in.user)), ..sign_in }
}

/// Of somebody who is there, of the same with other roles, which locks more, and of somebody new.
async fn of_everybody(world: &World<'_>, home: &Home) -> [SignIn; 3] {
    let other = world.role_added(home.org, &[]).await;
    let bob = world.user_added(home.org, &[home.role.id]).await;
    let changed = SignIn {
        name: Some("Changed".to_owned()),
        roles: Some(vec![other.id]),
        ..world.sign_in(&bob)
    };
    [world.sign_in(&home.user), changed, world.first_sign_in(home.org, &[home.role.id])]
}

/// While the change holds; with the one that takes it back it goes well, and its event and ids are still free.
async fn refused_until(world: &World<'_>, sign_in: &SignIn, back: &SamlChange, why: &str) {
    let (store, org) = (world.store, sign_in.user.org);
    let (before, event) = (world.picture(org).await, world.event(org));
    assert_eq!(store.sign_in(sign_in, &event).await.unwrap(), None, "{why}");
    assert_eq!(world.picture(org).await, before, "{why}");
    assert!(!world.has_event(&event).await, "{why}");
    assert!(!world.has_session(&sign_in.session).await, "{why}");
    world.saml_changed(org, back).await;
    assert_eq!(store.sign_in(sign_in, &event).await.unwrap(), Some(sign_in.outcome()), "{why}");
    assert!(world.has_event(&event).await, "{why}");
    assert!(world.has_session(&sign_in.session).await, "{why}");
}

/// Also where nothing was ever decided. Keys are still good.
pub async fn no_session_by_saml_begins_where_it_is_not_enabled(store: &dyn Store) {
    let world = World::new(store);
    let (open, undecided) = (world.open_home().await, world.home().await);
    for home in [&open, &undecided] {
        for sign_in in of_everybody(&world, home).await {
            if home.org == open.org {
                world.saml_changed(home.org, &enabled(false)).await;
            }
            world.key_session_added(&home.user).await;
            refused_until(&world, &sign_in, &enabled(true), "not enabled").await;
            world.saml_changed(home.org, &enabled(false)).await;
        }
    }
}

/// A session by SAML is still good.
pub async fn no_session_by_keys_begins_where_saml_is_strict(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    for sign_in in of_everybody(&world, &home).await {
        world.saml_changed(home.org, &strict(true)).await;
        world.session_added(&home.user).await;
        refused_until(&world, &by_keys(sign_in), &strict(false), "strict").await;
    }
}

/// However somebody signs in. Without one it is still good.
pub async fn no_assertion_is_kept_where_none_is_to_be(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    for method in [SignInMethod::Saml, SignInMethod::Keys] {
        for sign_in in of_everybody(&world, &home).await {
            world.saml_changed(home.org, &keep(false)).await;
            world.session_added(&home.user).await;
            world.key_session_added(&home.user).await;
            let sign_in = keeping(&world, sign_in);
            let session = Session { method, ..sign_in.session };
            let sign_in = SignIn { session, ..sign_in };
            refused_until(&world, &sign_in, &keep(true), "not kept").await;
            assert!(world.has_kept(sign_in.kept.as_ref().unwrap()).await);
        }
    }
}

/// Than it was decided under. Keys have nothing to do with it.
pub async fn no_session_by_saml_begins_under_another_enforcement(store: &dyn Store) {
    use Enforcement::{Forced, Off, On};
    let world = World::new(store);
    let home = world.open_home().await;
    for (decided, now) in
        [(Off, On), (Off, Forced), (On, Off), (On, Forced), (Forced, Off), (Forced, On)]
    {
        for sign_in in of_everybody(&world, &home).await {
            world.saml_changed(home.org, &enforced(now)).await;
            let keys = SignIn { enforcement: decided, ..world.sign_in(&home.user) };
            world.signed_in(&by_keys(keys)).await;
            let sign_in = SignIn { enforcement: decided, ..sign_in };
            let why = format!("{decided:?}, {now:?}");
            refused_until(&world, &sign_in, &enforced(decided), &why).await;
        }
    }
}

/// Sign-ins by either method, all of which keep an assertion and may take place in any order.
async fn of_all_kinds(world: &World<'_>, home: &Home) -> Vec<(SignIn, AuditEvent)> {
    let mut rows = Vec::new();
    for _ in 0..ROUNDS {
        let (saml, keys) = (of_everybody(world, home).await, of_everybody(world, home).await);
        let saml = saml.map(|sign_in| keeping(world, sign_in));
        let keys = keys.map(|sign_in| by_keys(keeping(world, sign_in)));
        rows.extend(saml.into_iter().chain(keys).map(|row| (row, world.event(home.org))));
    }
    rows
}

/// All of it at once, the change after this many of the sign-ins. What is there then is what went well and is allowed still.
async fn meet(
    world: &World<'_>,
    rows: &[(SignIn, AuditEvent)],
    change: &SamlChange,
    place: usize,
) -> SamlConfiguration {
    let (store, org) = (world.store, rows[0].0.user.org);
    let event = world.event(org);
    let mut calls: Vec<Call<'_>> =
        rows.iter().map(|(sign_in, event)| store.sign_in(sign_in, event)).collect();
    let changed = store.change_saml_configuration(org, change, &event);
    calls.insert(place, Box::pin(changed.map_ok(|_| None)));
    let mut outcomes = join_all(calls).await;
    assert_eq!(outcomes.remove(place).unwrap(), None);
    let configuration = store.saml_configuration(org).await.unwrap();
    for ((sign_in, event), outcome) in rows.iter().zip(outcomes) {
        let done = outcome.unwrap().is_some();
        let allowed = match sign_in.session.method {
            SignInMethod::Saml => configuration.enabled,
            SignInMethod::Keys => !configuration.strict,
        };
        let there = world.has_session(&sign_in.session).await;
        assert_eq!(there, done && allowed, "{change:?} after {place}: {sign_in:?}");
        if let Some(kept) = &sign_in.kept {
            let there = world.has_kept(kept).await;
            let allowed = configuration.keep_assertions;
            assert_eq!(there, done && allowed, "{change:?} after {place}: {sign_in:?}");
        }
        assert_eq!(world.has_event(event).await, done, "{change:?} after {place}");
    }
    configuration
}

/// Whichever comes first: what a change ends, and what it does not allow to begin, are all sign-ins that it forbids.
pub async fn a_change_at_once_leaves_nothing_that_it_does_not_allow(store: &dyn Store) {
    let world = World::new(store);
    let all = SamlChange { strict: Some(true), keep_assertions: Some(false), ..enabled(false) };
    for change in [enabled(false), strict(true), keep(false), all] {
        let home = world.open_home().await;
        for place in [0, 1, 5, 11, 6 * ROUNDS] {
            world.sign_ins_allowed(home.org).await;
            let rows = of_all_kinds(&world, &home).await;
            meet(&world, &rows, &change, place).await;
        }
    }
}

/// There is no row yet that the change and the sign-ins could meet in.
pub async fn the_first_decision_at_once_leaves_nothing_that_it_does_not_allow(store: &dyn Store) {
    let world = World::new(store);
    for place in [0, 1, 5, 11, 6 * ROUNDS] {
        let home = world.home().await;
        let rows = of_all_kinds(&world, &home).await;
        let rows = rows.into_iter().map(|(row, event)| (SignIn { kept: None, ..row }, event));
        let rows: Vec<_> = rows.collect();
        let configuration = meet(&world, &rows, &strict(true), place).await;
        assert!(!configuration.enabled);
    }
}
