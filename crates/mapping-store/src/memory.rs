//! The store in memory: for tests and experiments; everything is lost with the process.

mod audit;
mod authentication;
mod authn;
mod identity;
mod installation;
mod keys;
mod lists;
mod mappings;
mod resolution;
mod roles;
mod rows;
mod saml;
mod sign_ins;
mod teams;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, AuthnMapping, AuthnMappingId, AwsAccount,
    AwsAccountConfigId, IntakeMapping, Invitation, InvitationId, KeptAssertion, KeptAssertionId,
    KeyHash, KeyId, ManagedKey, ManagedKeyId, OrgId, Organization, PersonaMapping, Role, RoleId,
    SamlConfiguration, Session, SessionId, SignInRequest, SigningKey, Team, TeamId, TeamMember,
    Timestamp, User, UserId,
};

use crate::{
    ChainHead, ChainedEvent, StoreError,
    backend::{Happened, Storable},
};

use rows::Mappings;

/// Keeps everything in memory behind one lock.
///
/// Correct rather than fast: every call takes the lock once, so each is atomic, and lists are sorted when asked for.
/// Mappings have an index by pattern, so that an exchange costs the same however many there are.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

/// All rows. What belongs to an organization is keyed by it first.
#[derive(Debug, Default)]
struct State {
    organizations: BTreeMap<OrgId, Organization>,
    users: BTreeMap<(OrgId, UserId), User>,
    roles: BTreeMap<(OrgId, RoleId), Role>,
    invitations: BTreeMap<(OrgId, InvitationId), Invitation>,
    teams: BTreeMap<(OrgId, TeamId), Team>,
    authn_mappings: BTreeMap<(OrgId, AuthnMappingId), AuthnMapping>,
    members: BTreeMap<(OrgId, TeamId, UserId), TeamMember>,
    api_keys: BTreeMap<(OrgId, ApiKeyId), ApiKey>,
    app_keys: BTreeMap<(OrgId, AppKeyId), AppKey>,
    managed_keys: BTreeMap<(OrgId, ManagedKeyId), ManagedKey>,
    managed_keys_used: HashMap<ManagedKeyId, Timestamp>,
    signing_keys: BTreeMap<KeyId, SigningKey>,
    personas: Mappings<PersonaMapping>,
    intakes: Mappings<IntakeMapping>,
    aws_accounts: BTreeMap<(OrgId, AwsAccountConfigId), AwsAccount>,
    saml: BTreeMap<OrgId, SamlConfiguration>,
    sign_in_requests: HashMap<(OrgId, KeyHash), SignInRequest>,
    sessions: BTreeMap<(OrgId, SessionId), Session>,
    kept_assertions: BTreeMap<(OrgId, KeptAssertionId), KeptAssertion>,
    proofs: HashMap<(OrgId, [u8; 32]), Proof>,
    events: Vec<ChainedEvent>,
    heads: BTreeMap<Option<OrgId>, ChainHead>,
    facts: BTreeMap<String, String>,
}

/// A proof that was presented.
#[derive(Debug)]
struct Proof {
    first_at: Timestamp,
    keep_until: Timestamp,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A poisoned lock is still good: no row is half-written, because checks come before changes.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a change and keeps its audit event. The change must look before it writes: after its `Err` nothing is undone.
    fn change<T: Happened>(
        &self,
        event: &AuditEvent,
        change: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        event.storable()?;
        let mut state = self.state();
        state.event_is_new(event)?;
        let outcome = change(&mut state)?;
        if outcome.happened() {
            state.chain(event);
        }
        Ok(outcome)
    }
}

impl State {
    fn event_is_new(&self, event: &AuditEvent) -> Result<(), StoreError> {
        unless_duplicate("an audit event", self.events.iter().any(|e| e.event.id == event.id))
    }

    fn has_organization(&self, org: OrgId) -> Result<(), StoreError> {
        unless_missing("organization", self.organizations.contains_key(&org))
    }

    fn has_user(&self, org: OrgId, user: UserId) -> Result<(), StoreError> {
        unless_missing("user", self.users.contains_key(&(org, user)))
    }
}

fn unless_duplicate(what: &'static str, taken: bool) -> Result<(), StoreError> {
    if taken { Err(StoreError::Duplicate { what }) } else { Ok(()) }
}

fn unless_missing(what: &'static str, there: bool) -> Result<(), StoreError> {
    if there { Ok(()) } else { Err(StoreError::Missing { what }) }
}
