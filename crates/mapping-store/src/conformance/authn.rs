//! Mappings of attributes to roles and teams.

use auth_model::{AuthnMapping, AuthnMappingChange, AuthnTarget, OrgId, Team, TeamId};

use super::{
    fixtures::{World, assert_duplicate, assert_missing},
    lists::{count, sorted},
};
use crate::{AuthnMappingQuery, Listed, Store, StoreError};

/// Texts that a statement, JSON or an array might take for something else.
const HOSTILE: [&str; 18] = [
    "",
    " ",
    "a",
    "A",
    "a ",
    "é",
    "e\u{301}",
    "'; DROP TABLE authn_mappings; --",
    "\"",
    "\\",
    "\\u0041",
    "{a,b}",
    "[\"a\",\"b\"]",
    "null",
    "NULL",
    "1",
    "\u{1}\u{7F}\u{2028}\n",
    "👩‍👩‍👧",
];

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

async fn listed(store: &dyn Store, org: OrgId, text: &str) -> Listed<AuthnMapping> {
    let query = AuthnMappingQuery { text: text.to_owned(), ..AuthnMappingQuery::default() };
    store.authn_mappings(org, &query).await.unwrap()
}

/// All of them, oldest first; the number that is kept beside them is theirs.
async fn everything(store: &dyn Store, org: OrgId) -> Vec<AuthnMapping> {
    let all = listed(store, org, "").await;
    assert_eq!((all.total, all.filtered), (count(&all.rows), count(&all.rows)));
    all.rows
}

/// In no particular order, so in that of their ids.
async fn of(store: &dyn Store, org: OrgId, pairs: &[(String, String)]) -> Vec<AuthnMapping> {
    let mut rows = store.authn_mappings_of(org, pairs).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

/// Byte by byte, as long as a server lets them in.
pub async fn authn_mappings_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let team = world.team_added(home.org).await;
    let mut rows = Vec::new();
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let target = match n % 2 {
            0 => AuthnTarget::Role(home.role.id),
            _ => AuthnTarget::Team(team.id),
        };
        let row = world.authn_mapping(home.org, text, HOSTILE[HOSTILE.len() - 1 - n], target);
        let row = AuthnMapping { modified_at: world.now(), ..row };
        let event = world.event(home.org);
        store.insert_authn_mapping(&row, &event).await.unwrap();
        assert!(world.has_event(&event).await);
        assert_eq!(store.authn_mapping(home.org, row.id).await.unwrap().as_ref(), Some(&row));
        rows.push(row);
    }
    // Of no pattern, so that no database makes them shorter.
    let long = |seed: u32| -> String {
        let digit = |n: u32| char::from(b'!' + (n >> 16).rem_euclid(90).to_le_bytes()[0]);
        let next = |n: &u32| Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        std::iter::successors(Some(seed), next).map(digit).take(1_024).collect()
    };
    let (key, value) = (long(1), long(2));
    let target = AuthnTarget::Role(home.role.id);
    let row = world.authn_mapping_added(home.org, &key, &value, target).await;
    assert_eq!(of(store, home.org, &[(key, value)]).await, std::slice::from_ref(&row));
    rows.push(row);
    assert_eq!(everything(store, home.org).await, rows);
}

/// Whatever the target is; the same attribute may give several.
pub async fn an_attribute_gives_a_target_once(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let other = world.role_added(org, &[]).await;
    // A role and a team of one id are two targets.
    let team = Team { id: TeamId(home.role.id.0), ..world.team(org) };
    store.insert_team(&team, &world.event(org)).await.unwrap();
    let targets =
        [AuthnTarget::Role(home.role.id), AuthnTarget::Role(other.id), AuthnTarget::Team(team.id)];
    let mut rows = Vec::new();
    for target in targets {
        rows.push(world.authn_mapping_added(org, "group", "ops", target).await);
    }
    let what = "an authN mapping";
    let event = world.event(org);
    for row in &rows {
        let same = AuthnMapping { id: world.id(), ..row.clone() };
        assert_duplicate(store.insert_authn_mapping(&same, &event).await, what);
        let taken = AuthnMapping { value: "dev".to_owned(), ..row.clone() };
        assert_duplicate(store.insert_authn_mapping(&taken, &event).await, what);
    }
    for (key, value) in [("Group", "ops"), ("group", "ops "), ("grou", "pops"), ("ops", "group")] {
        rows.push(world.authn_mapping_added(org, key, value, targets[0]).await);
    }
    // A change may not make it the same as another either.
    let last = rows.last().unwrap().clone();
    for target in [Some(targets[1]), None] {
        let (key, value) = (Some("group".to_owned()), Some("ops".to_owned()));
        let change = AuthnMappingChange { key, value, target, modified_at: world.now() };
        let changed = store.change_authn_mapping(org, last.id, &change, &event).await;
        assert_duplicate(changed, what);
    }
    assert!(!world.has_event(&event).await);
    assert_eq!(everything(store, org).await, rows);
    // What it is already it may become.
    let change = AuthnMappingChange {
        key: Some(last.key.clone()),
        value: Some(last.value.clone()),
        target: Some(last.target),
        modified_at: last.modified_at,
    };
    let changed = store.change_authn_mapping(org, last.id, &change, &event).await.unwrap();
    assert_eq!(changed, Some(last));
    assert!(world.has_event(&event).await);
}

