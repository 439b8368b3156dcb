//! Assertions that are kept for a while.

use std::time::Duration;

use auth_model::{KeptAssertion, OrgId, Timestamp, User};

use super::fixtures::World;
use crate::{Listed, Slice, Store};

/// Parts of a list that are shorter, empty, or reach past its end.
fn slices() -> impl Iterator<Item = Slice> {
    let offsets = [0, 1, 2, 5, 100];
    let limits = [0, 1, 2, 100];
    offsets.into_iter().flat_map(move |offset| limits.map(|limit| Slice { offset, limit }))
}

/// A part of it, and how long the whole is.
fn part(rows: &[KeptAssertion], slice: Slice) -> Listed<KeptAssertion> {
    let total = u64::try_from(rows.len()).unwrap();
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let rows = rows.iter().skip(size(slice.offset)).take(size(slice.limit)).cloned().collect();
    Listed { rows, total, filtered: total }
}

async fn assert_all(world: &World<'_>, org: OrgId, now: Timestamp, expected: &[KeptAssertion]) {
    for slice in slices().chain([Slice::ALL]) {
        let listed = world.store.kept_assertions(org, slice, now).await.unwrap();
        assert_eq!(listed, part(expected, slice), "{slice:?}");
    }
}

async fn assert_latest(world: &World<'_>, org: OrgId, now: Timestamp, expected: &[KeptAssertion]) {
    for slice in slices().chain([Slice::ALL]) {
        let listed = world.store.latest_assertions(org, slice, now).await.unwrap();
        assert_eq!(listed, part(expected, slice), "{slice:?}");
    }
}

/// Kept assertions that were received at these seconds, in the order given; their ids count up with the place in it, and they
/// are added from the last to the first.
async fn received(world: &World<'_>, rows: &[(&User, u64)]) -> Vec<KeptAssertion> {
    let start = Timestamp::from_unix_seconds(1_700_000_000);
    let made = |(user, seconds): &(&User, u64)| {
        let received_at = start.plus(Duration::from_secs(*seconds));
        KeptAssertion {
            received_at,
            keep_until: received_at.plus(Duration::from_secs(86_400)),
            ..world.kept(user)
        }
    };
    let made: Vec<KeptAssertion> = rows.iter().map(made).collect();
    for kept in made.iter().rev() {
        world.kept_added(kept.clone()).await;
    }
    made
}

/// Every byte.
pub async fn kept_assertions_come_back_as_they_went_in(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let long: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut rows = Vec::new();
    for sealed in [Vec::new(), vec![0], b"\xFF\0\\x41'".to_vec(), long] {
        rows.push(world.kept_added(KeptAssertion { sealed, ..world.kept(&home.user) }).await);
    }
    for row in &rows {
        let found = store.kept_assertion(home.org, row.id, world.now()).await.unwrap();
        assert_eq!(found.as_ref(), Some(row));
    }
    assert_eq!(store.kept_assertion(home.org, world.id(), world.now()).await.unwrap(), None);
    rows.reverse();
    assert_all(&world, home.org, world.now(), &rows).await;
    // A sign-in of which nothing is kept adds none.
    world.session_added(&home.user).await;
    assert_all(&world, home.org, world.now(), &rows).await;
}

/// In parts; of those of one time the greater id comes first.
pub async fn kept_assertions_are_listed_newest_first(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let (ada, bob) = (&home.user, &world.user_added(home.org, &[]).await);
    assert_all(&world, home.org, world.now(), &[]).await;
    let rows = received(&world, &[(ada, 2), (bob, 1), (bob, 2), (ada, 3), (ada, 2)]).await;
    let expected = [3, 4, 2, 0, 1].map(|n: usize| rows[n].clone());
    assert_all(&world, home.org, world.now(), &expected).await;
}

/// By the user's id; of two of one time the greater id is the later.
pub async fn the_latest_assertion_of_each_user_is_listed(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let org = home.org;
    let (ada, bob) = (&home.user, &world.user_added(org, &[]).await);
    let (eve, quiet) = (&world.user_added(org, &[]).await, world.user_added(org, &[]).await);
    world.session_added(&quiet).await;
    assert_latest(&world, org, world.now(), &[]).await;
    let rows = received(
        &world,
        &[(eve, 1), (bob, 5), (ada, 2), (bob, 7), (ada, 2), (bob, 6), (ada, 1), (bob, 7)],
    )
    .await;
    let expected = [4, 7, 0].map(|n: usize| rows[n].clone());
    assert!(expected.is_sorted_by_key(|kept| kept.user));
    assert_latest(&world, org, world.now(), &expected).await;
}

/// Not longer, swept or not. Then the latest of a user is the latest of those that are left.
pub async fn an_assertion_is_kept_until_its_time(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let (org, start) = (home.org, world.now());
    let until = |seconds| start.plus(Duration::from_secs(seconds));
    let mut rows = Vec::new();
    for seconds in [300, 100, 200] {
        let kept = KeptAssertion { keep_until: until(seconds), ..world.kept(&home.user) };
        rows.push(world.kept_added(kept).await);
    }
    let [first, second, third] = [0, 1, 2].map(|n: usize| rows[n].clone());
    let last = |seconds| until(seconds).minus(Duration::from_micros(1));
    for (now, left) in [
        (last(100), vec![third.clone(), second, first.clone()]),
        (until(100), vec![third.clone(), first.clone()]),
        (last(200), vec![third, first.clone()]),
        (until(200), vec![first.clone()]),
        (last(300), vec![first]),
        (until(300), vec![]),
        (until(400), vec![]),
    ] {
        for row in &rows {
            let found = store.kept_assertion(org, row.id, now).await.unwrap();
            assert_eq!(found.as_ref(), left.contains(row).then_some(row));
        }
        assert_all(&world, org, now, &left).await;
        assert_latest(&world, org, now, left.get(..1).unwrap_or_default()).await;
    }
    // Asked for as of the beginning they are all there still.
    assert_eq!(store.kept_assertions(org, Slice::ALL, start).await.unwrap().total, 3);
}

/// They outlive the session, and what becomes of the user.
pub async fn an_assertion_outlives_its_session(store: &dyn Store) {
    let world = World::new(store);
    let home = world.open_home().await;
    let kept = world.kept_added(world.kept(&home.user)).await;
    assert!(store.end_sessions_of(home.org, home.user.id, &world.event(home.org)).await.unwrap());
    world.disable(&home.user, true).await;
    assert_latest(&world, home.org, world.now(), &[kept]).await;
}
