//! AssumeRole and its relatives: what they issue works, what they refuse they refuse in STS's words.

use auth_model::Timestamp;
use sts_emulator::{ClockSetting, Credentials, Fixture, StsEmulator};

use crate::support::{BODY, NOW, Plan, Reply, builder, send};

/// Two accounts; `open` trusts its own account, `closed` only the role `ci` and one user of the other.
const FIXTURE: &str = r#"{"accounts": [
    {"id": "111111111111",
     "root_keys": [{}],
     "users": [{"name": "alice", "access_keys": [{}]}],
     "roles": [
        {"name": "open", "path": "/team/", "max_session_seconds": 7200},
        {"name": "closed", "trusted": ["arn:aws:iam::111111111111:role/x/open", "arn:aws:iam::222222222222:user/bob"]}]},
    {"id": "222222222222", "users": [{"name": "bob", "access_keys": [{}]}, {"name": "eve", "access_keys": [{}]}]}
]}"#;

const OPEN: &str = "arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fteam%2Fopen";
const CLOSED: &str = "arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fclosed";

async fn start() -> (StsEmulator, [Credentials; 4]) {
    let fixture: Fixture = serde_json::from_str(FIXTURE).unwrap();
    let sts = builder().fixture(fixture).start().await.unwrap();
    let [root, alice, bob, eve] = sts.credentials() else { panic!("four keys") };
    let all = [root.clone(), alice.clone(), bob.clone(), eve.clone()];
    (sts, all)
}

async fn assume(sts: &StsEmulator, by: &Credentials, role: &str, rest: &str) -> Reply {
    let body = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}{rest}");
    send(sts, &Plan::new(&body).sign(by)).await
}

/// The credentials in an answer.
fn issued(reply: &Reply, like: &Credentials) -> Credentials {
    assert_eq!(reply.status, 200, "{}", reply.text());
    Credentials {
        access_key_id: reply.field("AccessKeyId"),
        secret_access_key: reply.field("SecretAccessKey").into(),
        session_token: Some(reply.field("SessionToken").into()),
        ..like.clone()
    }
}

async fn whoami(sts: &StsEmulator, credentials: &Credentials) -> String {
    let reply = send(sts, &Plan::new(BODY).sign(credentials)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.field("Arn")
}

#[tokio::test]
async fn a_chain_of_roles() {
    let (sts, [_, alice, ..]) = start().await;
    let reply = assume(&sts, &alice, OPEN, "&RoleSessionName=me%40example.com").await;
    let first = issued(&reply, &alice);
    let arn = "arn:aws:sts::111111111111:assumed-role/open/me@example.com";
    assert_eq!(reply.field("Arn"), arn, "the role's path is not part of its sessions' ARN");
    assert!(reply.field("AssumedRoleId").starts_with("AROA"));
    assert!(reply.field("AssumedRoleId").ends_with(":me@example.com"));
    assert_eq!(reply.field("Expiration"), "2026-08-05T13:34:56Z");
    assert!(first.access_key_id.starts_with("ASIA"));
    assert!(!reply.text().contains("PackedPolicySize"));
    assert_eq!(whoami(&sts, &first).await, arn);

    let reply = assume(&sts, &first, CLOSED, "&RoleSessionName=second").await;
    let second = issued(&reply, &alice);
    assert_eq!(whoami(&sts, &second).await, "arn:aws:sts::111111111111:assumed-role/closed/second");

    let reply = assume(&sts, &first, CLOSED, "&RoleSessionName=long&DurationSeconds=3601").await;
    assert_eq!(reply.field("Code"), "ValidationError");
    assert!(reply.field("Message").contains("role chaining"));

    sts.set_clock(ClockSetting::Fixed(Timestamp::from_unix_seconds(NOW.unix_seconds() + 3600)));
    let late = Plan { at: sts.now(), ..Plan::new(BODY) };
    assert_eq!(send(&sts, &late.sign(&second)).await.field("Code"), "ExpiredToken");
}

#[tokio::test]
async fn only_those_whom_the_role_trusts() {
    let (sts, [root, alice, bob, eve]) = start().await;
    let none = CLOSED.replace("closed", "none");
    let without_path = OPEN.replace("team%2F", "");
    #[rustfmt::skip]
    let cases = [
        ("own account",                 &alice, OPEN,                  200),
        ("another account",             &bob,   OPEN,                  403),
        ("listed user",                 &bob,   CLOSED,                200),
        ("not listed, other account",   &eve,   CLOSED,                403),
        ("not listed, own account",     &alice, CLOSED,                403),
        ("no such role",                &alice, none.as_str(),         403),
        ("path is part of a role's arn", &alice, without_path.as_str(), 403),
    ];
    for (rule, by, role, status) in cases {
        let reply = assume(&sts, by, role, "&RoleSessionName=me").await;
        assert_eq!(reply.status, status, "{rule}: {}", reply.text());
        if status == 403 {
            assert_eq!(reply.field("Code"), "AccessDenied", "{rule}");
            assert!(reply.field("Message").starts_with(&format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::",
                by.principal.arn()
            )));
        }
    }
    let reply = assume(&sts, &root, OPEN, "&RoleSessionName=me").await;
    assert_eq!(reply.field("Message"), "Roles may not be assumed by root accounts.");
}

