//! Any bytes as an answer of STS. The first byte chooses the content type and whether it is a success.
#![no_main]

use std::sync::LazyLock;

use auth_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use sts_proof::{
    AwsCredentials, CallerIdentity, ClientStyle, Proof, ProofPolicy, SignOptions, StsAnswer,
    StsRequest, UnverifiedProof,
};

static REQUEST: LazyLock<StsRequest> = LazyLock::new(|| {
    let credentials = AwsCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: None,
    };
    let options = SignOptions {
        org: "11111111-2222-3333-4444-555555555555".parse().unwrap(),
        region: None,
        style: ClientStyle::Go,
        user_agent: "fuzz",
        at: AT,
    };
    let proof = Proof::sign(&credentials, &options).unwrap();
    UnverifiedProof::parse(proof.expose()).unwrap().check(&ProofPolicy::default(), AT).unwrap()
});

const AT: Timestamp = Timestamp::from_unix_seconds(1_785_933_296);

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else { return };
    let content_type = if choice & 1 == 0 { "application/json" } else { "text/xml" };
    let answer = StsAnswer {
        status: if choice & 2 == 0 { 200 } else { 403 },
        content_type: Some(content_type.into()),
        body: body.to_vec(),
        ..StsAnswer::default()
    };
    if let Ok(caller) = CallerIdentity::read(&REQUEST, &answer, AT) {
        assert_eq!(caller.partition(), REQUEST.host().partition());
        assert!(caller.arn().as_str().contains(caller.account().as_str()));
    }
});
