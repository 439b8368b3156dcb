//! Lists of keys, as those of [`lists`](super::lists).

use auth_model::{ApiKey, AppKey};

use super::{
    fixtures::{World, as_api_key, role_pattern},
    lists::{NAMES, assert_listed, count, sorted, time},
};
use crate::{ApiKeyQuery, AppKeyQuery, KeyOrder, Store};

/// Managed ones among them.
pub async fn api_keys_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let mapping = world.intake_added(&home, &role_pattern("agent")).await;
    let mut rows = vec![as_api_key(&world.managed_key_added(&mapping, 1).await)];
    for (n, name) in NAMES.iter().enumerate() {
        let row = ApiKey {
            name: (*name).to_owned(),
            last4: NAMES[n / 2].to_owned(),
            created_at: time(n),
            modified_at: time(n + 3),
            ..world.api_key(org)
        };
        rows.push(row);
    }
    for row in rows[1..].iter().rev() {
        store.insert_api_key(row, 10, &world.event(org)).await.unwrap();
    }
    for order in KEY_ORDERS {
        let expected = match order {
            KeyOrder::Name => sorted(&rows, |row| (row.name.clone(), row.id)),
            KeyOrder::CreatedAt => sorted(&rows, |row| (row.created_at, row.id)),
            KeyOrder::ModifiedAt => sorted(&rows, |row| (row.modified_at, row.id)),
            KeyOrder::Last4 => sorted(&rows, |row| (row.last4.clone(), row.id)),
        };
        assert_listed(expected, 10, async |direction, slice| {
            let query = ApiKeyQuery { order, direction, slice, ..ApiKeyQuery::default() };
            store.api_keys(org, &query).await
        })
        .await;
    }
}

/// All of them, or one user's, which are counted by themselves.
pub async fn app_keys_are_listed_in_every_order(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let org = home.org;
    let other = world.user_added(org, &[]).await;
    let mut rows = Vec::new();
    for (n, name) in NAMES.iter().enumerate() {
        let owner = if n % 3 == 0 { other.id } else { home.user.id };
        let row = AppKey {
            name: (*name).to_owned(),
            last4: NAMES[n / 2].to_owned(),
            created_at: time(n),
            ..world.app_key(org, owner)
        };
        rows.push(row);
    }
    for row in rows.iter().rev() {
        store.insert_app_key(row, 10, &world.event(org)).await.unwrap();
    }
    for owner in [None, Some(home.user.id), Some(other.id)] {
        let mut rows = rows.clone();
        rows.retain(|row| owner.is_none_or(|owner| row.owner == owner));
        for order in KEY_ORDERS {
            let expected = match order {
                KeyOrder::Name => sorted(&rows, |row| (row.name.clone(), row.id)),
                // They have no time of change.
                KeyOrder::CreatedAt | KeyOrder::ModifiedAt => {
                    sorted(&rows, |row| (row.created_at, row.id))
                }
                KeyOrder::Last4 => sorted(&rows, |row| (row.last4.clone(), row.id)),
            };
            assert_listed(expected, count(&rows), async |direction, slice| {
                let query =
                    AppKeyQuery { owner, order, direction, slice, ..AppKeyQuery::default() };
                store.app_keys(org, &query).await
            })
            .await;
        }
    }
}

const KEY_ORDERS: [KeyOrder; 4] =
    [KeyOrder::Name, KeyOrder::CreatedAt, KeyOrder::ModifiedAt, KeyOrder::Last4];
