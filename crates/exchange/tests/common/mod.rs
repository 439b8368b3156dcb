//! An exchange on the memory store, with an STS that says what a test tells it to.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arn_pattern::{AccountId, Partition, PatternRules};
use async_trait::async_trait;
use auth_model::*;
use exchange::*;
use mapping_store::{AuditQuery, MemoryStore, Store};
use sts_proof::*;
use token_issuer::{Issuer, ManagedKeyPolicy, MasterKey, RotationPolicy};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1";

/// What the fake STS does next; when the list is empty it confirms [`CALLER`].
#[derive(Clone)]
pub(crate) enum Says {
    Caller(&'static str),
    Error(u16, &'static str),
    Nothing(TransportError),
    Html,
}

#[derive(Default)]
pub(crate) struct FakeSts {
    pub(crate) calls: AtomicUsize,
    pub(crate) script: Mutex<VecDeque<Says>>,
    /// Every call waits here until the test opens it, if the test closed it.
    pub(crate) gate: Option<tokio::sync::Semaphore>,
}

#[async_trait]
impl StsTransport for FakeSts {
    async fn send(&self, _: &StsRequest) -> Result<StsAnswer, TransportError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        let next = self.script.lock().unwrap().pop_front().unwrap_or(Says::Caller(CALLER));
        let answer = |status, content_type: &str, body: String| StsAnswer {
            status,
            content_type: Some(content_type.to_owned()),
            request_id: Some("7a62c49f-347e-4fc4-9331-6e8eEXAMPLE".to_owned()),
            date: None,
            body: body.into_bytes(),
        };
        match next {
            Says::Caller(arn) => Ok(answer(200, "application/json", confirmed(arn))),
            Says::Error(status, code) => Ok(answer(
                status,
                "application/json",
                format!(
                    r#"{{"Error":{{"Code":"{code}","Message":"m","Type":"Sender"}},"RequestId":"r"}}"#
                ),
            )),
            Says::Html => Ok(answer(200, "text/html", "<html/>".to_owned())),
            Says::Nothing(error) => Err(error),
        }
    }
}

fn confirmed(arn: &str) -> String {
    let account = arn.split(':').nth(4).unwrap();
    let session = arn.rsplit('/').next().unwrap();
    format!(
        r#"{{"GetCallerIdentityResponse":{{"GetCallerIdentityResult":{{"Account":"{account}","Arn":"{arn}","UserId":"AROAEXAMPLEEXAMPLE123:{session}"}},"ResponseMetadata":{{"RequestId":"r"}}}}}}"#
    )
}

pub(crate) struct World {
    pub(crate) exchange: Exchange,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) sts: Arc<FakeSts>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) org: OrgId,
    pub(crate) user: User,
}

pub(crate) struct Options {
    pub(crate) replay: ReplayPolicy,
    pub(crate) gated: bool,
    pub(crate) limits: LimitSettings,
    pub(crate) rules: PatternRules,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            replay: ReplayPolicy::Idempotent,
            gated: false,
            limits: LimitSettings { sts_in_flight: 64, per_source: 0, per_access_key: 0 },
            rules: PatternRules::default(),
        }
    }
}

