//! Invitations of users.

use std::time::Duration;

use integration::{USERS, World, bodies};
use serde_json::{Value, json};

const INVITATIONS: &str = "/api/v2/user_invitations";

async fn person(world: &World, email: &str) -> String {
    world.client().post(USERS, world.keys(), &bodies::user(email, &[])).await.expect(201).id()
}

#[tokio::test]
async fn invitations_are_made_many_at_once_shown_and_listed() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (ann, bob) =
        (person(&world, "ann@example.com").await, person(&world, "bob@example.com").await);
    let made = client
        .post(INVITATIONS, keys, &bodies::invitations(&[&ann, &bob]))
        .await
        .expect(201)
        .json();
    let rows = made["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for (row, user) in rows.iter().zip([&ann, &bob]) {
        assert_eq!(row["type"], "user_invitations");
        assert_eq!(row["attributes"]["uuid"], row["id"]);
        assert_eq!(row["attributes"]["login_method"], Value::Null);
        assert_eq!(row["relationships"]["user"]["data"]["id"], **user);
        let day =
            |name: &str| row["attributes"][name].as_str().unwrap()[8..10].parse::<i32>().unwrap();
        let days = day("expires_at") - day("created_at");
        assert!(days == 2 || days < 0, "valid for two days: {row}");
        let path = format!("{INVITATIONS}/{}", row["id"].as_str().unwrap());
        assert_eq!(client.get(&path, keys).await.expect(200).json()["data"], *row);
        let other = world.server.tenant("Other").await;
        client.get(&path, &other.keys).await.expect(404);
    }
    let list = client.get(&format!("{INVITATIONS}?page[size]=1"), keys).await.expect(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["meta"]["page"]["total_count"], 2);
}

#[tokio::test]
async fn one_that_is_wrong_keeps_all_from_being_made() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (ann, off) =
        (person(&world, "ann@example.com").await, person(&world, "off@example.com").await);
    client.delete(&format!("{USERS}/{off}"), keys).await.expect(204);
    let other = world.server.tenant("Other").await;
    #[rustfmt::skip]
    let cases = [
        // rule                               user                                  status
        ("a service account does not sign in", world.service_account.id.to_string(), 400),
        ("a disabled user is enabled first",   off,                                  400),
        ("another organization's user",        other.admin.id.to_string(),           404),
        ("an unknown user",                    "x".to_owned(),                       404),
    ];
    for (rule, user, status) in cases {
        let answer = client.post(INVITATIONS, keys, &bodies::invitations(&[&ann, &user])).await;
        assert_eq!(answer.status.as_u16(), status, "{rule}: {answer:?}");
    }
    for body in [json!({"data": []}), bodies::invitations(&[ann.as_str(); 101])] {
        client.post(INVITATIONS, keys, &body).await.expect(400);
    }
    let list = client.get(INVITATIONS, keys).await.expect(200).json();
    assert_eq!(list["meta"]["page"]["total_count"], 0);
}

#[tokio::test]
async fn the_operators_program_gets_each_invitation_on_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("invitation.json");
    let script = format!("cat > {0}.part && mv {0}.part {0}", file.display());
    let world = World::with(|config| {
        config.invitations.delivery_command = ["sh", "-c", &script].map(str::to_owned).to_vec();
    })
    .await;
    let ann = person(&world, "ann@example.com").await;
    let body = bodies::invitations(&[&ann]);
    let made = world.client().post(INVITATIONS, world.keys(), &body).await.expect(201).json();
    for _ in 0..400 {
        if file.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let message: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(message["invitation_id"], made["data"][0]["id"]);
    assert_eq!((&message["user_id"], &message["email"]), (&json!(ann), &json!("ann@example.com")));
    assert_eq!(message["url"], "http://auth.example.com");
}
