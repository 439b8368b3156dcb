//! The ring: all signing keys of the installation at one moment, opened and parsed.

use std::{fmt, sync::Arc};

use auth_model::{
    Clock, ExposeSecret as _, KeyId, KeyIdError, KeyState, Randomness, RandomnessError,
    SigningAlgorithm, SigningKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    MasterKey, SealContext, SealError, SealPurpose, api_key, jwks::jwk_set, key_pair::KeyPair,
    provider::HeldKey,
};

/// An immutable snapshot of the signing keys. Make a new one when the store's keys change; keys that both have
/// are not parsed again.
pub struct KeyRing {
    keys: Vec<Arc<RingKey>>,
    current: Option<Arc<RingKey>>,
    jwks: String,
    generation: u128,
}

/// One key of the ring.
pub(crate) struct RingKey {
    pub(crate) kid: KeyId,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) held: Arc<HeldKey>,
    /// The header of each token that it signs, in base64url.
    pub(crate) header: String,
}

/// Why a ring could not be made, or a key for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// No random bytes for a key's id or its sealing.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The private half of a key does not open.
    #[error("signing key `{kid}` can't be opened")]
    Open {
        /// Which key.
        kid: KeyId,
        /// Why.
        #[source]
        source: SealError,
    },
    /// The private half of a new key could not be sealed.
    #[error("the new signing key can't be sealed")]
    Seal(#[source] SealError),
    /// What opened is not a private key of the algorithm recorded.
    #[error("signing key `{kid}` is not a private key for {}", .algorithm.as_str())]
    Rejected {
        /// Which key.
        kid: KeyId,
        /// As recorded.
        algorithm: SigningAlgorithm,
    },
    /// Two keys have one id.
    #[error("two signing keys have the id `{kid}`")]
    Duplicate {
        /// The id.
        kid: KeyId,
    },
    /// AWS-LC made no key; not expected.
    #[error("no {} key could be generated", .algorithm.as_str())]
    Generation {
        /// The algorithm wanted.
        algorithm: SigningAlgorithm,
    },
    /// The id drawn is no key id; not expected.
    #[error(transparent)]
    Id(#[from] KeyIdError),
    /// The key set could not be written; not expected.
    #[error("the key set could not be written as JSON")]
    Jwks,
}

/// A new signing key in state `Next`, for the store; set `state` to `Current` for an installation's first.
///
/// Its id is 32 random hexadecimal digits. Takes about 30 µs, but 50 ms to 1 s for RS256.
pub fn generate_signing_key(
    master: &MasterKey,
    randomness: &dyn Randomness,
    clock: &dyn Clock,
    algorithm: SigningAlgorithm,
) -> Result<SigningKey, KeyRingError> {
    let kid: KeyId = api_key::random_hex::<16>(randomness)?.expose_secret().parse()?;
    let pkcs8 = KeyPair::generate(algorithm).map_err(|_| KeyRingError::Generation { algorithm })?;
    let sealed_private =
        master.seal(randomness, &context(&kid), &pkcs8).map_err(KeyRingError::Seal)?;
    let now = clock.now();
    let state = KeyState::Next;
    Ok(SigningKey { kid, algorithm, state, sealed_private, created_at: now, state_since: now })
}

impl KeyRing {
    /// Opens and parses all keys of the store. One that fails fails the ring: a ring with a key missing
    /// would refuse good tokens.
    pub fn open(master: &MasterKey, keys: &[SigningKey]) -> Result<Self, KeyRingError> {
        let mut ring: Vec<Arc<RingKey>> =
            keys.iter().map(|key| open_one(master, key).map(Arc::new)).collect::<Result<_, _>>()?;
        ring.sort_by(|a, b| a.kid.cmp(&b.kid));
        if let Some([a, _]) = ring.array_windows().find(|[a, b]| a.kid == b.kid) {
            return Err(KeyRingError::Duplicate { kid: a.kid.clone() });
        }
        let signs = keys
            .iter()
            .filter(|key| key.state == KeyState::Current)
            .max_by_key(|key| (key.state_since, &key.kid));
        let current = signs.and_then(|signs| ring.iter().find(|key| key.kid == signs.kid)).cloned();
        let published =
            ring.iter().map(|key| (key.kid.as_str(), key.algorithm.as_str(), &key.held.numbers));
        let jwks = jwk_set(published).map_err(|_| KeyRingError::Jwks)?;
        let generation = api_key::sha256(jwks.as_bytes())
            .iter()
            .take(16)
            .fold(0, |number, byte| number << 8 | u128::from(*byte));
        Ok(Self { keys: ring, current, jwks, generation })
    }

    /// The public keys as a JWK Set in JSON, ready to be served as `application/jwk-set+json`. All states are
    /// in it.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// The key that signs, if any does.
    pub fn current(&self) -> Option<&KeyId> {
        self.current.as_ref().map(|key| &key.kid)
    }

    /// Whether a token that names this key can be verified.
    pub fn contains(&self, kid: &str) -> bool {
        self.find(kid).is_some()
    }

    /// Tells sets of keys apart: equal only if every key is the same.
    pub(crate) fn generation(&self) -> u128 {
        self.generation
    }

    pub(crate) fn signs(&self) -> Option<&RingKey> {
        self.current.as_deref()
    }

    /// A handful of keys: a scan beats a map.
    pub(crate) fn find(&self, kid: &str) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.kid.as_str() == kid).map(|key| &**key)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<&str> = self.keys.iter().map(|key| key.kid.as_str()).collect();
        f.debug_struct("KeyRing")
            .field("keys", &kids)
            .field("current", &self.current().map(KeyId::as_str))
            .finish_non_exhaustive()
    }
}

fn open_one(master: &MasterKey, key: &SigningKey) -> Result<RingKey, KeyRingError> {
    let SigningKey { kid, algorithm, .. } = key;
    let pkcs8 = master
        .open(&context(kid), &key.sealed_private)
        .map_err(|source| KeyRingError::Open { kid: kid.clone(), source })?;
    let held = HeldKey::hold(*algorithm, &pkcs8)
        .map_err(|_| KeyRingError::Rejected { kid: kid.clone(), algorithm: *algorithm })?;
    // None of the three has a character that JSON would escape.
    let header =
        format!(r#"{{"typ":"{TOKEN_TYPE}","alg":"{}","kid":"{kid}"}}"#, algorithm.as_str());
    let header = URL_SAFE_NO_PAD.encode(header);
    Ok(RingKey { kid: kid.clone(), algorithm: *algorithm, held, header })
}

fn context(kid: &KeyId) -> SealContext<'_> {
    SealContext { purpose: SealPurpose::SigningKey, org: None, row: kid.as_str() }
}

/// A JWT access token (RFC 9068 §2.1), so that no other JWT is taken for one.
pub(crate) const TOKEN_TYPE: &str = "at+jwt";
