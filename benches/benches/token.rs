//! What a token costs to sign, to verify and to recognize, and what an API key costs to find, each beside the bare
//! cryptography of the same round (B1 to B4).

use std::{
    collections::HashMap,
    error::Error,
    hash::{BuildHasherDefault, Hash, Hasher},
    hint::black_box,
    time::Duration,
};

use auth_model::{
    Clock as _, ExposeSecret as _, KeyHash, KeyState, MappingId, OrgId, OsRandomness,
    SigningAlgorithm, SystemClock, Timestamp, UserId,
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey},
};
use bench_suite::{
    cpu_time,
    goals::{Goal, say},
    options::Options,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use token_issuer::{
    Actor, Issuer, KeyRing, MAX_TTL, MasterKey, TokenSubject, VerifiedCache, Verifier,
    generate_signing_key, hash_key, new_api_key_text, same_key,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read();
    let bench = Bench::new()?;
    bench.verifier.verify(&bench.ring, &bench.token, bench.now)?;
    if !options.measure {
        return Ok(());
    }
    bench.sign()?;
    bench.verify()?;
    bench.recognize()?;
    find_api_key()
}

/// One installation that signs with EdDSA, and the floor: another key, held by AWS-LC alone.
struct Bench {
    ring: KeyRing,
    issuer: Issuer,
    verifier: Verifier,
    subject: TokenSubject,
    now: Timestamp,
    token: String,
    floor_key: Ed25519KeyPair,
}

impl Bench {
    fn new() -> Outcome<Self> {
        let (clock, random) = (SystemClock, OsRandomness);
        let master = MasterKey::generate(&random)?;
        let mut key = generate_signing_key(&master, &random, &clock, SigningAlgorithm::EdDsa)?;
        key.state = KeyState::Current;
        let ring = KeyRing::open(&master, &[key])?;
        let url = "https://countersign.example";
        let issuer = Issuer::new(url, url, MAX_TTL)?;
        let subject = TokenSubject {
            user: UserId::new(&clock, &random)?,
            org: OrgId::random(&random)?,
            mapping: MappingId::random(&random)?,
            act: Actor {
                arn: "arn:aws:sts::123456789012:assumed-role/deploy/build-7".to_owned(),
                account: "123456789012".to_owned(),
                user_id: "AROAEXAMPLEEXAMPLE123:build-7".to_owned(),
            },
        };
        let now = clock.now();
        let token = issuer.issue(&ring, &subject, now, None, &random)?.expose().to_owned();
        let verifier = Verifier::new(url, url, Duration::from_secs(5))?;
        let floor_key = Ed25519KeyPair::generate()?;
        Ok(Self { ring, issuer, verifier, subject, now, token, floor_key })
    }

    fn issue(&self) -> Outcome<String> {
        let token = self.issuer.issue(&self.ring, &self.subject, self.now, None, &OsRandomness)?;
        Ok(token.expose().to_owned())
    }

    /// What a token's signature covers.
    fn message(&self) -> Outcome<&[u8]> {
        let (message, _) = self.token.rsplit_once('.').ok_or("not a token")?;
        Ok(message.as_bytes())
    }

    fn sign(&self) -> Outcome<()> {
        let message = self.message()?;
        let floor = || calls(SIGNATURES, || self.floor_key.sign(black_box(message)));
        let random = OsRandomness;
        let issue = || self.issuer.issue(&self.ring, &self.subject, self.now, None, &random);
        let ours = || calls(SIGNATURES, issue);
        let what = "sign a token (EdDSA) / raw aws-lc-rs sign of the same bytes";
        Goal { id: "B1", at_most: 1.10, what }.compare(ours, floor);

        // The peer as it comes: it parses the key at each call. A key that no ring holds stays its own.
        let key = EncodingKey::from_ed_der(self.floor_key.to_pkcs8()?.as_ref());
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("0123456789abcdef0123456789abcdef".to_owned());
        let claims = jsonwebtoken::dangerous::insecure_decode_claims::<Value>(&self.token)?;
        let peer = || calls(SIGNATURES, || jsonwebtoken::encode(&header, &claims, &key));
        let what = "sign a token (EdDSA) / jsonwebtoken as it comes";
        Goal { id: "B1b", at_most: 0.70, what }.compare(ours, peer);
        Ok(())
    }

    fn verify(&self) -> Outcome<()> {
        let floor = self.raw_verify()?;
        let ours = || {
            let verify = || self.verifier.verify(&self.ring, black_box(&self.token), self.now);
            calls(SIGNATURES, verify)
        };
        let what = "verify a token (EdDSA), all claims checked / raw aws-lc-rs verify";
        Goal { id: "B2", at_most: 1.10, what }.compare(ours, floor);
        Ok(())
    }

    /// Of many tokens in no order, with the checks of expiry and of the ring that each hit undergoes.
    fn recognize(&self) -> Outcome<()> {
        let tokens: Vec<String> = (0..TOKENS).map(|_| self.issue()).collect::<Outcome<_>>()?;
        let cache = VerifiedCache::new(self.verifier.clone(), 4 * TOKENS);
        for token in &tokens {
            cache.verify(&self.ring, token, self.now)?;
        }
        let floor = self.raw_verify()?;
        let mut order = Scattered::new(&tokens);
        let ours =
            || order.each(40 * SIGNATURES, |token| cache.verify(&self.ring, token, self.now));
        let what = "a token verified before, among 100k / raw aws-lc-rs verify";
        Goal { id: "B3", at_most: 0.03, what }.compare(ours, floor);
        Ok(())
    }

    /// Parsed beforehand, as ours is.
    fn raw_verify(&self) -> Outcome<impl FnMut() -> f64> {
        let message = self.message()?.to_vec();
        let signature = self.floor_key.sign(&message);
        let public = ParsedPublicKey::new(&ED25519, self.floor_key.public_key().as_ref())?;
        public.verify_sig(&message, signature.as_ref())?;
        Ok(move || calls(SIGNATURES, || public.verify_sig(black_box(&message), signature.as_ref())))
    }
}

/// By SHA-256 in a table of a million. The keys stand in a row, so that reading them costs neither side anything; where
/// their hashes stand in the table is random.
fn find_api_key() -> Outcome<()> {
    let texts: Vec<[u8; 32]> = (0..API_KEYS)
        .map(|_| Ok(new_api_key_text(&OsRandomness)?.expose_secret().as_bytes().try_into()?))
        .collect::<Outcome<_>>()?;
    let hash = |text: &[u8; 32]| str::from_utf8(text).map(|text| Held(hash_key(text)));
    let table: HashMap<Held, u32, BuildHasherDefault<FirstBytes>> =
        texts.iter().zip(0..).map(|(text, id)| Ok((hash(text)?, id))).collect::<Outcome<_>>()?;
    let texts: Vec<&[u8; 32]> = texts.iter().take(HASHES).collect();
    let find = |text: &[u8; 32]| table.get(&hash(text).ok()?).copied();
    let ours = || cpu_time::each(&texts, find);
    let floor = || cpu_time::each(&texts, |text| digest(&SHA256, text));
    let what = "an API key among 1M / raw SHA-256 of the key";
    Goal { id: "B4", at_most: 2.5, what }.compare(ours, floor);
    // What no table can do without: one load that misses the caches, from as much memory.
    let row: Vec<[u64; 5]> = (0..table.capacity() as u64).map(|n| [n; 5]).collect();
    let load = |text: &[u8; 32]| {
        let hash = hash(text).ok()?;
        let place = (u128::from(hash.first_bytes()) * row.len() as u128) >> 64;
        row.get(place as usize).map(|[first, ..]| *first)
    };
    let (hashed, loaded, found) =
        (floor(), cpu_time::each(&texts, load), cpu_time::each(&texts, find));
    say(format_args!(
        "note B4 raw SHA-256 {hashed:.0} ns, and one missing load {loaded:.0} ns, the key found {found:.0} ns"
    ));
    Ok(())
}

/// The hash that a key is found by. Compared once, and that in constant time.
struct Held(KeyHash);

impl Held {
    fn first_bytes(&self) -> u64 {
        self.0.0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        same_key(&self.0, &other.0)
    }
}

impl Eq for Held {}

impl Hash for Held {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.first_bytes());
    }
}

