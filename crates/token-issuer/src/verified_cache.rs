//! A memory of tokens that were verified before, so that a client's second request costs a hash.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use auth_model::Timestamp;

use crate::{Claims, KeyRing, MAX_TOKEN_BYTES, TokenError, Verifier, api_key::sha256};

/// A verifier that remembers. It remembers only what was verified, under the SHA-256 of the whole token, and forgets:
///
/// * at the token's `exp`, without leeway;
/// * as soon as the set of keys changes: what one set has verified is verified again under the next;
/// * the least recently used, beyond its capacity.
///
/// What the store has to say of the token's mapping and user it does not remember.
pub struct VerifiedCache {
    verifier: Verifier,
    shards: [Mutex<Shard>; SHARDS],
    half: usize,
}

impl VerifiedCache {
    /// Remembers about `capacity` tokens, at some 600 bytes each.
    pub fn new(verifier: Verifier, capacity: usize) -> Self {
        let half = capacity.div_ceil(2 * SHARDS).max(1);
        Self { verifier, shards: std::array::from_fn(|_| Mutex::default()), half }
    }

    /// As [`Verifier::verify`]; a token verified before costs one SHA-256 and one look-up.
    pub fn verify(
        &self,
        ring: &KeyRing,
        token: &str,
        now: Timestamp,
    ) -> Result<Arc<Claims>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let hash = TokenHash(sha256(token.as_bytes()));
        if let Some(claims) = self.find(&hash, ring, now) {
            return Ok(claims);
        }
        let claims = Arc::new(self.verifier.verify(ring, token, now)?);
        let entry = Entry {
            generation: ring.generation(),
            from: claims.nbf.max(claims.iat),
            until: claims.exp,
            claims: Arc::clone(&claims),
        };
        if let Some(mut shard) = self.shard(&hash) {
            shard.insert(hash, entry, self.half);
        }
        Ok(claims)
    }

    /// How many tokens it remembers, those included that it would not serve any more.
    pub fn len(&self) -> usize {
        let count =
            |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(count).sum()
    }

    /// Whether it remembers none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn find(&self, hash: &TokenHash, ring: &KeyRing, now: Timestamp) -> Option<Arc<Claims>> {
        let mut shard = self.shard(hash)?;
        let entry = shard.get(hash, self.half)?;
        if entry.generation != ring.generation() || now >= entry.until {
            shard.remove(hash);
            return None;
        }
        // Within the leeway before it begins: rare enough to be verified in full.
        (now >= entry.from).then_some(entry.claims)
    }

    fn shard(&self, hash: &TokenHash) -> Option<std::sync::MutexGuard<'_, Shard>> {
        // The last byte, because a shard's own table goes by the first eight.
        let [.., last] = hash.0;
        let shard = self.shards.get(usize::from(last) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for VerifiedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCache").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// What decides over a hit stands here, so that the claims themselves are not touched.
#[derive(Clone)]
struct Entry {
    generation: u128,
    from: Timestamp,
    until: Timestamp,
    claims: Arc<Claims>,
}

type Table = HashMap<TokenHash, Entry, BuildHasherDefault<FirstBytes>>;

/// Two tables of bounded size. What is used moves to the young one; when that is full it becomes the old one, and what
/// was not used since is dropped at once. So each operation is cheap and there is nothing to sweep.
#[derive(Default)]
struct Shard {
    young: Table,
    old: Table,
}

impl Shard {
    fn get(&mut self, hash: &TokenHash, half: usize) -> Option<Entry> {
        if let Some(entry) = self.young.get(hash) {
            return Some(entry.clone());
        }
        let entry = self.old.remove(hash)?;
        self.insert(*hash, entry.clone(), half);
        Some(entry)
    }

    fn insert(&mut self, hash: TokenHash, entry: Entry, half: usize) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, entry);
    }

    fn remove(&mut self, hash: &TokenHash) {
        self.young.remove(hash);
        self.old.remove(hash);
    }

    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

/// SHA-256 of a token. Hashed by its first bytes: they are as good as random, and who could choose them would have to
/// have a token signed for each try, since nothing else is remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
struct TokenHash([u8; 32]);

impl Hash for TokenHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// Takes over the one number that it is given.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

const SHARDS: usize = 16;
