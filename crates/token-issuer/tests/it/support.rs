//! One installation with fixed time, and the means to forge its tokens.

use std::time::Duration;

use auth_model::{
    Clock as _, KeyState, ManualClock, MappingId, OrgId, OsRandomness, SigningAlgorithm,
    SigningKey, Timestamp, UserId,
};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use token_issuer::{
    Actor, Claims, Issuer, KeyRing, MasterKey, SealContext, SealPurpose, TokenError, TokenSubject,
    Verifier, generate_signing_key,
};

pub(crate) const URL: &str = "https://countersign.example";
pub(crate) const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
pub(crate) const LEEWAY: Duration = Duration::from_secs(10);

pub(crate) struct Installation {
    pub(crate) master: MasterKey,
    pub(crate) key: SigningKey,
    pub(crate) ring: KeyRing,
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
    pub(crate) subject: TokenSubject,
}

pub(crate) fn installation(algorithm: SigningAlgorithm) -> Installation {
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let key = current_key(&master, algorithm);
    Installation {
        ring: KeyRing::open(&master, std::slice::from_ref(&key)).unwrap(),
        master,
        key,
        issuer: Issuer::new(URL, URL, Duration::from_secs(900)).unwrap(),
        verifier: Verifier::new(URL, URL, LEEWAY).unwrap(),
        subject: subject(),
    }
}

pub(crate) fn current_key(master: &MasterKey, algorithm: SigningAlgorithm) -> SigningKey {
    let clock = ManualClock::at(START);
    let mut key = generate_signing_key(master, &OsRandomness, &clock, algorithm).unwrap();
    assert_eq!((key.state, key.created_at), (KeyState::Next, clock.now()));
    key.state = KeyState::Current;
    key
}

pub(crate) fn subject() -> TokenSubject {
    TokenSubject {
        user: UserId::random(&OsRandomness).unwrap(),
        org: OrgId::random(&OsRandomness).unwrap(),
        mapping: MappingId::random(&OsRandomness).unwrap(),
        act: Actor {
            arn: "arn:aws:sts::123456789012:assumed-role/deploy/build-7".to_owned(),
            account: "123456789012".to_owned(),
            user_id: "AROAEXAMPLEEXAMPLE123:build-7".to_owned(),
        },
    }
}

impl Installation {
    pub(crate) fn token(&self) -> String {
        let issued = self.issuer.issue(&self.ring, &self.subject, START, None, &OsRandomness);
        issued.unwrap().expose().to_owned()
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verifier.verify(&self.ring, token, START)
    }

    pub(crate) fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": self.key.algorithm.as_str(), "kid": self.key.kid.as_str()})
    }

    /// The claims of a genuine token, to be changed.
    pub(crate) fn claims(&self) -> Value {
        let token = self.token();
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    }

    /// Signs anything at all with the installation's own key.
    pub(crate) fn forge(&self, header: &Value, claims: &Value) -> String {
        self.forge_text(&header.to_string(), &claims.to_string())
    }

    pub(crate) fn forge_text(&self, header: &str, claims: &str) -> String {
        let message = message(header, claims);
        let signature = self.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let pkcs8 = self.private_key();
        match self.key.algorithm {
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
                    .unwrap()
                    .sign(&random, message)
                    .unwrap()
                    .as_ref()
                    .to_vec()
            }
            SigningAlgorithm::EdDsa => {
                Ed25519KeyPair::from_pkcs8(&pkcs8).unwrap().sign(message).as_ref().to_vec()
            }
            SigningAlgorithm::Rs256 => {
                let key = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    pub(crate) fn private_key(&self) -> Vec<u8> {
        let (purpose, row) = (SealPurpose::SigningKey, self.key.kid.as_str());
        let context = SealContext { purpose, org: None, row };
        self.master.open(&context, &self.key.sealed_private).unwrap().to_vec()
    }

    /// The published key with this id.
    pub(crate) fn jwk(&self) -> Value {
        let set: Value = serde_json::from_str(self.ring.jwks()).unwrap();
        let kid = self.key.kid.as_str();
        set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap().clone()
    }
}

/// Signed with a secret, as a verifier that trusts the header's `alg` would check it.
pub(crate) fn hmac_token(header: &str, claims: &str, secret: &[u8]) -> String {
    let message = message(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

pub(crate) fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}
