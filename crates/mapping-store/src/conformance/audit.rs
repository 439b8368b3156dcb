//! The audit log, the ledger of proofs, and the installation's facts.

use std::{borrow::Cow, net::IpAddr, time::Duration};

use auth_model::{AuditEvent, AuditOutcome, OrgId, PersonaMapping, Purpose, Timestamp};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::fixtures::{ACCOUNT, Home, World, assert_duplicate, role_pattern};
use crate::{AuditFilter, Presentation, Store};

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

/// From the first time on, before the second, no more than asked for.
pub async fn audit_events_are_read_newest_first(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let mut events: Vec<AuditEvent> = (0..5).map(|_| world.event(org)).collect();
    // Of the same time, the one with the greater id is newer.
    events[4].at = events[3].at;
    for n in [4, 0, 2, 3, 1] {
        store.record(&events[n]).await.unwrap();
    }
    let read = async |from: Timestamp, to: Timestamp, limit| {
        let found = store.events(org, AuditFilter { from, to, limit }).await.unwrap();
        let place = |event: &AuditEvent| events.iter().position(|e| e == event).unwrap();
        found.iter().map(place).collect::<Vec<_>>()
    };
    let (first, last) = (events[0].at, events[4].at);
    let after = last.plus(Duration::from_micros(1));
    assert_eq!(read(first, after, 100).await, [4, 3, 2, 1, 0]);
    assert_eq!(read(first, last, 100).await, [2, 1, 0]);
    assert_eq!(read(events[1].at, last, 100).await, [2, 1]);
    assert_eq!(read(first, after, 2).await, [4, 3]);
    assert_eq!(read(first, after, 0).await, []);
    assert_eq!(read(last, first, 100).await, []);
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
    assert!(store.insert_api_key(&api, &event).await.is_err());
    assert!(store.insert_app_key(&app, &event).await.is_err());
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
    let role = auth_model::Role { name: "renamed".to_owned(), ..home.role.clone() };
    assert_duplicate(store.update_role(&role, &event).await, what);
    let user = auth_model::User { roles: vec![], ..home.user.clone() };
    assert_duplicate(store.update_user(&user, &event).await, what);
    assert_eq!(store.persona_mappings(org).await.unwrap(), [kept]);
    assert_eq!(store.api_keys(org).await.unwrap(), [key]);
    let Home { role, user, .. } = home;
    assert_eq!(store.role(org, role.id).await.unwrap(), Some(role));
    assert_eq!(store.user(org, user.id).await.unwrap(), Some(user));
}

/// Later presentations are told when the first was.
pub async fn p_16_a_proof_is_first_once(store: &dyn Store) {
    let world = World::new(store);
    let (org, first_at) = (world.organization().id, world.now());
    let until = first_at.plus(Duration::from_secs(1_200));
    for replayed in [false, true, true] {
        let at = if replayed { world.now() } else { first_at };
        let presented = store.present_proof(org, [1; 32], at, until).await.unwrap();
        assert_eq!(presented, Presentation { first_at, replayed });
    }
    let other = store.present_proof(org, [2; 32], first_at, until).await.unwrap();
    assert!(!other.replayed);
}

/// The same proof bytes say another thing to another organization.
pub async fn p_16_proofs_are_apart_by_organization(store: &dyn Store) {
    let world = World::new(store);
    let at = world.now();
    let until = at.plus(Duration::from_secs(1));
    for org in [world.organization().id, world.organization().id] {
        let presented = store.present_proof(org, [1; 32], at, until).await.unwrap();
        assert_eq!(presented, Presentation { first_at: at, replayed: false });
    }
}

/// Whether or not somebody swept.
pub async fn a_proof_is_forgotten_at_its_end(store: &dyn Store) {
    let world = World::new(store);
    let (org, first_at): (OrgId, _) = (world.organization().id, world.now());
    let until = first_at.plus(Duration::from_secs(60));
    let present = async |at: Timestamp| {
        store.present_proof(org, [1; 32], at, at.plus(Duration::from_secs(60))).await.unwrap()
    };
    assert!(!present(first_at).await.replayed);
    let last = until.minus(Duration::from_micros(1));
    assert_eq!(present(last).await, Presentation { first_at, replayed: true });
    assert_eq!(present(until).await, Presentation { first_at: until, replayed: false });
    assert_eq!(present(until).await, Presentation { first_at: until, replayed: true });
}

/// The ledger does not grow for ever.
pub async fn old_proofs_are_swept(store: &dyn Store) {
    let world = World::new(store);
    let (org, at) = (world.organization().id, world.now());
    let until = |n: u64| at.plus(Duration::from_secs(n));
    for n in 1..=3_u8 {
        store.present_proof(org, [n; 32], at, until(u64::from(n))).await.unwrap();
    }
    assert_eq!(store.sweep_proofs(at).await.unwrap(), 0);
    assert_eq!(store.sweep_proofs(until(2)).await.unwrap(), 2);
    assert!(!store.present_proof(org, [1; 32], at, until(1)).await.unwrap().replayed);
    assert!(store.present_proof(org, [3; 32], at, until(3)).await.unwrap().replayed);
}

/// By whoever comes first.
pub async fn facts_are_settled_once(store: &dyn Store) {
    assert_eq!(store.settle("master", "one").await.unwrap(), "one");
    assert_eq!(store.settle("master", "two").await.unwrap(), "one");
    assert_eq!(store.settle("other", "").await.unwrap(), "");
    assert_eq!(store.settle("other", "x").await.unwrap(), "");
}

/// As readiness asks it to.
pub async fn the_store_answers(store: &dyn Store) {
    store.ping().await.unwrap();
}
