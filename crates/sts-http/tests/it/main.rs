//! What the transport does with servers that are not STS. Names that begin `p_…` and `r_…` are rules of the security checklist.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod plain;
mod tls;

use auth_model::Timestamp;
use sts_proof::{
    AwsCredentials, ClientStyle, Proof, ProofPolicy, SignOptions, StsRequest, UnverifiedProof,
};

/// A genuine-looking request for a regional host, made of AWS's public example key.
fn request() -> StsRequest {
    let at = Timestamp::from_unix_seconds(1_785_933_296);
    let credentials = AwsCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: Some("example-token".into()),
    };
    let options = SignOptions {
        org: "11111111-2222-3333-4444-555555555555".parse().unwrap(),
        region: Some("eu-west-1"),
        style: ClientStyle::Agent,
        user_agent: "the-callers/1",
        at,
    };
    let proof = Proof::sign(&credentials, &options).unwrap();
    let unverified = UnverifiedProof::parse(proof.expose()).unwrap();
    unverified.check(&ProofPolicy::default(), at).unwrap()
}
