//! Sign-in of people by assertions of an identity provider: what is accepted, and that nothing else is.

use std::{collections::BTreeSet, time::Duration};

use auth_model::{AuditOutcome, OrgId};
use integration::{Answer, Browser, Claim, IDP, IdpKey, SAML, World, bodies, idp_metadata};
use reqwest::Method;
use serde_json::json;

/// Where the suite's servers say that they are.
pub(crate) const URL: &str = "http://auth.example.com";

/// Has an organization sign in with the identity provider of the suite, with these settings.
pub(crate) async fn configure(world: &World, settings: serde_json::Value) {
    upload(world, &idp_metadata(IDP, &[IdpKey::IDP])).await.expect(200);
    let body = bodies::saml_configuration(settings);
    world.client().patch(SAML, world.keys(), &body).await.expect(200);
}

pub(crate) async fn upload(world: &World, metadata: &str) -> Answer {
    let path = format!("{SAML}/idp_metadata");
    let request = world.client().request(Method::POST, &path, world.keys().into());
    Answer::of(request.header("content-type", "application/xml").body(metadata.to_owned())).await
}

/// The admin, as the identity provider knows them.
pub(crate) fn admin(world: &World) -> Claim {
    Claim::of(world.org.id, URL, "admin@example.com", &["staff"])
}

/// Nobody is signed in, the browser is told a number and nothing else, and by the number the audit log says why.
async fn assert_refused(world: &World, browser: &Browser, answer: Answer, reason: &str) {
    assert_eq!(answer.status.as_u16(), 403, "{reason}: {answer:?}");
    assert_eq!(browser.session(), None, "{reason}");
    let page = answer.text();
    let reference = page.split("id=\"reference\">").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(answer.header("x-request-id"), Some(reference), "{reason}");
    let events = world.events().await;
    let event = events.iter().find(|event| event.request_id == reference);
    let event = event.unwrap_or_else(|| panic!("{reason}: no event of {reference}"));
    assert_eq!(
        (event.purpose.as_str(), event.outcome, event.reason.as_ref()),
        ("sign_in.saml", AuditOutcome::Refused, reason)
    );
    assert!(!page.contains(reason) && !page.contains(&event.detail), "{reason}: {page}");
}

#[tokio::test]
async fn a_person_signs_in_sees_who_they_are_and_signs_out() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let org = world.org.id;
    let mut browser = Browser::new(world.client());
    let page = browser.get(&format!("/saml/{org}?return_to=/account%3Ftab=1")).await.expect(200);
    assert!(page.text().contains(&format!("/saml/{org}/start?return_to=")), "{page:?}");
    let answer = browser
        .sign_in(admin(&world).with("team", "<b>core</b>".replace('<', "&lt;").as_str()))
        .await
        .expect(303);
    assert_eq!(answer.header("location"), Some("/account"));
    let account = browser.get("/account").await.expect(200).text();
    assert!(account.contains("admin@example.com") && account.contains("Example"), "{account}");
    assert!(account.contains("&lt;b&gt;core") && !account.contains("<b>core"), "{account}");
    let policy = browser.get("/account").await;
    let policy = policy.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");

    let before = browser.clone();
    let out = browser.send(Method::POST, "/sign-out", |r| r.header("origin", URL)).await;
    assert_eq!(out.expect(303).header("location"), Some(format!("/saml/{org}").as_str()));
    assert_eq!(browser.session(), None);
    browser.get("/account").await.expect(401);
    before.clone().get("/account").await.expect(401);
    let names: Vec<String> =
        world.events().await.iter().map(|event| event.purpose.as_str().to_owned()).collect();
    assert_eq!(names[..2], ["session.end", "sign_in.saml"]);
}

#[tokio::test]
async fn the_browser_returns_to_where_it_came_from_and_nowhere_else() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let org = world.org.id;
    let mut browser = Browser::new(world.client());
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        for path in ["", "/start"] {
            let query = [("return_to", elsewhere)];
            let path = format!("/saml/{org}{path}");
            browser.send(Method::GET, &path, |r| r.query(&query)).await.expect(400);
        }
    }
    let start = format!("/saml/{org}/start?return_to=/account%3Ftab=roles");
    let answer = browser.get(&start).await.expect(303);
    let url = reqwest::Url::parse(answer.header("location").unwrap()).unwrap();
    let handle = url.query_pairs().find(|(name, _)| name == "RelayState").unwrap().1.into_owned();
    assert!(!handle.contains("account"), "the relay state is a handle: {handle}");
}

