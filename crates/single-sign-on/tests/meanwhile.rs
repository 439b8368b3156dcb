//! What becomes of a sign-in whose organization decides otherwise, or whose user changes, after it was decided and before it is done.
//!
//! The response is in `vectors`, with what made it, and signed with a public test key.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, AuditEventId, AuditOutcome, Enforcement,
    IdpMetadata, KeyCategory, ManualClock, OrgId, Organization, OsRandomness, Randomness,
    RandomnessError, Role, RoleId, SamlChange, Timestamp, User, UserChange, UserId,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mapping_store::{
    ApiKeys, AppKeys, AuditLog, AuditQuery, KeptAssertions, MemoryStore, Organizations, Roles,
    SamlConfigurations, Slice, Users,
};
use single_sign_on::{Attempt, Parts, Posted, Refusal, Settings, SignedIn, SingleSignOn};
use token_issuer::{MasterKey, hash_key};

const RESPONSE: &str = include_str!("vectors/response.xml");
const METADATA: &str = include_str!("vectors/metadata.xml");
const ORG: &str = "0190ab00-0000-7000-8000-000000000001";
/// When the response was made.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// What happens meanwhile.
enum Change {
    Saml(SamlChange),
    User(UserId, UserChange),
}

/// A sign-in that asks for random bytes has been decided and is not done yet.
struct Meanwhile {
    store: Arc<MemoryStore>,
    change: Mutex<Option<Change>>,
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meanwhile").finish_non_exhaustive()
    }
}

impl Randomness for Meanwhile {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        let change = self.change.lock().unwrap().take();
        let (store, org, event) = (&self.store, org(), event());
        match change {
            Some(Change::Saml(change)) => {
                at_once(store.change_saml_configuration(org, &change, &event)).unwrap();
            }
            Some(Change::User(user, change)) => {
                assert!(at_once(store.change_user(org, user, &change, &event)).unwrap().is_some());
            }
            None => {}
        }
        OsRandomness.fill(bytes)
    }
}

/// The store in memory waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("the store waits"),
    }
}

fn org() -> OrgId {
    ORG.parse().unwrap()
}

/// Of whatever is no sign-in, and before all of them.
fn event() -> AuditEvent {
    let (id, at) =
        (AuditEventId::random(&OsRandomness).unwrap(), NOW.minus(Duration::from_secs(1)));
    AuditEvent::change(id, at, org(), "test")
}

fn attempt() -> Attempt {
    Attempt { request_id: "request".to_owned(), arrived_at: NOW, source: None }
}

struct Scene {
    store: Arc<MemoryStore>,
    meanwhile: Arc<Meanwhile>,
    single_sign_on: SingleSignOn,
    ann: User,
    bob: User,
}

impl Scene {
    /// Ann, with a role and with keys `api` and `app`, and Bob. They may sign in by everything, and what they bring is kept.
    async fn start() -> Self {
        let store = Arc::new(MemoryStore::new());
        let change = Mutex::new(None);
        let meanwhile = Arc::new(Meanwhile { store: store.clone(), change });
        let parts = Parts {
            store: store.clone(),
            master_key: Arc::new(MasterKey::generate(&OsRandomness).unwrap()),
            clock: Arc::new(ManualClock::at(NOW)),
            randomness: meanwhile.clone(),
        };
        let settings = Settings {
            public_url: "https://auth.example.com".to_owned(),
            clock_allowance: Duration::from_secs(60),
            request_key: None,
            sessions_last: Duration::from_secs(3_600),
            session_idle: Duration::from_secs(3_600),
        };
        let single_sign_on = SingleSignOn::new(parts, settings).unwrap();
        let organization = Organization {
            id: org(),
            number: 1,
            name: "Example".to_owned(),
            disabled: false,
            created_at: NOW,
            modified_at: NOW,
        };
        store.insert_organization(&organization, &event()).await.unwrap();
        let role = Role {
            id: RoleId::random(&OsRandomness).unwrap(),
            org: org(),
            name: "Role".to_owned(),
            managed: false,
            permissions: [].into(),
            created_at: NOW,
            modified_at: NOW,
        };
        store.insert_role(&role, &event()).await.unwrap();
        let (ann, bob) = (user("ann@example.com", role.id), user("bob@example.com", role.id));
        for user in [&ann, &bob] {
            store.insert_user(user, &event()).await.unwrap();
        }
        insert_keys(&store, ann.id).await;
        let open = SamlChange {
            enabled: Some(true),
            idp_initiated: Some(true),
            keep_assertions: Some(true),
            metadata: Some(IdpMetadata { xml: METADATA.to_owned(), uploaded_at: NOW }),
            ..SamlChange::default()
        };
        store.change_saml_configuration(org(), &open, &event()).await.unwrap();
        Self { store, meanwhile, single_sign_on, ann, bob }
    }

    async fn by_assertion(&self, meanwhile: SamlChange) -> Result<SignedIn, Refusal> {
        self.after_deciding(Change::Saml(meanwhile));
        let response = STANDARD.encode(RESPONSE);
        let posted = Posted { response: &response, relay_state: None, browser: None };
        self.single_sign_on.by_assertion(org(), posted, &attempt()).await
    }

