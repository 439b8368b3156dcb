//! Signatures of fixed inputs, and the text of a proof as each official client writes it.

use sts_proof::{ClientStyle, Proof, ProofPolicy, SignError, UnverifiedProof};

use crate::support::{AT, TOKEN, credentials, options, part};

#[test]
fn golden_signatures() {
    #[rustfmt::skip]
    let cases = [
        // the first is also in the Datadog Agent's own tests
        (Some(TOKEN), None,              "sts.amazonaws.com",           "3c567cb74f09e429570dae6682df7b08d094e3025394a08df8e92ab225fc2006"),
        (Some(TOKEN), Some("eu-west-1"), "sts.eu-west-1.amazonaws.com", "1d1538a94acf69ac32a4e8a63b4012ad1e51d23f4469404417feb0c0375a647a"),
        (None,        None,              "sts.amazonaws.com",           "c55da57bcee1c0bf678656dd6409403faf5e5af64220bf4807363b91cfc6bd3f"),
        (None,        Some("eu-west-1"), "sts.eu-west-1.amazonaws.com", "5d2e1d0b44e32abb60ad25fb7f6e05a10fcb7c4aa9e0af624f3d199c1621c917"),
    ];
    for (token, region, host, signature) in cases {
        let mut hashes = Vec::new();
        for style in [ClientStyle::Go, ClientStyle::Python, ClientStyle::Agent] {
            let proof = Proof::sign(&credentials(token), &options(region, style)).unwrap();
            assert!(
                part(proof.expose(), 1).contains(&format!("Signature={signature}\"")),
                "{host}"
            );
            assert_eq!(part(proof.expose(), 3), format!("https://{host}"));
            let unverified = UnverifiedProof::parse(proof.expose()).unwrap();
            hashes.push(unverified.hash());
            let request = unverified.check(&ProofPolicy::default(), AT).unwrap();
            assert_eq!(request.host().name(), host);
            assert_eq!(request.signed_at(), AT);
            let sent: Vec<_> = request.headers().collect();
            let authorization = sent.iter().find(|(name, _)| *name == "authorization").unwrap();
            assert!(part(proof.expose(), 1).contains(&*authorization.1), "printed as it was read");
        }
        assert!(
            hashes.windows(2).all(|pair| pair[0] == pair[1]),
            "one proof, however it is written"
        );
    }
}

#[test]
fn headers_are_written_as_each_client_writes_them() {
    let headers = |style| {
        let proof = Proof::sign(&credentials(Some(TOKEN)), &options(None, style)).unwrap();
        assert_eq!(part(proof.expose(), 0), sts_proof::BODY);
        part(proof.expose(), 1)
    };
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260805/us-east-1/sts/aws4_request, \
         SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;x-ddog-org-id, \
         Signature=3c567cb74f09e429570dae6682df7b08d094e3025394a08df8e92ab225fc2006";
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    let org = "11111111-2222-3333-4444-555555555555";
    let host = "sts.amazonaws.com";
    let date = "20260805T123456Z";
    assert_eq!(
        headers(ClientStyle::Go),
        format!(
            r#"{{"Authorization":["{authorization}"],"Content-Length":["43"],"Content-Type":["{content_type}"],"User-Agent":["agent/1"],"X-Amz-Date":["{date}"],"X-Amz-Security-Token":["{TOKEN}"],"host":["{host}"],"x-ddog-org-id":["{org}"]}}"#
        )
    );
    assert_eq!(
        headers(ClientStyle::Python),
        format!(
            r#"{{"Content-Length":["43"],"Content-Type":["{content_type}"],"X-Amz-Date":["{date}"],"x-ddog-org-id":["{org}"],"X-Amz-Security-Token":["{TOKEN}"],"host":["{host}"],"Authorization":["{authorization}"],"User-Agent":["agent/1"]}}"#
        )
    );
    assert_eq!(
        headers(ClientStyle::Agent),
        format!(
            r#"{{"Authorization":["{authorization}"],"Content-Type":["{content_type}"],"Host":["{host}"],"User-Agent":["agent/1"],"X-Amz-Date":["{date}"],"X-Amz-Security-Token":["{TOKEN}"],"X-Ddog-Org-Id":["{org}"]}}"#
        )
    );
}

#[test]
fn secrets_are_not_in_debug_output() {
    let credentials = credentials(Some(TOKEN));
    let proof = Proof::sign(&credentials, &options(None, ClientStyle::Go)).unwrap();
    let unverified = UnverifiedProof::parse(proof.expose()).unwrap();
    let request = unverified.clone().check(&ProofPolicy::default(), AT).unwrap();
    let shown = format!("{credentials:?} {proof:?} {unverified:#?} {request:#?}");
    for secret in [TOKEN, "wJalrX", "3c567cb7", "Signature"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let outcome = |token, region, user_agent: &str, key: &str| {
        let mut credentials = credentials(token);
        credentials.access_key_id = key.into();
        let mut options = options(region, ClientStyle::Go);
        options.user_agent = user_agent;
        Proof::sign(&credentials, &options).map(|_| ())
    };
    let key = "AKIAIOSFODNN7EXAMPLE";
    assert_eq!(outcome(None, Some("cn-north-1"), "a", key), Ok(()));
    let unknown = SignError::UnknownRegion { region: "made-up-9".into() };
    assert_eq!(outcome(None, Some("made-up-9"), "a", key), Err(unknown));
    assert_eq!(outcome(Some(""), None, "a", key), Err(SignError::SessionToken));
    assert_eq!(outcome(Some("a b"), None, "a", key), Err(SignError::SessionToken));
    assert_eq!(outcome(None, None, "a\r\nb", key), Err(SignError::UserAgent));
    assert_eq!(outcome(None, None, "a", "short"), Err(SignError::AccessKeyId));
}
