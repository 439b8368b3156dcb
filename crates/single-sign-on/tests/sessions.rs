//! How sessions are replaced secret by secret, and how they end, by a clock that the test moves.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::{sync::Arc, time::Duration};

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, AuditEventId, AuditOutcome, Clock,
    ExposeSecret, KeyCategory, ManualClock, OrgId, Organization, OsRandomness, SecretString,
    Timestamp, User, UserId,
};
use mapping_store::{ApiKeys, AppKeys, AuditLog, AuditQuery, MemoryStore, Organizations, Users};
use single_sign_on::{Attempt, CheckedSession, Parts, Renewal, Settings, SingleSignOn};
use token_issuer::{MasterKey, hash_key};

const MINUTE: u64 = 60;

struct Scene {
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    single_sign_on: SingleSignOn,
    org: OrgId,
}

impl Scene {
    /// One person with keys `api` and `app`.
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000)));
        let store = Arc::new(MemoryStore::new());
        let parts = Parts {
            store: store.clone(),
            master_key: Arc::new(MasterKey::generate(&OsRandomness).unwrap()),
            clock: clock.clone(),
            randomness: Arc::new(OsRandomness),
        };
        let settings = Settings {
            public_url: "https://auth.example.com".to_owned(),
            clock_allowance: Duration::from_secs(60),
            request_key: None,
            sessions_last: Duration::from_secs(12 * 60 * MINUTE),
            session_idle: Duration::from_secs(2 * 60 * MINUTE),
        };
        let single_sign_on = SingleSignOn::new(parts, settings).unwrap();
        let org = OrgId::random(&OsRandomness).unwrap();
        let scene = Self { clock, store, single_sign_on, org };
        scene.fill().await;
        scene
    }

    async fn fill(&self) {
        let (store, org, now) = (&self.store, self.org, self.clock.now());
        let organization = Organization {
            id: org,
            number: 1,
            name: "Example".to_owned(),
            disabled: false,
            created_at: now,
            modified_at: now,
        };
        store.insert_organization(&organization, &self.event()).await.unwrap();
        let user = User {
            id: UserId::random(&OsRandomness).unwrap(),
            org,
            email: "ann@example.com".to_owned(),
            name: String::new(),
            title: String::new(),
            service_account: false,
            disabled: false,
            verified: false,
            roles: Vec::new(),
            created_at: now,
            modified_at: now,
        };
        store.insert_user(&user, &self.event()).await.unwrap();
        let api = ApiKey {
            id: ApiKeyId::random(&OsRandomness).unwrap(),
            org,
            name: String::new(),
            hash: hash_key("api"),
            last4: String::new(),
            category: KeyCategory::Made,
            remote_config_read_enabled: false,
            created_by: None,
            modified_by: None,
            created_at: now,
            modified_at: now,
            last_used_at: None,
        };
        store.insert_api_key(&api, 10, &self.event()).await.unwrap();
        let app = AppKey {
            id: AppKeyId::random(&OsRandomness).unwrap(),
            org,
            owner: user.id,
            name: String::new(),
            hash: hash_key("app"),
            last4: String::new(),
            scopes: None,
            created_at: now,
            last_used_at: None,
        };
        store.insert_app_key(&app, 10, &self.event()).await.unwrap();
    }

    fn event(&self) -> AuditEvent {
        let id = AuditEventId::random(&OsRandomness).unwrap();
        AuditEvent::change(id, self.clock.now(), self.org, "test")
    }

    fn attempt(&self) -> Attempt {
        Attempt { request_id: "request".to_owned(), arrived_at: self.clock.now(), source: None }
    }

    async fn sign_in(&self) -> SecretString {
        let keys = ("api", "app");
        self.single_sign_on.by_keys(self.org, keys, &self.attempt()).await.unwrap().cookie
    }

    async fn check(&self, cookie: &SecretString) -> Option<CheckedSession> {
        self.single_sign_on
            .check(cookie.expose_secret(), Renewal::IfDue, &self.attempt())
            .await
            .unwrap()
    }

    fn later(&self, minutes: u64) {
        self.clock.advance_seconds((minutes * MINUTE).try_into().unwrap());
    }

    async fn last_event(&self) -> AuditEvent {
        let query = AuditQuery::newest(1);
        self.store.events(self.org, query).await.unwrap().remove(0)
    }
}

