//! One exchange: credentials, proof, request, answer. Nothing is kept.

use std::sync::Arc;

use auth_model::{Clock, ExposeSecret, OrgId, Timestamp};
use jsonapi_model::{
    Document, JSON,
    resources::{DelegatedToken, IntakeApiKey},
};
use reqwest::{
    StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::de::DeserializeOwned;
use sts_proof::{AwsCredentials, ClientStyle, Proof, SignOptions, StsHost};

use super::{AccessToken, IntakeKey};
use crate::{
    CredentialSource, Error, SourcedCredentials, answer::Answer, date::server_time, http::Http,
};

/// Signs proofs and hands them in.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) http: Http,
    pub(super) org: OrgId,
    pub(super) source: Arc<dyn CredentialSource>,
    pub(super) sts: StsHost,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) user_agent: String,
}

/// A token, and how long it lives from now on by the machine's own clock.
#[derive(Clone, Debug)]
pub(super) struct Fresh {
    pub(super) token: AccessToken,
    pub(super) received_at: Timestamp,
    pub(super) life: std::time::Duration,
}

impl Signer {
    pub(super) async fn access_token(&self) -> Result<Fresh, Error> {
        let (answer, token) = self.exchange::<DelegatedToken>(TOKEN, "delegated-token").await?;
        let expires_at = token
            .expires
            .parse()
            .map(Timestamp::from_unix_seconds)
            .map_err(|_| not_as_expected(TOKEN, "/data/attributes/expires"))?;
        if !is_visible(&token.access_token) {
            return Err(not_as_expected(TOKEN, "/data/attributes/access_token"));
        }
        let received_at = self.clock.now();
        // By the server's own clock where it shows one: it is the one that the token expires by.
        let life = expires_at.since(server_time(&answer.headers).unwrap_or(received_at));
        Ok(Fresh { token: AccessToken::new(token.access_token, expires_at), received_at, life })
    }

    pub(super) async fn intake_key(&self) -> Result<IntakeKey, Error> {
        let (_, key) = self.exchange::<IntakeApiKey>(KEY, "intake-key").await?;
        if !is_visible(&key.api_key) {
            return Err(not_as_expected(KEY, "/data/attributes/api_key"));
        }
        Ok(IntakeKey::new(key.api_key, key.org_id))
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        action: &'static str,
        endpoint: &str,
    ) -> Result<(Answer, T), Error> {
        let signed_with = self.source.credentials().await?;
        let (proof, header) = self.sign(&signed_with)?;
        let request = self
            .http
            .client
            .post(self.http.base.of_segments(["api", "v2", endpoint]))
            .header(AUTHORIZATION, header)
            .header(CONTENT_TYPE, JSON)
            .header(ACCEPT, JSON)
            .body("");
        let response = request.send().await.map_err(|error| self.http.fault(&error))?;
        let answer = Answer::read(&self.http, action, response, MAX_ANSWER_BYTES).await?;
        if answer.status != StatusCode::OK {
            return Err(self.refused(action, &answer, &proof, signed_with));
        }
        let document: Document<T> = answer.parse(action)?;
        Ok((answer, document.data.attributes))
    }

    fn sign(&self, signed_with: &SourcedCredentials) -> Result<(Proof, HeaderValue), Error> {
        let options = SignOptions {
            org: self.org,
            region: None,
            style: ClientStyle::Go,
            user_agent: &self.user_agent,
            at: self.clock.now(),
        };
        let unusable =
            |reason: String| Error::UnusableCredentials { from: signed_with.from.clone(), reason };
        let proof = Proof::sign_for(&self.sts, &signed_with.credentials, &options)
            .map_err(|error| unusable(error.to_string()))?;
        let mut header = HeaderValue::from_str(&format!("Delegated {}", proof.expose()))
            .map_err(|_| unusable("the proof made with them is no header value".to_owned()))?;
        header.set_sensitive(true);
        Ok((proof, header))
    }

    /// A refusal, or the clock that must have caused it.
    fn refused(
        &self,
        action: &'static str,
        answer: &Answer,
        proof: &Proof,
        signed_with: SourcedCredentials,
    ) -> Error {
        let SourcedCredentials { credentials, from } = signed_with;
        let mut secrets = vec![proof.expose()];
        secrets.extend(proof.expose().split('|'));
        secrets.extend(secrets_of(&credentials));
        // `POST` is a part of the proof and no secret.
        secrets.retain(|secret| secret.len() > "POST".len());
        let mut refusal = answer.refusal(action, &secrets);
        refusal.signed_with = Some(from);
        let (here, there) = (self.clock.now(), server_time(&answer.headers));
        let about_the_proof =
            matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
        match there.map(|there| (here.since(there).as_secs(), there.since(here).as_secs())) {
            Some((ahead, _)) if about_the_proof && ahead >= MAX_AHEAD_SECONDS => {
                Error::ClockSkew { seconds: ahead, ahead: true, refusal }
            }
            Some((_, behind)) if about_the_proof && behind >= MAX_BEHIND_SECONDS => {
                Error::ClockSkew { seconds: behind, ahead: false, refusal }
            }
            _ => Error::Refused(refusal),
        }
    }
}

fn secrets_of(credentials: &AwsCredentials) -> impl Iterator<Item = &str> {
    let token = credentials.session_token.as_ref().map(|token| token.expose_secret());
    std::iter::once(credentials.secret_access_key.expose_secret()).chain(token)
}

/// Whether a credential is what a header can carry.
fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn not_as_expected(action: &'static str, pointer: &str) -> Error {
    Error::Protocol { action, problem: format!("the answer is not as expected at `{pointer}`") }
}

const TOKEN: &str = "exchange of a proof for an access token";
const KEY: &str = "exchange of a proof for the managed api key";

/// Many times what either answer takes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A proof may come from the future by one minute, and be five minutes old; less what the way takes.
const MAX_AHEAD_SECONDS: u64 = 55;
const MAX_BEHIND_SECONDS: u64 = 290;
