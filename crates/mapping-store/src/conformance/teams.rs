//! Teams, their members, and invitations.

use auth_model::{CountedTeam, Invitation, Team, TeamChange, TeamLook, TeamMember};

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::{Slice, Store, TeamMemberQuery};

fn look() -> TeamLook {
    TeamLook {
        summary: Some("Who is called at night".to_owned()),
        description: Some(String::new()),
        avatar: Some("🦫".to_owned()),
        banner: Some(i64::MIN),
        visible_modules: vec!["z".to_owned(), String::new(), "a,b".to_owned(), "{\"".to_owned()],
        hidden_modules: vec!["ä".to_owned()],
    }
}

/// With everything they were given, and nobody in them.
pub async fn teams_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let plain = world.team_added(org).await;
    let full = Team { look: look(), ..world.team(org) };
    store.insert_team(&full, &world.event(org)).await.unwrap();
    for team in [plain, full] {
        let id = team.id;
        let counted = CountedTeam { team, user_count: 0 };
        assert_eq!(store.team(org, id).await.unwrap(), Some(counted));
    }
    let stray = world.team(world.id());
    assert_missing(store.insert_team(&stray, &world.event(org)).await, "organization");
}

/// Both.
pub async fn a_team_has_a_name_and_a_handle_of_its_own(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) = (world.team_added(org).await, world.team_added(org).await);
    for again in [
        Team { id: one.id, ..world.team(org) },
        Team { name: one.name.clone(), ..world.team(org) },
        Team { handle: one.handle.clone(), ..world.team(org) },
    ] {
        assert_duplicate(store.insert_team(&again, &world.event(org)).await, "a team");
    }
    for change in [
        TeamChange { name: Some(one.name.clone()), ..TeamChange::default() },
        TeamChange { handle: Some(one.handle.clone()), ..TeamChange::default() },
    ] {
        let event = world.event(org);
        assert_duplicate(store.change_team(org, two.id, &change, &event).await, "a team");
        assert!(!world.has_event(&event).await);
    }
    let theirs = world.organization_added().await.id;
    let same = Team { org: theirs, ..one.clone() };
    store.insert_team(&same, &world.event(theirs)).await.unwrap();
    assert_eq!(world.teams(org).await, [one, two]);
}

/// Its answer is the row as it is then, with how many are in it.
pub async fn a_change_of_a_team_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut team = world.team_added(home.org).await;
    world.member_added(&team, home.user.id).await;
    let text = |text: &str| Some(text.to_owned());
    for change in [
        TeamChange { name: text("Renamed"), ..TeamChange::default() },
        TeamChange { handle: text("renamed"), ..TeamChange::default() },
        TeamChange { look: Some(look()), ..TeamChange::default() },
        TeamChange { look: Some(TeamLook::default()), ..TeamChange::default() },
    ] {
        let change = TeamChange { modified_at: world.now(), ..change };
        change.apply(&mut team);
        let event = world.event(home.org);
        let changed = store.change_team(home.org, team.id, &change, &event).await.unwrap();
        let expected = Some(CountedTeam { team: team.clone(), user_count: 1 });
        assert_eq!(changed, expected);
        assert_eq!(store.team(home.org, team.id).await.unwrap(), expected);
        assert!(world.has_event(&event).await);
    }
}

