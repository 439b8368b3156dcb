//! A process may have another crypto provider of `jsonwebtoken` installed. In a binary of its own, because that is decided
//! once for each process.

use std::time::Duration;

use auth_model::{
    Clock as _, KeyState, ManualClock, MappingId, OrgId, OsRandomness, SigningAlgorithm, Timestamp,
    UserId,
};
use token_issuer::{
    Actor, IssueError, Issuer, KeyRing, MasterKey, TokenSubject, Verifier, generate_signing_key,
};

#[test]
fn es256_and_eddsa_work_under_another_provider_and_rs256_says_no() {
    jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default().unwrap();
    let clock = ManualClock::at(Timestamp::from_unix_seconds(1_800_000_000));
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let url = "https://countersign.example";
    let issuer = Issuer::new(url, url, Duration::from_secs(60)).unwrap();
    let verifier = Verifier::new(url, url, Duration::ZERO).unwrap();
    let subject = TokenSubject {
        user: UserId::random(&OsRandomness).unwrap(),
        org: OrgId::random(&OsRandomness).unwrap(),
        mapping: MappingId::random(&OsRandomness).unwrap(),
        act: Actor { arn: String::new(), account: String::new(), user_id: String::new() },
    };
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256] {
        let mut key = generate_signing_key(&master, &OsRandomness, &clock, algorithm).unwrap();
        key.state = KeyState::Current;
        let ring = KeyRing::open(&master, &[key]).unwrap();
        let issued = issuer.issue(&ring, &subject, clock.now(), None, &OsRandomness);
        if algorithm == SigningAlgorithm::Rs256 {
            assert_eq!(issued.unwrap_err(), IssueError::Signing);
        } else {
            let token = issued.unwrap();
            assert!(verifier.verify(&ring, token.expose(), clock.now()).is_ok());
        }
    }
}
