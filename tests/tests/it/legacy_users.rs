//! Users as the first version of the API has them.

use integration::{USERS, World, bodies};
use serde_json::json;

const LEGACY: &str = "/api/v1/user";

fn one(handle: &str) -> String {
    format!("{LEGACY}/{handle}")
}

#[tokio::test]
async fn a_user_is_made_with_one_of_three_roles_found_by_handle_changed_and_disabled() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    #[rustfmt::skip]
    let cases = [
        // access_role       shown        admin   disabled
        (json!("adm"),       json!("adm"), true,  false),
        (json!("st"),        json!("st"),  false, false),
        (json!("ro"),        json!("ro"),  false, false),
        (json!(null),        json!(null),  false, true),
    ];
    for (given, shown, is_admin, disabled) in cases {
        let handle = format!("{}@example.com", given.as_str().unwrap_or("none"));
        let body = json!({"handle": handle.to_uppercase(), "name": "Ann", "access_role": given});
        let made = client.post(LEGACY, keys, &body).await.expect(200).json();
        assert_eq!(made["user"]["handle"], handle);
        assert_eq!(made["user"]["access_role"], shown);
        assert_eq!(made["user"]["is_admin"], is_admin);
        assert_eq!(made["user"]["disabled"], disabled);
        assert_eq!(client.get(&one(&handle), keys).await.expect(200).json(), made);
    }
    let plain = json!({"email": "plain@example.com"});
    let made = client.post(LEGACY, keys, &plain).await.expect(200).json();
    assert_eq!(made["user"]["access_role"], "st", "unless told otherwise");
    client.post(LEGACY, keys, &plain).await.expect(409);
    // One who is there and disabled is answered with as they are.
    let none = json!({"email": "none@example.com", "access_role": "st"});
    assert_eq!(client.post(LEGACY, keys, &none).await.expect(200).json()["user"]["disabled"], true);

    let put = client.request(reqwest::Method::PUT, &one("plain@example.com"), keys.into());
    let changed = integration::Answer::of(put.json(&json!({"name": "Plain"}))).await.expect(200);
    assert_eq!(changed.json()["user"]["name"], "Plain");
    let gone = client.delete(&one("plain@example.com"), keys).await.expect(200).json();
    assert_eq!(gone, json!({"message": "User plain@example.com disabled"}));
    client.delete(&one("plain@example.com"), keys).await.expect(400);
    client.get(&one("nobody@example.com"), keys).await.expect(404);
    client
        .post(LEGACY, keys, &json!({"email": "x@example.com", "access_role": "root"}))
        .await
        .expect(400);
}

#[tokio::test]
async fn both_versions_show_the_same_users() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    client.post(USERS, keys, &bodies::user("ann@example.com", &[])).await.expect(201);
    let list = client.get(LEGACY, keys).await.expect(200).json();
    let legacy = list["users"].as_array().unwrap();
    let list = client.get(USERS, keys).await.expect(200).json();
    assert_eq!(legacy.len() as u64, list["meta"]["page"]["total_count"].as_u64().unwrap());
    for row in list["data"].as_array().unwrap() {
        let handle = &row["attributes"]["handle"];
        let found = legacy.iter().find(|user| user["handle"] == *handle).unwrap();
        assert_eq!(found["email"], row["attributes"]["email"]);
    }
    // A service account's handle is its id.
    let path = one(&world.service_account.id.to_string());
    let account = client.get(&path, keys).await.expect(200).json();
    assert_eq!(account["user"]["email"], "terraform@example.com");
}
