//! Rows to try things on. Ids count up, so that each is new and tests are the same each time.

mod keys;
mod people;
mod sign_ins;

use std::{
    borrow::Cow,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
};

use arn_pattern::ArnPattern;
use auth_model::{
    AuditEvent, AuditOutcome, AwsAccount, AwsAuth, IntakeMapping, KeyHash, KeyId, OrgId,
    Organization, PersonaMapping, Purpose, Role, Timestamp, User,
};

use crate::{AuditQuery, Store, StoreError};

pub(super) use keys::as_api_key;

/// The account of most patterns here.
pub(super) const ACCOUNT: &str = "123456789012";

/// A store and rows for it.
pub(super) struct World<'a> {
    pub(super) store: &'a dyn Store,
    ids: AtomicU64,
    time: AtomicI64,
}

/// An organization with an integrated account and a user: what most behaviours begin with.
pub(super) struct Home {
    pub(super) organization: Organization,
    pub(super) org: OrgId,
    pub(super) role: Role,
    pub(super) user: User,
    pub(super) account: AwsAccount,
}

impl<'a> World<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, ids: AtomicU64::new(1), time: AtomicI64::new(1_700_000_000_000_000) }
    }

    fn number(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::SeqCst)
    }

    /// A new id of any kind.
    pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(&self) -> T {
        format!("0190ab00-0000-7000-8000-{:012x}", self.number()).parse().unwrap()
    }

    /// A new time, a microsecond later than the last one.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.time.fetch_add(1, Ordering::SeqCst))
    }

    pub(super) fn hash(&self) -> KeyHash {
        let mut hash = [0xA5; 32];
        hash[..8].copy_from_slice(&self.number().to_be_bytes());
        KeyHash(hash)
    }

    /// An event of the kind that changes bring along.
    pub(super) fn event(&self, org: OrgId) -> AuditEvent {
        AuditEvent {
            id: self.id(),
            org: Some(org),
            at: self.now(),
            purpose: Purpose::Change(Cow::Borrowed("test.change")),
            outcome: AuditOutcome::Granted,
            reason: Cow::Borrowed(""),
            detail: String::new(),
            request_id: "request".to_owned(),
            source: None,
            sts_host: None,
            sts_request_id: None,
            access_key_id: None,
            caller_arn: None,
            caller_user_id: None,
            account: None,
            mapping: None,
            user: None,
            proof_hash: None,
            replayed: false,
            took_micros: 7,
        }
    }

    pub(super) fn organization(&self) -> Organization {
        let now = self.now();
        let number = i64::try_from(self.number()).unwrap();
        Organization {
            id: self.id(),
            number,
            name: format!("organization {number}"),
            disabled: false,
            created_at: now,
            modified_at: now,
        }
    }

    pub(super) async fn organization_added(&self) -> Organization {
        let row = self.organization();
        self.store.insert_organization(&row, &self.event(row.id)).await.unwrap();
        row
    }

    pub(super) fn account(&self, org: OrgId, account: &str) -> AwsAccount {
        let now = self.now();
        AwsAccount {
            id: self.id(),
            org,
            account: account.parse().unwrap(),
            partition: "aws".parse().unwrap(),
            auth: AwsAuth::Role {
                role_name: "CrawlerRole".to_owned(),
                external_id: "0123456789abcdef0123456789abcdef".to_owned(),
            },
            settings: r#"{"regions": ["eu-central-1"]}"#.to_owned(),
            created_at: now,
            modified_at: now,
        }
    }

    pub(super) async fn account_added(&self, org: OrgId, account: &str) -> AwsAccount {
        let row = self.account(org, account);
        self.store.insert_aws_account(&row, &self.event(org)).await.unwrap();
        row
    }

    /// An organization with everything that a mapping needs.
    pub(super) async fn home(&self) -> Home {
        let organization = self.organization_added().await;
        let org = organization.id;
        let role = self.role_added(org, &[self.id(), self.id()]).await;
        let user = self.user_added(org, &[role.id]).await;
        let account = self.account_added(org, ACCOUNT).await;
        Home { organization, org, role, user, account }
    }

    pub(super) fn persona(&self, home: &Home, pattern: &str) -> PersonaMapping {
        PersonaMapping {
            id: self.id(),
            org: home.org,
            pattern: pattern_of(pattern),
            target: home.user.id,
            created_by: None,
            created_at: self.now(),
        }
    }

    pub(super) async fn persona_added(&self, home: &Home, pattern: &str) -> PersonaMapping {
        let row = self.persona(home, pattern);
        self.store.insert_persona_mapping(&row, &self.event(home.org)).await.unwrap();
        row
    }

    pub(super) fn intake(&self, home: &Home, pattern: &str) -> IntakeMapping {
        IntakeMapping {
            id: self.id(),
            org: home.org,
            pattern: pattern_of(pattern),
            created_by: Some(home.user.id),
            created_at: self.now(),
        }
    }

    pub(super) async fn intake_added(&self, home: &Home, pattern: &str) -> IntakeMapping {
        let row = self.intake(home, pattern);
        self.store.insert_intake_mapping(&row, &self.event(home.org)).await.unwrap();
        row
    }

    /// All events of an organization, newest first.
    pub(super) async fn events(&self, org: OrgId) -> Vec<AuditEvent> {
        self.store.events(org, AuditQuery::newest(u32::MAX)).await.unwrap()
    }

    /// Whether this event was kept.
    pub(super) async fn has_event(&self, event: &AuditEvent) -> bool {
        self.events(event.org.unwrap()).await.contains(event)
    }
}

pub(super) fn pattern_of(text: &str) -> ArnPattern {
    crate::backend::stored_pattern(text).unwrap()
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/*`.
pub(super) fn role_pattern(role: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/*")
}

pub(super) fn key_id(text: &str) -> KeyId {
    text.parse().unwrap()
}

#[track_caller]
pub(super) fn assert_duplicate<T: std::fmt::Debug>(outcome: Result<T, StoreError>, of: &str) {
    assert!(
        matches!(&outcome, Err(StoreError::Duplicate { what }) if *what == of),
        "expected a duplicate of {of}, got {outcome:?}"
    );
}

#[track_caller]
pub(super) fn assert_missing<T: std::fmt::Debug>(outcome: Result<T, StoreError>, of: &str) {
    assert!(
        matches!(&outcome, Err(StoreError::Missing { what }) if *what == of),
        "expected a missing {of}, got {outcome:?}"
    );
}