/// One of its own organization's.
pub async fn an_authn_mapping_needs_its_target(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let org = home.org;
    let their_team = world.team_added(other.org).await;
    let row = world.authn_mapping_added(org, "k", "v", AuthnTarget::Role(home.role.id)).await;
    let event = world.event(org);
    for (target, what) in [
        (AuthnTarget::Role(world.id()), "role"),
        (AuthnTarget::Team(world.id()), "team"),
        (AuthnTarget::Role(other.role.id), "role"),
        (AuthnTarget::Team(their_team.id), "team"),
        (AuthnTarget::Team(TeamId(home.role.id.0)), "team"),
    ] {
        let stray = world.authn_mapping(org, "k", "v", target);
        assert_missing(store.insert_authn_mapping(&stray, &event).await, what);
        // Also where the id is taken.
        let stray = AuthnMapping { id: row.id, ..stray };
        assert_missing(store.insert_authn_mapping(&stray, &event).await, what);
        let change = AuthnMappingChange { target: Some(target), ..AuthnMappingChange::default() };
        let changed = store.change_authn_mapping(org, row.id, &change, &event).await;
        assert_missing(changed, what);
        // What is not there needs no target.
        let none = store.change_authn_mapping(org, world.id(), &change, &event).await.unwrap();
        assert_eq!(none, None);
    }
    let nowhere = world.authn_mapping(world.id(), "k", "v", row.target);
    assert_missing(store.insert_authn_mapping(&nowhere, &event).await, "role");
    assert!(!world.has_event(&event).await);
    assert_eq!(everything(store, org).await, [row]);
    assert_eq!(everything(store, other.org).await, []);
}

/// Its answer is the row as it is then; a role may become a team.
pub async fn a_change_of_an_authn_mapping_changes_what_is_given(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let team = world.team_added(org).await;
    let (role, team) = (AuthnTarget::Role(home.role.id), AuthnTarget::Team(team.id));
    let mut row = world.authn_mapping_added(org, "k", "v", role).await;
    let text = |text: &str| Some(text.to_owned());
    for change in [
        AuthnMappingChange { key: text("K'"), ..AuthnMappingChange::default() },
        AuthnMappingChange { value: text(""), ..AuthnMappingChange::default() },
        AuthnMappingChange { target: Some(team), ..AuthnMappingChange::default() },
        AuthnMappingChange { target: Some(team), key: text("x"), ..AuthnMappingChange::default() },
        AuthnMappingChange { target: Some(role), ..AuthnMappingChange::default() },
        AuthnMappingChange::default(),
    ] {
        let change = AuthnMappingChange { modified_at: world.now(), ..change };
        let before = row.clone();
        change.apply(&mut row);
        let event = world.event(org);
        let changed = store.change_authn_mapping(org, row.id, &change, &event).await.unwrap();
        assert_eq!(changed.as_ref(), Some(&row));
        assert_eq!(store.authn_mapping(org, row.id).await.unwrap().as_ref(), Some(&row));
        assert!(world.has_event(&event).await);
        assert_eq!(of(store, org, &[pair(&row.key, &row.value)]).await, [row.clone()]);
        if (&before.key, &before.value) != (&row.key, &row.value) {
            assert_eq!(of(store, org, &[pair(&before.key, &before.value)]).await, []);
        }
    }
    assert_eq!(listed(store, org, "K\n").await.filtered, 0);
    assert_eq!(listed(store, org, "X\n").await.rows, [row]);
}

