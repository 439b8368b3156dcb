//! A server, a local STS, an organization, and what a first user needs.

use auth_model::{
    Clock, ExposeSecret, OrgId, OsRandomness, Permission, PermissionId, Role, RoleChange,
    SystemClock, Timestamp, User, UserChange,
};
use countersign_server::{Bootstrap, Config, FirstOrganization, Running};
use mapping_store::{AuditQuery, Store};
use sts_emulator::{Credentials, StsEmulator};
use sts_proof::{AwsCredentials, ClientStyle, Proof, SignOptions};
use token_issuer::MasterKey;

use crate::{
    ACCOUNT, ACCOUNTS, AGENT, Auth, Client, INTAKES, KeyPair, OWN_APP_KEYS, PERSONAS, RUNNER,
    TestStore, aws_account, bodies, intake_mapping, persona_mapping,
};

/// A server in this process, and a client of it.
#[derive(Debug)]
pub struct Server {
    /// The server.
    pub running: Running,
    /// A client of it.
    pub client: Client,
}

/// An organization with its first admin.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The organization's id.
    pub id: OrgId,
    /// The organization and its managed roles.
    pub first: FirstOrganization,
    /// Holds every permission.
    pub admin: User,
    /// The admin's keys.
    pub keys: KeyPair,
}

/// How a proof is signed.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The organization that it is bound to.
    pub org: OrgId,
    /// `None`: the global host.
    pub region: Option<&'static str>,
    /// As which client.
    pub style: ClientStyle,
    /// When; now if `None`.
    pub at: Option<Timestamp>,
}

/// One server with one STS, and one organization in which [`ACCOUNT`] is integrated, [`RUNNER`] is mapped to
/// `service_account` and [`AGENT`] to the managed key.
#[derive(Debug)]
pub struct World {
    /// The local STS.
    pub sts: StsEmulator,
    /// The server.
    pub server: Server,
    /// The organization.
    pub org: Tenant,
    /// Whom [`RUNNER`] acts as; holds the read-only role.
    pub service_account: User,
    /// The id of the mapping of [`RUNNER`].
    pub persona: String,
    /// The id of the mapping of [`AGENT`].
    pub intake: String,
    /// The id of [`ACCOUNT`] among the integrated accounts.
    pub account: String,
    config: Config,
    master_key: String,
    // The last field: a database is dropped after its users.
    store: TestStore,
}

