//! Several sign-ins at once, as several replicas make them.

use std::pin::Pin;

use auth_model::{
    AuthnTarget, Enforcement, IdpMetadata, OrgId, Role, RoleChange, SamlChange, SamlConfiguration,
    Session, Team, UnmatchedUsers, User, UserChange,
};
use futures_util::future::{TryFutureExt, join_all};

use super::{
    chain::verified,
    fixtures::{World, assert_duplicate},
};
use crate::{SignIn, Slice, Store, StoreError};

/// How many calls are made at once.
const CALLS: usize = 8;

type Call<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// The numbers that are kept beside roles and teams are those of their holders and members, and nobody has what is not there.
async fn assert_consistent(world: &World<'_>, org: OrgId) {
    let users = world.users(org).await;
    let (roles, teams) = (world.counted_roles(org).await, world.counted_teams(org).await);
    let mut members = Vec::new();
    for user in &users {
        members.extend(world.store.memberships(org, user.id).await.unwrap());
    }
    let count = |rows: usize| u64::try_from(rows).unwrap();
    for row in &roles {
        let holders = users.iter().filter(|user| user.roles.contains(&row.role.id)).count();
        assert_eq!(row.user_count, count(holders), "holders of {}", row.role.name);
    }
    for row in &teams {
        let there = members.iter().filter(|member| member.team == row.team.id).count();
        assert_eq!(row.user_count, count(there), "members of {}", row.team.name);
    }
    let mut held = users.iter().flat_map(|user| &user.roles);
    assert!(held.all(|held| roles.iter().any(|row| row.role.id == *held)));
    assert!(members.iter().all(|member| teams.iter().any(|row| row.team.id == member.team)));
    let events = verified(world.store, Some(org)).await;
    assert_eq!(events.len(), world.events(org).await.len());
}

/// The same that it began with.
pub async fn of_fifty_takers_one_has_the_sign_in_request(store: &dyn Store) {
    let world = World::new(store);
    let org = world.open_organization_added().await.id;
    let row = world.sign_in_request_added(org).await;
    let (handle, browser, now) = (row.handle, row.browser, world.now());
    let calls = (0..50).map(|_| store.take_sign_in_request(org, handle, browser, now));
    let taken: Vec<_> = join_all(calls).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, [row]);
}

/// Of one e-mail address, by signing in or otherwise; and only its session and event are kept.
pub async fn of_several_first_sign_ins_one_adds_the_user(store: &dyn Store) {
    let world = World::new(store);
    for others in [0, CALLS / 2] {
        let home = world.open_home().await;
        let (org, team) = (home.org, world.team_added(home.org).await);
        let before = world.events(org).await.len();
        let first = |_| {
            let sign_in = world.first_sign_in(org, &[home.role.id]);
            let email = "ada@example.com".to_owned();
            let user = User { email, ..sign_in.user };
            let kept = Some(world.kept(&user));
            (SignIn { user, kept, joined: vec![team.id], ..sign_in }, world.event(org))
        };
        let rows: Vec<_> = (0..CALLS).map(first).collect();
        let calls = rows.iter().enumerate().map(|(n, (sign_in, event))| -> Call<'_> {
            match n < others {
                true => Box::pin(store.insert_user(&sign_in.user, event)),
                false => {
                    Box::pin(store.sign_in(sign_in, event).map_ok(|user| assert!(user.is_some())))
                }
            }
        });
        let outcomes = join_all(calls).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let mut expected = (0, 0);
        for (n, ((sign_in, event), outcome)) in rows.iter().zip(outcomes).enumerate() {
            let (added, signed_in) = (outcome.is_ok(), outcome.is_ok() && n >= others);
            assert_eq!(store.user(org, sign_in.user.id).await.unwrap().is_some(), added);
            assert_eq!(world.has_session(&sign_in.session).await, signed_in);
            assert_eq!(world.has_kept(sign_in.kept.as_ref().unwrap()).await, signed_in);
            assert_eq!(world.has_event(event).await, added);
            expected.0 += u64::from(signed_in);
            expected.1 += usize::from(added);
            if !added {
                assert_duplicate(outcome, "a user");
            }
        }
        assert_eq!((world.members(&team).await, expected.1), (expected.0, 1));
        assert_eq!(world.holders(org, home.role.id).await, 2);
        assert_eq!(world.events(org).await.len(), before + 1);
        assert_consistent(&world, org).await;
    }
}

