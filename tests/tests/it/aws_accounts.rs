//! Integrated AWS accounts: what the public service was recorded doing, and what it keeps to itself.

use integration::{ACCOUNT, ACCOUNTS, World, aws_account};
use serde_json::{Value, json};

const VND: Option<&str> = Some("application/vnd.api+json");
const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

fn one(id: &str) -> String {
    format!("{ACCOUNTS}/{id}")
}

fn keyed(id: &str) -> Value {
    let mut body = aws_account(id);
    body["data"]["attributes"]["auth_config"] = json!({
        "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"});
    body
}

#[tokio::test]
async fn an_account_is_made_shown_listed_changed_and_removed() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post(ACCOUNTS, world.keys(), &aws_account("210987654321")).await.expect(200);
    assert_eq!(made.header("content-type"), VND);
    assert_eq!(made.json()["data"]["type"], "account");
    let id = made.id();
    assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
    let external = made.attribute("auth_config")["external_id"].as_str().unwrap().to_owned();
    assert!(external.len() == 32 && external.bytes().all(|b| b.is_ascii_hexdigit()), "{external}");
    for time in ["created_at", "modified_at"] {
        assert!(made.attribute(time).as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(client.get(&one(&id), world.keys()).await.expect(200).json(), made.json());

    let list = client.get(ACCOUNTS, world.keys()).await.expect(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    let filtered =
        client.get(&format!("{ACCOUNTS}?aws_account_id=210987654321"), world.keys()).await;
    assert_eq!(filtered.expect(200).json(), json!({"data": [made.json()["data"]]}));
    let none = client.get(&format!("{ACCOUNTS}?aws_account_id=999999999999"), world.keys()).await;
    assert_eq!(none.expect(200).json(), json!({"data": []}));

    let mut change = aws_account("210987654321");
    change["data"]["attributes"]["auth_config"]["role_name"] = "Other".into();
    let changed = client.patch(&one(&id), world.keys(), &change).await.expect(200);
    assert_eq!(
        changed.attribute("auth_config"),
        json!({"role_name": "Other", "external_id": external})
    );
    assert_eq!(changed.attribute("created_at"), made.attribute("created_at"));

    let removed = client.delete(&one(&id), world.keys()).await.expect(204);
    assert!(removed.body.is_empty());
    client.get(&one(&id), world.keys()).await.expect(404);
}

#[tokio::test]
async fn an_account_that_exists_is_a_conflict() {
    let world = World::start().await;
    let answer =
        world.client().post(ACCOUNTS, world.keys(), &aws_account(ACCOUNT)).await.expect(409);
    assert_eq!(answer.header("content-type"), VND);
    assert_eq!(
        answer.json(),
        json!({"errors": [{"status": "409", "title": "Account already exists",
            "detail": "AWS account with provided id already exists"}]})
    );
    // Another organization may integrate it too.
    let other = world.server.tenant("Other").await;
    world.client().post(ACCOUNTS, &other.keys, &aws_account(ACCOUNT)).await.expect(200);
}

#[tokio::test]
async fn an_id_that_names_nothing_is_404_and_what_is_no_id_is_400() {
    let world = World::start().await;
    let client = world.client();
    let body = aws_account(ACCOUNT);
    let missing = json!({"errors": [{"status": "404", "title": "Account not found",
        "detail": "AWS account with provided id is not integrated"}]});
    let malformed = json!({"errors": [{"status": "400", "title": "Invalid Parameter",
        "detail": "invalid parameter \"aws_account_config_id\" in \"path\"; expected type \"uuid\""}]});
    for (id, status, expected) in [(UNKNOWN, 404, &missing), ("not-a-uuid", 400, &malformed)] {
        for answer in [
            client.get(&one(id), world.keys()).await,
            client.delete(&one(id), world.keys()).await,
            client.patch(&one(id), world.keys(), &body).await,
        ] {
            let answer = answer.expect(status);
            assert_eq!(answer.header("content-type"), VND);
            assert_eq!(&answer.json(), expected);
        }
    }
    let other = world.server.tenant("Other").await;
    client.get(&one(&world.account), &other.keys).await.expect(404);
    client.delete(&one(&world.account), &other.keys).await.expect(404);
}

#[tokio::test]
async fn an_unknown_partition_and_a_malformed_account_id_are_refused() {
    let world = World::start().await;
    let mut body = aws_account("210987654321");
    body["data"]["attributes"]["aws_partition"] = "aws-invalid".into();
    let answer = world.client().post(ACCOUNTS, world.keys(), &body).await.expect(400);
    assert_eq!(
        answer.json(),
        json!({"errors": [{"status": "400", "title": "Bad Request", "detail": "invalid value",
            "meta": {"aws_partition": "invalid partition: aws-invalid"}}]})
    );
    for id in ["", "12345678901", "1234567890123", "abcdefghijkl", "１２３４５６７８９０１２"]
    {
        let answer =
            world.client().post(ACCOUNTS, world.keys(), &aws_account(id)).await.expect(400);
        assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/aws_account_id");
    }
    let bad =
        world.client().get(&format!("{ACCOUNTS}?aws_account_id=x"), world.keys()).await.expect(400);
    assert_eq!(bad.error()["source"]["parameter"], "aws_account_id");
}

#[tokio::test]
async fn ids_in_quotes_are_taken() {
    let world = World::start().await;
    let id = format!("%22{}%22", world.account);
    let client = world.client();
    client.get(&one(&id), world.keys()).await.expect(200);
    client.patch(&one(&id), world.keys(), &aws_account(ACCOUNT)).await.expect(200);
    client.delete(&one(&id), world.keys()).await.expect(204);
    client.get(&one(&id), world.keys()).await.expect(404);
}

#[tokio::test]
async fn settings_that_are_not_known_here_are_kept_and_given_back() {
    let world = World::start().await;
    let client = world.client();
    let settings = json!({
        "account_tags": ["key:value"],
        "aws_regions": {"include_only": ["us-east-1"]},
        "logs_config": {"lambda_forwarder": {"lambdas": [], "sources": ["s3"]}},
        "metrics_config": {"enabled": true, "namespace_filters": {"include_only": ["AWS/EC2"]}},
        "something_of_next_year": {"deep": [1, 2.5, null, "é"]},
    });
    let mut body = aws_account("210987654321");
    body["data"]["attributes"]
        .as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    let id = client.post(ACCOUNTS, world.keys(), &body).await.expect(200).id();
    let shown = client.get(&one(&id), world.keys()).await.expect(200);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&shown.attribute(name), value, "{name}");
    }
    let mut change = aws_account("210987654321");
    change["data"]["attributes"]["account_tags"] = json!(["other"]);
    let changed = client.patch(&one(&id), world.keys(), &change).await.expect(200);
    assert_eq!(changed.attribute("account_tags"), json!(["other"]));
    assert_eq!(
        changed.attribute("metrics_config"),
        settings["metrics_config"],
        "what is not given stays"
    );
}

