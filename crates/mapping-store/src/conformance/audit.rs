//! The audit log.

use std::{borrow::Cow, net::IpAddr, time::Duration};

use auth_model::{
    AuditEvent, AuditOutcome, PersonaMapping, Purpose, RoleChange, Timestamp, UserChange,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::fixtures::{ACCOUNT, Home, World, assert_duplicate, role_pattern};
use crate::{AuditQuery, Direction, Store, TimeRange};

/// With every field set.
pub async fn audit_events_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let bare = world.event(org);
    let full = AuditEvent {
        purpose: Purpose::AccessToken,
        outcome: AuditOutcome::Refused,
        reason: Cow::Borrowed("no_mapping"),
        detail: "no mapping matches `arn:…`".to_owned(),
        source: Some("2001:db8::1".parse().unwrap()),
        sts_host: Some("sts.amazonaws.com".to_owned()),
        sts_request_id: Some("1f2e".to_owned()),
        access_key_id: Some("ASIAEXAMPLE".to_owned()),
        caller_arn: Some(format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci/build")),
        caller_user_id: Some("AROAEXAMPLE:build".to_owned()),
        account: Some(ACCOUNT.parse().unwrap()),
        mapping: Some(world.id()),
        user: Some(world.id()),
        proof_hash: Some([0; 32]),
        replayed: true,
        took_micros: -1,
        ..world.event(org)
    };
    for event in [&bare, &full] {
        store.record(event).await.unwrap();
    }
    assert_eq!(world.events(org).await, [full, bare]);
}

/// Arbitrary texts, times and numbers.
pub async fn any_audit_event_comes_back_as_it_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let mut runner = TestRunner::deterministic();
    let mut expected = Vec::new();
    for _ in 0..64 {
        let event = any_event(world.event(org)).new_tree(&mut runner).unwrap().current();
        store.record(&event).await.unwrap();
        expected.push(event);
    }
    expected.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    assert_eq!(world.events(org).await, expected);
}

fn any_event(bare: AuditEvent) -> impl Strategy<Value = AuditEvent> {
    let text = || "[^\0]{0,40}";
    let option = move || proptest::option::of(text());
    let purpose = prop_oneof![
        Just(Purpose::AccessToken),
        Just(Purpose::ManagedKey),
        "[a-z_]{1,12}\\.[a-z_]{1,12}".prop_map(|name| Purpose::Change(name.into())),
    ];
    let outcome = prop_oneof![
        Just(AuditOutcome::Granted),
        Just(AuditOutcome::Refused),
        Just(AuditOutcome::Failed)
    ];
    let time = (i64::MIN..i64::MAX).prop_map(Timestamp::from_unix_micros);
    let texts = (text(), text(), text(), option(), option(), option(), option(), option());
    let rest = (any::<Option<IpAddr>>(), any::<Option<[u8; 32]>>(), any::<bool>(), any::<i64>());
    (purpose, outcome, time, texts, rest).prop_map(
        move |(purpose, outcome, at, texts, (source, proof_hash, replayed, took_micros))| {
            let (reason, detail, request_id, sts_host, sts_request_id, access, arn, user) = texts;
            AuditEvent {
                purpose,
                outcome,
                at,
                reason: reason.into(),
                detail,
                request_id,
                sts_host,
                sts_request_id,
                access_key_id: access,
                caller_arn: arn,
                caller_user_id: user,
                source,
                proof_hash,
                replayed,
                took_micros,
                ..bare.clone()
            }
        },
    )
}

/// From the first time on, before the second, no more than asked for, in either direction.
pub async fn audit_events_are_read_in_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let mut events: Vec<AuditEvent> = (0..5).map(|_| world.event(org)).collect();
    // Of the same time, the one with the greater id is newer.
    events[4].at = events[3].at;
    for n in [4, 0, 2, 3, 1] {
        store.record(&events[n]).await.unwrap();
    }
    let read = async |direction, from: Option<Timestamp>, to: Option<Timestamp>, limit| {
        let query =
            AuditQuery { range: TimeRange { from, to }, direction, ..AuditQuery::newest(limit) };
        let found = store.events(org, query).await.unwrap();
        let place = |event: &AuditEvent| events.iter().position(|e| e == event).unwrap();
        found.iter().map(place).collect::<Vec<_>>()
    };
    let (first, last) = (Some(events[0].at), Some(events[4].at));
    let after = Some(events[4].at.plus(Duration::from_micros(1)));
    let (up, down) = (Direction::Ascending, Direction::Descending);
    assert_eq!(read(down, first, after, 100).await, [4, 3, 2, 1, 0]);
    assert_eq!(read(up, first, after, 100).await, [0, 1, 2, 3, 4]);
    assert_eq!(read(down, None, None, 100).await, [4, 3, 2, 1, 0]);
    assert_eq!(read(down, None, last, 100).await, [2, 1, 0]);
    assert_eq!(read(up, last, None, 100).await, [3, 4]);
    assert_eq!(read(down, Some(events[1].at), last, 100).await, [2, 1]);
    assert_eq!(read(down, first, after, 2).await, [4, 3]);
    assert_eq!(read(up, first, after, 2).await, [0, 1]);
    assert_eq!(read(down, first, after, 0).await, []);
    assert_eq!(read(down, last, first, 100).await, []);
}

/// At the ends of time too, which an end that is not given does not leave out.
pub async fn audit_events_of_any_time_are_read(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let at = |micros| AuditEvent { at: Timestamp::from_unix_micros(micros), ..world.event(org) };
    let (first, last) = (at(i64::MIN), at(i64::MAX));
    for event in [&first, &last] {
        store.record(event).await.unwrap();
    }
    let all = store.events(org, AuditQuery::newest(u32::MAX)).await.unwrap();
    assert_eq!(all, [last.clone(), first.clone()]);
    let range = TimeRange { from: Some(first.at), to: Some(last.at) };
    let query = AuditQuery { range, ..AuditQuery::newest(u32::MAX) };
    assert_eq!(store.events(org, query).await.unwrap(), [first]);
}