#[tokio::test]
async fn s_15_an_assertion_is_used_once_on_all_replicas() {
    let world = World::durable().await;
    configure(&world, json!({ "idp_initiated": true })).await;
    let other = world.another_server().await;
    let claim = admin(&world);
    let response = claim.signed();
    let mut browser = Browser::new(world.client());
    browser.bring(world.org.id, &response, "").await.expect(303);
    for client in [world.client(), &other.client] {
        let mut thief = Browser::new(client);
        let answer = thief.bring(world.org.id, &response, "").await;
        assert_refused(&world, &thief, answer, "replayed").await;
    }
}

#[tokio::test]
async fn s_17_an_answer_is_taken_once_by_the_browser_that_asked_on_any_replica() {
    let world = World::durable().await;
    configure(&world, json!({})).await;
    let other = world.another_server().await;
    let org = world.org.id;
    let mut browser = Browser::new(world.client());
    let begun = browser.begin(org).await;
    let claim = Claim { in_response_to: Some(begun.request_id.clone()), ..admin(&world) };
    let response = claim.signed();

    let mut thief = Browser::new(world.client());
    let answer = thief.bring(org, &response, &begun.relay_state).await;
    assert_refused(&world, &thief, answer, "unknown_request").await;
    thief.begin(org).await;
    let answer = thief.bring(org, &response, &begun.relay_state).await;
    assert_refused(&world, &thief, answer, "unknown_request").await;
    let answer = browser.clone().bring(org, &response, "https://evil.example/").await;
    assert_eq!(answer.status.as_u16(), 403);

    // Nobody has used it up: the browser that asked is let in, also at another server.
    let mut elsewhere = browser.at(&other.client);
    elsewhere.bring(org, &response, &begun.relay_state).await.expect(303);
    elsewhere.get("/account").await.expect(200);
    let answer = browser.bring(org, &response, &begun.relay_state).await;
    assert_refused(&world, &browser, answer, "unknown_request").await;
}

#[tokio::test]
async fn two_windows_of_one_browser_sign_in_side_by_side() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let org = world.org.id;
    let mut browser = Browser::new(world.client());
    let (first, second) = (browser.begin(org).await, browser.begin(org).await);
    for begun in [second, first] {
        let mut window = browser.clone();
        let claim = Claim { in_response_to: Some(begun.request_id), ..admin(&world) };
        window.bring(org, &claim.signed(), &begun.relay_state).await.expect(303);
    }
}

#[tokio::test]
async fn s_16_whatever_is_wrong_with_an_answer_it_is_refused_and_recorded() {
    type Change = fn(&mut Claim);
    let world = World::start().await;
    configure(&world, json!({})).await;
    let ago = |claim: &mut Claim, seconds| claim.at = claim.at.minus(Duration::from_secs(seconds));
    let _ = ago;
    #[rustfmt::skip]
    let changes: [(&str, Change); 8] = [
        ("issuer",         |c| c.issuer = "https://other.example/metadata".to_owned()),
        ("destination",    |c| c.public_url = "https://other.example".to_owned()),
        ("expired",        |c| c.at = c.at.minus(Duration::from_secs(3_600))),
        ("not_yet",        |c| c.at = c.at.plus(Duration::from_secs(3_600))),
        ("signature",      |c| c.key = IdpKey::ATTACKER),
        ("in_response_to", |c| c.in_response_to = Some("_another".to_owned())),
        ("in_response_to", |c| c.in_response_to = None),
        ("email",          |c| c.name_id = "nobody".to_owned()),
    ];
    for (reason, change) in changes {
        let mut browser = Browser::new(world.client());
        let begun = browser.begin(world.org.id).await;
        let mut claim = Claim { in_response_to: Some(begun.request_id), ..admin(&world) };
        change(&mut claim);
        let answer = browser.bring(world.org.id, &claim.signed(), &begun.relay_state).await;
        assert_refused(&world, &browser, answer, reason).await;
    }
    let mut browser = Browser::new(world.client());
    let begun = browser.begin(world.org.id).await;
    let claim = Claim { in_response_to: Some(begun.request_id), ..admin(&world) };
    let answer = browser.bring(world.org.id, &claim.unsigned(), &begun.relay_state).await;
    assert_refused(&world, &browser, answer, "unsigned").await;
    for (response, reason) in [("", "xml"), ("%%%", "not_base64"), ("PGE+", "xml")] {
        let answer = browser.bring(world.org.id, response, "x").await;
        assert_refused(&world, &browser, answer, reason).await;
    }
    // The same browser with nothing changed is let in.
    browser.sign_in(admin(&world)).await.expect(303);
}

