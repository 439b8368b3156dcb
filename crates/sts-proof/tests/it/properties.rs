//! What holds of every input.

use auth_model::Timestamp;
use proptest::prelude::*;
use sts_proof::{
    AwsCredentials, CallerIdentity, ClientStyle, HostTable, Proof, ProofPolicy, SignOptions,
    StsAnswer, StsRequest, UnverifiedProof,
};

use crate::support::{AT, Parts, check};

/// All that is sent, in one text.
fn sent(request: &StsRequest) -> String {
    let headers: Vec<_> =
        request.headers().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}\n{}", request.host().name(), headers.concat())
}

fn styles() -> impl Strategy<Value = ClientStyle> {
    prop_oneof![Just(ClientStyle::Go), Just(ClientStyle::Python), Just(ClientStyle::Agent)]
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = UnverifiedProof::parse(&bytes);
        let _ = UnverifiedProof::parse_authorization(&bytes);
    }

    #[test]
    fn hostile_headers_never_panic(json in "\\PC{0,200}", url in "(https://)?\\PC{0,80}") {
        let parts = Parts::golden();
        let _ = check(&parts.text_with(&json));
        let _ = parts.url(&url).check();
    }

    #[test]
    fn hostile_answers_never_panic(
        status in any::<u16>(),
        xml in any::<bool>(),
        body in "(<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">|[{]\"Error\":|<)?\\PC{0,200}",
    ) {
        let request = Parts::golden().check().unwrap();
        let content_type = Some(if xml { "text/xml" } else { "application/json" }.to_owned());
        for status in [200, status] {
            let answer = StsAnswer { status, content_type: content_type.clone(), body: body.clone().into(), ..StsAnswer::default() };
            prop_assert!(CallerIdentity::read(&request, &answer, AT).is_err());
        }
    }

    #[test]
    fn what_is_signed_is_read_back(
        key in "[A-Z0-9]{16,40}",
        secret in "[A-Za-z0-9+/]{40}",
        token in proptest::option::of("[A-Za-z0-9+/=]{1,2000}"),
        org in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        host in any::<prop::sample::Index>(),
        style in styles(),
        user_agent in "[ -~]{0,40}",
        seconds in 0_i64..4_000_000_000,
    ) {
        let table = HostTable::standard();
        let hosts: Vec<_> = table.iter().collect();
        let host = host.get(&hosts);
        let at = Timestamp::from_unix_seconds(seconds);
        let credentials = AwsCredentials {
            access_key_id: key.clone(),
            secret_access_key: secret.into(),
            session_token: token.clone().map(Into::into),
        };
        let options = SignOptions { org: org.parse().unwrap(), region: None, style, user_agent: &user_agent, at };
        let proof = Proof::sign_for(host, &credentials, &options).unwrap();
        let unverified = UnverifiedProof::parse(proof.expose()).unwrap();
        prop_assert_eq!(unverified.claimed_org(), options.org);
        prop_assert_eq!(unverified.access_key_id(), key);
        prop_assert_eq!(unverified.host_name(), host.name());
        prop_assert_eq!(unverified.signed_at(), at);
        let request = unverified.check(&ProofPolicy::default(), at).unwrap();
        prop_assert_eq!(request.host(), *host);
        let sent_token = request.headers().find(|(name, _)| *name == "x-amz-security-token");
        prop_assert_eq!(sent_token.map(|(_, value)| value.into_owned()), token);
    }

    #[test]
    fn p_03_random_hosts_never_pass(label in "[a-z0-9.-]{0,30}", suffix in 0_usize..6) {
        let suffix = ["amazonaws.com", "api.aws", "amazonaws.com.cn", "amazonaws.eu", "evil.example", "c2s.ic.gov"][suffix];
        let host = format!("sts.{label}.{suffix}");
        prop_assume!(HostTable::standard().lookup(&host).is_none());
        let parts = Parts::golden().url(&format!("https://{host}")).with("host", &host);
        prop_assert_eq!(parts.code(), "proof_host_unknown");
    }

    /// Any change of a byte is refused, makes another proof, or changes nothing that is sent.
    #[test]
    fn p_16_equal_hashes_send_equal_requests(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f, style in styles()) {
        let parts = Parts::of(&crate::support::signed(None, style));
        let original = parts.check().unwrap();
        let mut json = parts.json().into_bytes();
        let place = place.index(json.len());
        json[place] = byte;
        let text = parts.text_with(std::str::from_utf8(&json).unwrap());
        if let Ok(changed) = check(&text) {
            prop_assert_eq!(
                changed.proof_hash() == original.proof_hash(),
                sent(&changed) == sent(&original),
                "{}", String::from_utf8_lossy(&json)
            );
        }
    }

    #[test]
    fn a_flipped_bit_of_the_text_never_sends_another_request_under_the_same_hash(place in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let text = Parts::golden().text();
        let original = check(&text).unwrap();
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(changed) = UnverifiedProof::parse(&bytes).and_then(|proof| proof.check(&ProofPolicy::default(), AT)) {
            prop_assert_eq!(changed.proof_hash() == original.proof_hash(), sent(&changed) == sent(&original));
        }
    }
}