/// And leaves its event, which one that is not there does not.
pub async fn authn_mappings_are_removed(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let role = AuthnTarget::Role(home.role.id);
    let gone = world.authn_mapping_added(home.org, "k", "v", role).await;
    let kept = world.authn_mapping_added(home.org, "k", "w", role).await;
    for there in [true, false] {
        let event = world.event(home.org);
        let removed = store.delete_authn_mapping(home.org, gone.id, &event).await.unwrap();
        assert_eq!(removed, there);
        assert_eq!(world.has_event(&event).await, there);
        assert_eq!(everything(store, home.org).await, std::slice::from_ref(&kept));
        assert_eq!(store.authn_mapping(home.org, gone.id).await.unwrap(), None);
    }
    store.insert_authn_mapping(&gone, &world.event(home.org)).await.unwrap();
    assert_eq!(everything(store, home.org).await, [gone, kept]);
}

/// Those of others stay.
pub async fn authn_mappings_go_with_their_target(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let role = world.role_added(org, &[]).await;
    let (team, other) = (world.team_added(org).await, world.team_added(org).await);
    let targets = [
        AuthnTarget::Role(role.id),
        AuthnTarget::Team(team.id),
        AuthnTarget::Role(home.role.id),
        AuthnTarget::Team(other.id),
    ];
    let mut rows = Vec::new();
    for n in 0..3 {
        for target in targets {
            rows.push(world.authn_mapping_added(org, "k", &n.to_string(), target).await);
        }
    }
    // One has come to the role, and one has left it.
    for (n, target) in [(3, targets[0]), (0, targets[3])] {
        let change = AuthnMappingChange { target: Some(target), ..AuthnMappingChange::default() };
        let change = AuthnMappingChange { key: Some("moved".to_owned()), ..change };
        change.apply(&mut rows[n]);
        let (id, event) = (rows[n].id, world.event(org));
        store.change_authn_mapping(org, id, &change, &event).await.unwrap().unwrap();
    }
    let by_age = |rows: &[AuthnMapping]| sorted(rows, |row| (row.created_at, row.id));
    assert!(store.delete_role(org, role.id, &world.event(org)).await.unwrap());
    rows.retain(|row| row.target != targets[0]);
    assert_eq!(everything(store, org).await, by_age(&rows));
    assert!(store.delete_team(org, team.id, &world.event(org)).await.unwrap());
    rows.retain(|row| row.target != targets[1]);
    assert_eq!(everything(store, org).await, by_age(&rows));
    assert_eq!(rows.len(), 6);
    assert_eq!(of(store, org, &[pair("k", "0")]).await.len(), 1);
    assert_eq!(of(store, org, &[pair("moved", "0")]).await.len(), 1);
}

/// Byte for byte, both of a pair together, each mapping once.
pub async fn authn_mappings_are_found_by_pairs(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let org = home.org;
    let team = world.team_added(org).await;
    let (role, team) = (AuthnTarget::Role(home.role.id), AuthnTarget::Team(team.id));
    let mut rows = Vec::new();
    for (n, key) in HOSTILE.into_iter().enumerate() {
        let value = HOSTILE[(n + 5) % HOSTILE.len()];
        rows.push(world.authn_mapping_added(org, key, value, role).await);
        if n % 4 == 0 {
            rows.push(world.authn_mapping_added(org, key, value, team).await);
        }
        world.authn_mapping_added(other.org, key, value, AuthnTarget::Role(other.role.id)).await;
    }
    assert_eq!(of(store, org, &[]).await, []);
    for row in &rows {
        let same = |other: &&AuthnMapping| (&other.key, &other.value) == (&row.key, &row.value);
        let expected: Vec<_> = rows.iter().filter(same).cloned().collect();
        assert_eq!(of(store, org, &[pair(&row.key, &row.value)]).await, expected);
        let doubled = [pair(&row.key, &row.value), pair("x", "y"), pair(&row.key, &row.value)];
        assert_eq!(of(store, org, &doubled).await, expected);
    }
    // Neither half alone, nor the halves of two pairs, nor what only looks like it.
    for (key, value) in [
        ("a", "a"),
        ("e\u{301}", "é"),
        (HOSTILE[0], HOSTILE[6]),
        ("a\0", HOSTILE[7]),
        (HOSTILE[2], "\0"),
        ("\0", "\0"),
    ] {
        assert_eq!(of(store, org, &[pair(key, value)]).await, [], "{key:?} {value:?}");
    }
    let halves = [pair(HOSTILE[2], HOSTILE[8]), pair(HOSTILE[3], HOSTILE[7])];
    assert_eq!(of(store, org, &halves).await, []);
    // Every text with every other one, so all of them; and pairs that can't be there do no harm.
    let mut pairs = vec![pair("\0", ""), pair("", "\0")];
    pairs.extend(HOSTILE.iter().flat_map(|key| HOSTILE.iter().map(|value| pair(key, value))));
    assert_eq!(of(store, org, &pairs).await, rows);
    assert_eq!(of(store, world.id(), &pairs).await, []);
}