/// The others were decided on roles that the user does not have any more.
pub async fn of_several_sign_ins_that_replace_roles_one_does(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let mut rows = Vec::new();
    for _ in 0..CALLS {
        let (role, team) = (world.role_added(org, &[]).await, world.team_added(org).await);
        let sign_in = world.sign_in(&home.user);
        let sign_in = SignIn { roles: Some(vec![role.id]), joined: vec![team.id], ..sign_in };
        rows.push((sign_in, world.event(org)));
    }
    let calls = rows.iter().map(|(sign_in, event)| store.sign_in(sign_in, event));
    let outcomes: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().flatten().count(), 1, "{outcomes:?}");
    for ((sign_in, event), outcome) in rows.iter().zip(outcomes) {
        let done = outcome.is_some();
        assert_eq!(world.has_session(&sign_in.session).await, done);
        assert_eq!(world.has_event(event).await, done);
        if done {
            assert_eq!(outcome, Some(sign_in.outcome()));
            assert_eq!(store.user(org, home.user.id).await.unwrap(), outcome);
            let memberships = store.memberships(org, home.user.id).await.unwrap();
            assert_eq!(memberships.iter().map(|m| m.team).collect::<Vec<_>>(), sign_in.joined);
        }
    }
    assert_eq!(world.holders(org, home.role.id).await, 0);
    assert_consistent(&world, org).await;
}

/// What they all bring along is there once.
pub async fn several_browsers_are_signed_in_at_once(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let (joined, left) = (world.team_added(org).await, world.team_added(org).await);
    world.member_added(&left, home.user.id).await;
    let other = world.role_added(org, &[]).await;
    for roles in [None, Some(home.user.roles.clone())] {
        let first = |_| {
            let kept = Some(world.kept(&home.user));
            let (joined, left) = (vec![joined.id], vec![left.id]);
            let sign_in = world.sign_in(&home.user);
            let roles = roles.clone();
            (SignIn { roles, joined, left, kept, ..sign_in }, world.event(org))
        };
        let rows: Vec<_> = (0..CALLS).map(first).collect();
        let calls = rows.iter().map(|(sign_in, event)| store.sign_in(sign_in, event));
        for (outcome, (sign_in, event)) in join_all(calls).await.into_iter().zip(&rows) {
            assert_eq!(outcome.unwrap().as_ref(), Some(&home.user));
            assert!(world.has_session(&sign_in.session).await);
            assert!(world.has_event(event).await);
        }
        assert_eq!((world.members(&joined).await, world.members(&left).await), (1, 0));
        assert_eq!(world.holders(org, home.role.id).await, 1);
        assert_eq!(world.holders(org, other.id).await, 0);
    }
    let kept = store.kept_assertions(org, Slice::ALL, world.now()).await.unwrap();
    assert_eq!(kept.rows.len(), 2 * CALLS);
    let latest = store.latest_assertions(org, Slice::ALL, world.now()).await.unwrap();
    assert_eq!(latest.rows, kept.rows[..1]);
    assert_consistent(&world, org).await;
}

/// And its secret is the one that holds.
pub async fn of_several_rotations_one_takes_place(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let row = world.session_added(&home.user).await;
    let to: Vec<_> = (0..CALLS).map(|_| (world.hash(), world.now())).collect();
    let calls =
        to.iter().map(|(to, at)| store.rotate_session(home.org, row.id, row.secret, *to, *at));
    let done: Vec<bool> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let done: Vec<_> = to.iter().zip(done).filter(|(_, done)| *done).collect();
    assert_eq!(done.len(), 1);
    let (secret, rotated_at) = *done[0].0;
    let previous_secret = Some(row.secret);
    let expected = Session { secret, rotated_at, previous_secret, ..row };
    let (found, _) = store.session(home.org, expected.id, world.now()).await.unwrap().unwrap();
    assert_eq!(found, expected);
}

/// And only its event is kept.
pub async fn of_several_ends_of_a_session_one_takes_place(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let (org, user) = (home.org, home.user.id);
    for all in [false, true] {
        let row = world.session_added(&home.user).await;
        let before = world.events(org).await.len();
        let events: Vec<_> = (0..CALLS).map(|_| world.event(org)).collect();
        let calls = events.iter().map(|event| match all {
            true => store.end_sessions_of(org, user, event),
            false => store.end_session(org, row.id, event),
        });
        let done: Vec<bool> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        assert_eq!(world.events(org).await.len(), before + 1);
        assert!(!world.has_session(&row).await);
    }
}