#[tokio::test]
async fn a_secret_is_replaced_after_fifteen_minutes_and_the_new_one_counts() {
    let scene = Scene::start().await;
    let first = scene.sign_in().await;
    scene.later(14);
    assert!(scene.check(&first).await.unwrap().renewed.is_none());
    scene.later(1);
    let second = scene.check(&first).await.unwrap().renewed.unwrap();
    assert!(scene.check(&second).await.unwrap().renewed.is_none());
    // Requests that were under way bring the old one for a minute, and get no third.
    assert!(scene.check(&first).await.unwrap().renewed.is_none());
    scene.later(1);
    assert!(scene.check(&first).await.is_some());
}

#[tokio::test]
async fn a_secret_that_was_replaced_long_ago_ends_the_session_for_everybody() {
    let scene = Scene::start().await;
    let copied = scene.sign_in().await;
    scene.later(15);
    let owned = scene.check(&copied).await.unwrap().renewed.unwrap();
    scene.later(2);
    assert!(scene.check(&owned).await.is_some());
    assert!(scene.check(&copied).await.is_none());
    let event = scene.last_event().await;
    assert_eq!(
        (event.purpose.as_str(), event.outcome, event.reason.as_ref()),
        ("session.end", AuditOutcome::Refused, "secret_reused")
    );
    assert!(scene.check(&owned).await.is_none(), "nobody knows which of the two is the thief");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_and_one_that_is_used_ends_too() {
    let scene = Scene::start().await;
    let cookie = scene.sign_in().await;
    scene.later(120);
    let mut cookie = scene.check(&cookie).await.unwrap().renewed.unwrap();
    scene.later(121);
    assert!(scene.check(&cookie).await.is_none());

    cookie = scene.sign_in().await;
    for _ in 0..11 {
        scene.later(60);
        cookie = scene.check(&cookie).await.unwrap().renewed.unwrap();
    }
    scene.later(59);
    assert!(scene.check(&cookie).await.is_some());
    scene.later(1);
    assert!(scene.check(&cookie).await.is_none(), "twelve hours are over");
}

#[tokio::test]
async fn of_many_requests_at_once_one_brings_the_new_secret() {
    let scene = Scene::start().await;
    let cookie = scene.sign_in().await;
    scene.later(15);
    let mut renewed = 0;
    for _ in 0..5 {
        renewed += usize::from(scene.check(&cookie).await.unwrap().renewed.is_some());
    }
    assert_eq!(renewed, 1);
}

#[tokio::test]
async fn where_nobody_hands_a_new_secret_on_none_is_made() {
    let scene = Scene::start().await;
    let cookie = scene.sign_in().await;
    scene.later(30);
    for _ in 0..2 {
        let text = cookie.expose_secret();
        let checked = scene.single_sign_on.check(text, Renewal::Never, &scene.attempt()).await;
        assert!(checked.unwrap().unwrap().renewed.is_none());
    }
    assert!(scene.check(&cookie).await.unwrap().renewed.is_some(), "it was due all the time");
}

#[tokio::test]
async fn a_session_ends_once() {
    let scene = Scene::start().await;
    let cookie = scene.sign_in().await;
    let session = scene.check(&cookie).await.unwrap().session;
    assert!(scene.single_sign_on.end(&session, &scene.attempt()).await.unwrap());
    assert!(scene.check(&cookie).await.is_none());
    assert!(!scene.single_sign_on.end(&session, &scene.attempt()).await.unwrap());
}

#[tokio::test]
async fn a_cookie_of_another_installation_is_nothing() {
    let (scene, other) = (Scene::start().await, Scene::start().await);
    let cookie = other.sign_in().await;
    assert!(other.check(&cookie).await.is_some());
    assert!(scene.check(&cookie).await.is_none());
    let debug = format!("{cookie:?}");
    assert!(!debug.contains(cookie.expose_secret()), "{debug}");
}
