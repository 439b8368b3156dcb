//! Sign-in by SAML and its previews: what is sent, and what comes of the answer.

use countersign_client::{ListOptions, PreviewOf};
use jsonapi_model::resources::SamlConfigurationUpdate;
use serde_json::{Value, json};

use crate::server::{Answer, ORG, Seen, Server, body, by_keys};

const XML: &str = "<EntityDescriptor/>";

fn line(seen: &Seen) -> String {
    format!("{} {}", seen.method, seen.target)
}

fn configuration() -> Answer {
    let attributes = json!({
        "enabled": true, "strict": false, "idp_initiated": false, "autocreate_domains": [], "autocreate_role": null,
        "unmatched_users": "sign_in", "keep_assertions": false, "email_attribute": null, "enforce_mappings": false, "idp": null,
        "sp": { "entity_id": "e", "acs_url": "a", "metadata_url": "e", "sign_in_url": "s", "signs_requests": false },
    });
    let data = json!({ "id": ORG, "type": "saml_configurations", "attributes": attributes });
    Answer::new(200, json!({ "data": data }).to_string())
}

fn preview(email: &str) -> Value {
    json!({
        "now": [], "then": [], "gained": [], "kept": [], "lost": [], "unmatched": [],
        "attributes": { "memberOf": ["ops"] }, "email": email,
    })
}

#[tokio::test]
async fn a_configuration_is_read_uploaded_and_changed_in_what_is_given() {
    let server = Server::start(|_, _| configuration()).await;
    let api = by_keys(&server);
    assert_eq!(api.saml_configuration().await.unwrap().id.as_deref(), Some(ORG));
    assert!(api.upload_idp_metadata(XML.into()).await.unwrap().attributes.enabled);
    let update = SamlConfigurationUpdate {
        strict: Some(true),
        autocreate_role: Some(None),
        ..SamlConfigurationUpdate::default()
    };
    assert!(api.update_saml_configuration(update).await.unwrap().attributes.idp.is_none());

    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v2/saml_configurations",
            "POST /api/v2/saml_configurations/idp_metadata",
            "PATCH /api/v2/saml_configurations",
        ]
    );
    assert_eq!(seen[1].header("content-type"), "application/xml");
    assert_eq!(seen[1].body, XML);
    assert_eq!(
        body(&seen[2])["data"]["attributes"],
        json!({ "strict": true, "autocreate_role": null })
    );
}

#[tokio::test]
async fn our_metadata_is_read_without_credentials() {
    let server = Server::start(|number, _| match number {
        0 => Answer::new(200, XML),
        _ => Answer::new(404, "<html>"),
    })
    .await;
    let api = by_keys(&server);
    assert_eq!(api.sp_metadata(ORG).await.unwrap(), XML);
    assert_eq!(api.sp_metadata(ORG).await.unwrap_err().status(), Some(404));
    let seen = &server.seen()[0];
    assert_eq!(line(seen), format!("GET /saml/{ORG}/metadata"));
    assert_eq!(seen.header("dd-application-key"), "");
}

#[tokio::test]
async fn the_preference_is_read_and_switched_by_force_only_where_it_is_said() {
    let server = Server::start(|number, _| {
        let attributes =
            json!({ "preference_type": "saml_authn_mapping_roles", "preference_data": number > 0 });
        let data = json!({ "type": "org_preferences", "id": 1, "attributes": attributes });
        Answer::new(200, json!({ "data": data }).to_string())
    })
    .await;
    let api = by_keys(&server);
    assert!(!api.enforces_mappings().await.unwrap());
    assert!(api.enforce_mappings(true, false).await.unwrap());
    assert!(api.enforce_mappings(true, true).await.unwrap());
    let seen = server.seen();
    assert_eq!(line(&seen[0]), "GET /api/v1/org_preferences");
    assert_eq!(line(&seen[1]), "POST /api/v1/org_preferences");
    assert_eq!(body(&seen[1])["data"]["attributes"]["force"], Value::Null);
    assert_eq!(body(&seen[2])["data"]["attributes"]["force"], true);
}

