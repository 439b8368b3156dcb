//! Sign-ins, sessions and kept assertions in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use auth_model::{
    AuditEvent, KeptAssertion, KeptAssertionId, KeyHash, OrgId, Session, SessionId, SignInRequest,
    TeamMember, Timestamp, User, UserId,
};

use crate::{
    Authority, Direction, KeptAssertions, Listed, Sessions, SignIn, SignIns, Slice, StoreError,
    backend::{Storable, is_as_read},
};

use super::{
    MemoryStore, State,
    lists::{count, listed},
    rows::of,
    unless_duplicate, unless_missing,
};

#[async_trait]
impl SignIns for MemoryStore {
    async fn insert_sign_in_request(&self, request: &SignInRequest) -> Result<(), StoreError> {
        request.storable()?;
        let mut state = self.state();
        let place = (request.org, request.handle);
        state.has_organization(request.org)?;
        unless_duplicate("a sign-in request", state.sign_in_requests.contains_key(&place))?;
        state.sign_in_requests.insert(place, request.clone());
        Ok(())
    }

    async fn take_sign_in_request(
        &self,
        org: OrgId,
        handle: KeyHash,
        browser: KeyHash,
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, StoreError> {
        let mut state = self.state();
        let theirs = |request: &&SignInRequest| request.browser == browser;
        let live = |request: &&SignInRequest| now < request.expires_at;
        match state.sign_in_requests.get(&(org, handle)).filter(theirs).filter(live) {
            Some(_) => Ok(state.sign_in_requests.remove(&(org, handle))),
            None => Ok(None),
        }
    }

    async fn sign_in(
        &self,
        sign_in: &SignIn,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        sign_in.storable()?;
        self.change(event, |state| {
            let org = sign_in.user.org;
            state.has_organization(org)?;
            if !sign_in.is_allowed_by(&state.saml_of(org)) {
                return Ok(None);
            }
            let current = match sign_in.new {
                true => Some(&sign_in.user),
                false => state.as_read(&sign_in.user),
            };
            let Some(user) = current.map(|current| sign_in.outcome_of(current)) else {
                return Ok(None);
            };
            state.sign_in_fits(sign_in)?;
            let place = (user.org, user.id);
            let put = |state: &mut State| {
                state.users.insert(place, user.clone());
                Ok(())
            };
            match sign_in.may_strip_last_admin {
                true => put(state)?,
                false => state.keep_an_admin(user.org, put)?,
            }
            state.set_teams(sign_in);
            let session = &sign_in.session;
            state.sessions.insert((session.org, session.id), session.clone());
            if let Some(kept) = &sign_in.kept {
                state.kept_assertions.insert((kept.org, kept.id), kept.clone());
            }
            Ok(Some(user))
        })
    }

    async fn sweep_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let rows = |state: &State| {
            state.sign_in_requests.len() + state.sessions.len() + state.kept_assertions.len()
        };
        let before = rows(&state);
        state.sign_in_requests.retain(|_, request| now < request.expires_at);
        state.sessions.retain(|_, session| now < session.expires_at);
        state.kept_assertions.retain(|_, kept| now < kept.keep_until);
        Ok(count(before - rows(&state)))
    }
}

#[async_trait]
impl Sessions for MemoryStore {
    async fn session(
        &self,
        org: OrgId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<(Session, Authority)>, StoreError> {
        let state = self.state();
        let found = state.sessions.get(&(org, id)).filter(|session| now < session.expires_at);
        Ok(found.and_then(|session| Some((session.clone(), state.authority(org, session.user)?))))
    }

    async fn rotate_session(
        &self,
        org: OrgId,
        id: SessionId,
        from: KeyHash,
        to: KeyHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let found = state.sessions.get_mut(&(org, id)).filter(|session| session.secret == from);
        Ok(found.is_some_and(|session| {
            session.previous_secret = Some(from);
            session.secret = to;
            session.rotated_at = at;
            true
        }))
    }

    async fn end_session(
        &self,
        org: OrgId,
        id: SessionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.sessions.remove(&(org, id)).is_some()))
    }

    async fn end_sessions_of(
        &self,
        org: OrgId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.forget_sessions(org, user)))
    }
}

