//! Both exchanges, performed against the server that was just started.

use std::sync::Arc;

use anyhow::Context;
use auth_model::{OrgId, SystemClock};
use countersign_client::{
    ApiClient, Auth, Client, ClientConfig, ExplicitCredentials, HttpOptions, Url,
};
use sts_emulator::Credentials;
use sts_proof::AwsCredentials;

use super::{
    shown,
    state::{DataFolder, FirstUser},
};
use crate::output;

/// What the self-check saw.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) persona_arn: String,
    pub(crate) acts_as: String,
    pub(crate) token_seconds: u64,
    pub(crate) intake_arn: String,
    pub(crate) key_ends_with: String,
}

/// Signs in twice: as the persona role for a token, which it uses, and as the intake role for the key, which it validates.
pub(crate) async fn run(
    url: &Url,
    first: &FirstUser,
    persona: &Credentials,
    intake: &Credentials,
) -> anyhow::Result<Report> {
    let org: OrgId = first.org.parse()?;
    let client = Arc::new(client(url, org, persona)?);
    let token = client.access_token().await.context("the exchange for a token failed")?;
    let token_seconds = token.expires_at().since(auth_model::Clock::now(&SystemClock)).as_secs();
    let api = ApiClient::of(client);
    let user = api.current_user().await.context("the token was not accepted")?;

    let key = self::client(url, org, intake)?.intake_key().await;
    let key = key.context("the exchange for the managed key failed")?;
    let auth = Auth::Keys { api_key: key.key.clone(), app_key: String::new().into() };
    let api = ApiClient::new(url.clone(), auth, HttpOptions::default())?;
    api.validate_v1().await.context("the managed key was not accepted")?;
    let text = shown(&key.key);
    Ok(Report {
        persona_arn: persona.principal.arn(),
        acts_as: user.data.attributes.email,
        token_seconds,
        intake_arn: intake.principal.arn(),
        key_ends_with: text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned(),
    })
}

fn client(url: &Url, org: OrgId, credentials: &Credentials) -> anyhow::Result<Client> {
    let credentials = AwsCredentials {
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
    };
    let source = Arc::new(ExplicitCredentials(credentials));
    Ok(Client::new(ClientConfig::new(url.clone(), org), source, Arc::new(SystemClock))?)
}

impl Report {
    /// For people.
    pub(crate) fn show(&self, url: &str, sts: &str, folder: &DataFolder) {
        let rows = [
            ("server", format!("{url}   (keys: {url}/.well-known/jwks.json)")),
            ("local STS", sts.to_owned()),
            ("data", folder.path().display().to_string()),
        ];
        let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
        output::table(&["running", ""], rows.into(), "");
        let good = output::mark(true);
        let rows = vec![
            vec![
                format!("{good} access token"),
                self.persona_arn.clone(),
                format!("acts as {}, for {} s", self.acts_as, self.token_seconds),
            ],
            vec![
                format!("{good} managed API key"),
                self.intake_arn.clone(),
                format!("…{}, valid", self.key_ends_with),
            ],
        ];
        output::table(&["exchanged for", "by", "result"], rows, "");
    }
}