impl World {
    /// With the settings of the suite.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(TestStore::fresh().await, change).await
    }

    /// On a store that outlives the server.
    pub async fn durable() -> Self {
        Self::on(TestStore::durable().await, |_| {}).await
    }

    /// On this store, with other settings.
    pub async fn on(store: TestStore, change: impl FnOnce(&mut Config)) -> Self {
        // Fresh secrets, so that one found where it should not be came from this very test.
        let builder = StsEmulator::builder().fresh_seed(&OsRandomness).unwrap();
        let sts = builder.start().await.unwrap();
        let mut config = Config::default();
        config.listen = ([127, 0, 0, 1], 0).into();
        // Fixed, so that a token outlives the port of the server that issued it.
        config.public_url = "http://auth.example.com".to_owned();
        config.store = store.url().to_owned().into();
        config.sts.endpoint_override = Some(sts.url());
        config.limits.exchanges_per_source = 0;
        config.limits.exchanges_per_access_key = 0;
        config.limits.sign_ins_per_source = 0;
        change(&mut config);
        let master_key = MasterKey::new_text(&OsRandomness).unwrap().expose_secret().to_owned();
        let server = Server::start(&config, &master_key).await;

        let org = server.tenant("Example").await;
        let role = &org.first.read_only;
        let service_account = server
            .bootstrap()
            .user(role, "terraform@example.com", "Terraform", true)
            .await
            .unwrap();
        let client = &server.client;
        let account =
            client.post(ACCOUNTS, &org.keys, &aws_account(ACCOUNT)).await.expect(200).id();
        let body = persona_mapping(RUNNER, &service_account.id.to_string());
        let persona = client.post(PERSONAS, &org.keys, &body).await.expect(201).id();
        let intake = client.post(INTAKES, &org.keys, &intake_mapping(AGENT)).await.expect(201).id();
        Self {
            sts,
            server,
            org,
            service_account,
            persona,
            intake,
            account,
            config,
            master_key,
            store,
        }
    }

    /// A client of the server.
    pub fn client(&self) -> &Client {
        &self.server.client
    }

    /// The admin's keys.
    pub fn keys(&self) -> &KeyPair {
        &self.org.keys
    }

    /// The settings that the server was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The text of the master key.
    pub fn master_key(&self) -> &str {
        &self.master_key
    }

    /// The store.
    pub fn test_store(&self) -> &TestStore {
        &self.store
    }

    /// Another server on the same store.
    pub async fn another_server(&self) -> Server {
        Server::start(&self.config, &self.master_key).await
    }

    /// Stops the server and starts another on the same store.
    pub async fn restart(&mut self) {
        let next = Server::start(&self.config, &self.master_key).await;
        let last = std::mem::replace(&mut self.server, next);
        last.running.shut_down().await.unwrap();
    }

    /// A session of the role that [`RUNNER`] covers.
    pub fn runner(&self) -> Credentials {
        self.sts.add_session(ACCOUNT, "terraform-runner", "run-1").unwrap()
    }

    /// A session of the role that [`AGENT`] covers.
    pub fn agent(&self) -> Credentials {
        self.sts.add_session(ACCOUNT, "DatadogAgentRole", "i-0abc123def456").unwrap()
    }

    /// How proofs for this organization are signed by default: now, for the global host, by the Go client.
    pub fn signing(&self) -> Signing {
        Signing { org: self.org.id, region: None, style: ClientStyle::Go, at: None }
    }

    /// A proof signed so.
    pub fn proof(&self, credentials: &Credentials) -> String {
        self.signing().sign(credentials)
    }

    /// A token of [`Self::runner`].
    pub async fn token(&self) -> String {
        self.token_of(&self.runner()).await
    }

    /// A token of these credentials.
    pub async fn token_of(&self, credentials: &Credentials) -> String {
        let answer = self.client().exchange(&self.proof(credentials)).await.expect(200);
        answer.attribute("access_token").as_str().unwrap().to_owned()
    }

    /// The managed key, as [`Self::agent`] gets it.
    pub async fn managed_key(&self) -> String {
        let answer = self.client().intake_key(&self.proof(&self.agent())).await.expect(200);
        answer.attribute("api_key").as_str().unwrap().to_owned()
    }

    /// A persona mapping, made with the admin's keys; its id.
    pub async fn map(&self, pattern: &str, identifier: &str) -> String {
        let body = persona_mapping(pattern, identifier);
        self.client().post(PERSONAS, self.keys(), &body).await.expect(201).id()
    }

    /// An application key of the admin's that can do only this, beside the admin's API key.
    pub async fn scoped(&self, scopes: &[Permission]) -> KeyPair {
        let body = bodies::app_key("scoped", Some(scopes));
        let made = self.client().post(OWN_APP_KEYS, self.keys(), &body).await.expect(201);
        let app = made.attribute("key").as_str().unwrap().to_owned();
        KeyPair { api: self.keys().api.clone(), app: app.into() }
    }

    /// The status of `GET /api/v2/current_user`.
    pub async fn status_as(&self, auth: Auth<'_>) -> u16 {
        self.client().get("/api/v2/current_user", auth).await.status.as_u16()
    }

    /// The organization's audit events, newest first.
    pub async fn events(&self) -> Vec<auth_model::AuditEvent> {
        self.server.events(self.org.id).await
    }
}

impl Server {
    /// Starts one, and waits until it listens.
    pub async fn start(config: &Config, master_key: &str) -> Self {
        let key = MasterKey::parse(master_key).unwrap();
        let running = countersign_server::start(config.clone(), key)
            .await
            .unwrap_or_else(|e| panic!("the server did not start: {e:?}"));
        let client = Client::to(running.address());
        Self { running, client }
    }

    /// The store behind it, for what has no route yet.
    pub fn store(&self) -> &dyn Store {
        self.running.app().store()
    }

