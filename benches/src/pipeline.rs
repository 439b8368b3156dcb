//! An exchange without the network: proof, answer of STS, mapping, token.

use std::error::Error;

use arn_pattern::{ArnPattern, PatternIndex};
use auth_model::{
    Clock as _, KeyState, MappingId, OrgId, OsRandomness, SigningAlgorithm, SystemClock, Timestamp,
    UserId,
};
use sts_proof::{
    AwsCredentials, CallerIdentity, ClientStyle, Proof, ProofPolicy, SignOptions, StsAnswer,
    UnverifiedProof,
};
use token_issuer::{
    Actor, Issuer, KeyRing, MAX_TTL, MasterKey, TokenSubject, generate_signing_key,
};

use crate::arn_data::Data;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The form that STS answers in.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// What it is asked for.
    Json,
    /// What it answers unless it is asked.
    Xml,
}

/// One installation with patterns that signs with EdDSA, one proof as a client sends it, and STS's answer to it in both forms.
pub struct Pipeline {
    ring: KeyRing,
    issuer: Issuer,
    index: PatternIndex<MappingId>,
    policy: ProofPolicy,
    org: OrgId,
    user: UserId,
    header: String,
    json: StsAnswer,
    xml: StsAnswer,
    caller: CallerIdentity,
    mapping: MappingId,
    now: Timestamp,
}

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-abcdefghijk";

impl Pipeline {
    /// With that many patterns beside the one that matches.
    ///
    /// # Errors
    /// No random bytes, most likely.
    pub fn new(patterns: usize) -> Outcome<Self> {
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
        let mapping = MappingId::random(&random)?;
        index.insert(org.0.as_u128(), own, mapping);
        let (policy, header) = (ProofPolicy::default(), header(org, now)?);
        let json = answer("application/json", JSON);
        let request = UnverifiedProof::parse_authorization(&header)?.check(&policy, now)?;
        let caller = CallerIdentity::read(&request, &json, now)?;
        Ok(Self {
            ring: KeyRing::open(&master, &[key])?,
            issuer: Issuer::new(url, url, MAX_TTL)?,
            index,
            policy,
            org,
            user: UserId::new(&clock, &random)?,
            header,
            json,
            xml: answer("text/xml", XML),
            caller,
            mapping,
            now,
        })
    }

    /// From the header to the token.
    ///
    /// # Errors
    /// The exchange is refused.
    pub fn exchange(&self, form: Form) -> Outcome<String> {
        let proof = UnverifiedProof::parse_authorization(&self.header)?;
        let request = proof.check(&self.policy, self.now)?;
        let answer = match form {
            Form::Json => &self.json,
            Form::Xml => &self.xml,
        };
        let caller = CallerIdentity::read(&request, answer, self.now)?;
        let mapping = self.index.lookup(self.org.0.as_u128(), caller.arn()).ok_or("unmapped")?;
        self.issue(&caller, *mapping)
    }

    /// The last step alone.
    ///
    /// # Errors
    /// No random bytes.
    pub fn token(&self) -> Outcome<String> {
        self.issue(&self.caller, self.mapping)
    }

    fn issue(&self, caller: &CallerIdentity, mapping: MappingId) -> Outcome<String> {
        let subject = TokenSubject {
            user: self.user,
            org: caller.org(),
            mapping,
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

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
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