/// Users stay.
pub async fn a_deleted_team_has_no_members(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (gone, kept) = (world.team_added(home.org).await, world.team_added(home.org).await);
    world.member_added(&gone, home.user.id).await;
    let member = world.member_added(&kept, home.user.id).await;
    for there in [true, false] {
        let event = world.event(home.org);
        assert_eq!(store.delete_team(home.org, gone.id, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
    }
    assert_eq!(store.memberships(home.org, home.user.id).await.unwrap(), [member]);
    assert_eq!(world.users(home.org).await, [home.user]);
    assert_eq!(world.teams(home.org).await, [kept]);
    let listed = store.team_members(home.org, &TeamMemberQuery::of(gone.id)).await.unwrap();
    assert_eq!((listed.rows, listed.total, listed.filtered), (vec![], 0, 0));
    store.insert_team(&gone, &world.event(home.org)).await.unwrap();
    assert_eq!(store.team(home.org, gone.id).await.unwrap().unwrap().user_count, 0);
}

/// Each user once.
pub async fn members_are_added_changed_and_removed(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, user) = (home.org, home.user.id);
    let team = world.team_added(org).await;
    let member = TeamMember { added_by: Some(user), ..world.member(org, team.id, user) };
    let count = async || store.team(org, team.id).await.unwrap().unwrap().user_count;
    store.insert_team_member(&member, &world.event(org)).await.unwrap();
    let again = store.insert_team_member(&member, &world.event(org)).await;
    assert_duplicate(again, "a member of the team");
    assert_eq!(count().await, 1);
    let listed = store.team_members(org, &TeamMemberQuery::of(team.id)).await.unwrap();
    assert_eq!(listed.rows, [(member.clone(), home.user)]);
    for admin in [true, true, false] {
        let event = world.event(org);
        let changed = store.change_team_member(org, team.id, user, admin, &event).await.unwrap();
        let expected = TeamMember { admin, ..member.clone() };
        assert_eq!(changed.as_ref(), Some(&expected));
        assert_eq!(store.memberships(org, user).await.unwrap(), [expected]);
        assert!(world.has_event(&event).await);
    }
    for there in [true, false] {
        let event = world.event(org);
        assert_eq!(store.delete_team_member(org, team.id, user, &event).await.unwrap(), there);
        assert_eq!(world.has_event(&event).await, there);
        assert_eq!(count().await, 0);
    }
    let event = world.event(org);
    let stray = world.member(org, world.id(), user);
    assert_missing(store.insert_team_member(&stray, &event).await, "team");
    let stray = world.member(org, team.id, world.id());
    assert_missing(store.insert_team_member(&stray, &event).await, "user");
    assert!(!world.has_event(&event).await);
}

/// Of all teams.
pub async fn memberships_are_listed_oldest_first(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (one, two) = (world.team_added(home.org).await, world.team_added(home.org).await);
    let other = world.user_added(home.org, &[]).await;
    let second = world.member(home.org, one.id, home.user.id);
    let first = TeamMember { team: two.id, created_at: second.created_at, ..second.clone() };
    let first = TeamMember { created_at: first.created_at.minus(SECOND), ..first };
    for member in [&second, &first] {
        store.insert_team_member(member, &world.event(home.org)).await.unwrap();
    }
    world.member_added(&two, other.id).await;
    let found = store.memberships(home.org, home.user.id).await.unwrap();
    assert_eq!(found, [first, second]);
    assert_eq!(store.team(home.org, two.id).await.unwrap().unwrap().user_count, 2);
}

/// Newest first.
pub async fn invitations_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, user) = (home.org, home.user.id);
    let first = Invitation { created_by: Some(user), ..world.invitation(org, user) };
    let second = Invitation { expires_at: first.created_at, ..world.invitation(org, user) };
    for row in [&second, &first] {
        store.insert_invitation(row, &world.event(org)).await.unwrap();
        assert_eq!(store.invitation(org, row.id).await.unwrap().as_ref(), Some(row));
    }
    let again = Invitation { id: first.id, ..world.invitation(org, user) };
    assert_duplicate(store.insert_invitation(&again, &world.event(org)).await, "an invitation");
    let event = world.event(org);
    let stray = world.invitation(org, world.id());
    assert_missing(store.insert_invitation(&stray, &event).await, "user");
    assert!(!world.has_event(&event).await);
    let listed = store.invitations(org, Slice::ALL).await.unwrap();
    assert_eq!(listed.rows, [second, first]);
}

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