    /// Writes straight to the store.
    pub fn bootstrap(&self) -> Bootstrap<'_> {
        let app = self.running.app();
        Bootstrap::new(app.store(), app.catalogue(), &SystemClock, &OsRandomness)
    }

    /// A new organization with an admin.
    pub async fn tenant(&self, name: &str) -> Tenant {
        let first = self.bootstrap().organization(name).await.unwrap();
        let admin =
            self.bootstrap().user(&first.admin, "admin@example.com", "Admin", false).await.unwrap();
        let keys = self.keys_of(&admin).await;
        Tenant { id: first.organization.id, first, admin, keys }
    }

    /// New keys of this user.
    pub async fn keys_of(&self, user: &User) -> KeyPair {
        let bootstrap = self.bootstrap();
        KeyPair {
            api: bootstrap.api_key(user, "test").await.unwrap(),
            app: bootstrap.app_key(user, "test").await.unwrap(),
        }
    }

    /// A role of exactly these permissions, also without those that every other role has.
    pub async fn role(&self, org: OrgId, name: &str, holds: &[Permission]) -> Role {
        let role = self.bootstrap().role(org, name, false, |_| false).await.unwrap();
        let holds: Vec<PermissionId> = holds.iter().map(|permission| permission.id).collect();
        self.set_permissions(&role, &holds).await
    }

    /// Lets a role hold exactly these permissions.
    pub async fn set_permissions(&self, role: &Role, holds: &[PermissionId]) -> Role {
        let event = self.event(role.org).await;
        let permissions = Some(holds.iter().copied().collect());
        let change = RoleChange { permissions, modified_at: event.at, ..RoleChange::default() };
        let changed = self.store().change_role(role.org, role.id, &change, &event).await;
        changed.unwrap().unwrap()
    }

    /// A person with a role of exactly these permissions, and that person's keys.
    pub async fn person(&self, org: OrgId, email: &str, holds: &[Permission]) -> (User, KeyPair) {
        let role = self.role(org, email, holds).await;
        let user = self.bootstrap().user(&role, email, "Person", false).await.unwrap();
        let keys = self.keys_of(&user).await;
        (user, keys)
    }

    /// Disables the user, or enables it.
    pub async fn set_disabled(&self, user: &User, disabled: bool) {
        let event = self.event(user.org).await;
        let disabled = Some(disabled);
        let change = UserChange { disabled, modified_at: event.at, ..UserChange::default() };
        let changed = self.store().change_user(user.org, user.id, &change, &event).await;
        assert!(changed.unwrap().is_some());
    }

    /// Disables the organization, or enables it.
    pub async fn set_org_disabled(&self, org: OrgId, disabled: bool) {
        let mut organization = self.store().organization(org).await.unwrap().unwrap();
        organization.disabled = disabled;
        let event = self.event(org).await;
        assert!(self.store().update_organization(&organization, &event).await.unwrap());
    }

    /// The organization's audit events, newest first.
    pub async fn events(&self, org: OrgId) -> Vec<auth_model::AuditEvent> {
        self.store().events(org, AuditQuery::newest(1_000)).await.unwrap()
    }

    /// An event to go with a change that no route makes.
    async fn event(&self, org: OrgId) -> auth_model::AuditEvent {
        let mut event = self.events(org).await.remove(0);
        event.id = auth_model::AuditEventId::new(&SystemClock, &OsRandomness).unwrap();
        event
    }
}

impl Signing {
    /// For the STS of a Region.
    #[must_use]
    pub fn region(self, region: &'static str) -> Self {
        Self { region: Some(region), ..self }
    }

    /// As another client.
    #[must_use]
    pub fn style(self, style: ClientStyle) -> Self {
        Self { style, ..self }
    }

    /// So many seconds from now; negative: ago.
    #[must_use]
    pub fn seconds_from_now(self, seconds: i64) -> Self {
        let at = SystemClock.now().unix_seconds() + seconds;
        Self { at: Some(Timestamp::from_unix_seconds(at)), ..self }
    }

    /// Signs.
    pub fn sign(&self, credentials: &Credentials) -> String {
        let credentials = AwsCredentials {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            session_token: credentials.session_token.clone(),
        };
        let options = SignOptions {
            org: self.org,
            region: self.region,
            style: self.style,
            user_agent: "integration-suite/1",
            at: self.at.unwrap_or_else(|| SystemClock.now()),
        };
        Proof::sign(&credentials, &options).unwrap().expose().to_owned()
    }
}
