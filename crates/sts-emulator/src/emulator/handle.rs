//! A running emulator.

use std::{net::SocketAddr, sync::Arc};

use auth_model::{Clock, Timestamp};
use tokio::{sync::watch, task::JoinHandle};

use super::Builder;
use crate::{
    clock::ClockSetting,
    directory::{CredentialRequest, Credentials, Directory, PrincipalRequest},
    engine::Engine,
    fault::Fault,
    fixture::{Fixture, FixtureError},
    record::RecordedRequest,
};

/// A running STS. Stops when it is dropped.
#[derive(Debug)]
pub struct StsEmulator {
    pub(super) local: SocketAddr,
    pub(super) scheme: &'static str,
    pub(super) engine: Arc<Engine>,
    pub(super) credentials: Vec<Credentials>,
    pub(super) stop: watch::Sender<()>,
    pub(super) task: JoinHandle<()>,
}

impl StsEmulator {
    /// Settings to start from.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Such as `http://127.0.0.1:4566`, to be used as an endpoint URL; `https` where it speaks TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.local)
    }

    /// The credentials of the fixture that it was started with, in the fixture's order.
    #[must_use]
    pub fn credentials(&self) -> &[Credentials] {
        &self.credentials
    }

    /// Makes credentials as asked, and their principal where it is new.
    ///
    /// # Errors
    /// A name or an id breaks a rule of AWS, or is taken.
    pub fn issue(&self, request: &CredentialRequest) -> Result<Credentials, FixtureError> {
        self.engine.issue(request)
    }

    /// A lasting key of an IAM user.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn add_user(&self, account: &str, name: &str) -> Result<Credentials, FixtureError> {
        let principal = PrincipalRequest::User { name: name.to_owned(), path: None };
        self.issue(&CredentialRequest::new(account, principal))
    }

    /// Temporary credentials of a role's session; they do not end by themselves.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn add_session(
        &self,
        account: &str,
        role: &str,
        session: &str,
    ) -> Result<Credentials, FixtureError> {
        let principal =
            PrincipalRequest::Session { role: role.to_owned(), name: session.to_owned() };
        self.issue(&CredentialRequest::new(account, principal))
    }

    /// Temporary credentials of a federated user; they do not end by themselves.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn add_federated_user(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Credentials, FixtureError> {
        let principal = PrincipalRequest::FederatedUser { name: name.to_owned() };
        self.issue(&CredentialRequest::new(account, principal))
    }

    /// A lasting key of the account's root user.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn add_root(&self, account: &str) -> Result<Credentials, FixtureError> {
        self.issue(&CredentialRequest::new(account, PrincipalRequest::Root {}))
    }

    /// Switches a key on or off; says whether there is such a key.
    pub fn set_active(&self, access_key_id: &str, active: bool) -> bool {
        self.engine.directory().set_active(access_key_id, active)
    }

    /// Moves the end of credentials (`None`: never); says whether there is such a key.
    pub fn set_expiry(&self, access_key_id: &str, expires: Option<Timestamp>) -> bool {
        self.engine.directory().set_expiry(access_key_id, expires)
    }

    /// Forgets all accounts and keys, and has those of `fixture` instead.
    ///
    /// # Errors
    /// The fixture breaks a rule of AWS; everything is then as before.
    pub fn replace_fixture(&self, fixture: &Fixture) -> Result<Vec<Credentials>, FixtureError> {
        self.engine.replace_fixture(fixture)
    }

    /// Puts these faults in force instead of those that are; none at all to clear them.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.engine.faults().replace(faults);
    }

    /// Puts one more fault in force.
    pub fn add_fault(&self, fault: Fault) {
        self.engine.faults().push(fault);
    }

    /// The faults in force; `count` is what is left of it.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.engine.faults().list()
    }

    /// Sets the clock.
    pub fn set_clock(&self, setting: ClockSetting) {
        self.engine.clock.set(setting);
    }

    /// The present time by its clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }

    /// How many requests it has received since the start, or since they were last taken.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.engine.recorder().count()
    }

    /// How many TLS handshakes clients have completed since the start, or since requests were last taken.
    #[must_use]
    pub fn handshake_count(&self) -> u64 {
        self.engine.recorder().handshakes()
    }

    /// The requests that are kept, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.recorder().list()
    }

    /// As [`Self::requests`]; also forgets them, and counts from zero again.
    #[must_use]
    pub fn take_requests(&self) -> Vec<RecordedRequest> {
        self.engine.recorder().take()
    }

    /// Stops, and waits until the port is free. Open connections are dropped.
    pub async fn shutdown(self) {
        let Self { stop, task, .. } = self;
        drop(stop);
        // A task that failed has stopped too.
        let _ = task.await;
    }
}

impl Engine {
    /// See [`StsEmulator::issue`].
    pub(crate) fn issue(&self, request: &CredentialRequest) -> Result<Credentials, FixtureError> {
        let now = self.clock.now();
        self.directory().grant(request, &self.mint, now)
    }

    /// See [`StsEmulator::replace_fixture`].
    pub(crate) fn replace_fixture(
        &self,
        fixture: &Fixture,
    ) -> Result<Vec<Credentials>, FixtureError> {
        let (directory, credentials) = Directory::load(fixture, &self.mint)?;
        *self.directory() = directory;
        Ok(credentials)
    }
}