    async fn by_keys(&self, meanwhile: Change) -> Result<SignedIn, Refusal> {
        self.after_deciding(meanwhile);
        self.single_sign_on.by_keys(org(), ("api", "app"), &attempt()).await
    }

    fn after_deciding(&self, change: Change) {
        *self.meanwhile.change.lock().unwrap() = Some(change);
    }

    async fn last_event(&self) -> AuditEvent {
        self.store.events(org(), AuditQuery::newest(1)).await.unwrap().remove(0)
    }

    async fn kept(&self) -> u64 {
        self.store.kept_assertions(org(), Slice::ALL, NOW).await.unwrap().total
    }
}

fn user(email: &str, role: RoleId) -> User {
    User {
        id: UserId::random(&OsRandomness).unwrap(),
        org: org(),
        email: email.to_owned(),
        name: String::new(),
        title: String::new(),
        service_account: false,
        disabled: false,
        verified: true,
        roles: vec![role],
        created_at: NOW,
        modified_at: NOW,
    }
}

async fn insert_keys(store: &MemoryStore, owner: UserId) {
    let api = ApiKey {
        id: ApiKeyId::random(&OsRandomness).unwrap(),
        org: org(),
        name: String::new(),
        hash: hash_key("api"),
        last4: String::new(),
        category: KeyCategory::Made,
        remote_config_read_enabled: false,
        created_by: None,
        modified_by: None,
        created_at: NOW,
        modified_at: NOW,
        last_used_at: None,
    };
    store.insert_api_key(&api, 10, &event()).await.unwrap();
    let app = AppKey {
        id: AppKeyId::random(&OsRandomness).unwrap(),
        org: org(),
        owner,
        name: String::new(),
        hash: hash_key("app"),
        last4: String::new(),
        scopes: None,
        created_at: NOW,
        last_used_at: None,
    };
    store.insert_app_key(&app, 10, &event()).await.unwrap();
}

#[tokio::test]
async fn what_does_not_matter_to_a_sign_in_does_not_keep_it_from_being_done() {
    let scene = Scene::start().await;
    scene.by_assertion(SamlChange::default()).await.unwrap();
    let event = scene.last_event().await;
    assert_eq!((event.outcome, event.user), (AuditOutcome::Granted, Some(scene.ann.id)));
    assert!(event.detail.contains("not enforced"), "{}", event.detail);
    assert_eq!(scene.kept().await, 1);
    scene.by_keys(Change::Saml(SamlChange::default())).await.unwrap();
}

#[tokio::test]
async fn saml_that_was_disabled_meanwhile_signs_nobody_in() {
    let scene = Scene::start().await;
    let disable = SamlChange { enabled: Some(false), ..SamlChange::default() };
    let refused = scene.by_assertion(disable).await;
    assert!(matches!(refused, Err(Refusal::NotEnabled)), "{refused:?}");
    assert_eq!(scene.kept().await, 0);
}

#[tokio::test]
async fn an_assertion_that_is_not_to_be_kept_any_more_is_good_and_not_kept() {
    let scene = Scene::start().await;
    let keep = SamlChange { keep_assertions: Some(false), ..SamlChange::default() };
    scene.by_assertion(keep).await.unwrap();
    assert_eq!(scene.kept().await, 0);
}

#[tokio::test]
async fn enforcement_that_was_switched_on_meanwhile_counts() {
    let scene = Scene::start().await;
    let enforce = SamlChange { enforcement: Some(Enforcement::On), ..SamlChange::default() };
    scene.by_assertion(enforce).await.unwrap();
    let ann = scene.store.user(org(), scene.ann.id).await.unwrap().unwrap();
    assert_eq!(ann.roles, []);
    let event = scene.last_event().await;
    assert!(event.detail.starts_with("mappings are enforced"), "{}", event.detail);
}

#[tokio::test]
async fn a_decision_that_is_made_anew_rests_on_all_that_was_configured() {
    let scene = Scene::start().await;
    let change = SamlChange {
        keep_assertions: Some(false),
        email_attribute: Some(Some("mail".to_owned())),
        ..SamlChange::default()
    };
    scene.by_assertion(change).await.unwrap();
    assert_eq!(scene.last_event().await.user, Some(scene.bob.id));
}

#[tokio::test]
async fn keys_are_refused_for_what_happened_meanwhile() {
    let scene = Scene::start().await;
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    let refused = scene.by_keys(Change::User(scene.ann.id, disable)).await;
    assert!(matches!(refused, Err(Refusal::Changing)), "{refused:?}");
    let scene = Scene::start().await;
    let strict = SamlChange { strict: Some(true), ..SamlChange::default() };
    let refused = scene.by_keys(Change::Saml(strict)).await;
    assert!(matches!(refused, Err(Refusal::Strict)), "{refused:?}");
    let event = scene.last_event().await;
    assert_eq!((event.outcome, event.reason.as_ref()), (AuditOutcome::Refused, "saml_only"));
}
