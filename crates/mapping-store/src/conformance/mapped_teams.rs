//! Teams whose members are set by sign-ins.

use std::collections::BTreeSet;

use auth_model::{AuthnMappingChange, AuthnTarget, Team, TeamId};

use super::fixtures::World;
use crate::Store;

/// Those asked for that a mapping of their own organization leads to, at this moment.
pub async fn mapped_teams_are_those_that_a_mapping_leads_to(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let org = home.org;
    let role = AuthnTarget::Role(home.role.id);
    let mut teams = Vec::new();
    for _ in 0..3 {
        teams.push(world.team_added(org).await.id);
    }
    // A role and a team of one id are two targets.
    let namesake = Team { id: TeamId(home.role.id.0), ..world.team(org) };
    store.insert_team(&namesake, &world.event(org)).await.unwrap();
    let theirs = Team { org: other.org, id: teams[2], ..world.team(other.org) };
    store.insert_team(&theirs, &world.event(other.org)).await.unwrap();
    world.authn_mapping_added(other.org, "k", "v", AuthnTarget::Team(theirs.id)).await;
    let given = world.authn_mapping_added(org, "k", "v", role).await;
    let first = world.authn_mapping_added(org, "k", "1", AuthnTarget::Team(teams[0])).await;
    let again = world.authn_mapping_added(org, "k", "2", AuthnTarget::Team(teams[0])).await;
    let second = world.authn_mapping_added(org, "k", "3", AuthnTarget::Team(teams[1])).await;
    let all = [teams[1], namesake.id, teams[0], world.id(), teams[2], teams[0]];
    let mapped = async |asked: &[TeamId]| store.mapped_teams(org, asked).await.unwrap();
    assert_eq!(mapped(&[]).await, BTreeSet::new());
    assert_eq!(mapped(&all).await, BTreeSet::from([teams[0], teams[1]]));
    assert_eq!(mapped(&all[..2]).await, BTreeSet::from([teams[1]]));
    assert_eq!(mapped(&[namesake.id, teams[2]]).await, BTreeSet::new());
    let elsewhere = store.mapped_teams(other.org, &all).await.unwrap();
    assert_eq!(elsewhere, BTreeSet::from([theirs.id]));
    assert_eq!(store.mapped_teams(world.id(), &all).await.unwrap(), BTreeSet::new());
    // One of two mappings is enough.
    assert!(store.delete_authn_mapping(org, first.id, &world.event(org)).await.unwrap());
    assert_eq!(mapped(&all).await, BTreeSet::from([teams[0], teams[1]]));
    assert!(store.delete_authn_mapping(org, again.id, &world.event(org)).await.unwrap());
    assert_eq!(mapped(&all).await, BTreeSet::from([teams[1]]));
    for (row, target) in [(&second, role), (&given, AuthnTarget::Team(teams[2]))] {
        let change = AuthnMappingChange {
            target: Some(target),
            value: Some("moved".to_owned()),
            ..AuthnMappingChange::default()
        };
        let event = world.event(org);
        store.change_authn_mapping(org, row.id, &change, &event).await.unwrap().unwrap();
    }
    assert_eq!(mapped(&all).await, BTreeSet::from([teams[2]]));
    assert!(store.delete_team(org, teams[2], &world.event(org)).await.unwrap());
    assert_eq!(mapped(&all).await, BTreeSet::new());
}

/// As many as one user may be in.
pub async fn mapped_teams_are_found_among_many(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (mut mapped, mut asked) = (BTreeSet::new(), Vec::new());
    for n in 0..5_000 {
        let id = if n % 250 == 0 { world.team_added(org).await.id } else { world.id() };
        if n % 500 == 0 {
            world.authn_mapping_added(org, "k", "v", AuthnTarget::Team(id)).await;
            mapped.insert(id);
        }
        asked.push(id);
    }
    assert_eq!(store.mapped_teams(org, &asked).await.unwrap(), mapped);
}
