//! What an exchange costs without the network: proof, answer of STS, mapping, token, beside a bare signature (D5, D6).

use std::{error::Error, hint::black_box};

use arn_pattern::{ArnPattern, PatternIndex};
use auth_model::{
    Clock as _, KeyState, MappingId, OrgId, OsRandomness, SigningAlgorithm, SystemClock, Timestamp,
    UserId,
};
use aws_lc_rs::signature::Ed25519KeyPair;
use bench_suite::{arn_data::Data, cpu_time, goals::Goal, options::Options};
use sts_proof::{
    AwsCredentials, CallerIdentity, ClientStyle, Proof, ProofPolicy, SignOptions, StsAnswer,
    UnverifiedProof,
};
use token_issuer::{
    Actor, Issuer, KeyRing, MAX_TTL, MasterKey, TokenSubject, generate_signing_key,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let options = Options::read();
    let many = if options.full { 1_000_000 } else { 100_000 };
    let few = Pipeline::new(10)?;
    let pipeline = Pipeline::new(if options.measure { many } else { 100 })?;
    let token = pipeline.exchange(Form::Json)?;
    if token.split('.').count() != 3 || pipeline.exchange(Form::Xml)?.is_empty() {
        return Err("the pipeline gave no token".into());
    }
    if !options.measure {
        return Ok(());
    }
    let (message, _) = token.rsplit_once('.').ok_or("not a token")?;
    let floor_key = Ed25519KeyPair::generate()?;
    let floor = || each(|| floor_key.sign(black_box(message.as_bytes())));
    D5.compare(|| each(|| pipeline.exchange(Form::Json)), floor);
    D5_XML.compare(|| each(|| pipeline.exchange(Form::Xml)), floor);
    D6.compare(|| each(|| pipeline.exchange(Form::Json)), || each(|| few.exchange(Form::Json)));
    Ok(())
}

const D5: Goal = Goal { id: "D5", at_most: 1.6, what: "exchange without network / raw EdDSA sign" };
const D5_XML: Goal = Goal { id: "D5x", at_most: 1.6, what: "the same where STS answers with XML" };
const D6: Goal = Goal { id: "D6", at_most: 1.05, what: "D5 with many patterns / with 10" };

/// The form that STS answers in.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Xml,
}

/// One installation with patterns, one proof as a client sends it, and STS's answer to it in both forms.
struct Pipeline {
    ring: KeyRing,
    issuer: Issuer,
    index: PatternIndex<MappingId>,
    policy: ProofPolicy,
    org: OrgId,
    user: UserId,
    header: String,
    json: StsAnswer,
    xml: StsAnswer,
    now: Timestamp,
}

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-abcdefghijk";

impl Pipeline {
    fn new(patterns: usize) -> Outcome<Self> {
        let (clock, random) = (SystemClock, OsRandomness);
        let master = MasterKey::generate(&random)?;
        let mut key = generate_signing_key(&master, &random, &clock, SigningAlgorithm::EdDsa)?;
        key.state = KeyState::Current;
        let url = "https://countersign.example";
        let org = OrgId::random(&random)?;
        let now = clock.now();
        let mut index = PatternIndex::new();
        for pattern in Data::new(patterns, 1)?.patterns {
            index.insert(org.0.as_u128(), pattern, MappingId::random(&random)?);
        }
        let own: ArnPattern =
            "arn:aws:sts::123456789012:assumed-role/terraform-runner/*".parse()?;
        index.insert(org.0.as_u128(), own, MappingId::random(&random)?);
        Ok(Self {
            ring: KeyRing::open(&master, &[key])?,
            issuer: Issuer::new(url, url, MAX_TTL)?,
            index,
            policy: ProofPolicy::default(),
            org,
            user: UserId::new(&clock, &random)?,
            header: header(org, now)?,
            json: answer("application/json", JSON),
            xml: answer("text/xml", XML),
            now,
        })
    }

    fn exchange(&self, form: Form) -> Outcome<String> {
        let proof = UnverifiedProof::parse_authorization(&self.header)?;
        let request = proof.check(&self.policy, self.now)?;
        let answer = match form {
            Form::Json => &self.json,
            Form::Xml => &self.xml,
        };
        let caller = CallerIdentity::read(&request, answer, self.now)?;
        let mapping = self.index.lookup(self.org.0.as_u128(), caller.arn()).ok_or("unmapped")?;
        let subject = TokenSubject {
            user: self.user,
            org: caller.org(),
            mapping: *mapping,
            act: Actor {
                arn: caller.arn().as_str().to_owned(),
                account: caller.account().to_string(),
                user_id: caller.user_id().to_owned(),
            },
        };
        let token = self.issuer.issue(&self.ring, &subject, self.now, None, &OsRandomness)?;
        Ok(token.expose().to_owned())
    }
}

/// A proof with a session token of the usual length.
fn header(org: OrgId, at: Timestamp) -> Outcome<String> {
    let credentials = AwsCredentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned().into(),
        session_token: Some("FwoGZXIvYXdzE".repeat(77).into()),
    };
    let options =
        SignOptions { org, region: None, style: ClientStyle::Go, user_agent: "bench", at };
    Ok(format!("Delegated {}", Proof::sign(&credentials, &options)?.expose()))
}

fn answer(content_type: &str, body: &str) -> StsAnswer {
    StsAnswer {
        status: 200,
        content_type: Some(content_type.to_owned()),
        body: body.replace("{ARN}", ARN).into_bytes(),
        ..StsAnswer::default()
    }
}

const JSON: &str = r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012","Arn":"{ARN}","UserId":"AROAEXAMPLEEXAMPLE123:run-abcdefghijk"},"ResponseMetadata":{"RequestId":"7a62c49f-347e-4fc4-9331-6e8e5EXAMPLE"}}}"#;

const XML: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>{ARN}</Arn><UserId>AROAEXAMPLEEXAMPLE123:run-abcdefghijk</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8e5EXAMPLE</RequestId></ResponseMetadata></GetCallerIdentityResponse>"#;

/// CPU nanoseconds for one call.
fn each<T>(mut work: impl FnMut() -> T) -> f64 {
    let calls = [(); CALLS];
    cpu_time::each(&calls, |()| black_box(work()))
}

const CALLS: usize = 2_000;