impl World {
    pub(crate) async fn new(options: Options) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix_seconds(1_790_000_000)));
        let store = Arc::new(MemoryStore::default());
        let sts = Arc::new(FakeSts {
            gate: options.gated.then(|| tokio::sync::Semaphore::new(0)),
            ..FakeSts::default()
        });
        let randomness = Arc::new(OsRandomness);
        let master_key = Arc::new(MasterKey::generate(&OsRandomness).unwrap());
        let ring = SigningRing::open(
            store.clone(),
            master_key.clone(),
            clock.clone(),
            randomness.clone(),
            RingSettings {
                algorithm: SigningAlgorithm::Es256,
                rotation: RotationPolicy::default(),
            },
        )
        .await
        .unwrap();
        let issuer = "https://auth.example.com";
        let settings = Settings {
            issuer: Issuer::new(issuer, issuer, Duration::from_secs(900)).unwrap(),
            proofs: ProofPolicy::default(),
            replay: options.replay,
            patterns: options.rules,
            managed_keys: ManagedKeyPolicy::default(),
            limits: options.limits,
        };
        let parts = Parts {
            store: store.clone(),
            sts: sts.clone(),
            ring: Arc::new(ring),
            master_key,
            clock: clock.clone(),
            randomness,
        };
        let exchange = Exchange::new(parts, settings);
        let (org, user) = populate(store.as_ref(), clock.as_ref()).await;
        Self { exchange, store, sts, clock, org, user }
    }

    pub(crate) fn proof(&self) -> Vec<u8> {
        self.proof_for(self.org)
    }

    pub(crate) fn proof_for(&self, org: OrgId) -> Vec<u8> {
        let credentials = AwsCredentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned().into(),
            session_token: Some("token".to_owned().into()),
        };
        let options = SignOptions {
            org,
            region: None,
            style: ClientStyle::Go,
            user_agent: "test",
            at: self.clock.now(),
        };
        let proof = Proof::sign(&credentials, &options).unwrap();
        format!("Delegated {}", proof.expose()).into_bytes()
    }

    /// Each later than the one before, so that it is clear whose event is the last.
    pub(crate) fn attempt(&self) -> Attempt {
        self.clock.set(self.clock.now().plus(Duration::from_micros(1)));
        Attempt {
            source: Some("192.0.2.1".parse().unwrap()),
            request_id: "req-1".to_owned(),
            arrived_at: self.clock.now(),
        }
    }

    pub(crate) async fn token(&self) -> Result<GrantedToken, Refusal> {
        self.exchange.access_token(&self.proof(), &self.attempt()).await
    }

    pub(crate) async fn key(&self) -> Result<GrantedKey, Refusal> {
        self.exchange.managed_key(&self.proof(), &self.attempt(), None).await
    }

    pub(crate) async fn map(&self, pattern: &str) -> MappingId {
        let mapping = PersonaMapping {
            id: MappingId::random(&OsRandomness).unwrap(),
            org: self.org,
            pattern: pattern.parse().unwrap(),
            target: self.user.id,
            created_by: None,
            created_at: self.clock.now(),
        };
        let event = event(self.org, self.clock.as_ref());
        mapping_store::PersonaMappings::insert_persona_mapping(
            self.store.as_ref(),
            &mapping,
            &event,
        )
        .await
        .unwrap();
        mapping.id
    }

    pub(crate) async fn map_intake(&self, pattern: &str) -> MappingId {
        let mapping = IntakeMapping {
            id: MappingId::random(&OsRandomness).unwrap(),
            org: self.org,
            pattern: pattern.parse().unwrap(),
            created_by: None,
            created_at: self.clock.now(),
        };
        let event = event(self.org, self.clock.as_ref());
        mapping_store::IntakeMappings::insert_intake_mapping(self.store.as_ref(), &mapping, &event)
            .await
            .unwrap();
        mapping.id
    }

    pub(crate) async fn last_event(&self) -> AuditEvent {
        mapping_store::AuditLog::events(self.store.as_ref(), self.org, AuditQuery::newest(1))
            .await
            .unwrap()
            .remove(0)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }
}

pub(crate) fn event(org: OrgId, clock: &dyn Clock) -> AuditEvent {
    let id = AuditEventId::new(clock, &OsRandomness).unwrap();
    AuditEvent::change(id, clock.now().minus(Duration::from_secs(3_600)), org, "test")
}

async fn populate(store: &dyn Store, clock: &ManualClock) -> (OrgId, User) {
    let now = clock.now();
    let org = OrgId::random(&OsRandomness).unwrap();
    let organization = Organization {
        id: org,
        number: 1,
        name: "Example".to_owned(),
        disabled: false,
        created_at: now,
        modified_at: now,
    };
    let user = User {
        id: UserId::new(clock, &OsRandomness).unwrap(),
        org,
        email: "terraform@example.com".to_owned(),
        name: String::new(),
        title: String::new(),
        service_account: true,
        disabled: false,
        verified: true,
        roles: Vec::new(),
        created_at: now,
        modified_at: now,
    };
    let account = AwsAccount {
        id: AwsAccountConfigId::random(&OsRandomness).unwrap(),
        org,
        account: ACCOUNT.parse::<AccountId>().unwrap(),
        partition: Partition::Aws,
        auth: AwsAuth::Role { role_name: "r".to_owned(), external_id: "0".repeat(32) },
        settings: "{}".to_owned(),
        created_at: now,
        modified_at: now,
    };
    store.insert_organization(&organization, &event(org, clock)).await.unwrap();
    store.insert_user(&user, &event(org, clock)).await.unwrap();
    store.insert_aws_account(&account, &event(org, clock)).await.unwrap();
    (org, user)
}
