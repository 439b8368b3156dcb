//! Several calls at once, as several replicas make them.

use std::{pin::Pin, time::Duration};

use auth_model::{
    ApiKeyId, AuthnMappingChange, AuthnTarget, KeyState, RoleChange, TeamChange, User, UserChange,
};
use futures_util::future::{TryFutureExt, join_all};

use super::{
    chain::verified,
    fixtures::{World, assert_duplicate, role_pattern},
};
use crate::{AuthnMappingQuery, KeyUse, Store, StoreError, UsedKey};

/// How many calls are made at once.
const CALLS: usize = 8;

/// Exactly one went well; the others were told that it was there already.
#[track_caller]
fn assert_one_wins(outcomes: Vec<Result<(), StoreError>>, what: &str) {
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_duplicate(outcome, what);
    }
}

/// And only its event is kept.
pub async fn one_of_two_equal_persona_mappings_is_added(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let before = world.events(home.org).await.len();
    let rows: Vec<_> = (0..CALLS)
        .map(|_| (world.persona(&home, &role_pattern("ci")), world.event(home.org)))
        .collect();
    let calls = rows.iter().map(|(row, event)| store.insert_persona_mapping(row, event));
    assert_one_wins(join_all(calls).await, "a persona mapping");
    assert_eq!(store.persona_mappings(home.org).await.unwrap().len(), 1);
    assert_eq!(world.events(home.org).await.len(), before + 1);
}

/// And only its event is kept.
pub async fn one_of_two_equal_intake_mappings_is_added(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let before = world.events(home.org).await.len();
    let rows: Vec<_> = (0..CALLS)
        .map(|_| (world.intake(&home, &role_pattern("ci")), world.event(home.org)))
        .collect();
    let calls = rows.iter().map(|(row, event)| store.insert_intake_mapping(row, event));
    assert_one_wins(join_all(calls).await, "an intake mapping");
    assert_eq!(store.intake_mappings(home.org).await.unwrap().len(), 1);
    assert_eq!(world.events(home.org).await.len(), before + 1);
}

/// So two replicas can't both rotate.
pub async fn one_of_two_generations_is_added(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let rows: Vec<_> = (0..CALLS).map(|_| world.managed_key(&mapping, 1)).collect();
    let calls = rows.iter().map(|row| store.insert_managed_key(row));
    assert_one_wins(join_all(calls).await, "a managed key");
    let kept = store.managed_key(home.org, mapping.id).await.unwrap().unwrap();
    assert!(rows.contains(&kept));
}

/// So two replicas can't both make the next one.
pub async fn one_of_two_next_signing_keys_is_added(store: &dyn Store) {
    let world = World::new(store);
    let rows: Vec<_> = (0..CALLS).map(|_| world.signing_key(KeyState::Next)).collect();
    let calls = rows.iter().map(|row| store.insert_signing_key(row));
    assert_one_wins(join_all(calls).await, "a signing key");
    assert_eq!(store.signing_keys().await.unwrap().len(), 1);
}

/// And exactly one key is current then.
pub async fn one_of_two_promotions_takes_place(store: &dyn Store) {
    let world = World::new(store);
    let current = world.signing_key_added(KeyState::Current).await;
    let next = world.signing_key_added(KeyState::Next).await;
    let calls = (0..CALLS).map(|_| store.promote_signing_key(&next.kid, world.now()));
    let outcomes = join_all(calls).await;
    let done: Vec<bool> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    let keys = store.signing_keys().await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (&key.kid, key.state)).collect();
    assert_eq!(states, [(&current.kid, KeyState::Retired), (&next.kid, KeyState::Current)]);
}

/// And only its event is kept.
pub async fn one_of_two_equal_authn_mappings_is_added(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let before = world.events(home.org).await.len();
    let target = AuthnTarget::Role(home.role.id);
    let rows: Vec<_> = (0..CALLS)
        .map(|_| (world.authn_mapping(home.org, "group", "ops", target), world.event(home.org)))
        .collect();
    let calls = rows.iter().map(|(row, event)| store.insert_authn_mapping(row, event));
    assert_one_wins(join_all(calls).await, "an authN mapping");
    let listed = store.authn_mappings(home.org, &AuthnMappingQuery::default()).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total), (1, 1));
    assert_eq!(world.events(home.org).await.len(), before + 1);
}