/// A cursor goes on where the last page ended, also amid events of one time, in either direction.
pub async fn audit_events_are_read_page_by_page(store: &dyn Store) {
    let world = World::new(store);
    let (org, other) = (world.organization().id, world.organization().id);
    let mut events: Vec<AuditEvent> = (0..9).map(|_| world.event(org)).collect();
    let at = events[2].at;
    events[2..7].iter_mut().for_each(|event| event.at = at);
    for event in events.iter().rev() {
        store.record(event).await.unwrap();
        store.record(&AuditEvent { at: event.at, ..world.event(other) }).await.unwrap();
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        for limit in 1..5 {
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let query = AuditQuery { after, direction, ..AuditQuery::newest(limit) };
                let page = store.events(org, query).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some((last.at, last.id));
                read.extend(page);
            }
            if direction == Direction::Descending {
                read.reverse();
            }
            assert_eq!(read, events, "{direction:?} by {limit}");
        }
    }
    // The cursor need not be an event that there is, and a range holds beside it.
    let query = AuditQuery {
        range: TimeRange { from: None, to: Some(events[8].at) },
        after: Some((events[6].at, world.id())),
        direction: Direction::Ascending,
        limit: 9,
    };
    assert_eq!(store.events(org, query).await.unwrap(), [events[7].clone()]);
}

/// What belongs to none is in nobody's list.
pub async fn audit_events_are_of_one_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.organization().id, world.organization().id);
    let (our, their) = (world.event(ours), world.event(theirs));
    let nobodys = AuditEvent { org: None, ..world.event(ours) };
    for event in [&our, &their, &nobodys] {
        store.record(event).await.unwrap();
    }
    assert_eq!(world.events(ours).await, [our]);
    assert_eq!(world.events(theirs).await, [their]);
}

/// There need be no organization of that id.
pub async fn an_attempt_on_an_unknown_organization_is_recorded(store: &dyn Store) {
    let world = World::new(store);
    let event = world.event(world.id());
    store.record(&event).await.unwrap();
    assert!(world.has_event(&event).await);
}

/// By its id; the first one stays.
pub async fn an_audit_event_is_added_once(store: &dyn Store) {
    let world = World::new(store);
    let event = world.event(world.id());
    store.record(&event).await.unwrap();
    let again = AuditEvent { detail: "another".to_owned(), ..event.clone() };
    assert_duplicate(store.record(&again).await, "an audit event");
    assert_eq!(world.events(event.org.unwrap()).await, [event]);
}

/// Nothing that is refused is told as done.
pub async fn a_failed_change_leaves_no_event(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    let mapping = world.persona_added(&home, &role_pattern("ci")).await;
    let api = world.api_key_added(org).await;
    let app = world.app_key_added(org, home.user.id).await;
    let intake = world.intake_added(&home, &role_pattern("ci")).await;
    let before = world.events(org).await;
    assert!(store.insert_organization(&home.organization, &event).await.is_err());
    assert!(store.insert_role(&home.role, &event).await.is_err());
    assert!(store.insert_user(&home.user, &event).await.is_err());
    assert!(store.insert_aws_account(&home.account, &event).await.is_err());
    assert!(store.insert_persona_mapping(&mapping, &event).await.is_err());
    assert!(store.insert_intake_mapping(&intake, &event).await.is_err());
    assert!(store.insert_api_key(&api, u64::MAX, &event).await.is_err());
    assert!(store.insert_app_key(&app, u64::MAX, &event).await.is_err());
    assert_eq!(world.events(org).await, before);
}

/// A change without its trace would be worse than none.
pub async fn a_change_whose_event_fails_is_not_made(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, event) = (home.org, world.event(home.org));
    let kept = world.persona_added(&home, &role_pattern("kept")).await;
    let key = world.api_key_added(org).await;
    store.record(&event).await.unwrap();
    let mapping: PersonaMapping = world.persona(&home, &role_pattern("ci"));
    let what = "an audit event";
    assert_duplicate(store.insert_persona_mapping(&mapping, &event).await, what);
    assert_duplicate(store.delete_persona_mapping(org, kept.id, &event).await, what);
    assert_duplicate(store.delete_api_key(org, key.id, &event).await, what);
    let change = RoleChange { name: Some("renamed".to_owned()), ..RoleChange::default() };
    assert_duplicate(store.change_role(org, home.role.id, &change, &event).await, what);
    assert_duplicate(store.delete_role(org, home.role.id, &event).await, what);
    let change = UserChange { disabled: Some(true), ..UserChange::default() };
    assert_duplicate(store.change_user(org, home.user.id, &change, &event).await, what);
    let (role, user) = (home.role.id, home.user.id);
    assert_duplicate(store.remove_role_holder(org, role, user, &event).await, what);
    assert_duplicate(store.grant_permission(org, role, world.id(), &event).await, what);
    assert_duplicate(store.insert_invitation(&world.invitation(org, user), &event).await, what);
    assert_duplicate(store.insert_team(&world.team(org), &event).await, what);
    assert_eq!(store.persona_mappings(org).await.unwrap(), [kept]);
    assert_eq!(world.api_keys(org).await, [key]);
    assert_eq!(world.teams(org).await, []);
    let Home { role, user, .. } = home;
    assert_eq!(store.role(org, role.id).await.unwrap(), Some(role));
    assert_eq!(store.user(org, user.id).await.unwrap(), Some(user));
}