#[tokio::test]
async fn an_account_does_not_switch_between_role_and_keys() {
    let world = World::start().await;
    let client = world.client();
    let keys = client.post(ACCOUNTS, world.keys(), &keyed("210987654321")).await.expect(200).id();
    let expected = json!({"errors": [{"title": "Generic Error",
        "detail": "cannot switch between role and key based auth"}]});
    let to_keys =
        client.patch(&one(&world.account), world.keys(), &keyed(ACCOUNT)).await.expect(400);
    let to_role =
        client.patch(&one(&keys), world.keys(), &aws_account("210987654321")).await.expect(400);
    assert_eq!((to_keys.json(), to_role.json()), (expected.clone(), expected));
    let mut both = aws_account("310987654321");
    both["data"]["attributes"]["auth_config"] =
        json!({"role_name": "R", "access_key_id": "AKIAIOSFODNN7EXAMPLE"});
    client.post(ACCOUNTS, world.keys(), &both).await.expect(400);
    both["data"]["attributes"]["auth_config"] = json!({});
    client.post(ACCOUNTS, world.keys(), &both).await.expect(400);
}

#[tokio::test]
async fn the_secret_of_an_account_is_never_given_back() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post(ACCOUNTS, world.keys(), &keyed("210987654321")).await.expect(200);
    let shown = client.get(&one(&made.id()), world.keys()).await.expect(200);
    let changed =
        client.patch(&one(&made.id()), world.keys(), &keyed("210987654321")).await.expect(200);
    let list = client.get(ACCOUNTS, world.keys()).await.expect(200);
    for answer in [made, shown, changed, list] {
        assert!(answer.text().contains("AKIAIOSFODNN7EXAMPLE"));
        assert!(!answer.text().contains("secret"), "{}", answer.text());
        assert!(!answer.text().contains("wJalr"), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_secret_of_an_account_is_sealed_at_rest_and_kept_where_it_is_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.db");
    let url = format!("sqlite:{}", file.display());
    let world = World::with(|config| config.store = url.into()).await;
    let client = world.client();
    let id = client.post(ACCOUNTS, world.keys(), &keyed("210987654321")).await.expect(200).id();
    let mut change = keyed("210987654321");
    change["data"]["attributes"]["auth_config"] = json!({"access_key_id": "AKIAI44QH8DHBEXAMPLE"});
    let changed = client.patch(&one(&id), world.keys(), &change).await.expect(200);
    assert_eq!(changed.attribute("auth_config"), json!({"access_key_id": "AKIAI44QH8DHBEXAMPLE"}));
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    let bytes: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("AKIAI44QH8DHBEXAMPLE"), "the row was not found in {files:?}");
    for secret in ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"] {
        assert!(!holds(secret), "the secret is in {files:?}");
    }
}

/// Names and settings of an account travel into other systems' settings; what can't be seen is refused here too.
#[tokio::test]
async fn what_cannot_be_seen_is_no_part_of_an_account() {
    let world = World::start().await;
    let client = world.client();
    let before = client.get(ACCOUNTS, world.keys()).await.expect(200).json();
    let long = "r".repeat(10_000);
    for text in ["a\0b", "a\u{202E}b", "a\nb", " ", "", long.as_str()] {
        for member in ["role_name", "external_id"] {
            // An empty one is none: the server makes one.
            if text.is_empty() && member == "external_id" {
                continue;
            }
            let mut body = aws_account("210987654321");
            body["data"]["attributes"]["auth_config"][member] = text.into();
            let answer = client.post(ACCOUNTS, world.keys(), &body).await.expect(400);
            let pointer = format!("/data/attributes/auth_config/{member}");
            assert_eq!(answer.error()["source"]["pointer"], pointer, "{text:.10?}");
        }
        let mut body = keyed("210987654321");
        body["data"]["attributes"]["auth_config"]["access_key_id"] = text.into();
        client.post(ACCOUNTS, world.keys(), &body).await.expect(400);
    }
    assert_eq!(client.get(ACCOUNTS, world.keys()).await.expect(200).json(), before);
}
