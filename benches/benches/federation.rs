//! What a sign-in costs by how much an organization has mapped (F1) and by how much a person brings (F2); and what the
//! response of an identity provider costs to verify, beside the bare signature (F3).

use std::{error::Error, hint::black_box};

use auth_model::Timestamp;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bench_suite::{
    arn_data::Random,
    attribute_data::{self, Person},
    cpu_time,
    goals::{Goal, say},
    options::Options,
};
use bergshamra_dsig::{DsigContext, sign};
use bergshamra_keys::{KeysManager, loader};
use role_mapping::{Attributes, MappingIndex};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use saml_sp::{
    Binding, Endpoint, Expected, IdentityProvider, IdpCertificate, ServiceProvider,
    ServiceProviderSettings, UnverifiedResponse, VerifiedAssertion,
};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

const PAIRS: usize = 200;
const FEW_PAIRS: usize = 50;
/// Of all people together, whether each brings few or many.
const ALL_PAIRS: usize = 400_000;
/// That are in the nearest caches together.
const PAIRS_AT_ONCE: usize = 1_600;
const RESPONSE_BYTES: usize = 20_000;
const VERIFICATIONS: usize = 100;

fn main() -> Outcome<()> {
    let options = Options::read();
    let small = Directory::new(100)?;
    let response = Response::new()?;
    let signature = BareSignature::new(&response.xml)?;
    if !options.measure {
        return Ok(());
    }
    let middle = Directory::new(10_000)?;
    by_mappings(
        &middle,
        &small,
        [
            ("F1-10k", "200 attributes of one person, 10,000 mappings ÷ 100 (ns)"),
            ("F1-10k-people", "the same, each time another person (ns)"),
        ],
    );
    by_pairs(&middle)?;
    drop(middle);
    by_mappings(
        &Directory::new(1_000_000)?,
        &small,
        [
            ("F1-1M", "200 attributes of one person, 1,000,000 mappings ÷ 100 (ns)"),
            ("F1-1M-people", "the same, each time another person (ns)"),
        ],
    );
    response.measure(&signature);
    Ok(())
}

/// Twice, because the number of mappings can cost in two ways: one person asked about again and again finds all in the
/// caches, so that only steps count; with other people each time there is also the memory that the mappings take.
fn by_mappings(
    large: &Directory,
    small: &Directory,
    [one, all]: [(&'static str, &'static str); 2],
) {
    let goal = |(id, what)| Goal { id, at_most: 2.0, what };
    goal(one).compare(|| large.one(), || small.one());
    goal(all).compare(|| large.all(&large.people), || small.all(&small.people));
}

/// One index for both, because what it costs to bring another one into the caches is no matter of attributes.
fn by_pairs(directory: &Directory) -> Outcome<()> {
    let Directory { index, mappings, people: many } = directory;
    let few = people(index, *mappings, FEW_PAIRS)?;
    let what = "each of 200 attributes ÷ each of 50, 10,000 mappings (ns)";
    let each = |people: &[Person], pairs: usize| directory.all(people) / pairs as f64;
    Goal { id: "F2", at_most: 2.0, what }.compare(|| each(many, PAIRS), || each(&few, FEW_PAIRS));
    Ok(())
}

/// Mappings, and people who sign in by them.
struct Directory {
    index: MappingIndex,
    mappings: u32,
    people: Vec<Person>,
}

impl Directory {
    fn new(mappings: u32) -> Outcome<Self> {
        let index = MappingIndex::new(attribute_data::rules(mappings)?)?;
        let people = people(&index, mappings, PAIRS)?;
        Ok(Self { index, mappings, people })
    }

    /// CPU nanoseconds for one person, each another one. A few at a time are copied first, untimed: what somebody brings
    /// has just been read from a response; what it is looked up in has not.
    fn all(&self, people: &[Person]) -> f64 {
        let pairs = people.first().map_or(1, |person| person.attributes.len());
        let mut total = 0.0;
        for some in people.chunks(PAIRS_AT_ONCE / pairs) {
            let brought: Vec<Attributes> =
                some.iter().map(|person| person.attributes.clone()).collect();
            total += cpu_time::nanoseconds(|| {
                for attributes in &brought {
                    black_box(self.index.evaluate(black_box(attributes)));
                }
            });
        }
        total / people.len() as f64
    }

    /// CPU nanoseconds for the same person at each time.
    fn one(&self) -> f64 {
        let people = self.people.iter().take(1).cycle().take(self.people.len());
        let people: Vec<&Person> = people.collect();
        cpu_time::each(&people, |person| self.index.evaluate(&person.attributes))
    }
}

/// Fails if one of them gets anything but what is known to be right.
fn people(index: &MappingIndex, mappings: u32, pairs: usize) -> Outcome<Vec<Person>> {
    let mut random = Random::new(mappings.into());
    let mut people = Vec::new();
    for _ in 0..ALL_PAIRS / pairs {
        let person = Person::new(&mut random, mappings, pairs)?;
        let grants = index.evaluate(&person.attributes);
        let answer = person.answer()?;
        if !grants.iter().eq(answer.iter().map(|(target, by)| (*target, by))) {
            return Err(format!("wrong grants among {mappings} mappings").into());
        }
        people.push(person);
    }
    Ok(people)
}

/// A genuine response, made longer and signed anew, and all that it is held against.
struct Response {
    xml: String,
    field: String,
    sp: ServiceProvider,
    idp: IdentityProvider,
    request: String,
    now: Timestamp,
}