/// Each takes the attribute that the one before it has or leaves, while what they all give is deleted: each waits for the others,
/// and none for ever.
pub async fn authn_mappings_that_follow_one_another_and_go_all_end(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    for round in 0..20 {
        let (role, team) = (world.role_added(org, &[]).await, world.team_added(org).await);
        let target = match round % 2 {
            0 => AuthnTarget::Role(role.id),
            _ => AuthnTarget::Team(team.id),
        };
        let mut rows = Vec::new();
        for n in 0..CALLS {
            rows.push(world.authn_mapping_added(org, "group", &n.to_string(), target).await);
        }
        let changes: Vec<_> = (0..CALLS)
            .map(|n| n.checked_sub(1).map_or("new".to_owned(), |before| before.to_string()))
            .map(|value| AuthnMappingChange { value: Some(value), ..Default::default() })
            .collect();
        let events: Vec<_> = (0..=CALLS).map(|_| world.event(org)).collect();
        type Call<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
        let mut calls: Vec<Call<'_>> = Vec::new();
        for ((row, change), event) in rows.iter().zip(&changes).zip(&events).rev() {
            calls.push(Box::pin(
                store.change_authn_mapping(org, row.id, change, event).map_ok(drop),
            ));
        }
        calls.insert(
            CALLS / 2,
            match target {
                AuthnTarget::Role(id) => {
                    Box::pin(store.delete_role(org, id, &events[CALLS]).map_ok(drop))
                }
                AuthnTarget::Team(id) => {
                    Box::pin(store.delete_team(org, id, &events[CALLS]).map_ok(drop))
                }
            },
        );
        for (n, outcome) in join_all(calls).await.into_iter().enumerate() {
            let ended = matches!(outcome, Ok(()) | Err(StoreError::Duplicate { .. }));
            assert!(ended, "call {n} of round {round}: {outcome:?}");
        }
        let left = store.authn_mappings(org, &AuthnMappingQuery::default()).await.unwrap();
        assert_eq!((left.rows, left.total), (vec![], 0));
    }
}

/// Of one e-mail address.
pub async fn one_of_two_equal_people_is_added(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let rows: Vec<_> = (0..CALLS)
        .map(|_| User {
            email: "ada@example.com".to_owned(),
            ..world.user(home.org, &[home.role.id])
        })
        .map(|row| (row, world.event(home.org)))
        .collect();
    let calls = rows.iter().map(|(row, event)| store.insert_user(row, event));
    assert_one_wins(join_all(calls).await, "a user");
    assert_eq!(world.users(home.org).await.len(), 2);
}

/// All agree on when that was.
pub async fn p_16_of_fifty_presentations_one_is_first(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let times: Vec<_> = (0..50).map(|_| world.now()).collect();
    let until = times[0].plus(Duration::from_secs(60));
    let calls = times.iter().map(|at| store.present_proof(org, [1; 32], *at, until));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let first: Vec<_> = answers.iter().filter(|answer| !answer.replayed).collect();
    assert_eq!(first.len(), 1);
    assert!(answers.iter().all(|answer| answer.first_at == first[0].first_at));
}

/// And everybody is told the same one.
pub async fn of_several_facts_one_is_settled(store: &dyn Store) {
    let values: Vec<String> = (0..CALLS).map(|n| n.to_string()).collect();
    let kept = join_all(values.iter().map(|value| store.settle("master", value))).await;
    let kept: Vec<String> = kept.into_iter().map(Result::unwrap).collect();
    assert!(values.contains(&kept[0]));
    assert!(kept.iter().all(|value| *value == kept[0]));
}

/// A failing one among them takes no other with it.
pub async fn many_changes_at_once_are_all_kept(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let before = world.events(home.org).await.len();
    // Every fourth has a pattern that another one has too.
    let role = |n: usize| role_pattern(&format!("role-{}", if n % 4 == 3 { n - 1 } else { n }));
    let rows: Vec<_> =
        (0..100).map(|n| (world.persona(&home, &role(n)), world.event(home.org))).collect();
    let calls = rows.iter().map(|(row, event)| store.insert_persona_mapping(row, event));
    let outcomes = join_all(calls).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 75);
    let kept = store.persona_mappings(home.org).await.unwrap();
    assert_eq!(kept.len(), 75);
    for ((row, _), outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(kept.contains(row), outcome.is_ok());
    }
    assert_eq!(world.events(home.org).await.len(), before + 75);
}

/// Without waiting.
pub async fn a_change_is_seen_by_whoever_asks_next(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let write_and_read = async |n: usize| {
        let row = world.persona_added(&home, &role_pattern(&format!("role-{n}"))).await;
        assert!(store.persona_mapping(home.org, row.id).await.unwrap().is_some());
        let event = world.event(home.org);
        assert!(store.delete_persona_mapping(home.org, row.id, &event).await.unwrap());
        assert_eq!(store.persona_mapping(home.org, row.id).await.unwrap(), None);
    };
    join_all((0..32).map(write_and_read)).await;
}

