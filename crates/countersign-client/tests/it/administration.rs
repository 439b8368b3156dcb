//! Users, roles, keys and the audit log: what is sent, and what comes of the answer.

use countersign_client::{KeyOwner, ListOptions};
use jsonapi_model::resources::{AuditSearch, AuditSearchFilter, AuditSearchPage, UserInput};
use serde_json::{Value, json};

use crate::server::{Answer, Seen, Server, body, by_keys};

fn line(seen: &Seen) -> String {
    format!("{} {}", seen.method, seen.target.strip_prefix("/api/v2/").unwrap())
}

fn role(n: usize) -> Value {
    json!({
        "id": format!("r{n}"), "type": "roles",
        "attributes": { "name": format!("role {n}"), "managed": false, "created_at": "t", "modified_at": "t", "user_count": 2 },
        "relationships": { "permissions": { "data": [{ "type": "permissions", "id": "p" }] } },
    })
}

fn user(id: &str) -> Value {
    json!({
        "id": id, "type": "users",
        "attributes": {
            "uuid": id, "name": null, "handle": "ann@acme.example", "created_at": "t", "modified_at": "t",
            "email": "ann@acme.example", "icon": "", "title": null, "verified": true, "service_account": false,
            "disabled": false, "allowed_login_methods": [], "status": "Active", "last_login_time": null,
        },
        "relationships": { "roles": { "data": [] }, "org": { "data": { "type": "orgs", "id": "o" } } },
    })
}

fn list(rows: &[Value]) -> Answer {
    Answer::new(200, json!({ "data": rows }).to_string())
}

#[tokio::test]
async fn lists_are_read_page_by_page_as_far_as_is_wanted() {
    // 120 roles.
    let server = Server::start(|_, seen| {
        let number = |name: &str| {
            let (_, rest) = seen.target.split_once(&format!("page%5B{name}%5D=")).unwrap();
            rest.split('&').next().unwrap().parse::<usize>().unwrap()
        };
        let (size, number) = (number("size"), number("number"));
        let rows: Vec<Value> = (0..120).skip(size * number).take(size).map(role).collect();
        let page = json!({ "total_count": 130, "total_filtered_count": 120 });
        Answer::new(200, json!({ "data": rows, "meta": { "page": page } }).to_string())
    })
    .await;
    let api = by_keys(&server);
    for (limit, expected, calls) in [(None, 120, 3), (Some(60), 60, 2), (Some(7), 7, 1)] {
        let before = server.seen().len();
        let options = ListOptions { filter: "a b".to_owned(), limit };
        let roles = api.roles(&options).await.unwrap();
        assert_eq!(roles.data.len(), expected);
        assert_eq!(roles.data.last().unwrap().attributes.name, format!("role {}", expected - 1));
        assert_eq!(roles.meta.unwrap().page.unwrap().total_filtered_count, Some(120));
        let seen = server.seen();
        assert_eq!(seen.len() - before, calls, "{limit:?}");
        assert!(seen.last().unwrap().target.ends_with("&filter=a+b"));
    }
}

#[tokio::test]
async fn users_are_made_changed_and_invited() {
    let server = Server::start(|number, _| match number {
        0..=2 => Answer::new(201, json!({ "data": user("u1") }).to_string()),
        3 => Answer::new(
            201,
            json!({ "data": [{
                "id": "i1", "type": "user_invitations",
                "attributes": { "uuid": "i1", "login_method": null, "invite_type": "basic_invite", "created_at": "t", "expires_at": "t2" },
                "relationships": { "user": { "data": { "type": "users", "id": "u1" } } },
            }] })
            .to_string(),
        ),
        _ => Answer::new(200, json!({ "data": user("u1"), "included": [role(1)] }).to_string()),
    })
    .await;
    let api = by_keys(&server);
    let ann = || UserInput { email: "ann@acme.example".to_owned(), ..UserInput::default() };
    let made = api.create_user(ann(), &["r1".to_owned()]).await.unwrap();
    assert_eq!(made.id.as_deref(), Some("u1"));
    let account = UserInput { service_account: Some(true), ..ann() };
    api.create_user(account, &[]).await.unwrap();
    api.set_user_disabled("u1", true).await.unwrap();
    let invitation = api.invite_user("u1").await.unwrap();
    assert_eq!(invitation.attributes.expires_at, "t2");
    assert_eq!(api.user("u1").await.unwrap().included.len(), 1);

    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(line).collect();
    let expected = [
        "POST users",
        "POST service_accounts",
        "PATCH users/u1",
        "POST user_invitations",
        "GET users/u1",
    ];
    assert_eq!(lines, expected);
    assert_eq!(
        body(&seen[0])["data"]["relationships"],
        json!({ "roles": { "data": [{ "type": "roles", "id": "r1" }] } })
    );
    assert_eq!(body(&seen[1])["data"]["attributes"]["service_account"], true);
    assert_eq!(
        body(&seen[2]),
        json!({ "data": { "id": "u1", "type": "users", "attributes": { "disabled": true } } })
    );
    assert_eq!(body(&seen[3])["data"][0]["relationships"]["user"]["data"]["id"], "u1");
}