/// All that a sign-in may bring along, in one question.
pub async fn authn_mappings_are_found_by_ten_thousand_pairs(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let role = AuthnTarget::Role(home.role.id);
    let mut rows = Vec::new();
    for n in (0..10_000).step_by(500) {
        let (key, value) = (format!("'{n}"), format!("\\{n}"));
        rows.push(world.authn_mapping_added(home.org, &key, &value, role).await);
    }
    world.authn_mapping_added(home.org, "'0", "\\1", role).await;
    let pairs: Vec<_> = (0..10_000).map(|n| (format!("'{n}"), format!("\\{n}"))).collect();
    assert_eq!(of(store, home.org, &pairs).await, rows);
}

/// For every call.
pub async fn authn_mappings_are_of_one_organization(store: &dyn Store) {
    let world = World::new(store);
    let (home, other) = (world.home().await, world.home().await);
    let (org, theirs) = (home.org, other.org);
    let row = world.authn_mapping_added(org, "k", "v", AuthnTarget::Role(home.role.id)).await;
    let change = AuthnMappingChange { key: Some("x".to_owned()), ..Default::default() };
    let event = world.event(theirs);
    assert_eq!(store.authn_mapping(theirs, row.id).await.unwrap(), None);
    assert_eq!(store.change_authn_mapping(theirs, row.id, &change, &event).await.unwrap(), None);
    assert!(!store.delete_authn_mapping(theirs, row.id, &event).await.unwrap());
    assert_eq!(of(store, theirs, &[pair("k", "v")]).await, []);
    assert!(!world.has_event(&event).await);
    assert_eq!(everything(store, theirs).await, []);
    // The same id, key and value are free there.
    let target = AuthnTarget::Role(other.role.id);
    let same = AuthnMapping { org: theirs, target, ..row.clone() };
    store.insert_authn_mapping(&same, &event).await.unwrap();
    assert_eq!(everything(store, theirs).await, std::slice::from_ref(&same));
    assert!(store.delete_role(org, home.role.id, &world.event(org)).await.unwrap());
    assert_eq!(everything(store, org).await, []);
    assert_eq!(everything(store, theirs).await, [same]);
}

/// An event that can't be kept takes the change of a mapping back; a change that fails leaves no event and no trace.
pub async fn an_authn_mapping_and_its_event_go_together(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (org, role) = (home.org, AuthnTarget::Role(home.role.id));
    let used = world.event(org);
    store.record(&used).await.unwrap();
    let row = world.authn_mapping_added(org, "k", "v", role).await;
    let another = world.authn_mapping(org, "k", "w", role);
    let what = "an audit event";
    assert_duplicate(store.insert_authn_mapping(&another, &used).await, what);
    let change = AuthnMappingChange { key: Some("x".to_owned()), ..Default::default() };
    assert_duplicate(store.change_authn_mapping(org, row.id, &change, &used).await, what);
    assert_duplicate(store.delete_authn_mapping(org, row.id, &used).await, what);
    let nul = || Some("a\0".to_owned());
    let event = world.event(org);
    for (key, value) in [("\0", "v"), ("k", "\0")] {
        let refused = world.authn_mapping(org, key, value, role);
        let outcome = store.insert_authn_mapping(&refused, &event).await;
        assert!(matches!(outcome, Err(StoreError::Nul { .. })), "{outcome:?}");
    }
    for change in [
        AuthnMappingChange { key: nul(), ..AuthnMappingChange::default() },
        AuthnMappingChange { value: nul(), ..AuthnMappingChange::default() },
    ] {
        let outcome = store.change_authn_mapping(org, row.id, &change, &event).await;
        assert!(matches!(outcome, Err(StoreError::Nul { .. })), "{outcome:?}");
    }
    assert!(!world.has_event(&event).await);
    assert_eq!(everything(store, org).await, [row]);
    // U+0000 is found nowhere, rather than refused.
    let none = listed(store, org, "\0").await;
    assert_eq!((none.rows, none.total, none.filtered), (vec![], 1, 0));
}
