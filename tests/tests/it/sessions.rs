//! Sessions of browsers: what they can do, and how they end.

use std::{collections::BTreeMap, time::Duration};

use auth_model::ExposeSecret;
use integration::{Browser, Claim, KeyPair, ROLES, SAML, USERS, World, bodies};
use reqwest::Method;
use serde_json::json;

use crate::sign_in::{URL, admin, configure};

async fn signed_in(world: &World) -> Browser {
    let mut browser = Browser::new(world.client());
    browser.sign_in(admin(world)).await.expect(303);
    browser
}

async fn with_keys(world: &World, browser: &mut Browser, keys: &KeyPair, origin: &str) -> u16 {
    let form =
        [("api_key", keys.api.expose_secret()), ("application_key", keys.app.expose_secret())];
    let path = format!("/saml/{}/keys", world.org.id);
    let send = |r: reqwest::RequestBuilder| r.form(&form).header("origin", origin);
    browser.send(Method::POST, &path, send).await.status.as_u16()
}

#[tokio::test]
async fn a_session_reads_the_api_and_changes_it_from_our_own_pages_only() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = signed_in(&world).await;
    let user = browser.get("/api/v2/current_user").await.expect(200);
    assert_eq!(user.id(), world.org.admin.id.to_string());
    let role = bodies::role("From a page", &[]);
    let mut post = async |origin: Option<&str>| {
        let send = |r: reqwest::RequestBuilder| match origin {
            Some(origin) => r.json(&role).header("origin", origin),
            None => r.json(&role),
        };
        browser.send(Method::POST, ROLES, send).await.status.as_u16()
    };
    assert_eq!(post(None).await, 403);
    assert_eq!(post(Some("https://evil.example")).await, 403);
    assert_eq!(post(Some("null")).await, 403);
    assert_eq!(post(Some(URL)).await, 200);
    let send = |r: reqwest::RequestBuilder| r.header("origin", "https://evil.example");
    browser.send(Method::POST, "/sign-out", send).await.expect(403);
    browser.get("/account").await.expect(200);
}

#[tokio::test]
async fn a_session_ends_with_its_user_and_by_an_administrator_on_every_replica() {
    let world = World::durable().await;
    configure(&world, json!({ "autocreate_domains": ["corp.example"] })).await;
    let other = world.another_server().await;
    let ann = || Claim::of(world.org.id, URL, "ann@corp.example", &[]);
    let mut browser = Browser::new(world.client());
    browser.sign_in(ann()).await.expect(303);
    let mut elsewhere = browser.at(&other.client);
    let id = elsewhere.get("/api/v2/current_user").await.expect(200).id();
    let sessions = format!("{USERS}/{id}/sessions");
    for _ in 0..2 {
        world.client().delete(&sessions, world.keys()).await.expect(204);
        elsewhere.get("/account").await.expect(401);
    }
    browser.sign_in(ann()).await.expect(303);
    let mut elsewhere = browser.at(&other.client);
    elsewhere.get("/account").await.expect(200);
    world.client().delete(&format!("{USERS}/{id}"), world.keys()).await.expect(204);
    elsewhere.get("/account").await.expect(401);
    browser.sign_in(ann()).await.expect(403);
    let enable = json!({"data": {"type": "users", "id": id, "attributes": {"disabled": false}}});
    world.client().patch(&format!("{USERS}/{id}"), world.keys(), &enable).await.expect(200);
    elsewhere.get("/account").await.expect(401);
    browser.sign_in(ann()).await.expect(303);
}

#[tokio::test]
async fn a_cookie_that_we_have_not_made_is_nothing() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let browser = signed_in(&world).await;
    let good = browser.session().unwrap().to_owned();
    let mut flipped = good.clone();
    let last = if flipped.pop() == Some('A') { 'B' } else { 'A' };
    flipped.push(last);
    for cookie in ["", "x", &flipped, &good[1..], &format!("{good}{good}"), &"A".repeat(8_000)] {
        let cookies = BTreeMap::from([("countersign_session".to_owned(), cookie.to_owned())]);
        let mut thief = browser.clone();
        thief.cookies = cookies;
        let status = thief.get("/account").await.status.as_u16();
        assert_eq!(status, 401, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_ends_no_later_than_the_identity_provider_says() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = Browser::new(world.client());
    let claim = admin(&world);
    let soon = claim.at.plus(Duration::from_secs(900));
    browser.sign_in(Claim { session_ends: Some(soon), ..claim }).await.expect(303);
    let page = browser.get("/account").await.expect(200).text();
    let end = jsonapi_model::time::zulu_micros(soon.unix_micros());
    let end = format!("{} UTC", end[..16].replace('T', " "));
    assert!(page.contains(&end), "{end} is not on {page}");
}

#[tokio::test]
async fn people_sign_in_by_their_own_keys_unless_the_organization_is_strict() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = Browser::new(world.client());
    assert_eq!(with_keys(&world, &mut browser, world.keys(), "https://evil.example").await, 403);
    assert_eq!(with_keys(&world, &mut browser, world.keys(), URL).await, 303);
    browser.get("/account").await.expect(200);
    // A session can do all that its user may: a key that may do less makes none, nor does a service account's.
    let scoped = world.scoped(&[auth_model::permissions::USER_ACCESS_READ]).await;
    let service = world.server.keys_of(&world.service_account).await;
    let other = world.server.tenant("Other").await.keys;
    for keys in [&scoped, &service, &other] {
        assert_eq!(with_keys(&world, &mut Browser::new(world.client()), keys, URL).await, 403);
    }
    let mut by_saml = signed_in(&world).await;
    let strict = bodies::saml_configuration(json!({ "strict": true }));
    world.client().patch(SAML, world.keys(), &strict).await.expect(200);
    browser.get("/account").await.expect(401);
    by_saml.get("/account").await.expect(200);
    assert_eq!(with_keys(&world, &mut browser, world.keys(), URL).await, 403);
    assert_eq!(world.events().await[0].reason, "saml_only");
    let page = browser.get(&format!("/saml/{}", world.org.id)).await.expect(200).text();
    assert!(!page.contains("key-sign-in"), "{page}");
}

#[tokio::test]
async fn switching_saml_off_ends_its_sessions() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = signed_in(&world).await;
    let off = bodies::saml_configuration(json!({ "enabled": false }));
    world.client().patch(SAML, world.keys(), &off).await.expect(200);
    browser.get("/account").await.expect(401);
    browser.get(&format!("/saml/{}/start", world.org.id)).await.expect(404);
}
