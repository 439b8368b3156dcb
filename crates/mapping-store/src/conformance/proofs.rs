//! The ledger of proofs, and the installation's facts.

use std::time::Duration;

use auth_model::{OrgId, Timestamp};

use super::fixtures::World;
use crate::{Presentation, Store};

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
