//! Sign-ins that are under way.

use std::time::Duration;

use auth_model::SignInRequest;

use super::fixtures::{World, assert_duplicate, assert_missing};
use crate::Store;

/// As it went in; a browser may have begun several.
pub async fn a_sign_in_request_is_taken_once(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let mut rows = Vec::new();
    let browser = world.hash();
    for text in ["", "/", "/a?b=c#d", "'; DROP TABLE users; --", "\\u0041", "ü\r\n", "NULL"] {
        let row = SignInRequest { browser, ..world.sign_in_request(org) };
        let row = SignInRequest { return_to: text.to_owned(), ..row };
        let row = SignInRequest { request_id: format!("_{text}"), ..row };
        store.insert_sign_in_request(&row).await.unwrap();
        rows.push(row);
    }
    for expected in [true, false] {
        for row in &rows {
            let (handle, now) = (row.handle, world.now());
            let taken = store.take_sign_in_request(org, handle, browser, now).await.unwrap();
            assert_eq!(taken, expected.then(|| row.clone()));
        }
    }
    let taken = store.take_sign_in_request(org, world.hash(), browser, world.now()).await;
    assert_eq!(taken.unwrap(), None);
}

/// Who has only the handle gets nothing, and spoils nothing.
pub async fn another_browser_does_not_use_up_a_sign_in_request(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let row = world.sign_in_request_added(org).await;
    let others = world.sign_in_request_added(org).await;
    for browser in [world.hash(), others.browser, row.handle] {
        let taken = store.take_sign_in_request(org, row.handle, browser, world.now()).await;
        assert_eq!(taken.unwrap(), None);
    }
    for row in [row, others] {
        let taken = store.take_sign_in_request(org, row.handle, row.browser, world.now()).await;
        assert_eq!(taken.unwrap(), Some(row));
    }
}

/// At its time, not after it.
pub async fn an_expired_sign_in_request_is_not_taken(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let (one, two) =
        (world.sign_in_request_added(org).await, world.sign_in_request_added(org).await);
    for late in [Duration::ZERO, Duration::from_secs(1)] {
        let now = one.expires_at.plus(late);
        let taken = store.take_sign_in_request(org, one.handle, one.browser, now).await;
        assert_eq!(taken.unwrap(), None);
    }
    let last = two.expires_at.minus(Duration::from_micros(1));
    let taken = store.take_sign_in_request(org, two.handle, two.browser, last).await.unwrap();
    assert_eq!(taken, Some(two));
}

/// The first one stays, whatever the other says.
pub async fn a_handle_is_of_one_sign_in_request(store: &dyn Store) {
    let world = World::new(store);
    let org = world.organization_added().await.id;
    let row = world.sign_in_request_added(org).await;
    let again = SignInRequest { handle: row.handle, ..world.sign_in_request(org) };
    assert_duplicate(store.insert_sign_in_request(&again).await, "a sign-in request");
    assert_duplicate(store.insert_sign_in_request(&row).await, "a sign-in request");
    let taken = store.take_sign_in_request(org, row.handle, again.browser, world.now()).await;
    assert_eq!(taken.unwrap(), None);
    let taken = store.take_sign_in_request(org, row.handle, row.browser, world.now()).await;
    assert_eq!(taken.unwrap(), Some(row));
}

/// The same handle and browser in two organizations are two requests.
pub async fn sign_in_requests_are_apart_by_organization(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.organization_added().await.id, world.organization_added().await.id);
    let row = world.sign_in_request_added(ours).await;
    let (handle, browser) = (row.handle, row.browser);
    for org in [theirs, world.id()] {
        let taken = store.take_sign_in_request(org, handle, browser, world.now()).await;
        assert_eq!(taken.unwrap(), None);
    }
    let same = SignInRequest { org: theirs, request_id: "theirs".to_owned(), ..row.clone() };
    store.insert_sign_in_request(&same).await.unwrap();
    for row in [row, same] {
        let taken = store.take_sign_in_request(row.org, handle, browser, world.now()).await;
        assert_eq!(taken.unwrap(), Some(row));
    }
    let nowhere = world.sign_in_request(world.id());
    assert_missing(store.insert_sign_in_request(&nowhere).await, "organization");
}