#[tokio::test]
async fn roles_are_made_filled_and_handed_out() {
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("DELETE", "/api/v2/roles/r1") => Answer::new(204, ""),
        ("GET", "/api/v2/roles/r1") | ("POST", "/api/v2/roles" | "/api/v2/roles/r1/clone") => {
            Answer::new(200, json!({ "data": role(1) }).to_string())
        }
        (_, target) if target.contains("users") => list(&[user("u1")]),
        _ => list(&[json!({
            "id": "p", "type": "permissions",
            "attributes": {
                "name": "teams_read", "name_aliases": [], "display_name": "", "description": "", "created": "t",
                "group_name": "", "display_type": "read", "restricted": true,
            },
        })]),
    })
    .await;
    let api = by_keys(&server);
    assert_eq!(api.permissions().await.unwrap()[0].attributes.name, "teams_read");
    api.create_role("a", &["p".to_owned()]).await.unwrap();
    api.clone_role("r1", "b").await.unwrap();
    assert_eq!(api.role("r1").await.unwrap().attributes.user_count, Some(2));
    assert_eq!(api.role_permissions("r1").await.unwrap().len(), 1);
    assert_eq!(api.grant_permission("r1", "p").await.unwrap().len(), 1);
    assert_eq!(api.revoke_permission("r1", "p").await.unwrap().len(), 1);
    api.add_role_user("r1", "u1").await.unwrap();
    api.remove_role_user("r1", "u1").await.unwrap();
    assert_eq!(api.role_users("r1", &ListOptions::default()).await.unwrap().data.len(), 1);
    api.delete_role("r1").await.unwrap();

    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "GET permissions",
            "POST roles",
            "POST roles/r1/clone",
            "GET roles/r1",
            "GET roles/r1/permissions",
            "POST roles/r1/permissions",
            "DELETE roles/r1/permissions",
            "POST roles/r1/users",
            "DELETE roles/r1/users",
            "GET roles/r1/users?page%5Bsize%5D=50&page%5Bnumber%5D=0",
            "DELETE roles/r1",
        ]
    );
    assert_eq!(body(&seen[6]), json!({ "data": { "type": "permissions", "id": "p" } }));
    assert_eq!(body(&seen[8]), json!({ "data": { "type": "users", "id": "u1" } }));
}

#[tokio::test]
async fn keys_are_made_and_removed_and_their_text_is_in_no_debug() {
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.target.contains("api_keys")) {
        ("DELETE", _) => Answer::new(204, ""),
        (_, true) => Answer::new(
            201,
            json!({ "data": { "id": "k1", "type": "api_keys", "attributes": {
                "key": "0123456789abcdef", "last4": "cdef", "name": "a", "category": "default", "remote_config_read_enabled": false,
                "created_at": "t", "modified_at": "t", "date_last_used": null, "used_in_last_24_hours": false,
            } } })
            .to_string(),
        ),
        (_, false) => Answer::new(
            201,
            json!({ "data": { "id": "k2", "type": "application_keys", "attributes": {
                "key": "fedcba9876543210", "last4": "3210", "name": "a", "scopes": null, "created_at": "t", "last_used_at": null,
            } } })
            .to_string(),
        ),
    })
    .await;
    let api = by_keys(&server);
    let key = api.create_api_key("a").await.unwrap();
    assert_eq!(key.attributes.key.as_deref(), Some("0123456789abcdef"));
    assert!(!format!("{key:?}").contains("0123456789abcdef"));
    api.delete_api_key("k1").await.unwrap();
    let key = api.create_app_key(KeyOwner::Caller, "a", &[]).await.unwrap();
    assert!(!format!("{key:?}").contains("fedcba9876543210"));
    let account = KeyOwner::ServiceAccount("s1");
    api.create_app_key(account, "a", &["teams_read".to_owned()]).await.unwrap();
    api.delete_app_key(account, "k2").await.unwrap();
    api.delete_app_key(KeyOwner::Caller, "k2").await.unwrap();

    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "POST api_keys",
            "DELETE api_keys/k1",
            "POST current_user/application_keys",
            "POST service_accounts/s1/application_keys",
            "DELETE service_accounts/s1/application_keys/k2",
            "DELETE current_user/application_keys/k2",
        ]
    );
    assert_eq!(body(&seen[2])["data"]["attributes"], json!({ "name": "a" }));
    assert_eq!(body(&seen[3])["data"]["attributes"]["scopes"], json!(["teams_read"]));
}

#[tokio::test]
async fn a_page_of_the_audit_log_is_asked_for_as_it_is_meant() {
    let server = Server::start(|_, _| {
        Answer::new(200, r#"{"data":[],"meta":{"page":{"after":"1_x"},"status":"done"}}"#)
    })
    .await;
    let search = AuditSearch {
        filter: Some(AuditSearchFilter {
            query: Some("-outcome:granted".to_owned()),
            from: Some("now-1h".to_owned()),
            to: None,
        }),
        sort: Some("timestamp".to_owned()),
        page: Some(AuditSearchPage { cursor: None, limit: Some(3) }),
    };
    let api = by_keys(&server);
    let page = api.audit_events(&search).await.unwrap();
    assert_eq!(page.meta.unwrap().page.unwrap().after.as_deref(), Some("1_x"));
    api.audit_events(&AuditSearch::default()).await.unwrap();
    let seen = server.seen();
    assert_eq!(
        line(&seen[0]),
        "GET audit/events?filter%5Bquery%5D=-outcome%3Agranted&filter%5Bfrom%5D=now-1h&sort=timestamp&page%5Blimit%5D=3"
    );
    assert_eq!(line(&seen[1]), "GET audit/events");
}