/// A SHA-256 needs no second hash: its first bytes are as good as random, and since keys are made here and not chosen
/// by who uses them, nobody can make them collide.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a `Held` is hashed as one number");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Nanoseconds of CPU time for each call.
fn calls<T>(count: usize, mut work: impl FnMut() -> T) -> f64 {
    let all = cpu_time::nanoseconds(|| {
        for _ in 0..count {
            black_box(work());
        }
    });
    all / count.max(1) as f64
}

/// Steps through a list so that neighbours in time are none in memory.
struct Scattered<'a> {
    list: &'a [String],
    at: usize,
}

impl<'a> Scattered<'a> {
    fn new(list: &'a [String]) -> Self {
        Self { list, at: 0 }
    }

    /// Nanoseconds of CPU time for each call. A few texts at a time are copied first, untimed: what a request brings
    /// has just been read from a socket; what it is looked up in has not.
    fn each<T>(&mut self, count: usize, mut work: impl FnMut(&str) -> T) -> f64 {
        let mut total = 0.0;
        for _ in 0..count / AT_ONCE {
            let texts: Vec<String> = (0..AT_ONCE).map(|_| self.next().to_owned()).collect();
            total += cpu_time::nanoseconds(|| {
                for text in &texts {
                    black_box(work(text));
                }
            });
        }
        total / (count / AT_ONCE * AT_ONCE) as f64
    }

    fn next(&mut self) -> &'a str {
        // A prime that divides no length used here: every element has its turn.
        self.at = (self.at + 611_953) % self.list.len().max(1);
        self.list.get(self.at).map_or("", String::as_str)
    }
}

const AT_ONCE: usize = 64;
const SIGNATURES: usize = 2_000;
const HASHES: usize = 400_000;
const TOKENS: usize = 100_000;
const API_KEYS: usize = 1_000_000;