#[tokio::test]
async fn parameters_out_of_bounds() {
    let (sts, [_, alice, ..]) = start().await;
    #[rustfmt::skip]
    let cases = [
        (OPEN, "", "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"),
        (OPEN, "&RoleSessionName=a", "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        (OPEN, "&RoleSessionName=a%20b", "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"),
        (OPEN, "&RoleSessionName=me&DurationSeconds=899", "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"),
        (OPEN, "&RoleSessionName=me&DurationSeconds=43201", "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"),
        (OPEN, "&RoleSessionName=me&DurationSeconds=7201", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        ("short", "&RoleSessionName=a", "2 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        ("a-role-without-an-arn", "&RoleSessionName=me", "a-role-without-an-arn is invalid"),
    ];
    for (role, rest, message) in cases {
        let reply = assume(&sts, &alice, role, rest).await;
        assert_eq!(
            (reply.status, reply.field("Code").as_str()),
            (400, "ValidationError"),
            "{rest}"
        );
        assert_eq!(reply.field("Message"), message);
    }
    assert_eq!(
        assume(&sts, &alice, OPEN, "&RoleSessionName=me&DurationSeconds=7200").await.status,
        200
    );
}

#[tokio::test]
async fn session_and_federation_tokens() {
    let (sts, [_, alice, ..]) = start().await;
    let reply =
        send(&sts, &Plan::new("Action=GetSessionToken&Version=2011-06-15").sign(&alice)).await;
    let session = issued(&reply, &alice);
    assert!(session.access_key_id.starts_with("ASIA"));
    assert_eq!(reply.field("Expiration"), "2026-08-06T00:34:56Z");
    assert_eq!(
        whoami(&sts, &session).await,
        "arn:aws:iam::111111111111:user/alice",
        "a session of a user is that user"
    );

    let body = "Action=GetFederationToken&Version=2011-06-15&Name=carol&DurationSeconds=900";
    let reply = send(&sts, &Plan::new(body).sign(&alice)).await;
    let federated = issued(&reply, &alice);
    assert_eq!(reply.field("FederatedUserId"), "111111111111:carol");
    assert_eq!(whoami(&sts, &federated).await, "arn:aws:sts::111111111111:federated-user/carol");

    for action in ["GetSessionToken", "GetFederationToken&Name=carol"] {
        let body = format!("Action={action}&Version=2011-06-15");
        let reply = send(&sts, &Plan::new(&body).sign(&session)).await;
        assert_eq!((reply.status, reply.field("Code").as_str()), (403, "AccessDenied"));
    }
}

#[tokio::test]
async fn json_has_the_expiration_in_seconds() {
    let (sts, [_, alice, ..]) = start().await;
    let body = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={OPEN}&RoleSessionName=me");
    let plan = Plan::new(&body).header("accept", "application/json");
    let answer = send(&sts, &plan.sign(&alice)).await.json();
    let result = &answer["AssumeRoleResponse"]["AssumeRoleResult"];
    assert_eq!(result["Credentials"]["Expiration"], NOW.unix_seconds() + 3600);
    assert!(result["AssumedRoleUser"]["Arn"].is_string());
}
