//! Nobody hands out what they do not hold, and somebody always manages access.

use auth_model::{Permission, RoleId, permissions as p};
use integration::{
    API_KEYS, Answer, Auth, KeyPair, OWN_APP_KEYS, PERSONAS, ROLES, SERVICE_ACCOUNTS, USERS, World,
    bodies, persona_mapping,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn holder(world: &World, email: &str, holds: &[Permission]) -> KeyPair {
    world.server.person(world.org.id, email, holds).await.1
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{answer:?}");
    let detail = answer.detail();
    assert!(detail.contains("you can't hand out what you don't hold"), "{detail}");
    assert!(detail.contains("`user_access_manage`"), "{detail}");
}

fn user_link(id: impl ToString) -> Value {
    json!({"data": {"type": "users", "id": id.to_string()}})
}

fn set(id: &str, attributes: Value) -> Value {
    json!({"data": {"type": "users", "id": id, "attributes": attributes}})
}

#[tokio::test]
async fn service_account_write_alone_leads_to_no_more_than_its_holder_has() {
    let world = World::start().await;
    let client = world.client();
    let first = &world.org.first;
    let keys =
        holder(&world, "accounts@example.com", &[p::SERVICE_ACCOUNT_WRITE, p::USER_ACCESS_READ])
            .await;
    let make = async |roles: &[RoleId]| {
        client
            .post(SERVICE_ACCOUNTS, &keys, &bodies::service_account("bot@example.com", roles))
            .await
    };
    // Not an account with a role that holds more.
    for role in [first.admin.id, first.standard.id, first.read_only.id] {
        refused(&make(&[role]).await);
    }
    let mine = make(&[]).await.expect(201).id();
    // Nor a key of an account that may do more: made, or freed of its scopes, or enabled again.
    let strong = bodies::service_account("strong@example.com", &[first.admin.id]);
    let strong = client.post(SERVICE_ACCOUNTS, world.keys(), &strong).await.expect(201).id();
    let of_strong = format!("{SERVICE_ACCOUNTS}/{strong}/application_keys");
    refused(&client.post(&of_strong, &keys, &bodies::app_key("x", None)).await);
    refused(
        &client.post(&of_strong, &keys, &bodies::app_key("x", Some(&[p::API_KEYS_WRITE]))).await,
    );
    let within = bodies::app_key("x", Some(&[p::SERVICE_ACCOUNT_WRITE]));
    let key = client.post(&of_strong, &keys, &within).await.expect(201).id();
    let free =
        json!({"data": {"type": "application_keys", "id": key, "attributes": {"scopes": []}}});
    refused(&client.patch(&format!("{of_strong}/{key}"), &keys, &free).await);
    client.delete(&format!("{USERS}/{strong}"), &keys).await.expect(204);
    refused(
        &client
            .patch(&format!("{USERS}/{strong}"), &keys, &set(&strong, json!({"disabled": false})))
            .await,
    );
    // Nor by giving a role, which is for those who manage access.
    let users = format!("{ROLES}/{}/users", first.admin.id);
    client.post(&users, &keys, &user_link(&mine)).await.expect(403);
    // Nor people at all.
    let admin = world.org.admin.id.to_string();
    let rename = set(&admin, json!({"email": "mine@example.com"}));
    client.patch(&format!("{USERS}/{admin}"), &keys, &rename).await.expect(403);
    client.delete(&format!("{USERS}/{admin}"), &keys).await.expect(403);
    // What it holds itself it may hand out.
    let role = world.server.role(world.org.id, "Accounts", &[p::SERVICE_ACCOUNT_WRITE]).await;
    make(&[role.id]).await.expect(201);
}

#[tokio::test]
async fn user_access_invite_alone_invites_nobody_stronger() {
    let world = World::start().await;
    let (client, first) = (world.client(), &world.org.first);
    let keys = holder(&world, "inviter@example.com", &[p::USER_ACCESS_INVITE]).await;
    for role in [first.admin.id, first.standard.id, first.read_only.id] {
        refused(&client.post(USERS, &keys, &bodies::user("new@example.com", &[role])).await);
    }
    for word in ["adm", "st", "ro"] {
        let body = json!({"email": "new@example.com", "access_role": word});
        refused(&client.post("/api/v1/user", &keys, &body).await);
    }
    refused(&client.post("/api/v1/user", &keys, &json!({"email": "new@example.com"})).await);
    let made =
        client.post(USERS, &keys, &bodies::user("new@example.com", &[])).await.expect(201).id();
    client
        .post("/api/v2/user_invitations", &keys, &bodies::invitations(&[&made]))
        .await
        .expect(201);
    client
        .post(SERVICE_ACCOUNTS, &keys, &bodies::service_account("b@example.com", &[]))
        .await
        .expect(403);
    let rename = set(&made, json!({"name": "x"}));
    client.patch(&format!("{USERS}/{made}"), &keys, &rename).await.expect(403);
}

#[tokio::test]
async fn i_12_a_mapping_leads_to_no_more_than_its_maker_holds() {
    let world = World::start().await;
    let client = world.client();
    let keys = holder(&world, "mapper@example.com", &[p::CLOUD_AUTH_CONFIG_WRITE]).await;
    let pattern = "arn:aws:sts::123456789012:assumed-role/new/*";
    for target in [world.org.admin.id, world.service_account.id] {
        let body = persona_mapping(pattern, &target.to_string());
        let answer = client.post(PERSONAS, &keys, &body).await.expect(403);
        assert!(answer.detail().contains("you lack of the target's permissions"), "{answer:?}");
    }
}

/// Those who manage access could give themselves anything; but a key of theirs is narrowed like any other.
#[tokio::test]
async fn a_key_narrowed_to_other_things_hands_out_nothing_of_its_owner() {
    let world = World::start().await;
    let client = world.client();
    let narrow = world.scoped(&[p::SERVICE_ACCOUNT_WRITE, p::USER_ACCESS_INVITE]).await;
    let roles = [world.org.first.admin.id];
    refused(
        &client
            .post(SERVICE_ACCOUNTS, &narrow, &bodies::service_account("b@example.com", &roles))
            .await,
    );
    refused(&client.post(USERS, &narrow, &bodies::user("b@example.com", &roles)).await);
    client.post(OWN_APP_KEYS, &narrow, &bodies::app_key("x", None)).await.expect(403);
    client.post(API_KEYS, &narrow, &bodies::named("api_keys", "x")).await.expect(403);
}

/// An account that may do more, taken over by its address.
#[tokio::test]
async fn a_token_does_not_strengthen_its_own_account() {
    let world = World::start().await;
    let token = world.token().await;
    let me = world.service_account.id;
    let auth = || Auth::Bearer(&token);
    let users = format!("{ROLES}/{}/users", world.org.first.admin.id);
    world.client().post(&users, auth(), &user_link(me)).await.expect(403);
    let role = format!("{ROLES}/{}/permissions", world.org.first.read_only.id);
    let manage =
        json!({"data": {"type": "permissions", "id": p::USER_ACCESS_MANAGE.id.to_string()}});
    world.client().post(&role, auth(), &manage).await.expect(403);
    let keys = format!("{SERVICE_ACCOUNTS}/{me}/application_keys");
    world.client().post(&keys, auth(), &bodies::app_key("x", None)).await.expect(403);
}

/// Every way that the last holder of `user_access_manage` could be lost by.
#[tokio::test]
async fn the_last_who_manages_access_can_be_lost_in_no_way() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let holds = [p::USER_ACCESS_MANAGE, p::USER_ACCESS_READ];
    let (last, own) = world.server.person(world.org.id, "last@example.com", &holds).await;
    // As long as there are two, either may go.
    let admin = world.org.admin.id.to_string();
    client.delete(&format!("{USERS}/{admin}"), &own).await.expect(204);
    assert_eq!(world.status_as(Auth::Keys(keys)).await, 403);
    // A disabled one does not count: this one's role is all that is left.
    let (id, role) = (last.id.to_string(), last.roles[0].to_string());
    let manage =
        json!({"data": {"type": "permissions", "id": p::USER_ACCESS_MANAGE.id.to_string()}});
    let without = json!({"data": {"type": "roles", "id": role, "attributes": {},
        "relationships": {"permissions": {"data": []}}}});
    let before = client.get(&format!("{USERS}/{id}"), &own).await.expect(200).json();
    #[rustfmt::skip]
    let ways = [
        // way                            method          path                                   body
        ("disable by DELETE",             Method::DELETE, format!("{USERS}/{id}"),               None),
        ("disable by PATCH",              Method::PATCH,  format!("{USERS}/{id}"),               Some(set(&id, json!({"disabled": true})))),
        ("disable by the old DELETE",     Method::DELETE, "/api/v1/user/last@example.com".into(), None),
        ("disable by PUT",                Method::PUT,    "/api/v1/user/last@example.com".into(), Some(json!({"disabled": true}))),
        ("take the role away",            Method::DELETE, format!("{ROLES}/{role}/users"),       Some(user_link(&id))),
        ("delete the role",               Method::DELETE, format!("{ROLES}/{role}"),             None),
        ("take the permission away",      Method::DELETE, format!("{ROLES}/{role}/permissions"), Some(manage)),
        ("set the permissions without",   Method::PATCH,  format!("{ROLES}/{role}"),             Some(without)),
    ];
    for (way, method, path, body) in ways {
        let request = client.request(method, &path, Auth::Keys(&own));
        let answer = Answer::of(match &body {
            Some(body) => request.json(body),
            None => request,
        })
        .await;
        assert_eq!(answer.status, 409, "{way}: {answer:?}");
        assert!(answer.detail().contains("user_access_manage"), "{way}: {answer:?}");
        let after = client.get(&format!("{USERS}/{id}"), &own).await.expect(200).json();
        assert_eq!(after, before, "{way}: nothing has changed");
    }
    // Once somebody else manages access, it can be done.
    let enable = set(&admin, json!({"disabled": false}));
    client.patch(&format!("{USERS}/{admin}"), &own, &enable).await.expect(200);
    client.delete(&format!("{ROLES}/{role}"), &own).await.expect(204);
    client.get(USERS, &own).await.expect(403);
}
