//! Persona and intake mappings.

use auth_model::{AwsAccount, IntakeMapping, PersonaMapping};

use super::fixtures::{ACCOUNT, World, assert_duplicate, assert_missing, pattern_of, role_pattern};
use crate::{Store, StoreError};

/// Oldest first.
pub async fn persona_mappings_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let first = world.persona(&home, &role_pattern("zebra"));
    let second = PersonaMapping {
        created_by: Some(home.user.id),
        ..world.persona(&home, &role_pattern("ant"))
    };
    let event = world.event(home.org);
    store.insert_persona_mapping(&second, &event).await.unwrap();
    store.insert_persona_mapping(&first, &world.event(home.org)).await.unwrap();
    assert!(world.has_event(&event).await);
    assert_eq!(store.persona_mapping(home.org, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.persona_mappings(home.org).await.unwrap(), [first, second]);
    assert_eq!(store.intake_mappings(home.org).await.unwrap(), []);
}

/// Oldest first.
pub async fn intake_mappings_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let first = world.intake(&home, &role_pattern("zebra"));
    let second = IntakeMapping { created_by: None, ..world.intake(&home, &role_pattern("ant")) };
    let event = world.event(home.org);
    store.insert_intake_mapping(&second, &event).await.unwrap();
    store.insert_intake_mapping(&first, &world.event(home.org)).await.unwrap();
    assert!(world.has_event(&event).await);
    assert_eq!(store.intake_mapping(home.org, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.intake_mappings(home.org).await.unwrap(), [first, second]);
    assert_eq!(store.persona_mappings(home.org).await.unwrap(), []);
}

/// In each organization.
pub async fn a_pattern_is_mapped_once_in_each_kind(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let pattern = role_pattern("ci");
    let persona = world.persona_added(&ours, &pattern).await;
    let intake = world.intake_added(&ours, &pattern).await;
    world.persona_added(&theirs, &pattern).await;
    world.intake_added(&theirs, &pattern).await;
    let event = world.event(ours.org);
    let again = world.persona(&ours, &pattern);
    assert_duplicate(store.insert_persona_mapping(&again, &event).await, "a persona mapping");
    let again = PersonaMapping { id: persona.id, ..world.persona(&ours, &role_pattern("cd")) };
    assert_duplicate(store.insert_persona_mapping(&again, &event).await, "a persona mapping");
    let again = world.intake(&ours, &pattern);
    assert_duplicate(store.insert_intake_mapping(&again, &event).await, "an intake mapping");
    assert!(!world.has_event(&event).await);
    assert_eq!(store.persona_mappings(ours.org).await.unwrap(), std::slice::from_ref(&persona));
    assert_eq!(store.intake_mappings(ours.org).await.unwrap(), [intake]);
    // Once removed, the pattern is free again.
    assert!(store.delete_persona_mapping(ours.org, persona.id, &event).await.unwrap());
    world.persona_added(&ours, &pattern).await;
}

/// Of the pattern's partition, and of this organization.
pub async fn i_11_a_mapping_needs_an_integrated_account(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    world.account_added(theirs.org, "999999999999").await;
    let china = AwsAccount {
        partition: "aws-cn".parse().unwrap(),
        ..world.account(ours.org, "555555555555")
    };
    store.insert_aws_account(&china, &world.event(ours.org)).await.unwrap();
    let event = world.event(ours.org);
    for pattern in [
        "arn:aws:sts::999999999999:assumed-role/ci/*".to_owned(),
        "arn:aws:sts::555555555555:assumed-role/ci/*".to_owned(),
        format!("arn:aws-us-gov:sts::{ACCOUNT}:assumed-role/ci/*"),
    ] {
        let outcome = store.insert_persona_mapping(&world.persona(&ours, &pattern), &event).await;
        assert!(matches!(outcome, Err(StoreError::AccountNotIntegrated)), "{pattern}: {outcome:?}");
        let outcome = store.insert_intake_mapping(&world.intake(&ours, &pattern), &event).await;
        assert!(matches!(outcome, Err(StoreError::AccountNotIntegrated)), "{pattern}: {outcome:?}");
    }
    assert_eq!(store.persona_mappings(ours.org).await.unwrap(), []);
    assert_eq!(store.intake_mappings(ours.org).await.unwrap(), []);
    assert!(!world.has_event(&event).await);
    world.persona_added(&ours, "arn:aws-cn:sts::555555555555:assumed-role/ci/*").await;
}

/// A user of the same organization.
pub async fn a_persona_mapping_needs_its_target(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let event = world.event(ours.org);
    for target in [theirs.user.id, world.id()] {
        let row = PersonaMapping { target, ..world.persona(&ours, &role_pattern("ci")) };
        assert_missing(store.insert_persona_mapping(&row, &event).await, "user");
    }
    assert_eq!(store.persona_mappings(ours.org).await.unwrap(), []);
    assert!(!world.has_event(&event).await);
}

/// And just once.
pub async fn mappings_are_removed_in_their_organization_only(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let persona = world.persona_added(&ours, &role_pattern("ci")).await;
    let intake = world.intake_added(&ours, &role_pattern("ci")).await;
    let event = world.event(theirs.org);
    assert_eq!(store.persona_mapping(theirs.org, persona.id).await.unwrap(), None);
    assert_eq!(store.intake_mapping(theirs.org, intake.id).await.unwrap(), None);
    assert!(!store.delete_persona_mapping(theirs.org, persona.id, &event).await.unwrap());
    assert!(!store.delete_intake_mapping(theirs.org, intake.id, &event).await.unwrap());
    assert!(!store.delete_persona_mapping(ours.org, intake.id, &event).await.unwrap());
    for there in [true, false] {
        let event = world.event(ours.org);
        let removed = store.delete_persona_mapping(ours.org, persona.id, &event).await.unwrap();
        assert_eq!((removed, world.has_event(&event).await), (there, there));
        let event = world.event(ours.org);
        let removed = store.delete_intake_mapping(ours.org, intake.id, &event).await.unwrap();
        assert_eq!((removed, world.has_event(&event).await), (there, there));
    }
    assert_eq!(store.persona_mappings(ours.org).await.unwrap(), []);
    assert_eq!(store.intake_mappings(ours.org).await.unwrap(), []);
}

/// Even one that the default rules would not let in any more.
pub async fn every_kind_of_pattern_is_kept(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    for resource in [
        "sts::123456789012:assumed-role/ci/build-7",
        "sts::123456789012:assumed-role/ci",
        "sts::123456789012:assumed-role/ci/*",
        "sts::123456789012:assumed-role/ci/build-*",
        "sts::123456789012:assumed-role/+=,.@-_/*",
        "iam::123456789012:user/path/*",
        "iam::123456789012:user/path/ada",
        "sts::123456789012:federated-user/bob",
        "iam::123456789012:role/path/ci",
    ] {
        let pattern = format!("arn:aws:{resource}");
        let row = world.persona_added(&home, &pattern).await;
        let kept = store.persona_mapping(home.org, row.id).await.unwrap().unwrap();
        assert_eq!(kept.pattern, pattern_of(&pattern));
    }
}