#[async_trait]
impl KeptAssertions for MemoryStore {
    async fn kept_assertion(
        &self,
        org: OrgId,
        id: KeptAssertionId,
        now: Timestamp,
    ) -> Result<Option<KeptAssertion>, StoreError> {
        let state = self.state();
        Ok(state.kept_assertions.get(&(org, id)).filter(|kept| now < kept.keep_until).cloned())
    }

    async fn kept_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        let rows = self.state().live_assertions(org, now);
        let order = |a: &KeptAssertion, b: &KeptAssertion| age(a).cmp(&age(b));
        Ok(listed(rows.len(), rows, Direction::Descending, slice, order))
    }

    async fn latest_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        let mut latest: BTreeMap<UserId, KeptAssertion> = BTreeMap::new();
        for kept in self.state().live_assertions(org, now) {
            let known = latest.get(&kept.user);
            if known.is_none_or(|known| age(known) < age(&kept)) {
                latest.insert(kept.user, kept);
            }
        }
        let rows: Vec<KeptAssertion> = latest.into_values().collect();
        let order = |a: &KeptAssertion, b: &KeptAssertion| a.user.cmp(&b.user);
        Ok(listed(rows.len(), rows, Direction::Ascending, slice, order))
    }
}

fn age(kept: &KeptAssertion) -> (Timestamp, KeptAssertionId) {
    (kept.received_at, kept.id)
}

impl State {
    /// The user, if they are still as they were when the sign-in was decided on.
    fn as_read(&self, read: &User) -> Option<&User> {
        self.users.get(&(read.org, read.id)).filter(|user| is_as_read(user, read))
    }

    /// Whether all that it refers to in its organization is there, and all that it adds is new.
    fn sign_in_fits(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let SignIn { user, session, .. } = sign_in;
        if sign_in.new {
            self.has_roles(user.org, &user.roles)?;
            let taken = self.users.contains_key(&(user.org, user.id)) || self.is_other(user);
            unless_duplicate("a user", taken)?;
        }
        self.has_roles(user.org, sign_in.roles.as_deref().unwrap_or_default())?;
        for team in &sign_in.joined {
            unless_missing("team", self.teams.contains_key(&(user.org, *team)))?;
        }
        let taken = self.sessions.contains_key(&(session.org, session.id));
        unless_duplicate("a session", taken)?;
        let kept = sign_in.kept.as_ref();
        let taken =
            kept.is_some_and(|kept| self.kept_assertions.contains_key(&(kept.org, kept.id)));
        unless_duplicate("an assertion", taken)
    }

    fn set_teams(&mut self, sign_in: &SignIn) {
        let (org, user) = (sign_in.user.org, sign_in.user.id);
        for team in &sign_in.left {
            self.members.remove(&(org, *team, user));
        }
        for team in &sign_in.joined {
            let created_at = sign_in.session.created_at;
            self.members.entry((org, *team, user)).or_insert(TeamMember {
                org,
                team: *team,
                user,
                admin: false,
                added_by: None,
                created_at,
            });
        }
    }

    /// Ends all sessions of a user; whether there was one.
    pub(super) fn forget_sessions(&mut self, org: OrgId, user: UserId) -> bool {
        let before = self.sessions.len();
        self.sessions.retain(|(owner, _), session| (*owner, session.user) != (org, user));
        self.sessions.len() < before
    }

    fn live_assertions(&self, org: OrgId, now: Timestamp) -> Vec<KeptAssertion> {
        of(&self.kept_assertions, org).filter(|kept| now < kept.keep_until).cloned().collect()
    }
}