#[tokio::test]
async fn s_17_a_sign_in_begins_at_the_identity_provider_only_where_that_is_allowed() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = Browser::new(world.client());
    let answer = browser.bring(world.org.id, &admin(&world).signed(), "").await;
    assert_refused(&world, &browser, answer, "unknown_request").await;
    configure(&world, json!({ "idp_initiated": true })).await;
    browser.bring(world.org.id, &admin(&world).signed(), "/elsewhere").await.expect(303);
}

#[tokio::test]
async fn an_assertion_for_one_organization_is_no_good_at_another() {
    let world = World::start().await;
    configure(&world, json!({ "idp_initiated": true })).await;
    let other = world.server.tenant("Other").await;
    let path = format!("{SAML}/idp_metadata");
    // The other organization trusts the same identity provider, and has an admin of the same address.
    let request = world.client().request(Method::POST, &path, (&other.keys).into());
    let request = request.header("content-type", "text/xml");
    Answer::of(request.body(idp_metadata(IDP, &[IdpKey::IDP]))).await.expect(200);
    let body = bodies::saml_configuration(json!({ "idp_initiated": true }));
    world.client().patch(SAML, &other.keys, &body).await.expect(200);
    let response = admin(&world).signed();
    let mut browser = Browser::new(world.client());
    browser.bring(other.id, &response, "").await.expect(403);
    let event = &world.server.events(other.id).await[0];
    assert_eq!(event.reason, "destination");
    browser.bring(world.org.id, &response, "").await.expect(303);
}

#[tokio::test]
async fn an_identity_provider_changes_its_key_without_anybody_being_locked_out() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let next = || Claim { key: IdpKey::NEXT, ..admin(&world) };
    let mut browser = Browser::new(world.client());
    browser.sign_in(next()).await.expect(403);
    upload(&world, &idp_metadata(IDP, &[IdpKey::IDP, IdpKey::NEXT])).await.expect(200);
    browser.sign_in(next()).await.expect(303);
    browser.sign_in(admin(&world)).await.expect(303);
    upload(&world, &idp_metadata(IDP, &[IdpKey::NEXT])).await.expect(200);
    browser.sign_in(admin(&world)).await.expect(403);
    browser.sign_in(next()).await.expect(303);
}

#[tokio::test]
async fn strangers_can_t_tell_which_organizations_there_are() {
    let world = World::start().await;
    let mut browser = Browser::new(world.client());
    let unknown: OrgId = "00000000-0000-4000-8000-000000000001".parse().unwrap();
    let mut pages = BTreeSet::new();
    for org in [unknown.to_string(), world.org.id.to_string(), "x".to_owned()] {
        let start = browser.get(&format!("/saml/{org}/start")).await.expect(404);
        let form = [("SAMLResponse", "x")];
        let acs = format!("/saml/{org}/acs");
        let acs = browser.send(Method::POST, &acs, |r| r.form(&form)).await.expect(404);
        for answer in [start, acs] {
            let id = answer.header("x-request-id").unwrap().to_owned();
            pages.insert(answer.text().replace(&id, "ID"));
        }
    }
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(
        world.events().await.iter().all(|event| !event.purpose.as_str().starts_with("sign_in"))
    );
    // What we are called is computed from the id alone.
    browser.get(&format!("/saml/{unknown}/metadata")).await.expect(200);
}

#[tokio::test]
async fn a_field_that_comes_twice_and_a_body_that_is_too_long_are_refused() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let acs = format!("/saml/{}/acs", world.org.id);
    let mut browser = Browser::new(world.client());
    let response = admin(&world).signed();
    let twice = [("SAMLResponse", response.as_str()), ("SAMLResponse", "x")];
    browser.send(Method::POST, &acs, |r| r.form(&twice)).await.expect(400);
    let long = "A".repeat(1024 * 1024);
    let long = [("SAMLResponse", long.as_str())];
    let answer = browser.send(Method::POST, &acs, |r| r.form(&long)).await.expect(413);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn one_address_begins_so_many_sign_ins_a_second() {
    let world = World::with(|config| config.limits.sign_ins_per_source = 1).await;
    configure(&world, json!({})).await;
    let start = format!("/saml/{}/start", world.org.id);
    let mut browser = Browser::new(world.client());
    let mut statuses = BTreeSet::new();
    for _ in 0..8 {
        let answer = browser.get(&start).await;
        if answer.status.as_u16() == 429 {
            assert!(answer.header("retry-after").is_some());
        }
        statuses.insert(answer.status.as_u16());
    }
    assert_eq!(statuses, BTreeSet::from([303, 429]));
}
