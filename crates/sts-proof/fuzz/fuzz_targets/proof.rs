//! Any bytes as a proof: parsing and checking neither panic nor send what was not signed.
#![no_main]

use auth_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use sts_proof::{BODY, HostTable, ProofPolicy, UnverifiedProof};

fuzz_target!(|bytes: &[u8]| {
    let Ok(proof) = UnverifiedProof::parse(bytes) else { return };
    let now = proof.signed_at();
    let _ = proof.clone().check(&ProofPolicy::default(), Timestamp::from_unix_seconds(0));
    let Ok(request) = proof.check(&ProofPolicy::default(), now) else { return };
    assert!(HostTable::standard().lookup(request.host().name()).is_some());
    assert_eq!(request.body(), BODY);
    for (name, value) in request.headers() {
        assert!(value.bytes().all(|b| (0x20..=0x7e).contains(&b)), "{name}");
    }
});
