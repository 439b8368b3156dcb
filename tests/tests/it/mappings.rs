//! Mappings over HTTP: made, listed, shown and removed, and every way in which one is refused.

use auth_model::permissions as p;
use integration::{
    ACCOUNT, AGENT, Auth, INTAKES, PERSONAS, RUNNER, World, aws_account, intake_mapping,
    persona_mapping,
};
use serde_json::{Value, json};

const VND: Option<&str> = Some("application/vnd.api+json");

fn pattern(role: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/*")
}

/// An admin's token: by a mapping to an admin service account.
async fn admin_token(world: &World) -> String {
    let bootstrap = world.server.bootstrap();
    let robot =
        bootstrap.user(&world.org.first.admin, "robot@example.com", "Robot", true).await.unwrap();
    world.map(&pattern("robot"), &robot.id.to_string()).await;
    world.token_of(&world.sts.add_session(ACCOUNT, "robot", "r2").unwrap()).await
}

/// Made, shown, listed, removed, gone: with this credential, under this prefix.
async fn life_cycle(world: &World, auth: Auth<'_>, path: &str, kind: &str, body: &Value) {
    let client = world.client();
    let made = client.post(path, auth, body).await.expect(201);
    assert_eq!(made.header("content-type"), VND);
    let id = made.id();
    assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
    let mut data = made.json()["data"].clone();
    assert_eq!(data["type"], kind);
    assert_eq!(data["attributes"]["arn_pattern"], body["data"]["attributes"]["arn_pattern"]);

    let one = format!("{path}/{id}");
    let shown = client.get(&one, auth).await.expect(200);
    assert_eq!(shown.header("content-type"), VND);
    assert_eq!(shown.json(), json!({ "data": data }));
    let list = client.get(path, auth).await.expect(200);
    assert_eq!(list.header("content-type"), VND);
    let document = list.json();
    let rows = document["data"].as_array().unwrap();
    assert!(rows.contains(&data), "{document}");
    assert!(rows.iter().all(|row| row["type"] == kind), "{document}");
    assert_eq!(document.as_object().unwrap().len(), 1, "no paging and no meta");

    // The same under the other prefix, with the types that belong there.
    let (other, other_kind) = twin(path, kind);
    data["type"] = other_kind.into();
    let shown = client.get(&format!("{other}/{id}"), auth).await.expect(200);
    assert_eq!(shown.json(), json!({ "data": data }));

    let conflict = client.post(&other, auth, body).await.expect(409);
    assert_eq!(conflict.header("content-type"), VND);
    assert_eq!(conflict.error()["status"], "409");

    let removed = client.delete(&one, auth).await.expect(204);
    assert!(removed.body.is_empty());
    assert_eq!(removed.header("content-type"), None);
    for gone in [client.get(&one, auth).await, client.delete(&one, auth).await] {
        assert_eq!(gone.header("content-type"), VND);
        assert_eq!(
            gone.expect(404).json(),
            json!({"errors": [{"status": "404", "title": "Not Found"}]})
        );
    }
}

fn twin(path: &str, kind: &str) -> (String, String) {
    if path.contains("/cloud_auth/") {
        let kind = match kind {
            "aws_cloud_auth_config" => "aws_wif_config",
            _ => "aws_wif_intake_mapping",
        };
        (path.replace("/cloud_auth/", "/wif/"), kind.to_owned())
    } else {
        let kind = match kind {
            "aws_wif_config" => "aws_cloud_auth_config",
            _ => "aws_cloud_auth_intake_mapping",
        };
        (path.replace("/wif/", "/cloud_auth/"), kind.to_owned())
    }
}

#[tokio::test]
async fn persona_mappings_live_under_both_prefixes_with_keys_and_with_a_token() {
    let world = World::start().await;
    let token = admin_token(&world).await;
    let body = persona_mapping(&pattern("new"), &world.service_account.id.to_string());
    for auth in [Auth::Keys(world.keys()), Auth::Bearer(&token)] {
        for (path, kind) in [
            (PERSONAS, "aws_cloud_auth_config"),
            ("/api/v2/wif/aws/persona_mapping", "aws_wif_config"),
        ] {
            life_cycle(&world, auth, path, kind, &body).await;
        }
    }
}

#[tokio::test]
async fn intake_mappings_live_under_both_prefixes_with_keys_and_with_a_token() {
    let world = World::start().await;
    let token = admin_token(&world).await;
    let body = intake_mapping(&pattern("new"));
    for auth in [Auth::Keys(world.keys()), Auth::Bearer(&token)] {
        for (path, kind) in [
            (INTAKES, "aws_cloud_auth_intake_mapping"),
            ("/api/v2/wif/aws/intake_mapping", "aws_wif_intake_mapping"),
        ] {
            life_cycle(&world, auth, path, kind, &body).await;
        }
    }
}

#[tokio::test]
async fn either_prefix_takes_both_types_and_no_other() {
    let world = World::start().await;
    let client = world.client();
    for (n, path) in [PERSONAS, "/api/v2/wif/aws/persona_mapping"].into_iter().enumerate() {
        for (m, kind) in ["aws_cloud_auth_config", "aws_wif_config"].into_iter().enumerate() {
            let mut body = persona_mapping(
                &pattern(&format!("r{n}{m}")),
                &world.service_account.id.to_string(),
            );
            body["data"]["type"] = kind.into();
            client.post(path, world.keys(), &body).await.expect(201);
            body["data"]["type"] = "aws_cloud_auth_intake_mapping".into();
            let refused = client.post(path, world.keys(), &body).await.expect(400);
            assert_eq!(refused.error()["source"]["pointer"], "/data/type");
        }
    }
}

#[tokio::test]
async fn an_account_is_named_by_id_or_by_address_and_answered_by_its_handle() {
    let world = World::start().await;
    let client = world.client();
    let bootstrap = world.server.bootstrap();
    let robot = &world.service_account;
    let person =
        bootstrap.user(&world.org.first.read_only, "ada@example.com", "Ada", false).await.unwrap();
    #[rustfmt::skip]
    let cases = [
        ("service account by id",          robot.id.to_string(),              robot.id, robot.id.to_string()),
        ("service account by address",     "terraform@example.com".to_owned(), robot.id, robot.id.to_string()),
        ("person by id",                   person.id.to_string(),             person.id, "ada@example.com".to_owned()),
        ("person by address",              "ada@example.com".to_owned(),      person.id, "ada@example.com".to_owned()),
        ("the case of an address is none", "ADA@Example.com".to_owned(),      person.id, "ada@example.com".to_owned()),
    ];
    for (n, (rule, identifier, id, handle)) in cases.into_iter().enumerate() {
        let body = persona_mapping(&pattern(&format!("role{n}")), &identifier);
        let made = client.post(PERSONAS, world.keys(), &body).await.expect(201);
        assert_eq!(made.attribute("account_uuid"), json!(id.to_string()), "{rule}");
        assert_eq!(made.attribute("account_identifier"), json!(handle), "{rule}");
    }
}

#[tokio::test]
async fn an_account_that_is_not_one_enabled_user_is_refused_with_the_reason() {
    let world = World::start().await;
    let client = world.client();
    let bootstrap = world.server.bootstrap();
    let role = &world.org.first.read_only;
    for name in ["One", "Two"] {
        bootstrap.user(role, "shared@example.com", name, true).await.unwrap();
    }
    let off = bootstrap.user(role, "off@example.com", "Off", true).await.unwrap();
    world.server.set_disabled(&off, true).await;
    let other = world.server.tenant("Other").await;
    let body = |identifier: &str| persona_mapping(&pattern("new"), identifier);
    #[rustfmt::skip]
    let cases = [
        ("ambiguous",              "shared@example.com".to_owned(),                       "several accounts have this address"),
        ("unknown address",        "nobody@example.com".to_owned(),                       "no user or service account"),
        ("unknown id",             "11111111-2222-4333-8444-555555555555".to_owned(),     "no user or service account"),
        ("another organization's", other.admin.id.to_string(),                            "no user or service account"),
        ("disabled, by id",        off.id.to_string(),                                    "disabled"),
        ("disabled, by address",   "off@example.com".to_owned(),                          "disabled"),
        ("empty",                  String::new(),                                         "no user or service account"),
    ];
    for (rule, identifier, words) in cases {
        let answer = client.post(PERSONAS, world.keys(), &body(&identifier)).await.expect(400);
        assert!(answer.detail().contains(words), "{rule}: {}", answer.text());
        assert_eq!(
            answer.error()["source"]["pointer"],
            "/data/attributes/account_identifier",
            "{rule}"
        );
    }
    let list = client.get(PERSONAS, world.keys()).await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1, "nothing was written");
}

#[tokio::test]
async fn i_11_an_account_that_is_not_integrated_is_refused_in_the_recorded_words() {
    let world = World::start().await;
    let client = world.client();
    let arn = "arn:aws:sts::999999999999:assumed-role/r/*";
    let persona = persona_mapping(arn, &world.service_account.id.to_string());
    for (path, body) in [(PERSONAS, &persona), (INTAKES, &intake_mapping(arn))] {
        let answer = client.post(path, world.keys(), body).await.expect(400);
        assert_eq!(answer.header("content-type"), VND);
        assert_eq!(
            answer.json(),
            json!({"errors": [{"title": "Generic Error",
                "detail": "AWS Account Id is not integrated with this Datadog account"}]})
        );
    }
    client
        .post(integration::ACCOUNTS, world.keys(), &aws_account("999999999999"))
        .await
        .expect(200);
    client.post(PERSONAS, world.keys(), &persona).await.expect(201);
}

#[tokio::test]
async fn a_role_without_session_is_taken_with_a_warning() {
    let world = World::start().await;
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/bare");
    let body = persona_mapping(&arn, &world.service_account.id.to_string());
    let made = world.client().post(PERSONAS, world.keys(), &body).await.expect(201);
    let document = made.json();
    let warnings = document["meta"]["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{document}");
    assert!(warnings[0].as_str().unwrap().contains("session"), "{document}");
    world.token_of(&world.sts.add_session(ACCOUNT, "bare", "any").unwrap()).await;
    // Another role whose name begins alike is another role.
    let other = world.sts.add_session(ACCOUNT, "bare-admin", "any").unwrap();
    world.client().exchange(&world.proof(&other)).await.expect(401);

    let made = world.client().post(INTAKES, world.keys(), &intake_mapping(&pattern("quiet"))).await;
    assert!(made.expect(201).json().get("meta").is_none(), "no warnings, no meta");
}

#[tokio::test]
async fn the_arn_of_an_iam_role_is_answered_with_the_pattern_to_write() {
    let world = World::start().await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/path/my-role");
    let persona = persona_mapping(&arn, &world.service_account.id.to_string());
    for (path, body) in [(PERSONAS, &persona), (INTAKES, &intake_mapping(&arn))] {
        let answer = world.client().post(path, world.keys(), body).await.expect(400);
        assert!(
            answer.detail().contains(&format!("`arn:aws:sts::{ACCOUNT}:assumed-role/my-role/*`")),
            "{}",
            answer.text()
        );
        assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/arn_pattern");
        assert_eq!(answer.error()["status"], "400");
    }
}

#[tokio::test]
async fn patterns_that_reach_too_far_are_refused_where_they_stand() {
    let world = World::start().await;
    let refused = [
        "",
        "*",
        "arn:aws:sts::*:assumed-role/r/*",
        "arn:aws:sts::123456789012:assumed-role/*",
        "arn:aws:sts::123456789012:assumed-role/Role*",
        "arn:aws:sts::123456789012:assumed-role/*/session",
        "arn:aws:sts::123456789012:assumed-role/r/a*b",
        "arn:aws:sts::123456789012:assumed-role/r/**",
        "arn:aws:sts::123456789012:federated-user/*",
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::123456789012:assumed-role/r/s?",
        "arn:aws:sts:us-east-1:123456789012:assumed-role/r/*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:sts::12345678901:assumed-role/r/*",
        " arn:aws:sts::123456789012:assumed-role/r/*",
        "arn:aws:sts::123456789012:assumed-role/r/*\n",
    ];
    for arn in refused {
        let persona = persona_mapping(arn, &world.service_account.id.to_string());
        for (path, body) in [(PERSONAS, &persona), (INTAKES, &intake_mapping(arn))] {
            let answer = world.client().post(path, world.keys(), body).await;
            assert_eq!(answer.status, 400, "{arn:?}: {}", answer.text());
            assert_eq!(
                answer.error()["source"]["pointer"],
                "/data/attributes/arn_pattern",
                "{arn:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_pattern_twice_is_a_conflict_within_a_kind_only() {
    let world = World::start().await;
    let client = world.client();
    let target = world.service_account.id.to_string();
    client.post(PERSONAS, world.keys(), &persona_mapping(RUNNER, &target)).await.expect(409);
    client.post(INTAKES, world.keys(), &intake_mapping(AGENT)).await.expect(409);
    client.post(INTAKES, world.keys(), &intake_mapping(RUNNER)).await.expect(201);

    let strict = World::with(|config| config.patterns.strict_conflicts = true).await;
    let target = strict.service_account.id.to_string();
    strict.client().post(INTAKES, strict.keys(), &intake_mapping(RUNNER)).await.expect(409);
    strict
        .client()
        .post(PERSONAS, strict.keys(), &persona_mapping(AGENT, &target))
        .await
        .expect(409);
}

#[tokio::test]
async fn i_12_nobody_maps_to_more_than_they_may_do_themselves() {
    let world = World::start().await;
    let write =
        [p::CLOUD_AUTH_CONFIG_WRITE, p::CLOUD_AUTH_CONFIG_READ, p::USER_ACCESS_READ, p::TEAMS_READ];
    let (_, keys) = world.server.person(world.org.id, "mapper@example.com", &write).await;
    let client = world.client();
    let admin = persona_mapping(&pattern("up"), "admin@example.com");
    let answer = client.post(PERSONAS, &keys, &admin).await.expect(403);
    assert!(answer.detail().contains("`org_management`"), "{}", answer.text());
    assert!(!answer.detail().contains("`cloud_auth_config_write`"), "{}", answer.text());
    assert_eq!(answer.error()["status"], "403");
    // To an equal it may.
    client
        .post(PERSONAS, &keys, &persona_mapping(&pattern("equal"), "mapper@example.com"))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_target_without_permissions_is_refused() {
    let world = World::start().await;
    world.server.person(world.org.id, "nothing@example.com", &[]).await;
    let body = persona_mapping(&pattern("r"), "nothing@example.com");
    let answer = world.client().post(PERSONAS, world.keys(), &body).await.expect(403);
    assert!(answer.detail().contains("no permission"), "{}", answer.text());
}

#[tokio::test]
async fn i_13_a_token_makes_no_mapping_to_its_own_account() {
    let world = World::start().await;
    let token = admin_token(&world).await;
    let client = world.client();
    let body = persona_mapping(&pattern("more"), "robot@example.com");
    client.post(PERSONAS, Auth::Bearer(&token), &body).await.expect(403);
    let other = persona_mapping(&pattern("more"), &world.service_account.id.to_string());
    client.post(PERSONAS, Auth::Bearer(&token), &other).await.expect(201);
}

#[tokio::test]
async fn ids_that_name_nothing_are_404() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let client = world.client();
    for (path, mine) in [(PERSONAS, &world.persona), (INTAKES, &world.intake)] {
        for id in ["11111111-2222-4333-8444-555555555555", "not-a-uuid", "..%2f..", "%00"] {
            let one = format!("{path}/{id}");
            for answer in
                [client.get(&one, world.keys()).await, client.delete(&one, world.keys()).await]
            {
                assert_eq!(
                    answer.json(),
                    json!({"errors": [{"status": "404", "title": "Not Found"}]}),
                    "{id}"
                );
            }
        }
        // Another organization's.
        let one = format!("{path}/{mine}");
        client.get(&one, &other.keys).await.expect(404);
        client.delete(&one, &other.keys).await.expect(404);
        client.get(&one, world.keys()).await.expect(200);
        client.get(&format!("{path}/%22{mine}%22"), world.keys()).await.expect(200);
    }
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_say_where() {
    let world = World::start().await;
    let good = persona_mapping(&pattern("r"), &world.service_account.id.to_string());
    let without = |pointer: &str| {
        let mut body = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        body
    };
    let set = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let cases = [
        ("no data", without("/data")),
        ("no type", without("/data/type")),
        ("no attributes", without("/data/attributes")),
        ("no pattern", without("/data/attributes/arn_pattern")),
        ("no account", without("/data/attributes/account_identifier")),
        ("data is a list", set("/data", json!([]))),
        ("data is null", set("/data", json!(null))),
        ("a number", set("/data/attributes/arn_pattern", json!(7))),
        ("null", set("/data/attributes/arn_pattern", json!(null))),
        ("a list", set("/data/attributes/account_identifier", json!(["a"]))),
        ("not an object", json!([])),
        ("a string", json!("x")),
    ];
    for (rule, body) in cases {
        let answer = world.client().post(PERSONAS, world.keys(), &body).await;
        assert_eq!(answer.status, 400, "{rule}: {}", answer.text());
        assert!(!answer.detail().is_empty(), "{rule}");
    }
    let answer = world
        .client()
        .post(PERSONAS, world.keys(), &set("/data/attributes/arn_pattern", json!(7)))
        .await;
    assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/arn_pattern");
}

#[tokio::test]
async fn the_go_client_s_two_line_ends_after_the_body_are_taken() {
    let world = World::start().await;
    let body =
        format!("{}\n\n", persona_mapping(&pattern("r"), &world.service_account.id.to_string()));
    let request = world.client().request(reqwest::Method::POST, PERSONAS, world.keys().into());
    integration::Answer::of(request.header("content-type", "application/json").body(body))
        .await
        .expect(201);
}