impl Response {
    fn new() -> Outcome<Self> {
        let facts: Value = serde_json::from_str(vector::FACTS)?;
        let fact = |name: &str| facts.get(name).and_then(Value::as_str).ok_or("a fact is absent");
        let settings = ServiceProviderSettings::new(fact("sp")?, fact("acs")?);
        let location = "https://idp.example/sso/redirect".to_owned();
        let endpoint = Endpoint { binding: Binding::Redirect, location };
        let certificate = IdpCertificate::from_pem(vector::CERTIFICATE)?;
        let at = facts.get("at").and_then(Value::as_i64).ok_or("no time")?;
        let (values, xml) = signed()?;
        let response = Self {
            field: STANDARD.encode(&xml),
            xml,
            sp: ServiceProvider::new(settings)?,
            idp: IdentityProvider::new(fact("idp")?, vec![endpoint], vec![certificate])?,
            request: fact("request")?.to_owned(),
            now: Timestamp::from_unix_seconds(at),
        };
        let assertion = response.verify(&response.field)?;
        let groups = assertion.attribute_pairs().filter(|(name, _)| *name == "memberOf").count();
        // A verifier that overlooks one letter would not be worth measuring.
        let altered = STANDARD.encode(response.xml.replacen("CN=team-", "CN=tean-", 1));
        if groups != values || response.verify(&altered).is_ok() {
            return Err("the response is not read or not verified as it should be".into());
        }
        Ok(response)
    }

    fn verify(&self, field: &str) -> Result<VerifiedAssertion, saml_sp::Refusal> {
        let expected = Expected::ReplyTo(&self.request);
        UnverifiedResponse::from_form(field)?.verify(&self.sp, &self.idp, expected, self.now)
    }

    fn measure(&self, signature: &BareSignature) {
        let ours = || calls(|| self.verify(black_box(&self.field)));
        let floor = || calls(|| signature.verify());
        let what = "verify a SAML response of 20 kB ÷ raw aws-lc-rs RSA-2048 verify (ns)";
        // Nobody has said yet how much it may be.
        Goal { id: "F3", at_most: f64::INFINITY, what }.compare(ours, floor);
        let read = calls(|| UnverifiedResponse::from_form(black_box(&self.field)));
        let (all, bare) = (ours(), floor());
        let [read, all, bare] = [read, all, bare].map(|nanoseconds| nanoseconds / 1e3);
        let bytes = self.xml.len();
        say(format_args!(
            "note F3 {bytes} bytes: {all:.0} µs, of which {read:.0} µs until the form is read; raw verify {bare:.1} µs"
        ));
    }
}

/// An assertion of `pysaml2` with as many more values as make the response long enough, signed anew by its own key. How
/// many values there are, and the response.
fn signed() -> Outcome<(usize, String)> {
    let mut xml = vector::RESPONSE.to_owned();
    for name in ["ns2:DigestValue", "ns2:SignatureValue"] {
        xml = emptied(&xml, name)?;
    }
    let (before, after) = xml.split_once(STATEMENT_END).ok_or("no attributes")?;
    let mut values = Vec::new();
    let mut bytes = vector::RESPONSE.len();
    while bytes < RESPONSE_BYTES {
        let value = format!(
            "<ns1:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xs:string\">\
             CN=team-{:08x},OU=Groups,DC=corp,DC=example</ns1:AttributeValue>",
            values.len()
        );
        bytes += value.len();
        values.push(value);
    }
    let longer = format!(
        "{before}<ns1:Attribute Name=\"memberOf\">{}</ns1:Attribute>{STATEMENT_END}{after}",
        values.concat()
    );
    let mut keys = KeysManager::new();
    keys.add_key(loader::load_pem_auto(vector::KEY.as_bytes(), None)?);
    Ok((values.len(), sign::sign(&DsigContext::new_permissive(keys), &longer)?))
}

/// Without what stands inside the only element of this name; it is filled in when signing.
fn emptied(xml: &str, name: &str) -> Outcome<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (before, rest) = xml.split_once(&open).ok_or("no such element")?;
    let (_, after) = rest.split_once(&close).ok_or("no end of the element")?;
    Ok([before, &open, &close, after].concat())
}

/// The same key over a text as long as what it signs in a response.
struct BareSignature {
    key: ParsedPublicKey,
    message: String,
    signature: Vec<u8>,
}

impl BareSignature {
    fn new(xml: &str) -> Outcome<Self> {
        let (start, end) = ("<ns2:SignedInfo>", "</ns2:SignedInfo>");
        let rest = xml.split_once(start).ok_or("no signature")?.1;
        let message = rest.split_once(end).ok_or("no signature")?.0.to_owned();
        let der = PrivatePkcs8KeyDer::from_pem_slice(vector::KEY.as_bytes())?;
        let pair = KeyPair::from_pkcs8(der.secret_pkcs8_der())?;
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)?;
        // Parsed beforehand, as the certificates of a provider are.
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
        let bare = Self { key, message, signature };
        bare.verify()?;
        Ok(bare)
    }

    fn verify(&self) -> Result<(), aws_lc_rs::error::Unspecified> {
        self.key.verify_sig(black_box(self.message.as_bytes()), &self.signature)
    }
}

/// CPU nanoseconds for each call.
fn calls<T>(mut work: impl FnMut() -> T) -> f64 {
    cpu_time::each(&[(); VERIFICATIONS], |()| work())
}

const STATEMENT_END: &str = "</ns1:AttributeStatement>";

/// Test messages and their keys, which are public and sign nothing else.
mod vector {
    macro_rules! vector {
        ($name:literal) => {
            include_str!(concat!("../../crates/saml-sp/tests/vectors/", $name))
        };
    }

    pub(crate) const FACTS: &str = vector!("vectors.json");
    pub(crate) const RESPONSE: &str = vector!("pysaml2-assertion-signed.xml");
    pub(crate) const KEY: &str = vector!("idp.key.pem");
    pub(crate) const CERTIFICATE: &str = vector!("idp.cert.pem");
}