/// Whether all sign in, or half of them are disabled.
pub async fn of_admins_that_are_stripped_at_once_one_is_left(store: &dyn Store) {
    let world = World::new(store);
    for disabled in [0, CALLS / 2] {
        let org = world.open_organization_added().await.id;
        let mut rows = Vec::new();
        for _ in 0..CALLS {
            let role = world.admin_role_added(org).await;
            let user = world.user_added(org, &[role.id]).await;
            let sign_in = SignIn { roles: Some(vec![]), ..world.sign_in(&user) };
            rows.push((sign_in, world.event(org)));
        }
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        let calls = rows.iter().enumerate().map(|(n, (sign_in, event))| {
            match n % 2 == 1 && n / 2 < disabled {
                true => store.change_user(org, sign_in.user.id, &disable, event),
                false => store.sign_in(sign_in, event),
            }
        });
        let outcomes = join_all(calls).await;
        let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count();
        assert_eq!(done, CALLS - 1, "{outcomes:?}");
        for outcome in outcomes.iter().filter(|outcome| outcome.is_err()) {
            assert!(matches!(outcome, Err(StoreError::LastAdmin)), "{outcome:?}");
        }
        assert_consistent(&world, org).await;
    }
}

/// Or not any more: either way no session is left, also when they are enabled again.
pub async fn whoever_is_disabled_meanwhile_is_not_signed_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    for round in 0..10 {
        let user = world.user_added(org, &[home.role.id]).await;
        let sign_in = |_| (world.sign_in(&user), world.event(org));
        let (rows, event): (Vec<_>, _) = ((0..CALLS).map(sign_in).collect(), world.event(org));
        let calls = rows.iter().map(|(sign_in, event)| store.sign_in(sign_in, event));
        let mut calls: Vec<_> = calls.collect();
        calls.insert(round % CALLS, store.change_user(org, user.id, &disable, &event));
        for outcome in join_all(calls).await {
            outcome.unwrap();
        }
        world.disable(&user, false).await;
        for (sign_in, _) in &rows {
            assert!(!world.has_session(&sign_in.session).await, "round {round}");
        }
    }
}

/// Those of an organization that has decided nothing yet too.
pub async fn changes_of_a_saml_configuration_at_once_are_all_kept(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let metadata = IdpMetadata { xml: "<a/>".to_owned(), uploaded_at: world.now() };
    let (domains, email) = (vec!["example.com".to_owned()], Some("mail".to_owned()));
    let changes = [
        SamlChange { enabled: Some(true), ..SamlChange::default() },
        SamlChange { strict: Some(true), ..SamlChange::default() },
        SamlChange { idp_initiated: Some(true), ..SamlChange::default() },
        SamlChange { autocreate_domains: Some(domains), ..SamlChange::default() },
        SamlChange { autocreate_role: Some(Some(home.role.id)), ..SamlChange::default() },
        SamlChange { unmatched_users: Some(UnmatchedUsers::Refuse), ..SamlChange::default() },
        SamlChange { keep_assertions: Some(true), ..SamlChange::default() },
        SamlChange { email_attribute: Some(email), ..SamlChange::default() },
        SamlChange { enforcement: Some(Enforcement::On), ..SamlChange::default() },
        SamlChange { metadata: Some(metadata), ..SamlChange::default() },
    ];
    let events = changes.each_ref().map(|_| world.event(org));
    let calls = changes.iter().zip(&events);
    let calls = calls.map(|(change, event)| store.change_saml_configuration(org, change, event));
    let mut expected = SamlConfiguration::new(org);
    for (outcome, change) in join_all(calls).await.into_iter().zip(&changes) {
        // Its answer holds its own change, whichever of the others came before.
        let answer = outcome.unwrap();
        let mut applied = answer.clone();
        change.apply(&mut applied);
        assert_eq!(applied, answer);
        change.apply(&mut expected);
    }
    assert_eq!(store.saml_configuration(org).await.unwrap(), expected);
    for event in &events {
        assert!(world.has_event(event).await);
    }
}

/// Something that it needed may have gone, or may have been there already.
#[track_caller]
fn assert_ended(outcome: &Result<(), StoreError>, round: usize) {
    use StoreError::{Duplicate, Missing};
    let ended = matches!(outcome, Ok(()) | Err(Missing { .. } | Duplicate { .. }));
    assert!(ended, "round {round}: {outcome:?}");
}

