//! Sign-ins of people: requests under way, what a sign-in changes, sessions, and assertions that are kept.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, Enforcement, KeptAssertion, KeptAssertionId, KeyHash, OrgId, RoleId,
    SamlConfiguration, Session, SessionId, SignInMethod, SignInRequest, TeamId, Timestamp, User,
    UserId,
};

use crate::{
    StoreError,
    backend::{allows_sessions, distinct},
};

use super::{Authority, Listed, Slice};

/// All that a sign-in changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Who signs in: as they were read, or, of a new user, as they are to be.
    pub user: User,
    /// Whether they are to be added.
    pub new: bool,
    /// Their name from now on; `None`: it stays.
    pub name: Option<String>,
    /// Their roles from now on, instead of all that they have; `None`: those stay. Not for a new user.
    pub roles: Option<Vec<RoleId>>,
    /// Teams that they are members of from now on. Who is one already stays as they are.
    pub joined: Vec<TeamId>,
    /// Teams that they are not members of any more.
    pub left: Vec<TeamId>,
    /// Whether it may leave nobody who manages access.
    pub may_strip_last_admin: bool,
    /// Under which it was decided what becomes of their roles and teams. For a session by SAML it must still be the configured one.
    pub enforcement: Enforcement,
    /// The session that begins. Its time of creation is that of all changes.
    pub session: Session,
    /// The assertion, if it is to be kept.
    pub kept: Option<KeptAssertion>,
}

impl SignIn {
    /// The user after it: verified, with the roles each once.
    pub fn outcome(&self) -> User {
        self.outcome_of(&self.user)
    }

    /// The same of the user as they are now: what changed meanwhile and does not matter to a sign-in, such as their title, stays.
    pub fn outcome_of(&self, current: &User) -> User {
        let mut user = current.clone();
        if let Some(name) = &self.name {
            user.name.clone_from(name);
        }
        user.roles = distinct(self.roles.as_ref().unwrap_or(&current.roles));
        user.verified = true;
        if !current.verified || user.name != current.name {
            user.modified_at = self.session.created_at;
        }
        user
    }

    /// Whether the organization, having decided this, allows it: a session by SAML where that is enabled and mappings are enforced as
    /// they were when it was decided, a session by keys where SAML is not strict, and a kept assertion where they are kept.
    pub fn is_allowed_by(&self, configuration: &SamlConfiguration) -> bool {
        let method = self.session.method;
        let as_decided =
            method != SignInMethod::Saml || self.enforcement == configuration.enforcement;
        let may_keep = self.kept.is_none() || configuration.keep_assertions;
        allows_sessions(configuration, method) && as_decided && may_keep
    }
}

/// Sign-ins from their beginning to their session.
#[async_trait]
pub trait SignIns: Send + Sync {
    /// Keeps a request. [`StoreError::Missing`] if there is no such organization, [`StoreError::Duplicate`] if it has one of this handle.
    async fn insert_sign_in_request(&self, request: &SignInRequest) -> Result<(), StoreError>;

    /// Takes the request of this handle that this browser began and that has not expired: of several calls at once exactly one
    /// has it, and nobody has it again. Another browser does not use it up.
    async fn take_sign_in_request(
        &self,
        org: OrgId,
        handle: KeyHash,
        browser: KeyHash,
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, StoreError>;

    /// Signs somebody in: all that is given, in one transaction. Returns what has become of the user: [`SignIn::outcome_of`] the one
    /// who is there.
    ///
    /// `None`, and nothing written, if the user is not (any more) as they were read: not there, disabled, or with another e-mail
    /// address or other roles; or if the organization's configuration does not allow it (any more): [`SignIn::is_allowed_by`]. A
    /// change of the configuration comes wholly before or wholly after it, so that nothing is left that the change does not allow.
    ///
    /// [`StoreError::Duplicate`] if a new user's e-mail address is taken or there is a session or a kept assertion of this id,
    /// [`StoreError::Missing`] for a role, team or organization that is not there, [`StoreError::LastAdmin`] as for
    /// [`Roles`](super::Roles).
    async fn sign_in(
        &self,
        sign_in: &SignIn,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError>;

    /// Forgets requests, sessions and kept assertions whose time has come at `now`; how many.
    async fn sweep_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError>;
}

/// Browsers that are signed in.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// A session that has not expired, and what its user may do now. `None` also if the organization or the user is disabled.
    /// Whether the secret is right is the caller's to check.
    async fn session(
        &self,
        org: OrgId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<(Session, Authority)>, StoreError>;

    /// Replaces the secret `from`, which becomes the one before; `false` if it is not the secret (any more). Of several calls at
    /// once exactly one replaces it.
    async fn rotate_session(
        &self,
        org: OrgId,
        id: SessionId,
        from: KeyHash,
        to: KeyHash,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends a session; `false` if there is none of this id.
    async fn end_session(
        &self,
        org: OrgId,
        id: SessionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Ends all sessions of a user; `false` if there was none.
    async fn end_sessions_of(
        &self,
        org: OrgId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// Accepted assertions that are kept until their time has come; past it none is found, swept or not.
#[async_trait]
pub trait KeptAssertions: Send + Sync {
    /// The one of this id.
    async fn kept_assertion(
        &self,
        org: OrgId,
        id: KeptAssertionId,
        now: Timestamp,
    ) -> Result<Option<KeptAssertion>, StoreError>;

    /// A part of all of them, newest first; of those of one time the greater id comes first.
    async fn kept_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError>;

    /// A part of the latest of each user, by the user's id. Of two of one time the greater id is the later.
    async fn latest_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError>;
}
