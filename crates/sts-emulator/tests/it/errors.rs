//! Every refusal in STS's own words: status, code, message, in XML and in JSON.

use auth_model::Timestamp;
use bytes::Bytes;
use http::{HeaderValue, Request};
use sts_emulator::{Credentials, StsEmulator};

use crate::support::{ACCOUNT, BODY, NOW, Plan, builder, send, start};

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service documentation \
    for details.";
const INVALID: &str = "The security token included in the request is invalid.";

async fn refused(
    sts: &StsEmulator,
    request: &Request<Bytes>,
    status: u16,
    code: &str,
    message: &str,
) {
    let xml = send(sts, request).await;
    assert_eq!((xml.status, xml.field("Code").as_str()), (status, code), "{}", xml.text());
    assert_eq!(xml.field("Message"), message);
    assert_eq!(xml.field("Type"), "Sender");
    assert_eq!(xml.header("content-type").unwrap(), "text/xml");
    assert!(
        xml.text()
            .starts_with("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">")
    );
    let mut request = request.clone();
    request.headers_mut().insert("accept", HeaderValue::from_static("application/json"));
    let json = send(sts, &request).await;
    assert_eq!(json.status, status);
    let body = json.json();
    let expected = serde_json::json!({"Code": code, "Message": message, "Type": "Sender"});
    assert_eq!(body["Error"], expected);
    assert_eq!(body["RequestId"], json.header("x-amzn-requestid").unwrap());
}

fn at(seconds: i64) -> Plan {
    Plan { at: Timestamp::from_unix_seconds(NOW.unix_seconds() + seconds), ..Plan::new(BODY) }
}

fn with(request: &Request<Bytes>, name: &'static str, value: &str) -> Request<Bytes> {
    let mut request = request.clone();
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[tokio::test]
async fn wrong_secret_or_changed_body() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let wrong = Credentials { secret_access_key: "wrong".into(), ..user.clone() };
    refused(&sts, &Plan::new(BODY).sign(&wrong), 403, "SignatureDoesNotMatch", MISMATCH).await;
    let mut request = Plan::new(BODY).sign(&user);
    *request.body_mut() = Bytes::from(BODY.replace("Get", "Set"));
    refused(&sts, &request, 403, "SignatureDoesNotMatch", MISMATCH).await;
}

#[tokio::test]
async fn time_window_is_fifteen_minutes_both_ways() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    for seconds in [-900, 0, 900] {
        assert_eq!(send(&sts, &at(seconds).sign(&user)).await.status, 200, "{seconds}");
    }
    let expired = "Signature expired: 20260805T121955Z is now earlier than 20260805T121956Z \
        (20260805T123456Z - 15 min.)";
    refused(&sts, &at(-901).sign(&user), 403, "SignatureDoesNotMatch", expired).await;
    let early = "Signature not yet current: 20260805T124957Z is still later than 20260805T124956Z \
        (20260805T123456Z + 15 min.)";
    refused(&sts, &at(901).sign(&user), 403, "SignatureDoesNotMatch", early).await;
}

#[tokio::test]
async fn scope_of_another_region_service_or_day() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let code = "SignatureDoesNotMatch";
    let region = "Credential should be scoped to a valid region. ";
    let request = Plan::new(BODY).host("sts.amazonaws.com", "eu-west-1").sign(&user);
    refused(&sts, &request, 403, code, region).await;
    let request = Plan::new(BODY).host("sts.eu-west-1.amazonaws.com", "us-east-1").sign(&user);
    refused(&sts, &request, 403, code, region).await;
    let request = Plan { service: "s3".into(), ..Plan::new(BODY) }.sign(&user);
    refused(&sts, &request, 403, code, "Credential should be scoped to correct service: 'sts'. ")
        .await;
    let signed = Plan::new(BODY).sign(&user);
    let header = signed.headers()["authorization"].to_str().unwrap();
    let request = with(&signed, "authorization", &header.replace("/20260805/", "/20260804/"));
    let day = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
        HTTP: '20260804' != '20260805', from '20260805T123456Z'.";
    refused(&sts, &request, 403, code, day).await;
    let request = with(&signed, "authorization", &header.replace("aws4_request", "aws3_request"));
    let end =
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'. ";
    refused(&sts, &request, 403, code, end).await;
}