/// Sign-ins of two users and of a new one, which give and take the same roles and teams in different orders.
fn crossing(
    world: &World<'_>,
    [ada, bob]: [&User; 2],
    [one, two]: [&Role; 2],
    [stays, goes]: [&Team; 2],
) -> [SignIn; 4] {
    let adas = SignIn {
        roles: Some(vec![two.id]),
        joined: vec![goes.id, stays.id],
        kept: Some(world.kept(ada)),
        ..world.sign_in(ada)
    };
    let bobs = SignIn { joined: vec![stays.id], left: vec![goes.id], ..world.sign_in(bob) };
    let roles = Some(vec![one.id, two.id]);
    let bobs_again = SignIn { roles, left: vec![stays.id], ..world.sign_in(bob) };
    let first = world.first_sign_in(ada.org, &[two.id, one.id]);
    let first = SignIn { joined: vec![stays.id, goes.id], ..first };
    [adas, bobs, bobs_again, first]
}

/// Sign-ins that meet other changes in the same rows from different sides: each waits for the others, and none for ever.
pub async fn sign_ins_among_other_changes_all_end(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let admin = world.admin_role_added(org).await;
    world.user_added(org, &[admin.id]).await;
    for round in 0..10 {
        let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
        let (stays, goes) = (world.team_added(org).await, world.team_added(org).await);
        let ada = world.user_added(org, &[one.id, two.id]).await;
        let bob = world.user_added(org, &[two.id, one.id]).await;
        world.member_added(&stays, ada.id).await;
        world.member_added(&goes, bob.id).await;
        for (value, target) in [("1", AuthnTarget::Role(two.id)), ("2", AuthnTarget::Team(goes.id))]
        {
            world.authn_mapping_added(org, &format!("group {round}"), value, target).await;
        }
        world.sign_ins_allowed(org).await;
        let old = world.key_session_added(&bob).await;
        let [adas, bobs, bobs_again, first] =
            crossing(&world, [&ada, &bob], [&one, &two], [&stays, &goes]);
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        let rename = RoleChange { name: Some(format!("renamed {round}")), ..RoleChange::default() };
        let strict = SamlChange { strict: Some(true), ..SamlChange::default() };
        let strict = SamlChange { autocreate_role: Some(Some(two.id)), ..strict };
        let keep = SamlChange { keep_assertions: Some(false), ..SamlChange::default() };
        let member = world.member(org, stays.id, bob.id);
        let (to, now) = (world.hash(), world.now());
        let events: Vec<_> = (0..17).map(|_| world.event(org)).collect();
        let e = |n: usize| &events[n];
        let mut calls: Vec<Call<'_>> = vec![
            Box::pin(store.sign_in(&adas, e(0)).map_ok(drop)),
            Box::pin(store.delete_role(org, two.id, e(1)).map_ok(drop)),
            Box::pin(store.sign_in(&bobs, e(2)).map_ok(drop)),
            Box::pin(store.delete_team(org, goes.id, e(3)).map_ok(drop)),
            Box::pin(store.sign_in(&first, e(4)).map_ok(drop)),
            Box::pin(store.change_user(org, ada.id, &disable, e(5)).map_ok(drop)),
            Box::pin(store.sign_in(&bobs_again, e(6)).map_ok(drop)),
            Box::pin(store.change_saml_configuration(org, &strict, e(7)).map_ok(drop)),
            Box::pin(store.change_role(org, one.id, &rename, e(8)).map_ok(drop)),
            Box::pin(store.insert_team_member(&member, e(9))),
            Box::pin(store.delete_team_member(org, stays.id, ada.id, e(10)).map_ok(drop)),
            Box::pin(store.add_role_holder(org, two.id, home.user.id, e(11)).map_ok(drop)),
            Box::pin(store.remove_role_holder(org, one.id, bob.id, e(12)).map_ok(drop)),
            Box::pin(store.change_saml_configuration(org, &keep, e(13)).map_ok(drop)),
            Box::pin(store.end_session(org, old.id, e(14)).map_ok(drop)),
            Box::pin(store.end_sessions_of(org, bob.id, e(15)).map_ok(drop)),
            Box::pin(store.rotate_session(org, old.id, old.secret, to, now).map_ok(drop)),
            Box::pin(store.sweep_sign_ins(now).map_ok(drop)),
            Box::pin(store.update_organization(&home.organization, e(16)).map_ok(drop)),
        ];
        // Each round another one comes first.
        calls.rotate_left(round * 2);
        for outcome in join_all(calls).await {
            assert_ended(&outcome, round);
        }
        world.disable(&ada, false).await;
        assert!(!world.has_session(&adas.session).await && !world.has_session(&old).await);
        assert_consistent(&world, org).await;
    }
}