#[tokio::test]
async fn previews_are_asked_for_in_each_way() {
    let server = Server::start(|_, _| {
        let data =
            json!({ "type": "authn_mapping_previews", "attributes": preview("a@b.example") });
        Answer::new(200, json!({ "data": data }).to_string())
    })
    .await;
    let api = by_keys(&server);
    let attributes = [("memberOf".to_owned(), vec!["ops".to_owned()])].into();
    api.preview_authn_mappings(PreviewOf::Attributes(attributes), Some("u1")).await.unwrap();
    api.preview_authn_mappings(PreviewOf::Assertion("k1".to_owned()), None).await.unwrap();
    let pasted = PreviewOf::SamlResponse("PHg+".to_owned());
    let found = api.preview_authn_mappings(pasted, None).await.unwrap();
    assert_eq!(found.email.as_deref(), Some("a@b.example"));

    let sent: Vec<_> = server.seen().iter().map(|seen| body(seen)["data"].clone()).collect();
    let expected = [
        json!({ "attributes": { "memberOf": ["ops"] }, "user": "u1" }),
        json!({ "assertion": "k1" }),
        json!({ "saml_response": "PHg+" }),
    ];
    for (sent, expected) in sent.iter().zip(&expected) {
        assert_eq!(sent["type"], "authn_mapping_previews");
        assert_eq!(sent["attributes"], *expected);
    }
}

#[tokio::test]
async fn everybody_is_read_although_some_of_a_page_are_left_out() {
    // Of 45 people every third is disabled: counted, but not shown.
    let server = Server::start(|_, seen| {
        let number = |name: &str| {
            let (_, rest) = seen.target.split_once(&format!("page%5B{name}%5D=")).unwrap();
            rest.split('&').next().unwrap().parse::<usize>().unwrap()
        };
        let rows = (0..45).skip(number("size") * number("number")).take(number("size"));
        let rows: Vec<Value> = rows
            .filter(|n| n % 3 != 0)
            .map(|n| {
                let attributes = preview(&format!("p{n}@acme.example"));
                json!({ "id": format!("u{n}"), "type": "authn_mapping_previews", "attributes": attributes })
            })
            .collect();
        let page = json!({ "total_count": 45, "total_filtered_count": 45 });
        Answer::new(200, json!({ "data": rows, "meta": { "page": page } }).to_string())
    })
    .await;
    let api = by_keys(&server);
    assert_eq!(api.preview_everybody(None).await.unwrap().data.len(), 30);
    assert_eq!(server.count(), 3);
    assert_eq!(api.preview_everybody(Some(4)).await.unwrap().data.len(), 4);
}

#[tokio::test]
async fn kept_assertions_are_listed_and_sessions_ended() {
    let server = Server::start(|_, seen| match seen.method.as_str() {
        "DELETE" => Answer::new(204, ""),
        _ => Answer::new(
            200,
            json!({ "data": [{ "id": "k1", "type": "saml_assertions", "attributes": {
                "received_at": "t", "user_id": "u1", "email": "a@b.example", "issuer": "i", "name_id": "n",
                "attributes": { "memberOf": ["ops"] },
            } }] })
            .to_string(),
        ),
    })
    .await;
    let api = by_keys(&server);
    let kept = api.saml_assertions(&ListOptions::filter("no such thing")).await.unwrap();
    assert_eq!(kept.data[0].attributes.attributes["memberOf"], ["ops"]);
    api.end_user_sessions("u1").await.unwrap();
    let lines: Vec<_> = server.seen().iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v2/saml_configurations/assertions?page%5Bsize%5D=20&page%5Bnumber%5D=0",
            "DELETE /api/v2/users/u1/sessions",
        ]
    );
}
