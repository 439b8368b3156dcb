//! The chain of the audit log.

use std::collections::BTreeMap;

use auth_model::{AuditEvent, OrgId, Role};
use futures_util::future::join_all;

use super::fixtures::World;
use crate::{ChainHead, ChainPlace, ChainedEvent, Store, backend::chain_hash};

/// All events of a chain, read in small parts.
async fn read(store: &dyn Store, chain: Option<OrgId>) -> Vec<ChainedEvent> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = store.chained_events(chain, after, 7).await.unwrap();
        assert!(part.len() <= 7);
        let Some(last) = part.last() else { return all };
        after = Some(last.place);
        all.extend(part);
    }
}

/// Reads a chain and checks it: every lane is numbered from 1 without a gap, every hash is that of the one before it and the event,
/// and the heads are where the lanes end.
pub(super) async fn verified(store: &dyn Store, chain: Option<OrgId>) -> Vec<AuditEvent> {
    let mut heads: BTreeMap<i32, ChainHead> = BTreeMap::new();
    let mut events = Vec::new();
    for ChainedEvent { place, hash, event } in read(store, chain).await {
        let before = heads.get(&place.lane);
        let (sequence, before) = before.map_or((1, [0; 32]), |h| (h.place.sequence + 1, h.hash));
        assert_eq!(place.sequence, sequence, "no gap in lane {}", place.lane);
        assert_eq!(hash, chain_hash(&before, &event), "the hash at {place:?}");
        assert!(heads.keys().all(|lane| *lane <= place.lane), "lane by lane");
        heads.insert(place.lane, ChainHead { place, hash });
        events.push(event);
    }
    let ends: Vec<ChainHead> = heads.into_values().collect();
    assert_eq!(store.chain_heads(chain).await.unwrap(), ends);
    events.sort_by_key(|event| event.id);
    events
}

fn by_id(mut events: Vec<AuditEvent>) -> Vec<AuditEvent> {
    events.sort_by_key(|event| event.id);
    events
}

/// Also those of an organization that there is not, and those that concern none.
pub async fn every_event_is_in_the_chain_of_its_organization(store: &dyn Store) {
    let world = World::new(store);
    assert_eq!(store.chains().await.unwrap(), []);
    assert_eq!(store.chain_heads(None).await.unwrap(), []);
    let home = world.home().await;
    let (unknown, nil) =
        (world.id(), OrgId("00000000-0000-0000-0000-000000000000".parse().unwrap()));
    let nobodys = [
        AuditEvent { org: None, ..world.event(home.org) },
        AuditEvent { org: Some(nil), ..world.event(home.org) },
    ];
    let unknowns = world.event(unknown);
    for event in nobodys.iter().chain([&unknowns]) {
        store.record(event).await.unwrap();
    }
    assert_eq!(verified(store, None).await, nobodys);
    assert_eq!(verified(store, Some(unknown)).await, [unknowns]);
    let ours = verified(store, Some(home.org)).await;
    assert_eq!(ours, by_id(world.events(home.org).await));
    assert_eq!(ours.len(), 4);
    assert_eq!(verified(store, Some(world.id())).await, []);
    let mut chains = vec![None, Some(home.org), Some(unknown)];
    chains.sort();
    assert_eq!(store.chains().await.unwrap(), chains);
}

/// By lane and number, after any place.
pub async fn a_chain_is_read_in_parts(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    for _ in 0..10 {
        store.record(&world.event(org)).await.unwrap();
    }
    let all = read(store, Some(org)).await;
    assert_eq!(all.len(), 10);
    assert!(all.is_sorted_by_key(|chained| chained.place));
    for (n, chained) in all.iter().enumerate() {
        let rest = store.chained_events(Some(org), Some(chained.place), u32::MAX).await.unwrap();
        assert_eq!(rest, all[n + 1..]);
    }
    assert_eq!(store.chained_events(Some(org), None, 0).await.unwrap(), []);
    assert_eq!(store.chained_events(Some(org), None, 3).await.unwrap(), all[..3]);
    let far = ChainPlace { lane: i32::MAX, sequence: i64::MAX };
    assert_eq!(store.chained_events(Some(org), Some(far), 3).await.unwrap(), []);
}

/// Neither one that is there already, nor one whose change fails or does not happen.
pub async fn an_event_that_is_not_kept_leaves_no_gap(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    for _ in 0..3 {
        let event = world.event(org);
        store.record(&event).await.unwrap();
        store.record(&event).await.unwrap_err();
        let again = Role { id: world.id(), ..home.role.clone() };
        store.insert_role(&again, &world.event(org)).await.unwrap_err();
        assert!(!store.delete_team(org, world.id(), &world.event(org)).await.unwrap());
        let stray = world.member(org, world.id(), home.user.id);
        store.insert_team_member(&stray, &world.event(org)).await.unwrap_err();
        let role = world.role(org, &[]);
        store.insert_role(&role, &event).await.unwrap_err();
        world.role_added(org, &[]).await;
    }
    let chained = verified(store, Some(org)).await;
    assert_eq!(chained, by_id(world.events(org).await));
    assert_eq!(chained.len(), 4 + 6);
}

/// From many at once, also where some of them fail.
pub async fn many_writers_leave_an_unbroken_chain(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await.org, world.home().await.org);
    let write = async |n: usize| {
        let org = if n.is_multiple_of(3) { theirs } else { ours };
        let event = world.event(org);
        store.record(&event).await.unwrap();
        if n.is_multiple_of(4) {
            store.record(&event).await.unwrap_err();
        }
        world.role_added(org, &[]).await;
        let nobodys = AuditEvent { org: None, ..world.event(org) };
        store.record(&nobodys).await.unwrap();
    };
    join_all((0..60).map(write)).await;
    assert_eq!(verified(store, Some(ours)).await.len(), 4 + 80);
    assert_eq!(verified(store, Some(theirs)).await.len(), 4 + 40);
    assert_eq!(verified(store, None).await.len(), 60);
}

/// Texts, times and numbers of every kind come back as they were hashed.
pub async fn a_full_event_is_hashed_as_it_is_kept(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization().id;
    let event = AuditEvent {
        detail: "ü\u{FEFF}\\'\r\n".to_owned(),
        source: Some("2001:db8::1".parse().unwrap()),
        sts_host: Some(String::new()),
        account: Some("012345678901".parse().unwrap()),
        mapping: Some(world.id()),
        user: Some(world.id()),
        proof_hash: Some([0xFF; 32]),
        replayed: true,
        took_micros: i64::MIN,
        ..world.event(org)
    };
    store.record(&event).await.unwrap();
    assert_eq!(verified(store, Some(org)).await, [event]);
}