#[tokio::test]
async fn the_older_message_names_the_region() {
    let sts = builder().name_wrong_region(true).start().await.unwrap();
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let request = Plan::new(BODY).host("sts.amazonaws.com", "ap-southeast-2").sign(&user);
    let message = "Credential should be scoped to a valid region, not 'ap-southeast-2'. ";
    refused(&sts, &request, 403, "SignatureDoesNotMatch", message).await;
}

#[tokio::test]
async fn keys_that_are_unknown_inactive_or_without_their_token() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    let plan = Plan::new(BODY);
    let code = "InvalidClientTokenId";
    let unknown = Credentials { access_key_id: "AKIAIOSFODNN7EXAMPLE".into(), ..user.clone() };
    refused(&sts, &plan.sign(&unknown), 403, code, INVALID).await;
    let without = Credentials { session_token: None, ..session.clone() };
    refused(&sts, &plan.sign(&without), 403, code, INVALID).await;
    let wrong = Credentials { session_token: Some("wrong".into()), ..session.clone() };
    refused(&sts, &plan.sign(&wrong), 403, code, INVALID).await;
    let needless = Credentials { session_token: Some("any".into()), ..user.clone() };
    refused(&sts, &plan.sign(&needless), 403, code, INVALID).await;
    assert!(sts.set_active(&user.access_key_id, false));
    refused(&sts, &plan.sign(&user), 403, code, INVALID).await;
    let china = plan.host("sts.cn-north-1.amazonaws.com.cn", "cn-north-1");
    refused(&sts, &china.sign(&session), 403, code, INVALID).await;
}

#[tokio::test]
async fn temporary_credentials_past_their_end() {
    let sts = start().await;
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    sts.set_expiry(
        &session.access_key_id,
        Some(Timestamp::from_unix_seconds(NOW.unix_seconds() + 1)),
    );
    assert_eq!(send(&sts, &Plan::new(BODY).sign(&session)).await.status, 200);
    sts.set_expiry(&session.access_key_id, Some(NOW));
    let text = "The security token included in the request is expired";
    refused(&sts, &Plan::new(BODY).sign(&session), 403, "ExpiredToken", text).await;
    refused(&sts, &Plan::presigned(BODY).sign(&session), 403, "ExpiredToken", text).await;
}

#[tokio::test]
async fn no_signature() {
    let sts = start().await;
    let request = Request::post("/").header("host", "sts.amazonaws.com").body(BODY.into()).unwrap();
    let text = "Request is missing Authentication Token";
    refused(&sts, &request, 403, "MissingAuthenticationToken", text).await;
}

#[tokio::test]
async fn malformed_authorization_is_echoed() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let signed = Plan::new(BODY).sign(&user);
    let header = signed.headers()["authorization"].to_str().unwrap().to_owned();
    let code = "IncompleteSignature";

    let request = with(&signed, "authorization", "Bearer abc");
    let text = "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.";
    refused(&sts, &request, 400, code, text).await;

    let request = with(&signed, "authorization", "AWS4-HMAC-SHA256 Signature=00");
    let text = "Authorization header requires 'Credential' parameter. Authorization header requires \
        'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Signature=00";
    refused(&sts, &request, 400, code, text).await;

    let short = header.replace("/sts/aws4_request", "");
    let text = format!(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, \
         got '{}/20260805/us-east-1'",
        user.access_key_id
    );
    refused(&sts, &with(&signed, "authorization", &short), 400, code, &text).await;

    for extra in ["Signature=00", "Extra=1"] {
        let twice = format!("{header}, {extra}");
        let reply = send(&sts, &with(&signed, "authorization", &twice)).await;
        assert_eq!((reply.status, reply.field("Code").as_str()), (400, code));
        assert!(reply.field("Message").contains(&twice));
    }

    let request = with(
        &signed,
        "authorization",
        &header.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    );
    refused(&sts, &request, 400, code, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.")
        .await;

    let request = with(&signed, "x-amz-date", "yesterday");
    let text = "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601";
    refused(&sts, &request, 400, code, text).await;
}

