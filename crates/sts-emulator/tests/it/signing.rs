//! What other signers sign is accepted, in both forms; who the caller is comes back right.

use auth_model::Timestamp;
use bytes::Bytes;
use http::Request;
use sts_emulator::{
    AccountFixture, CredentialRequest, Fixture, KeyFixture, PrincipalRequest, RoleFixture,
    SessionFixture, UserFixture,
};

use crate::support::{ACCOUNT, BODY, Plan, builder, send, start};

#[tokio::test]
async fn header_form_of_every_kind_of_principal() {
    let sts = start().await;
    let path = PrincipalRequest::User { name: "bob".into(), path: Some("/ops/".into()) };
    #[rustfmt::skip]
    let cases = [
        (sts.add_user(ACCOUNT, "alice"),                    "arn:aws:iam::123456789012:user/alice"),
        (sts.issue(&CredentialRequest::new(ACCOUNT, path)), "arn:aws:iam::123456789012:user/ops/bob"),
        (sts.add_session(ACCOUNT, "ci", "build-7"),         "arn:aws:sts::123456789012:assumed-role/ci/build-7"),
        (sts.add_federated_user(ACCOUNT, "carol"),          "arn:aws:sts::123456789012:federated-user/carol"),
        (sts.add_root(ACCOUNT),                             "arn:aws:iam::123456789012:root"),
    ];
    for (credentials, arn) in cases {
        let credentials = credentials.unwrap();
        let reply = send(&sts, &Plan::new(BODY).sign(&credentials)).await;
        assert_eq!(reply.status, 200, "{arn}: {}", reply.text());
        assert_eq!(reply.field("Arn"), arn);
        assert_eq!(reply.field("UserId"), credentials.principal.user_id());
        assert_eq!(reply.field("Account"), ACCOUNT);
        assert_eq!(reply.header("content-type").unwrap(), "text/xml");
        assert_eq!(reply.header("x-amzn-requestid").unwrap(), reply.field("RequestId"));
        assert_eq!(reply.header("date").unwrap(), "Wed, 05 Aug 2026 12:34:56 GMT");
        assert!(reply.text().starts_with(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        ));
    }
}

#[tokio::test]
async fn presigned_form_with_get_and_post() {
    let sts = start().await;
    for credentials in [sts.add_user(ACCOUNT, "alice"), sts.add_session(ACCOUNT, "ci", "b+=,.@-")] {
        let credentials = credentials.unwrap();
        for method in ["GET", "POST"] {
            let plan = Plan { method, ..Plan::presigned(BODY) };
            let reply = send(&sts, &plan.sign(&credentials)).await;
            assert_eq!(reply.status, 200, "{method}: {}", reply.text());
            assert_eq!(reply.field("Arn"), credentials.principal.arn());
        }
    }
}

#[tokio::test]
async fn presigned_expiry_does_not_shorten_the_window() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    // The signer says 60 seconds; STS keeps to its own fifteen minutes.
    let at = Timestamp::from_unix_seconds(crate::support::NOW.unix_seconds() - 600);
    let reply = send(&sts, &Plan { at, ..Plan::presigned(BODY) }.sign(&user)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn json_only_where_accept_asks_for_it() {
    let sts = start().await;
    let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
    let signed = Plan::new(BODY).sign(&session);
    #[rustfmt::skip]
    let cases = [
        ("application/json",                   true),
        ("text/html, Application/JSON;q=0.9",  true),
        ("*/*",                                false),
        ("application/jsonx",                  false),
    ];
    for (accept, json) in cases {
        let mut request = signed.clone();
        // Not signed: this is how a forwarder chooses the form.
        request.headers_mut().insert("accept", accept.parse().unwrap());
        let reply = send(&sts, &request).await;
        assert_eq!(reply.status, 200, "{accept}");
        let kind = if json { "application/json" } else { "text/xml" };
        assert_eq!(reply.header("content-type").unwrap(), kind, "{accept}");
        if json {
            let body = reply.json();
            let result = &body["GetCallerIdentityResponse"]["GetCallerIdentityResult"];
            assert_eq!(result["Arn"], session.principal.arn());
            assert_eq!(result["UserId"], session.principal.user_id());
            assert_eq!(result["Account"], ACCOUNT);
            let metadata = &body["GetCallerIdentityResponse"]["ResponseMetadata"];
            assert_eq!(metadata["RequestId"], reply.header("x-amzn-requestid").unwrap());
        }
    }
}

/// Signatures by other people's signers: the first is in a public test of an AWS agent, the others come
/// from an independent script. The keys are those of AWS's documentation and open nothing.
#[tokio::test]
async fn golden_signatures() {
    let key = KeyFixture {
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
        secret_access_key: Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()),
        inactive: false,
    };
    let session = SessionFixture {
        name: "golden".into(),
        access_key_id: key.access_key_id.clone(),
        secret_access_key: key.secret_access_key.clone(),
        session_token: Some("FwoGZXIvYXdzEExampleSessionToken".into()),
        expires: None,
    };
    let user = UserFixture { name: "golden".into(), access_keys: vec![key], ..Default::default() };
    let role = RoleFixture { name: "ci".into(), sessions: vec![session], ..Default::default() };
    let account = |account: AccountFixture| Fixture {
        accounts: vec![AccountFixture { id: ACCOUNT.into(), ..account }],
    };
    let lasting = account(AccountFixture { users: vec![user], ..Default::default() });
    let temporary = account(AccountFixture { roles: vec![role], ..Default::default() });
    #[rustfmt::skip]
    let cases = [
        (true,  "sts.amazonaws.com",           "us-east-1", "3c567cb74f09e429570dae6682df7b08d094e3025394a08df8e92ab225fc2006"),
        (true,  "sts.eu-west-1.amazonaws.com", "eu-west-1", "1d1538a94acf69ac32a4e8a63b4012ad1e51d23f4469404417feb0c0375a647a"),
        (false, "sts.amazonaws.com",           "us-east-1", "c55da57bcee1c0bf678656dd6409403faf5e5af64220bf4807363b91cfc6bd3f"),
        (false, "sts.eu-west-1.amazonaws.com", "eu-west-1", "5d2e1d0b44e32abb60ad25fb7f6e05a10fcb7c4aa9e0af624f3d199c1621c917"),
    ];
    let sts = builder().start().await.unwrap();
    for (token, host, region, signature) in cases {
        sts.replace_fixture(if token { &temporary } else { &lasting }).unwrap();
        let signed = if token { "x-amz-date;x-amz-security-token" } else { "x-amz-date" };
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260805/{region}/sts/aws4_request, \
             SignedHeaders=content-length;content-type;host;{signed};x-ddog-org-id, \
             Signature={signature}"
        );
        let mut request = Request::post("/")
            .header("host", host)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("content-length", "43")
            .header("x-amz-date", "20260805T123456Z")
            .header("x-ddog-org-id", "11111111-2222-3333-4444-555555555555")
            .header("authorization", authorization);
        if token {
            request = request.header("x-amz-security-token", "FwoGZXIvYXdzEExampleSessionToken");
        }
        let reply = send(&sts, &request.body(Bytes::from(BODY)).unwrap()).await;
        assert_eq!(reply.status, 200, "{host} {token}: {}", reply.text());
    }
}
