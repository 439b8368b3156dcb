//! Integrated AWS accounts.

use auth_model::{AwsAccount, AwsAuth};

use super::fixtures::{World, assert_duplicate, assert_missing, role_pattern};
use crate::Store;

/// With either way of signing in.
pub async fn aws_accounts_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let mut rows = vec![world.account(org, "000000000001")];
    for sealed_secret in [None, Some(vec![]), Some(vec![0, 255])] {
        let access_key_id = "AKIAIOSFODNN7EXAMPLE".to_owned();
        let number = rows.len() + 1;
        rows.push(AwsAccount {
            auth: AwsAuth::Keys { access_key_id, sealed_secret },
            partition: "aws-us-gov".parse().unwrap(),
            settings: "{}".to_owned(),
            ..world.account(org, &format!("{number:012}"))
        });
    }
    for row in rows.iter().rev() {
        store.insert_aws_account(row, &world.event(org)).await.unwrap();
    }
    assert_eq!(store.aws_account(org, rows[2].id).await.unwrap().as_ref(), Some(&rows[2]));
    assert_eq!(store.aws_accounts(org, None).await.unwrap(), rows);
}

/// In each organization.
pub async fn an_aws_account_is_added_once(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let event = world.event(ours.org);
    let again = world.account(ours.org, ours.account.account.as_str());
    assert_duplicate(store.insert_aws_account(&again, &event).await, "an AWS account");
    let again = AwsAccount { id: ours.account.id, ..world.account(ours.org, "999999999999") };
    assert_duplicate(store.insert_aws_account(&again, &event).await, "an AWS account");
    let stray = world.account(world.id(), "999999999999");
    assert_missing(store.insert_aws_account(&stray, &event).await, "organization");
    assert!(!world.has_event(&event).await);
    assert_eq!(store.aws_accounts(ours.org, None).await.unwrap(), [ours.account]);
    assert_eq!(store.aws_accounts(theirs.org, None).await.unwrap(), [theirs.account]);
}

/// At most one.
pub async fn aws_accounts_are_found_by_account(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    world.account_added(ours.org, "999999999999").await;
    world.account_added(theirs.org, "888888888888").await;
    let account = Some(ours.account.account);
    assert_eq!(store.aws_accounts(ours.org, account).await.unwrap(), [ours.account]);
    let account = Some("888888888888".parse().unwrap());
    assert_eq!(store.aws_accounts(ours.org, account).await.unwrap(), []);
}

/// The rest is replaced.
pub async fn an_update_of_an_aws_account_keeps_its_age(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let keys = AwsAuth::Keys { access_key_id: "AKIA".to_owned(), sealed_secret: Some(vec![1]) };
    let change = AwsAccount {
        id: ours.account.id,
        auth: keys,
        partition: "aws-cn".parse().unwrap(),
        settings: "null".to_owned(),
        ..world.account(ours.org, "999999999999")
    };
    let event = world.event(ours.org);
    assert!(store.update_aws_account(&change, &event).await.unwrap());
    assert!(world.has_event(&event).await);
    let kept = AwsAccount { created_at: ours.account.created_at, ..change.clone() };
    assert_eq!(store.aws_accounts(ours.org, None).await.unwrap(), [kept]);
    let stray = AwsAccount { org: theirs.org, ..change };
    assert!(!store.update_aws_account(&stray, &world.event(theirs.org)).await.unwrap());
}

/// Account of the same organization.
pub async fn an_update_of_an_aws_account_may_not_take_another(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let other = world.account_added(home.org, "999999999999").await;
    let change = AwsAccount { account: home.account.account, ..other.clone() };
    let event = world.event(home.org);
    assert_duplicate(store.update_aws_account(&change, &event).await, "an AWS account");
    assert!(!world.has_event(&event).await);
    assert_eq!(store.aws_accounts(home.org, None).await.unwrap(), [home.account, other]);
}

/// They lead nowhere until it is back.
pub async fn mappings_outlive_their_aws_account(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let persona = world.persona_added(&ours, &role_pattern("ci")).await;
    let intake = world.intake_added(&ours, &role_pattern("ci")).await;
    let (org, id) = (ours.org, ours.account.id);
    assert!(!store.delete_aws_account(theirs.org, id, &world.event(org)).await.unwrap());
    for there in [true, false] {
        let event = world.event(org);
        assert_eq!(store.delete_aws_account(org, id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
    }
    assert_eq!(store.aws_account(org, id).await.unwrap(), None);
    assert_eq!(store.persona_mappings(org).await.unwrap(), std::slice::from_ref(&persona));
    assert_eq!(store.intake_mappings(org).await.unwrap(), [intake]);
    assert_eq!(store.by_mapping(org, persona.id, ours.user.id).await.unwrap(), None);
    world.account_added(org, ours.account.account.as_str()).await;
    assert!(store.by_mapping(org, persona.id, ours.user.id).await.unwrap().is_some());
}
