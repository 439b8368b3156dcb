//! Lists of mappings of attributes: their orders, and what is found in them.

use auth_model::{AuthnMapping, AuthnTarget, Role, RoleChange, Team, TeamChange};

use super::{
    fixtures::World,
    lists::{NAMES, assert_listed, count, sorted, time},
};
use crate::{AuthnMappingOrder, AuthnMappingQuery, Direction, Slice, Store};

/// Texts by their bytes, the names of roles and teams among each other; of equal ones the smaller id comes first.
pub async fn authn_mappings_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (mut targets, mut rows) = (Vec::new(), Vec::new());
    for (n, name) in NAMES.iter().enumerate() {
        let name = if n == 6 { "A" } else { *name }.to_owned();
        // Some names are of a role and of a team.
        if n % 3 != 1 {
            let role = Role { name: name.clone(), ..world.role(org, &[]) };
            store.insert_role(&role, &world.event(org)).await.unwrap();
            targets.push((name.clone(), role.id.0, AuthnTarget::Role(role.id)));
        }
        if n % 3 != 2 {
            let team = Team { name: name.clone(), ..world.team(org) };
            store.insert_team(&team, &world.event(org)).await.unwrap();
            targets.push((name, team.id.0, AuthnTarget::Team(team.id)));
        }
    }
    for (n, (name, id, target)) in targets.iter().enumerate() {
        for m in [n, n + 4] {
            let (key, value) = (NAMES[m % 9], NAMES[m / 2 % 9]);
            let row = world.authn_mapping(org, key, value, *target);
            rows.push((AuthnMapping { created_at: time(m), ..row }, name.clone(), *id));
        }
    }
    // The order of insertion is not that of the ids.
    for (row, ..) in rows.iter().rev() {
        store.insert_authn_mapping(row, &world.event(org)).await.unwrap();
    }
    let total = count(&rows);
    for order in ORDERS {
        let expected = match order {
            AuthnMappingOrder::CreatedAt => sorted(&rows, |(row, ..)| (row.created_at, row.id)),
            AuthnMappingOrder::Key => sorted(&rows, |(row, ..)| (row.key.clone(), row.id)),
            AuthnMappingOrder::Value => sorted(&rows, |(row, ..)| (row.value.clone(), row.id)),
            AuthnMappingOrder::TargetId => sorted(&rows, |(row, _, id)| (*id, row.id)),
            AuthnMappingOrder::TargetName => sorted(&rows, |(row, name, _)| (name.clone(), row.id)),
        };
        let expected: Vec<AuthnMapping> = expected.into_iter().map(|(row, ..)| row).collect();
        for teams in [None, Some(true), Some(false)] {
            let is_team = |row: &AuthnMapping| matches!(row.target, AuthnTarget::Team(_));
            let mut expected = expected.clone();
            expected.retain(|row| teams.is_none_or(|teams| teams == is_team(row)));
            assert_listed(expected, total, async |direction, slice| {
                let text = String::new();
                let query = AuthnMappingQuery { text, teams, order, direction, slice };
                store.authn_mappings(org, &query).await
            })
            .await;
        }
    }
}

const ORDERS: [AuthnMappingOrder; 5] = [
    AuthnMappingOrder::CreatedAt,
    AuthnMappingOrder::Key,
    AuthnMappingOrder::Value,
    AuthnMappingOrder::TargetId,
    AuthnMappingOrder::TargetName,
];

/// In any case, of key, value, and the name of the role or team as it is now.
pub async fn authn_mappings_are_found_by_a_part_of_a_text(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let role = Role { name: "Größe 100%".to_owned(), ..world.role(org, &[]) };
    store.insert_role(&role, &world.event(org)).await.unwrap();
    let (name, handle) = ("ΝΈΟΣ İ_x".to_owned(), "the-handle".to_owned());
    let team = Team { name, handle, ..world.team(org) };
    store.insert_team(&team, &world.event(org)).await.unwrap();
    let (to_role, to_team) = (AuthnTarget::Role(role.id), AuthnTarget::Team(team.id));
    let rows = [
        world.authn_mapping_added(org, "memberOf", "CN=Ops,DC='x'", to_role).await,
        world.authn_mapping_added(org, "memberof", "ÄRZTE", to_team).await,
        world.authn_mapping_added(org, "Groups", "ops\\100%", to_team).await,
    ];
    let found = async |text: &str, teams: Option<bool>| {
        let query = AuthnMappingQuery { text: text.to_owned(), teams, ..Default::default() };
        let listed = store.authn_mappings(org, &query).await.unwrap();
        assert_eq!((listed.total, listed.filtered), (3, count(&listed.rows)), "{text}");
        let place = |row| rows.iter().position(|other| other == row).unwrap();
        listed.rows.iter().map(place).collect::<Vec<_>>()
    };
    #[rustfmt::skip]
    let cases: [(&str, &[usize]); 19] = [
        // looked for     found in
        ("",              &[0, 1, 2]),
        ("MEMBEROF",      &[0, 1]),
        ("member_f",      &[]),
        ("ops",           &[0, 2]),
        ("ärzte",         &[1]),
        ("arzte",         &[]),
        ("GRÖSSE",        &[]),
        ("größe",         &[0]),
        ("100%",          &[0, 2]),
        ("'X'",           &[0]),
        ("\\",            &[2]),
        // The last letter of a word may have a form of its own.
        ("ΝΈΟΣ",          &[1, 2]),
        ("İ_X",           &[1, 2]),
        ("i_x",           &[]),
        // A team is not found by its handle, nor anything by an id.
        ("the-handle",    &[]),
        ("x\nthe",        &[]),
        (&role.id.to_string(), &[]),
        // The three stand in one order, apart.
        ("OF\nÄrzte\nΝ",  &[1]),
        ("memberofä",     &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(text, None).await, expected, "{text}");
        let (teams, roles): (Vec<usize>, _) = expected.iter().partition(|n| **n > 0);
        assert_eq!(found(text, Some(true)).await, teams, "{text}");
        assert_eq!(found(text, Some(false)).await, roles, "{text}");
    }
    // Names change, and mappings are found by what they have become.
    let change = RoleChange { name: Some("Zürich".to_owned()), ..RoleChange::default() };
    store.change_role(org, role.id, &change, &world.event(org)).await.unwrap().unwrap();
    let name = Some("Genève".to_owned());
    let change = TeamChange { name, ..TeamChange::default() };
    store.change_team(org, team.id, &change, &world.event(org)).await.unwrap().unwrap();
    for (text, expected) in [("größe", vec![]), ("ZÜR", vec![0]), ("İ", vec![]), ("ÈV", vec![1, 2])]
    {
        assert_eq!(found(text, None).await, expected, "{text}");
    }
    // A page of what is found.
    let query = AuthnMappingQuery {
        text: "OPS".to_owned(),
        order: AuthnMappingOrder::TargetName,
        direction: Direction::Ascending,
        slice: Slice { offset: 1, limit: 1 },
        ..AuthnMappingQuery::default()
    };
    let listed = store.authn_mappings(org, &query).await.unwrap();
    assert_eq!((listed.rows.as_slice(), listed.filtered), (&rows[..1], 2));
}
