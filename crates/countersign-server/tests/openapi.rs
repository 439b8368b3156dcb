//! The API's description is checked in, so that a change of the surface is seen in review.

use std::{collections::BTreeSet, path::Path};

use countersign_server::Family;
use serde_json::Value;

/// `UPDATE_OPENAPI=1 cargo test -p countersign-server --test openapi` writes it anew.
#[test]
fn the_checked_in_description_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let now = countersign_server::openapi();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == now,
        "the API has changed: look at the difference after `UPDATE_OPENAPI=1 cargo test -p countersign-server --test openapi`"
    );
}

#[test]
fn every_route_is_described_once() {
    let document: Value = serde_json::from_str(&countersign_server::openapi()).unwrap();
    let mut ids = BTreeSet::new();
    for route in countersign_server::route_table() {
        if route.family == Family::Page || route.path.contains("{*") {
            // Nobody writes a client of a page, and OpenAPI has no paths of any length.
            assert!(document["paths"].get(route.path).is_none(), "{}", route.path);
            continue;
        }
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][&method];
        let what = format!("{} {}", route.method, route.path);
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{what}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
    }
}
