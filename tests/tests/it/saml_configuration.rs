//! What an organization decides of its people's sign-in, the preview of what mappings would do, and the preference that enforces them.

use integration::{
    AUTHN_MAPPINGS, Answer, Browser, Claim, IDP, IdpKey, PREFERENCES, ROLES, SAML, World, bodies,
    idp_metadata,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sign_in::{URL, configure, upload};

async fn patch(world: &World, settings: Value) -> Answer {
    let body = bodies::saml_configuration(settings);
    world.client().patch(SAML, world.keys(), &body).await
}

async fn preview(world: &World, asked: Value) -> Answer {
    let body = json!({"data": {"type": "authn_mapping_previews", "attributes": asked}});
    world.client().post(&format!("{AUTHN_MAPPINGS}/preview"), world.keys(), &body).await
}

#[tokio::test]
async fn a_new_organization_signs_nobody_in_until_metadata_is_there() {
    let world = World::start().await;
    let shown = world.client().get(SAML, world.keys()).await.expect(200).json();
    let (org, attributes) = (world.org.id.to_string(), &shown["data"]["attributes"]);
    assert_eq!(shown["data"]["id"], org.as_str());
    assert_eq!(
        (&attributes["enabled"], &attributes["idp"], &attributes["unmatched_users"]),
        (&json!(false), &Value::Null, &json!("sign_in"))
    );
    assert_eq!(attributes["sp"]["entity_id"], format!("{URL}/saml/{org}/metadata"));
    assert_eq!(attributes["sp"]["acs_url"], format!("{URL}/saml/{org}/acs"));
    for early in [json!({ "enabled": true }), json!({ "strict": true })] {
        patch(&world, early).await.expect(409);
    }
    let keys = [IdpKey::IDP, IdpKey::NEXT];
    let uploaded = upload(&world, &idp_metadata(IDP, &keys)).await.expect(200).json();
    let idp = &uploaded["data"]["attributes"]["idp"];
    assert_eq!(idp["entity_id"], IDP);
    assert_eq!(idp["certificates"].as_array().unwrap().len(), 2);
    assert_eq!(uploaded["data"]["attributes"]["enabled"], true);
    let path = format!("/saml/{org}/metadata");
    let metadata = world.client().get(&path, integration::Auth::Nothing).await.expect(200);
    assert_eq!(metadata.header("content-type"), Some("application/samlmetadata+xml"));
    assert!(metadata.text().contains(&format!("{URL}/saml/{org}/acs")));
}

#[tokio::test]
async fn only_what_is_given_is_changed_and_null_takes_away() {
    let world = World::start().await;
    upload(&world, &idp_metadata(IDP, &[IdpKey::IDP])).await.expect(200);
    let role = world.client().post(ROLES, world.keys(), &bodies::role("New", &[])).await.id();
    let all = json!({ "strict": true, "idp_initiated": true, "keep_assertions": true,
        "autocreate_domains": ["Corp.Example", "corp.example", "b.example"], "autocreate_role": role,
        "unmatched_users": "refuse", "email_attribute": "mail" });
    patch(&world, all).await.expect(200);
    let changed = patch(&world, json!({ "autocreate_role": null })).await.expect(200).json();
    let attributes = &changed["data"]["attributes"];
    assert_eq!(attributes["autocreate_domains"], json!(["corp.example", "b.example"]));
    assert_eq!(attributes["autocreate_role"], Value::Null);
    assert_eq!(attributes["email_attribute"], "mail");
    assert_eq!(attributes["strict"], true);
    let changed = patch(&world, json!({ "email_attribute": null })).await.expect(200).json();
    assert_eq!(changed["data"]["attributes"]["email_attribute"], Value::Null);
    // Later metadata changes the metadata, and switches nothing on.
    patch(&world, json!({ "strict": false, "enabled": false })).await.expect(200);
    let again = upload(&world, &idp_metadata(IDP, &[IdpKey::NEXT])).await.expect(200).json();
    assert_eq!(again["data"]["attributes"]["enabled"], false);
}

#[tokio::test]
async fn what_can_t_be_is_refused_and_nothing_is_written() {
    let world = World::start().await;
    upload(&world, &idp_metadata(IDP, &[IdpKey::IDP])).await.expect(200);
    let before = world.client().get(SAML, world.keys()).await.json();
    let stranger = "00000000-0000-4000-8000-000000000001";
    let elsewhere = world.server.tenant("Other").await.first.standard.id.to_string();
    #[rustfmt::skip]
    let cases = [
        ("no domain",             json!({ "autocreate_domains": [""] }),                "autocreate_domains/0"),
        ("an address",            json!({ "autocreate_domains": ["a.example", "x@a.example"] }), "autocreate_domains/1"),
        ("white space",           json!({ "autocreate_domains": ["a example"] }),       "autocreate_domains/0"),
        ("too many",              json!({ "autocreate_domains": vec!["a.example"; 101] }), "autocreate_domains"),
        ("unknown role",          json!({ "autocreate_role": stranger }),               "autocreate_role"),
        ("another's role",        json!({ "autocreate_role": elsewhere }),              "autocreate_role"),
        ("no id",                 json!({ "autocreate_role": "x" }),                    "autocreate_role"),
        ("another word",          json!({ "unmatched_users": "maybe" }),                "unmatched_users"),
        ("empty attribute",       json!({ "email_attribute": " " }),                    "email_attribute"),
        ("long attribute",        json!({ "email_attribute": "a".repeat(1_025) }),      "email_attribute"),
        ("a word for a switch",   json!({ "strict": "yes" }),                           "strict"),
    ];
    for (rule, settings, pointer) in cases {
        let refused = patch(&world, settings).await.expect(400);
        let text = refused.detail();
        assert!(text.contains(pointer), "{rule}: {text}");
    }
    patch(&world, json!({ "strict": true, "enabled": false })).await.expect(409);
    for (rule, metadata) in [
        ("nothing", ""),
        ("no XML", "hello"),
        ("a document type", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
        (
            "a service provider's",
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"/>",
        ),
        ("no certificate", &idp_metadata(IDP, &[])),
    ] {
        let refused = upload(&world, metadata).await.expect(400).detail();
        assert!(refused.starts_with("the metadata can't be used: "), "{rule}: {refused}");
    }
    let long = format!("{}{}", idp_metadata(IDP, &[IdpKey::IDP]), " ".repeat(1024 * 1024));
    upload(&world, &long).await.expect(413);
    let path = format!("{SAML}/idp_metadata");
    let request = world.client().request(Method::POST, &path, world.keys().into());
    Answer::of(request.header("content-type", "text/plain").body("x")).await.expect(415);
    let form = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n";
    let request = world.client().request(Method::POST, &path, world.keys().into());
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(form);
    assert!(Answer::of(request).await.expect(400).detail().contains("idp_file"));
    let mut after = world.client().get(SAML, world.keys()).await.json();
    after["data"]["attributes"]["idp"]["valid_until"] =
        before["data"]["attributes"]["idp"]["valid_until"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn metadata_comes_as_a_form_too() {
    let world = World::start().await;
    let xml = idp_metadata(IDP, &[IdpKey::IDP]);
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"idp_file\"; filename=\"idp.xml\"\r\nContent-Type: application/xml\r\n\r\n{xml}\r\n--b--\r\n"
    );
    let path = format!("{SAML}/idp_metadata");
    let request = world.client().request(Method::POST, &path, world.keys().into());
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(form);
    let answer = Answer::of(request).await.expect(200).json();
    assert_eq!(answer["data"]["attributes"]["idp"]["entity_id"], IDP);
}

#[tokio::test]
async fn whoever_chooses_how_people_sign_in_must_be_able_to_be_anybody() {
    let world = World::start().await;
    let narrow = world.scoped(&[auth_model::permissions::USER_ACCESS_MANAGE]).await;
    let body = bodies::saml_configuration(json!({ "keep_assertions": true }));
    world.client().patch(SAML, &narrow, &body).await.expect(403);
    let path = format!("{SAML}/idp_metadata");
    let request = world.client().request(Method::POST, &path, (&narrow).into());
    let request = request.header("content-type", "application/xml");
    Answer::of(request.body(idp_metadata(IDP, &[IdpKey::IDP]))).await.expect(403);
}

#[tokio::test]
async fn the_preference_has_the_form_of_the_public_service() {
    let world = World::start().await;
    let expected = |on: bool| {
        json!({"data": {"type": "org_preferences", "id": 1, "attributes":
            {"preference_type": "saml_authn_mapping_roles", "preference_data": on}}})
    };
    let (client, keys) = (world.client(), world.keys());
    assert_eq!(client.get(PREFERENCES, keys).await.expect(200).json(), expected(false));
    let on = client.post(PREFERENCES, keys, &bodies::enforcement(true, true)).await.expect(200);
    assert_eq!(on.json(), expected(true));
    assert_eq!(client.get(PREFERENCES, keys).await.json(), expected(true));
    let detail = world.events().await[0].detail.clone();
    assert_eq!(detail, "saml_authn_mapping_roles=forced");
    assert_eq!(
        client.post(PREFERENCES, keys, &expected(false)).await.expect(200).json(),
        expected(false)
    );
    for wrong in [
        json!({"data": {"type": "org_preference", "attributes": {"preference_type": "saml_authn_mapping_roles", "preference_data": true}}}),
        json!({"data": {"type": "org_preferences", "attributes": {"preference_type": "other", "preference_data": true}}}),
        json!({"data": {"type": "org_preferences", "attributes": {"preference_type": "saml_authn_mapping_roles", "preference_data": "true"}}}),
        json!({"data": {"type": "org_preferences", "attributes": {"preference_type": "saml_authn_mapping_roles"}}}),
    ] {
        client.post(PREFERENCES, keys, &wrong).await.expect(400);
    }
    assert_eq!(client.get(PREFERENCES, keys).await.json(), expected(false));
}

#[tokio::test]
async fn assertions_are_kept_where_that_is_allowed_and_previewed() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let (client, keys) = (world.client(), world.keys());
    let role = client.post(ROLES, keys, &bodies::role("Developers", &[])).await.id();
    let kept = format!("{SAML}/assertions");
    let claim = || Claim::of(world.org.id, URL, "admin@example.com", &["dev"]);
    let mut browser = Browser::new(client);
    browser.sign_in(claim()).await.expect(303);
    assert_eq!(client.get(&kept, keys).await.expect(200).json()["meta"]["page"]["total_count"], 0);
    patch(&world, json!({ "keep_assertions": true })).await.expect(200);
    for _ in 0..2 {
        browser.sign_in(claim()).await.expect(303);
    }
    let list = client.get(&format!("{kept}?page[size]=1"), keys).await.expect(200).json();
    assert_eq!(list["meta"]["page"]["total_count"], 2);
    let one = &list["data"][0];
    assert_eq!(one["attributes"]["email"], "admin@example.com");
    assert_eq!(one["attributes"]["attributes"], json!({ "groups": ["dev"] }));

    let body = bodies::authn_mapping("groups", "dev", &role);
    client.post(AUTHN_MAPPINGS, keys, &body).await.expect(200);
    let asked = json!({ "assertion": one["id"] });
    let shown = preview(&world, asked).await.expect(200).json();
    let attributes = &shown["data"]["attributes"];
    assert_eq!(attributes["email"], "admin@example.com");
    assert_eq!(attributes["gained"][0]["name"], "Developers");
    assert_eq!(attributes["lost"].as_array().unwrap().len(), 1);
    assert_eq!(attributes["seen_at"], one["attributes"]["received_at"]);
    let everybody = client.get(&format!("{AUTHN_MAPPINGS}/preview"), keys).await.expect(200).json();
    assert_eq!(everybody["data"][0]["id"], world.org.admin.id.to_string());
    assert_eq!(everybody["data"][0]["attributes"]["gained"], attributes["gained"]);
    assert_eq!(everybody["meta"]["page"]["total_count"], 1);

    patch(&world, json!({ "keep_assertions": false })).await.expect(200);
    assert_eq!(client.get(&kept, keys).await.json()["data"], json!([]));
    preview(&world, json!({ "assertion": one["id"] })).await.expect(404);
}

#[tokio::test]
async fn a_response_that_is_pasted_is_previewed_and_checked() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let claim = Claim::of(world.org.id, URL, "ann@corp.example", &["dev", "core"]);
    let claim = Claim { in_response_to: Some("_asked".to_owned()), ..claim };
    let shown =
        preview(&world, json!({ "saml_response": claim.signed() })).await.expect(200).json();
    let attributes = &shown["data"]["attributes"];
    assert_eq!(attributes["attributes"], json!({ "groups": ["dev", "core"] }));
    assert_eq!(attributes["verification"], json!({ "accepted": true, "reason": "", "detail": "" }));
    let forged = Claim { key: IdpKey::ATTACKER, ..claim.clone() };
    let shown =
        preview(&world, json!({ "saml_response": forged.signed() })).await.expect(200).json();
    let verification = &shown["data"]["attributes"]["verification"];
    assert_eq!(
        (&verification["accepted"], &verification["reason"]),
        (&json!(false), &json!("signature"))
    );
    for (rule, asked) in [
        ("nothing", json!({})),
        ("two", json!({ "attributes": {}, "saml_response": "x" })),
        ("no base64", json!({ "saml_response": "%" })),
        ("no response", json!({ "saml_response": "<x/>" })),
    ] {
        let answer = preview(&world, asked).await;
        assert_eq!(answer.status.as_u16(), 400, "{rule}: {answer:?}");
    }
    preview(&world, json!({ "assertion": "x" })).await.expect(404);
    // As long as one that may be posted.
    let long = Claim { attributes: vec![("groups".to_owned(), "x".repeat(200_000))], ..claim };
    let long = preview(&world, json!({ "saml_response": long.unsigned() })).await;
    assert!(long.detail().contains("attribute"), "{long:?}");
    // It gives nobody anything: the same response still signs in.
    assert!(world.events().await.iter().all(|event| event.purpose.as_str() != "sign_in.saml"));
}
