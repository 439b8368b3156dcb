//! Exchanges: a proof goes out, a token or a key comes back.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_model::{Clock, Timestamp};
use jsonapi_model::{
    Document,
    resources::{DelegatedToken, IntakeApiKey},
};
use reqwest::header::AUTHORIZATION;
use sts_proof::{ClientStyle, Proof, SignOptions};

use crate::{
    ClientConfig, ClientError, CredentialSource, CredentialsError, FoundCredentials, IntakeKey,
    KeyExchange, KeyTarget, ObtainedKey, Token,
    config::shown,
    flight::{Kept, Single},
    http::{Answer, Http, secret_value},
    report::Report,
    skew::Skew,
};

/// Obtains tokens and keys, and keeps the token fresh. Share one by `Arc`: its callers share the exchanges.
pub struct Client {
    exchanger: Arc<Exchanger>,
    token: Single<Token>,
    key: Single<ObtainedKey>,
}

impl Client {
    /// Fails if a setting cannot be used; connects to nothing yet.
    pub fn new(
        config: ClientConfig,
        credentials: Arc<dyn CredentialSource>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let http = Http::new(&config.base_url, &config.http_options())?;
        Ok(Self::over(http, config, credentials, clock))
    }

    /// The same for another organization or server. Connections and trusted certificates, which are most of a client, are
    /// this one's where both speak HTTP in the same way.
    pub fn sibling(
        &self,
        config: ClientConfig,
        credentials: Arc<dyn CredentialSource>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        if !self.speaks_like(&config) {
            return Self::new(config, credentials, clock);
        }
        let http = self.http().at(&config.base_url)?;
        Ok(Self::over(http, config, credentials, clock))
    }

    /// Whether a [`Client::sibling`] of these settings shares connections.
    pub fn speaks_like(&self, config: &ClientConfig) -> bool {
        let own = self.config();
        own.base_url.scheme() == config.base_url.scheme()
            && own.http_options() == config.http_options()
    }

    fn over(
        http: Http,
        config: ClientConfig,
        credentials: Arc<dyn CredentialSource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let fallback = Report::default();
        let exchanger = Arc::new(Exchanger { http, config, credentials, clock, fallback });
        Self { exchanger, token: Single::new(), key: Single::new() }
    }

    /// A token that is still good: the one at hand, or a new one.
    ///
    /// Callers that come while an exchange is under way wait for it, and get its failure too, which is not kept.
    /// From the fraction of its life that the configuration says, the next caller replaces the token, while the
    /// others go on with the old one; so does that caller, if there is none to be had.
    pub async fn access_token(&self) -> Result<Token, ClientError> {
        let now = self.exchanger.clock.now();
        match self.token.kept() {
            Some(Kept { value, due }) if now < due => Ok(value),
            Some(Kept { value, .. }) if now < value.expires_at() => self.replace(value, now).await,
            _ => self.fetch_token().await,
        }
    }

    async fn replace(&self, old: Token, now: Timestamp) -> Result<Token, ClientError> {
        if self.token.is_under_way() {
            return Ok(old);
        }
        let error = match self.fetch_token().await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        let left = old.expires_at().since(now);
        tracing::warn!(%error, token.seconds_left = left.as_secs(), "the access token could not be replaced yet");
        self.token.put_off(now.plus((left / 4).max(Duration::from_secs(1))));
        Ok(old)
    }

    async fn fetch_token(&self) -> Result<Token, ClientError> {
        let exchanger = Arc::clone(&self.exchanger);
        self.token.fetch(|| async move { exchanger.token().await }).await
    }

    /// The managed API key of this moment. Asks the server each time; callers at one time share one exchange.
    pub async fn intake_key(&self) -> Result<IntakeKey, ClientError> {
        Ok(self.obtain(None).await?.key)
    }

    /// A proof, signed now and sent nowhere.
    pub async fn proof(&self) -> Result<Proof, ClientError> {
        Ok(self.exchanger.proof().await?.0)
    }

    /// Forgets the token; the next caller gets a new one. An exchange that is under way counts for those who wait.
    pub fn forget(&self) {
        self.token.forget();
    }

    /// Forgets this token, unless it was replaced already: for a token that a server has refused.
    pub fn forget_token(&self, refused: &Token) {
        self.token.forget_if(|kept| kept.is(refused));
    }

    /// What it was made with.
    pub fn config(&self) -> &ClientConfig {
        &self.exchanger.config
    }

    pub(crate) fn http(&self) -> &Http {
        &self.exchanger.http
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.exchanger.clock
    }
}

