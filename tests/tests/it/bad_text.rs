//! Texts that can't be told apart, seen or printed are refused wherever a name is given.

use integration::{Answer, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::things::Things;

const NAME: &str = "/data/attributes/name";

/// The routes that take names, where, and whether the name may be left empty.
#[rustfmt::skip]
const TEXTS: &[(&str, &str, bool)] = &[
    ("role.create",            NAME,                           false),
    ("role.clone",             NAME,                           false),
    ("role.update",            NAME,                           false),
    ("user.create",            NAME,                           true),
    ("user.create",            "/data/attributes/title",       true),
    ("user.create",            "/data/attributes/email",       false),
    ("user.update",            NAME,                           true),
    ("user.update",            "/data/attributes/title",       true),
    ("user.update",            "/data/attributes/email",       false),
    ("service_account.create", NAME,                           true),
    ("service_account.create", "/data/attributes/email",       false),
    ("legacy_user.create",     "/email",                       false),
    ("legacy_user.create",     "/name",                        true),
    ("legacy_user.update",     "/email",                       false),
    ("legacy_user.update",     "/name",                        true),
    ("api_key.create",         NAME,                           false),
    ("api_key.update",         NAME,                           false),
    ("own_app_key.create",     NAME,                           false),
    ("own_app_key.update",     NAME,                           false),
    ("app_key.update",         NAME,                           false),
    ("account_app_key.create", NAME,                           false),
    ("account_app_key.update", NAME,                           false),
    ("team.create",            NAME,                           false),
    ("team.create",            "/data/attributes/handle",      false),
    ("team.create",            "/data/attributes/description", true),
    ("team.update",            NAME,                           false),
    ("team.update",            "/data/attributes/handle",      false),
    ("team.update",            "/data/attributes/summary",     true),
];

/// Sets a member, which may not be there yet.
fn set(body: &mut Value, pointer: &str, text: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = text.into();
}

#[tokio::test]
async fn names_can_be_seen_told_apart_and_printed() {
    let world = World::start().await;
    let mut things = Things::of(&world).await;
    let long = "x".repeat(10_000);
    #[rustfmt::skip]
    let texts = [
        // rule                        text              what the error says
        ("only white space",           " \u{3000}\t",    ""),
        ("empty",                      "",               ""),
        ("10 kB",                      long.as_str(),    "characters long"),
        ("NUL",                        "a\0@b.c",        "U+0000"),
        ("a bell",                     "a\u{7}@b.c",     "U+0007"),
        ("right to left",              "a\u{202E}@b.c",  "U+202E"),
        ("an isolate",                 "a\u{2066}@b.c",  "U+2066"),
        ("an Arabic letter mark",      "a\u{61C}@b.c",   "U+061C"),
    ];
    let routes = countersign_server::route_table();
    for (name, pointer, may_be_empty) in TEXTS {
        let route = routes.iter().find(|route| route.name == *name).unwrap();
        let (path, body) = things.request(route).await;
        for (rule, text, says) in texts {
            if *may_be_empty && says.is_empty() {
                continue;
            }
            let mut body = body.clone().unwrap();
            set(&mut body, pointer, text);
            let count = world.events().await.len();
            let request = world.client().request(route.method.clone(), &path, world.keys().into());
            let answer = Answer::of(request.json(&body)).await;
            assert_eq!(answer.status, 400, "{name} at {pointer}, {rule}: {answer:?}");
            assert!(answer.detail().contains(says), "{name} at {pointer}, {rule}: {answer:?}");
            let events = world.events().await;
            assert_eq!(events.len(), count + 1, "{name}, {rule}");
            assert_eq!(events[0].reason, "invalid", "{name}, {rule}");
            let detail = &events[0].detail;
            assert!(
                !detail.contains(char::is_control) && detail.chars().count() <= 300,
                "{name}, {rule}"
            );
        }
    }
}

#[tokio::test]
async fn names_in_all_scripts_come_back_as_they_were() {
    let world = World::start().await;
    for name in [
        "Ключи и 鍵",
        "naïve café",
        "é e\u{301}",
        "🦀 & <b>\"quotes\"</b> \\ '; DROP TABLE roles; --",
    ] {
        let body = integration::bodies::role(name, &[]);
        let made = world.client().post(integration::ROLES, world.keys(), &body).await.expect(200);
        assert_eq!(made.attribute("name"), name);
        let path = format!("{}/{}", integration::ROLES, made.id());
        assert_eq!(
            world.client().get(&path, world.keys()).await.expect(200).attribute("name"),
            name
        );
    }
    // Two writings of one letter are two names, byte for byte.
    for name in ["caf\u{e9}", "cafe\u{301}"] {
        let body = integration::bodies::role(name, &[]);
        world.client().post(integration::ROLES, world.keys(), &body).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let world = World::start().await;
    for email in ["", "ann", "@example.com", "ann@", "a@b@c", "a b@example.com"] {
        let body = integration::bodies::user(email, &[]);
        let answer = world.client().post(integration::USERS, world.keys(), &body).await.expect(400);
        assert!(answer.detail().contains("/data/attributes/email"), "{email}: {answer:?}");
    }
}

/// Names are compared as what they are; a second of the same is a conflict and changes nothing.
#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict_and_nothing_is_written() {
    let world = World::start().await;
    let mut things = Things::of(&world).await;
    for name in [
        "role.create",
        "role.clone",
        "user.create",
        "team.create",
        "aws_account.create",
        "persona_mapping.create",
        "intake_mapping.create",
        "legacy_user.create",
    ] {
        let routes = countersign_server::route_table();
        let route = routes.iter().find(|route| route.name == name).unwrap();
        let (path, body) = things.request(route).await;
        let mut body = body.unwrap();
        if name == "legacy_user.create" {
            // Without a role it would be there but disabled, which is answered otherwise.
            body["access_role"] = json!("ro");
        }
        let client = world.client();
        assert!(client.post(&path, world.keys(), &body).await.status.is_success(), "{name}");
        let count = world.events().await.len();
        let second = client.request(Method::POST, &path, world.keys().into()).json(&body);
        Answer::of(second).await.expect(409);
        let events = world.events().await;
        assert_eq!((events.len(), events[0].reason.as_ref()), (count + 1, "conflict"), "{name}");
    }
}

/// Several service accounts may share an address, even a person's: then only an id says who is meant.
#[tokio::test]
async fn an_address_of_several_accounts_is_answered_with_their_ids() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let body = integration::bodies::service_account(
            "bots@example.com",
            &[world.org.first.read_only.id],
        );
        ids.push(client.post(integration::SERVICE_ACCOUNTS, keys, &body).await.expect(201).id());
    }
    let map = async |identifier: &str, role: &str| {
        let pattern = format!("arn:aws:sts::{}:assumed-role/{role}/*", integration::ACCOUNT);
        client
            .post(integration::PERSONAS, keys, &integration::persona_mapping(&pattern, identifier))
            .await
    };
    let refused = map("bots@example.com", "a").await.expect(400);
    assert_eq!(refused.error()["source"]["pointer"], "/data/attributes/account_identifier");
    assert!(ids.iter().all(|id| refused.detail().contains(id.as_str())), "{refused:?}");
    let made = map(&ids[0], "a").await.expect(201);
    assert_eq!(made.attribute("account_uuid"), ids[0]);
    // Of those that share it one is enabled: that one is meant.
    client.delete(&format!("{}/{}", integration::USERS, ids[0]), keys).await.expect(204);
    assert_eq!(map("BOTS@example.com", "b").await.expect(201).attribute("account_uuid"), ids[1]);
}
