//! The ring and the key set that it publishes.

use auth_model::{KeyState, SigningAlgorithm};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use token_issuer::{IssueError, KeyRing, KeyRingError, MasterKey, SealError, TokenError};

use crate::support::{Installation, START, current_key, installation, subject};

const ALGORITHMS: [SigningAlgorithm; 3] =
    [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256];

#[test]
fn a_stranger_verifies_a_token_with_the_published_key_alone() {
    for algorithm in ALGORITHMS {
        let home = installation(algorithm);
        let jwk = home.jwk();
        let token = home.token();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let verified = match algorithm {
            SigningAlgorithm::Es256 => {
                let point = [vec![4], number("x"), number("y")].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message.as_bytes(), &signature)
            }
            SigningAlgorithm::EdDsa => {
                UnparsedPublicKey::new(&ED25519, number("x")).verify(message.as_bytes(), &signature)
            }
            SigningAlgorithm::Rs256 => RsaPublicKeyComponents { n: number("n"), e: number("e") }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature),
        };
        assert!(verified.is_ok(), "{}", algorithm.as_str());
    }
}

#[test]
fn j_07_the_key_set_has_the_public_numbers_and_no_others() {
    for algorithm in ALGORITHMS {
        let home = installation(algorithm);
        let jwk = home.jwk();
        let mut members: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let expected: &[&str] = match algorithm {
            SigningAlgorithm::Es256 => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            SigningAlgorithm::EdDsa => &["alg", "crv", "kid", "kty", "use", "x"],
            SigningAlgorithm::Rs256 => &["alg", "e", "kid", "kty", "n", "use"],
        };
        assert_eq!(members, expected);
        assert_eq!(jwk["alg"], algorithm.as_str());
        assert_eq!(jwk["use"], "sig");
        assert_eq!(jwk["kid"], home.key.kid.as_str());
        let (kty, crv) = match algorithm {
            SigningAlgorithm::Es256 => ("EC", Value::from("P-256")),
            SigningAlgorithm::EdDsa => ("OKP", Value::from("Ed25519")),
            SigningAlgorithm::Rs256 => ("RSA", Value::Null),
        };
        assert_eq!((&jwk["kty"], &jwk["crv"]), (&Value::from(kty), &crv));
    }
}

#[test]
fn j_07_the_private_key_is_neither_stored_nor_shown_in_the_clear() {
    for algorithm in ALGORITHMS {
        let home = installation(algorithm);
        let private = home.private_key();
        // The private number stands somewhere in the PKCS#8; no 16 bytes of it may turn up.
        let public: Vec<u8> = match algorithm {
            SigningAlgorithm::Rs256 => Vec::new(),
            _ => URL_SAFE_NO_PAD.decode(home.jwk()["x"].as_str().unwrap()).unwrap(),
        };
        for part in private.windows(16).filter(|part| !public.windows(16).any(|p| p == *part)) {
            assert!(!home.key.sealed_private.windows(16).any(|sealed| sealed == part));
        }
        let shown = format!("{:?} {:?} {:?}", home.key, home.ring, home.master);
        let secret = &private[private.len() / 2..][..16];
        assert!(!shown.contains(&URL_SAFE_NO_PAD.encode(secret)));
        assert!(!shown.contains("sealed"));
    }
}

#[test]
fn a_ring_of_another_master_key_does_not_open() {
    let home = installation(SigningAlgorithm::Es256);
    let other = MasterKey::generate(&auth_model::OsRandomness).unwrap();
    let error = KeyRing::open(&other, std::slice::from_ref(&home.key)).unwrap_err();
    let expected =
        KeyRingError::Open { kid: home.key.kid.clone(), source: SealError::NotAuthentic };
    assert_eq!(error, expected);
}

#[test]
fn a_sealed_key_cannot_be_moved_under_another_id_or_algorithm() {
    let home = installation(SigningAlgorithm::Es256);
    let mut renamed = home.key.clone();
    renamed.kid = "another".parse().unwrap();
    assert!(matches!(KeyRing::open(&home.master, &[renamed]), Err(KeyRingError::Open { .. })));

    let mut changed = home.key.clone();
    changed.algorithm = SigningAlgorithm::EdDsa;
    let error = KeyRing::open(&home.master, &[changed]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("signing key `{}` is not a private key for EdDSA", home.key.kid)
    );
}

#[test]
fn one_id_twice_is_no_ring() {
    let home = installation(SigningAlgorithm::EdDsa);
    let twice = [home.key.clone(), home.key.clone()];
    let error = KeyRing::open(&home.master, &twice).unwrap_err();
    assert_eq!(error, KeyRingError::Duplicate { kid: home.key.kid.clone() });
}

#[test]
fn a_ring_without_a_current_key_verifies_but_does_not_issue() {
    let Installation { master, key, issuer, verifier, ring, subject: of, .. } =
        installation(SigningAlgorithm::EdDsa);
    let random = &auth_model::OsRandomness;
    let token = issuer.issue(&ring, &of, START, None, random).unwrap();
    let mut retired = key;
    retired.state = KeyState::Retired;
    let ring = KeyRing::open(&master, &[retired]).unwrap();
    assert_eq!(ring.current(), None);
    assert!(verifier.verify(&ring, token.expose(), START).is_ok());
    let error = issuer.issue(&ring, &subject(), START, None, random).unwrap_err();
    assert_eq!(error, IssueError::NoCurrentKey);

    let empty = KeyRing::open(&master, &[]).unwrap();
    assert_eq!(empty.jwks(), r#"{"keys":[]}"#);
    assert_eq!(verifier.verify(&empty, token.expose(), START), Err(TokenError::UnknownKey));
}

#[test]
fn every_state_is_published_and_only_the_current_key_signs() {
    let home = installation(SigningAlgorithm::EdDsa);
    let mut next = current_key(&home.master, SigningAlgorithm::Es256);
    next.state = KeyState::Next;
    let mut retired = current_key(&home.master, SigningAlgorithm::Rs256);
    retired.state = KeyState::Retired;
    let ring =
        KeyRing::open(&home.master, &[retired.clone(), home.key.clone(), next.clone()]).unwrap();
    for key in [&next, &home.key, &retired] {
        assert!(ring.contains(key.kid.as_str()));
        assert!(ring.jwks().contains(key.kid.as_str()));
    }
    assert!(!ring.contains("another"));
    assert_eq!(ring.current(), Some(&home.key.kid));
    assert!(home.verifier.verify(&ring, &home.token(), START).is_ok());
}