#[async_trait]
impl KeyExchange for Client {
    async fn obtain(&self, fallback_since: Option<Timestamp>) -> Result<ObtainedKey, ClientError> {
        self.exchanger.fallback.add(fallback_since);
        let exchanger = Arc::clone(&self.exchanger);
        self.key.fetch(|| async move { Ok((exchanger.key().await?, None)) }).await
    }

    fn target(&self) -> KeyTarget {
        let ClientConfig { base_url, org, region, .. } = self.config();
        KeyTarget { server: shown(base_url), org: *org, region: region.clone() }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.exchanger.config)
            .field("credentials", &self.exchanger.credentials)
            .finish_non_exhaustive()
    }
}

/// What one exchange needs.
struct Exchanger {
    http: Http,
    config: ClientConfig,
    credentials: Arc<dyn CredentialSource>,
    clock: Arc<dyn Clock>,
    /// Since when somebody here has used a fallback key, until a server has heard of it.
    fallback: Report,
}

impl Exchanger {
    /// A token, and when to replace it.
    async fn token(&self) -> Result<(Token, Option<Timestamp>), ClientError> {
        let (answer, _) = self.exchange("delegated-token", None).await?;
        let document: Document<DelegatedToken> = answer.document()?;
        let DelegatedToken { access_token, expires } = document.data.attributes;
        let expires: i64 = expires.parse().map_err(|_| {
            ClientError::Protocol(
                "the answer's `expires` is not a number of seconds; check the server's version"
                    .to_owned(),
            )
        })?;
        // The server counts by its own clock.
        let expires = Timestamp::from_unix_seconds(expires);
        let skew = Skew::measure(&answer.headers, answer.at);
        let expires = skew.map_or(expires, |skew| skew.to_local(expires));
        let life = expires.since(answer.at).mul_f64(self.config.refresh_fraction());
        Ok((Token::new(access_token.into(), expires), Some(answer.at.plus(life))))
    }

    async fn key(&self) -> Result<ObtainedKey, ClientError> {
        let reported = self.fallback.open();
        let (answer, credentials_from) = self.exchange("intake-key", reported).await?;
        self.fallback.close(reported);
        let document: Document<IntakeApiKey> = answer.document()?;
        let IntakeApiKey { api_key, org_id } = document.data.attributes;
        if api_key.is_empty() {
            return Err(ClientError::Protocol(
                "the answer's `api_key` is empty; check the server's version".to_owned(),
            ));
        }
        let id = document.data.id.unwrap_or_default();
        let key = IntakeKey { id, org_id, key: api_key.into() };
        Ok(ObtainedKey { key, credentials_from })
    }

    /// The answer, if it is a success, and where the credentials came from.
    async fn exchange(
        &self,
        name: &str,
        fallback_since: Option<Timestamp>,
    ) -> Result<(Answer, String), ClientError> {
        let (proof, source) = self.proof().await?;
        let mut request = self
            .http
            .client()
            .post(self.http.url(&["api", "v2", name]))
            .header(AUTHORIZATION, secret_value(&format!("Delegated {}", proof.expose()))?);
        if let Some(since) = fallback_since {
            request = request.header(FALLBACK_SINCE, since.unix_seconds());
        }
        let answer = self.http.ask(request, &*self.clock).await?;
        if answer.status.is_success() {
            return Ok((answer, source));
        }
        let mut refusal = answer.refusal(&[proof.expose()]);
        refusal.credentials_from = Some(source);
        let refusal = Box::new(refusal);
        match Skew::measure(&answer.headers, answer.at) {
            Some(skew) if skew.explains(&refusal.messages) => {
                Err(ClientError::ClockSkew { by: skew.by, ahead: skew.ahead, refusal })
            }
            _ => Err(ClientError::Refused(refusal)),
        }
    }

    /// A proof, and where the credentials came from.
    async fn proof(&self) -> Result<(Proof, String), ClientError> {
        let FoundCredentials { credentials, source } = self.find().await?;
        let options = SignOptions {
            org: self.config.org,
            region: self.config.region.as_deref(),
            style: ClientStyle::Go,
            user_agent: &self.config.user_agent,
            at: self.clock.now(),
        };
        Ok((Proof::sign(&credentials, &options)?, source))
    }

    async fn find(&self) -> Result<FoundCredentials, CredentialsError> {
        let timeout = self.config.timeout;
        tokio::time::timeout(timeout, self.credentials.credentials()).await.unwrap_or_else(|_| {
            Err(CredentialsError {
                tried: self.credentials.describe(),
                problem: format!("nothing came within {} s", timeout.as_secs()),
                check: "check that the credential process, SSO or the metadata service answers"
                    .to_owned(),
            })
        })
    }
}

/// Ours: servers that do not know it take no notice.
const FALLBACK_SINCE: &str = "x-countersign-fallback-since";