#[tokio::test]
async fn presigned_with_a_parameter_missing_or_repeated() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let signed = Plan::presigned(BODY).sign(&user);
    let mut request = signed.clone();
    let query = signed.uri().query().unwrap();
    *request.uri_mut() = format!("/?{}", query.replace("X-Amz-Date", "X-Other")).parse().unwrap();
    let text = "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.";
    refused(&sts, &request, 400, "IncompleteSignature", text).await;
    *request.uri_mut() = format!("/?{query}&X-Amz-Date=20260805T123456Z").parse().unwrap();
    assert_eq!(send(&sts, &request).await.field("Code"), "IncompleteSignature");
}

#[tokio::test]
async fn signed_header_list_must_be_sorted_unique_and_hold_host() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let signed = Plan::new(BODY).sign(&user);
    let header = signed.headers()["authorization"].to_str().unwrap().to_owned();
    #[rustfmt::skip]
    let cases = [
        ("host;x-amz-date", "x-amz-date;host"),
        ("host;x-amz-date", "host;host;x-amz-date"),
        ("host;x-amz-date", "Host;x-amz-date"),
        ("host;x-amz-date", "host"),
        ("host;x-amz-date", "x-amz-date"),
        ("host;x-amz-date", "host;x-absent;x-amz-date"),
        ("host;x-amz-date", ""),
    ];
    for (from, to) in cases {
        assert!(header.contains(from), "{header}");
        let reply = send(&sts, &with(&signed, "authorization", &header.replace(from, to))).await;
        assert_eq!(
            (reply.status, reply.field("Code").as_str()),
            (403, "SignatureDoesNotMatch"),
            "{to}"
        );
    }
}

#[tokio::test]
async fn unsigned_headers() {
    let strict = start().await;
    let lax = builder().require_signed_amz_headers(false).start().await.unwrap();
    for (sts, amz) in [(&strict, 403), (&lax, 200)] {
        let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
        let signed = Plan::new(BODY).sign(&session);
        assert_eq!(send(sts, &with(&signed, "x-forwarded-for", "10.0.0.1")).await.status, 200);
        assert_eq!(send(sts, &with(&signed, "x-amz-meta", "1")).await.status, amz);
        // A token that is not signed could be anybody's: never, whatever the setting.
        let without = Credentials { session_token: None, ..session.clone() };
        let token =
            auth_model::ExposeSecret::expose_secret(session.session_token.as_ref().unwrap());
        let grafted = with(&Plan::new(BODY).sign(&without), "x-amz-security-token", token);
        assert_eq!(send(sts, &grafted).await.status, 403);
    }
}

#[tokio::test]
async fn unknown_action_version_method_and_path() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    #[rustfmt::skip]
    let cases = [
        ("Action=Fly&Version=2011-06-15",               "Could not find operation Fly for version 2011-06-15"),
        ("Action=GetCallerIdentity&Version=2010-01-01", "Could not find operation GetCallerIdentity for version 2010-01-01"),
        ("Action=GetCallerIdentity",                    "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED"),
    ];
    for (body, text) in cases {
        refused(&sts, &Plan::new(body).sign(&user), 400, "InvalidAction", text).await;
    }
    let twice = "Action=GetCallerIdentity&Action=AssumeRole&Version=2011-06-15";
    assert_eq!(send(&sts, &Plan::new(twice).sign(&user)).await.field("Code"), "ValidationError");
    let request = Request::put("/").header("host", "sts.amazonaws.com").body(Bytes::new()).unwrap();
    assert_eq!(send(&sts, &request).await.status, 405);
    let request =
        Request::post("/x").header("host", "sts.amazonaws.com").body(Bytes::new()).unwrap();
    assert_eq!(send(&sts, &request).await.status, 404);
}

#[tokio::test]
async fn a_browser_at_the_front_door_is_sent_away() {
    let sts = start().await;
    let request = Request::get("/").header("host", "sts.amazonaws.com").body(Bytes::new()).unwrap();
    let reply = send(&sts, &request).await;
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location").unwrap(), "https://aws.amazon.com/iam");
}

#[tokio::test]
async fn messages_are_escaped() {
    let sts = start().await;
    let signed = Plan::new(BODY).sign(&sts.add_user(ACCOUNT, "alice").unwrap());
    let evil = "<Arn>&\"arn";
    let reply = send(&sts, &with(&signed, "authorization", evil)).await;
    assert!(!reply.text().contains("<Arn>"));
    assert!(reply.field("Message").contains(evil));
}
