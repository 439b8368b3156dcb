//! Lists in every order, in parts, and how long they are.

use std::fmt::Debug;

use auth_model::{CountedRole, CountedTeam, Role, Team, TeamMember, Timestamp, User};

use super::fixtures::World;
use crate::{
    Direction, Listed, RoleOrder, RoleQuery, Slice, Store, StoreError, TeamMemberQuery, TeamOrder,
    TeamQuery, UserOrder, UserQuery,
};

/// Names that databases order in different ways where they do not go by bytes. Some come twice.
pub(super) const NAMES: [&str; 9] = ["b", "", "Ä", "a", "B", "a b", "a", "ab", "\u{1F4A5}"];

/// Asks for a list both ways and in parts; the rows expected are in ascending order.
pub(super) async fn assert_listed<R: Clone + Debug + PartialEq>(
    mut expected: Vec<R>,
    total: u64,
    ask: impl AsyncFn(Direction, Slice) -> Result<Listed<R>, StoreError>,
) {
    let filtered = u64::try_from(expected.len()).unwrap();
    for direction in [Direction::Ascending, Direction::Descending] {
        for (offset, limit) in [
            (0, i64::MAX as u64),
            (0, u64::MAX),
            (0, 0),
            (0, 1),
            (1, 2),
            (3, 4),
            (1, i64::MAX as u64),
            (filtered, 2),
            (filtered + 5, u64::MAX),
            (u64::MAX, u64::MAX),
            (i64::MAX as u64, 1),
        ] {
            let listed = ask(direction, Slice { offset, limit }).await.unwrap();
            let from = usize::try_from(offset.min(filtered)).unwrap();
            let to = usize::try_from(offset.saturating_add(limit).min(filtered)).unwrap();
            let rows = expected[from..to].to_vec();
            let expected = Listed { rows, total, filtered };
            assert_eq!(listed, expected, "{direction:?} from {offset} at most {limit}");
        }
        expected.reverse();
    }
}

/// By a value and then by id.
pub(super) fn sorted<R: Clone, K: Ord, I: Ord>(rows: &[R], key: impl Fn(&R) -> (K, I)) -> Vec<R> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(key);
    rows
}

pub(super) fn count<R>(rows: &[R]) -> u64 {
    u64::try_from(rows.len()).unwrap()
}

/// Several times are the same.
pub(super) fn time(n: usize) -> Timestamp {
    Timestamp::from_unix_micros(i64::try_from(n / 2 * 7 % 5).unwrap() - 2)
}

async fn users(world: &World<'_>, org: auth_model::OrgId) -> Vec<User> {
    let mut rows = Vec::new();
    for (n, name) in NAMES.iter().enumerate() {
        // Service accounts may share an address, so that these come in pairs.
        let row = User {
            name: (*name).to_owned(),
            email: format!("{}@example.com", NAMES[n / 2]),
            service_account: true,
            created_at: time(n),
            modified_at: time(n + 3),
            ..world.user(org, &[])
        };
        rows.push(row);
    }
    // The order of insertion is not that of the ids.
    for row in rows.iter().rev() {
        world.store.insert_user(row, &world.event(org)).await.unwrap();
    }
    rows
}

fn users_in(order: UserOrder, rows: &[User]) -> Vec<User> {
    match order {
        UserOrder::Name => sorted(rows, |row| (row.name.clone(), row.id)),
        UserOrder::Email => sorted(rows, |row| (row.email.clone(), row.id)),
        UserOrder::CreatedAt => sorted(rows, |row| (row.created_at, row.id)),
        UserOrder::ModifiedAt => sorted(rows, |row| (row.modified_at, row.id)),
    }
}

const USER_ORDERS: [UserOrder; 4] =
    [UserOrder::Name, UserOrder::Email, UserOrder::CreatedAt, UserOrder::ModifiedAt];

/// Texts by their bytes; of equal ones the smaller id comes first.
pub async fn users_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let rows = users(&world, org).await;
    users(&world, world.organization_added().await.id).await;
    for order in USER_ORDERS {
        assert_listed(users_in(order, &rows), 9, async |direction, slice| {
            let query = UserQuery { order, direction, slice, ..UserQuery::default() };
            store.users(org, &query).await
        })
        .await;
    }
}

/// And counted by themselves.
pub async fn holders_of_a_role_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (role, other) = (world.role_added(org, &[]).await, world.role_added(org, &[]).await);
    let mut rows = users(&world, org).await;
    for (n, user) in rows.iter_mut().enumerate() {
        for (role, holds) in [(&other, n % 3 == 0), (&role, n != 4)] {
            if holds {
                user.roles.push(role.id);
                let event = world.event(org);
                assert!(store.add_role_holder(org, role.id, user.id, &event).await.unwrap());
            }
        }
    }
    rows.retain(|user| user.roles.contains(&role.id));
    for order in USER_ORDERS {
        assert_listed(users_in(order, &rows), 8, async |direction, slice| {
            let role = Some(role.id);
            let query = UserQuery { role, order, direction, slice, ..UserQuery::default() };
            store.users(org, &query).await
        })
        .await;
    }
    // A text is looked for among the holders; its end is the end of the name.
    let found: Vec<User> =
        rows.into_iter().filter(|user| user.name.ends_with(['b', 'B'])).collect();
    assert_listed(users_in(UserOrder::Email, &found), 8, async |direction, slice| {
        let (role, text, order) = (Some(role.id), "B\n".to_owned(), UserOrder::Email);
        store
            .users(org, &UserQuery { role, text, order, direction, slice, ..UserQuery::default() })
            .await
    })
    .await;
    let nobodys = UserQuery { role: Some(world.id()), ..UserQuery::default() };
    let listed = store.users(org, &nobodys).await.unwrap();
    assert_eq!(listed, Listed { rows: vec![], total: 0, filtered: 0 });
}