/// Changes that meet in the same rows from different sides: each waits for the others, and none for ever.
pub async fn changes_of_every_kind_at_once_all_end(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let admin = world.admin_role_added(org).await;
    world.user_added(org, &[admin.id]).await;
    for round in 0..6 {
        let (one, two) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
        let user = world.user_added(org, &[one.id]).await;
        let team = world.team_added(org).await;
        world.member_added(&team, user.id).await;
        let mapping = world.intake_added(&home, &role_pattern(&format!("agent-{round}"))).await;
        let (to_role, to_team) = (AuthnTarget::Role(two.id), AuthnTarget::Team(team.id));
        let [given, moved, back, gone] =
            [("1", to_role), ("2", to_role), ("3", to_team), ("4", to_role)].map(
                |(value, target)| {
                    world.authn_mapping(org, &format!("group {round}"), value, target)
                },
            );
        for row in [&moved, &back, &gone] {
            store.insert_authn_mapping(row, &world.event(org)).await.unwrap();
        }
        let change = |target| AuthnMappingChange { target: Some(target), ..Default::default() };
        let (move_on, move_back) = (change(to_team), change(to_role));
        let mut uses = Vec::new();
        for generation in 1..5 {
            let key = world.managed_key_added(&mapping, generation).await;
            let key = UsedKey::Api(ApiKeyId(key.id.0));
            uses.push(KeyUse { org, key, at: world.now() });
        }
        let revoked = match uses[2].key {
            UsedKey::Api(id) => id,
            UsedKey::App(_) => return,
        };
        let backwards: Vec<KeyUse> = uses.iter().rev().copied().collect();
        let events: Vec<_> = (0..20).map(|_| world.event(org)).collect();
        let rename = RoleChange { name: Some(format!("renamed {round}")), ..RoleChange::default() };
        let empty = RoleChange { permissions: Some([].into()), ..RoleChange::default() };
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        let look = TeamChange { name: Some(format!("renamed {round}")), ..TeamChange::default() };
        let (third, fourth) =
            (world.user(org, &[one.id, two.id]), world.user(org, &[two.id, one.id]));
        let member = world.member(org, team.id, home.user.id);
        type Call<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
        let calls: Vec<Call<'_>> = vec![
            Box::pin(store.insert_user(&third, &events[0])),
            Box::pin(store.insert_user(&fourth, &events[1])),
            Box::pin(store.add_role_holder(org, two.id, user.id, &events[2]).map_ok(drop)),
            Box::pin(store.change_role(org, two.id, &rename, &events[3]).map_ok(drop)),
            Box::pin(store.remove_role_holder(org, one.id, user.id, &events[4]).map_ok(drop)),
            Box::pin(store.change_user(org, user.id, &disable, &events[5]).map_ok(drop)),
            Box::pin(store.change_role(org, one.id, &empty, &events[6]).map_ok(drop)),
            Box::pin(store.delete_role(org, two.id, &events[7]).map_ok(drop)),
            Box::pin(store.insert_team_member(&member, &events[8])),
            Box::pin(store.change_team(org, team.id, &look, &events[9]).map_ok(drop)),
            Box::pin(store.delete_team_member(org, team.id, user.id, &events[10]).map_ok(drop)),
            Box::pin(store.delete_team(org, team.id, &events[11]).map_ok(drop)),
            Box::pin(store.note_key_uses(&uses)),
            Box::pin(store.note_key_uses(&backwards)),
            Box::pin(store.delete_intake_mapping(org, mapping.id, &events[12]).map_ok(drop)),
            Box::pin(store.delete_api_key(org, revoked, &events[13]).map_ok(drop)),
            Box::pin(
                store.sweep_managed_keys(uses[1].at.plus(Duration::from_secs(200))).map_ok(drop),
            ),
            Box::pin(store.update_organization(&home.organization, &events[14]).map_ok(drop)),
            Box::pin(store.record(&events[15])),
            Box::pin(store.insert_authn_mapping(&given, &events[16])),
            Box::pin(store.change_authn_mapping(org, moved.id, &move_on, &events[17]).map_ok(drop)),
            Box::pin(
                store.change_authn_mapping(org, back.id, &move_back, &events[18]).map_ok(drop),
            ),
            Box::pin(store.delete_authn_mapping(org, gone.id, &events[19]).map_ok(drop)),
        ];
        for (n, outcome) in join_all(calls).await.into_iter().enumerate() {
            let ended = matches!(outcome, Ok(()) | Err(StoreError::Missing { .. }));
            assert!(ended, "call {n} of round {round}: {outcome:?}");
        }
    }
    for role in world.counted_roles(org).await {
        let users = world.users(org).await;
        let holders = users.iter().filter(|user| user.roles.contains(&role.role.id)).count();
        assert_eq!(role.user_count, u64::try_from(holders).unwrap());
    }
    // Their roles and teams are gone, whatever came first.
    let left = store.authn_mappings(org, &AuthnMappingQuery::default()).await.unwrap();
    assert_eq!((left.rows, left.total), (vec![], 0));
    verified(store, Some(org)).await;
}