/// With how many hold them.
pub async fn roles_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let mut rows = Vec::new();
    for (n, name) in NAMES.iter().enumerate() {
        let name = if n == 6 { "A" } else { *name };
        let permissions = &[world.id(), world.id()][..n % 3 % 2 + n % 2];
        let row =
            Role { name: name.to_owned(), modified_at: time(n), ..world.role(org, permissions) };
        rows.push(CountedRole { role: row, user_count: 0 });
    }
    for row in rows.iter().rev() {
        store.insert_role(&row.role, &world.event(org)).await.unwrap();
    }
    for n in 0..12 {
        rows[n % 7].user_count += 1;
        world.user_added(org, &[rows[n % 7].role.id]).await;
    }
    for order in [RoleOrder::Name, RoleOrder::ModifiedAt, RoleOrder::UserCount] {
        let expected = match order {
            RoleOrder::Name => sorted(&rows, |row| (row.role.name.clone(), row.role.id)),
            RoleOrder::ModifiedAt => sorted(&rows, |row| (row.role.modified_at, row.role.id)),
            RoleOrder::UserCount => sorted(&rows, |row| (row.user_count, row.role.id)),
        };
        assert_listed(expected, 9, async |direction, slice| {
            let query = RoleQuery { order, direction, slice, ..RoleQuery::default() };
            store.roles(org, &query).await
        })
        .await;
    }
    let some = [rows[3].clone(), rows[1].clone(), rows[7].clone()];
    let expected = sorted(&some, |row| (row.role.name.clone(), row.role.id));
    let ids = [rows[7].role.id, rows[1].role.id, world.id(), rows[3].role.id, rows[7].role.id];
    assert_listed(expected, 9, async |direction, slice| {
        let query = RoleQuery { ids: ids.to_vec(), direction, slice, ..RoleQuery::default() };
        store.roles(org, &query).await
    })
    .await;
}

/// All of them, or those that a user is in, which are counted by themselves.
pub async fn teams_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let mut rows = Vec::new();
    for (n, name) in NAMES.iter().enumerate() {
        let name = if n == 6 { "A" } else { *name };
        rows.push(CountedTeam {
            team: Team { name: name.to_owned(), ..world.team(org) },
            user_count: 0,
        });
    }
    for row in rows.iter().rev() {
        store.insert_team(&row.team, &world.event(org)).await.unwrap();
    }
    for n in 0..12 {
        rows[n % 7].user_count += 1;
        let user = if n < 4 { home.user.id } else { world.user_added(org, &[]).await.id };
        world.member_added(&rows[n % 7].team, user).await;
    }
    for member in [None, Some(home.user.id)] {
        let rows = if member.is_some() { &rows[..4] } else { &rows };
        for order in [TeamOrder::Name, TeamOrder::UserCount] {
            let expected = match order {
                TeamOrder::Name => sorted(rows, |row| (row.team.name.clone(), row.team.id)),
                TeamOrder::UserCount => sorted(rows, |row| (row.user_count, row.team.id)),
            };
            assert_listed(expected, count(rows), async |direction, slice| {
                let query = TeamQuery { member, order, direction, slice, ..TeamQuery::default() };
                store.teams(org, &query).await
            })
            .await;
        }
    }
}

/// With who they are, in the order of users.
pub async fn members_of_a_team_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (team, other) = (world.team_added(org).await, world.team_added(org).await);
    let mut rows: Vec<(TeamMember, User)> = Vec::new();
    for (n, user) in users(&world, org).await.into_iter().enumerate() {
        if n % 2 == 0 {
            world.member_added(&other, user.id).await;
        }
        if n != 4 {
            rows.push((world.member_added(&team, user.id).await, user));
        }
    }
    for order in USER_ORDERS {
        let expected = match order {
            UserOrder::Name => sorted(&rows, |(_, user)| (user.name.clone(), user.id)),
            UserOrder::Email => sorted(&rows, |(_, user)| (user.email.clone(), user.id)),
            UserOrder::CreatedAt => sorted(&rows, |(_, user)| (user.created_at, user.id)),
            UserOrder::ModifiedAt => sorted(&rows, |(_, user)| (user.modified_at, user.id)),
        };
        assert_listed(expected, 8, async |direction, slice| {
            let query = TeamMemberQuery { order, direction, slice, ..TeamMemberQuery::of(team.id) };
            store.team_members(org, &query).await
        })
        .await;
    }
}

/// The newest first, and of those of one time the one of the greater id.
pub async fn invitations_are_listed_in_parts(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let mut rows = Vec::new();
    for n in 0..9 {
        let row = world.invitation(home.org, home.user.id);
        rows.push(auth_model::Invitation { created_at: time(n), ..row });
    }
    for row in rows.iter().rev() {
        store.insert_invitation(row, &world.event(home.org)).await.unwrap();
    }
    let mut expected = sorted(&rows, |row| (row.created_at, row.id));
    expected.reverse();
    for (offset, limit) in [(0, u64::MAX), (0, 4), (4, 4), (8, 4), (9, 4), (0, 0)] {
        let listed = store.invitations(home.org, Slice { offset, limit }).await.unwrap();
        let (from, to) = (offset.min(9), offset.saturating_add(limit).min(9));
        let part = usize::try_from(from).unwrap()..usize::try_from(to).unwrap();
        assert_eq!(listed.rows, expected[part]);
        assert_eq!((listed.total, listed.filtered), (9, 9));
    }
}
