//! The client's side: make a proof.

use std::{fmt, time::SystemTime};

use auth_model::{ExposeSecret, OrgId, SecretString, Timestamp};
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    AwsCredentials, BODY, HostTable, StsHost,
    proof::{CONTENT_LENGTH, ContentType, Name},
};

/// A signed GetCallerIdentity request, not sent. Whoever has it can use it until it is too old: a secret.
#[derive(Clone)]
pub struct Proof(SecretString);

/// What a proof is made for.
#[derive(Clone, Copy, Debug)]
pub struct SignOptions<'a> {
    /// The organization that it is bound to.
    pub org: OrgId,
    /// The AWS Region whose STS will be asked; `None` for the global host.
    pub region: Option<&'a str>,
    /// As which client's its headers are written.
    pub style: ClientStyle,
    /// Not signed; servers ignore it.
    pub user_agent: &'a str,
    /// The time of signing.
    pub at: Timestamp,
}

/// How official clients write the headers: the signature is the same, casing, order and `Content-Length` are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientStyle {
    /// datadog-api-client-go, thus the Terraform provider. Our own client writes the same.
    #[default]
    Go,
    /// datadog-api-client-python.
    Python,
    /// The Datadog Agent, which signs the length of the body but leaves it out.
    Agent,
}

/// Why no proof was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No host of STS is known for the Region.
    #[error("`{region}` is not a known aws region; write one such as `eu-west-1`")]
    UnknownRegion {
        /// As it was given.
        region: String,
    },
    /// The access key id is not one.
    #[error("the access key id is not 16 to 128 of `A-Z` and `0-9`")]
    AccessKeyId,
    /// The session token holds characters that no token has.
    #[error(
        "the session token holds a blank or other characters than printable ascii, or is empty"
    )]
    SessionToken,
    /// The user agent cannot be a header's value.
    #[error("the user agent holds other characters than printable ascii")]
    UserAgent,
    /// The signer failed.
    #[error("the request could not be signed")]
    Signer,
}

impl Proof {
    /// Signs for the standard host of the Region, or the global one.
    ///
    /// Source: AWS Signature Version 4. Costs some tens of microseconds; sends nothing.
    pub fn sign(
        credentials: &AwsCredentials,
        options: &SignOptions<'_>,
    ) -> Result<Self, SignError> {
        let hosts = HostTable::standard();
        let host = hosts.for_region(options.region).ok_or_else(|| SignError::UnknownRegion {
            region: options.region.unwrap_or_default().to_owned(),
        })?;
        Self::sign_for(host, credentials, options)
    }

    /// As [`Self::sign`], for a host of one's own choice; the options' Region is not looked at.
    pub fn sign_for(
        host: &StsHost,
        credentials: &AwsCredentials,
        options: &SignOptions<'_>,
    ) -> Result<Self, SignError> {
        check(credentials, options)?;
        let org = options.org.to_string();
        let (date, authorization) = signature(host, credentials, &org, options.at)?;
        let value = |name| match name {
            Name::Authorization => Some(authorization.as_str()),
            Name::ContentLength => Some(CONTENT_LENGTH),
            Name::ContentType => Some(ContentType::Utf8.as_str()),
            Name::Host => Some(host.name()),
            Name::UserAgent => Some(options.user_agent),
            Name::Date => Some(date.as_str()),
            Name::SecurityToken => credentials.session_token.as_ref().map(|t| t.expose_secret()),
            Name::OrgId => Some(org.as_str()),
        };
        let headers = options
            .style
            .layout()
            .iter()
            .filter_map(|(name, written)| {
                Some(format!("{}:[{}]", json(written), json(value(*name)?)))
            })
            .collect::<Vec<_>>()
            .join(",");
        let text = format!(
            "{}|{}|POST|{}",
            STANDARD.encode(BODY),
            STANDARD.encode(format!("{{{headers}}}")),
            STANDARD.encode(format!("https://{}", host.name())),
        );
        Ok(Self(text.into()))
    }

    /// The text, to be sent as `Authorization: Delegated <text>` and kept nowhere.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}

impl ClientStyle {
    /// The headers in the order in which the client writes them, spelled as it does.
    fn layout(self) -> &'static [(Name, &'static str)] {
        match self {
            Self::Go => &[
                (Name::Authorization, "Authorization"),
                (Name::ContentLength, "Content-Length"),
                (Name::ContentType, "Content-Type"),
                (Name::UserAgent, "User-Agent"),
                (Name::Date, "X-Amz-Date"),
                (Name::SecurityToken, "X-Amz-Security-Token"),
                (Name::Host, "host"),
                (Name::OrgId, "x-ddog-org-id"),
            ],
            Self::Python => &[
                (Name::ContentLength, "Content-Length"),
                (Name::ContentType, "Content-Type"),
                (Name::Date, "X-Amz-Date"),
                (Name::OrgId, "x-ddog-org-id"),
                (Name::SecurityToken, "X-Amz-Security-Token"),
                (Name::Host, "host"),
                (Name::Authorization, "Authorization"),
                (Name::UserAgent, "User-Agent"),
            ],
            Self::Agent => &[
                (Name::Authorization, "Authorization"),
                (Name::ContentType, "Content-Type"),
                (Name::Host, "Host"),
                (Name::UserAgent, "User-Agent"),
                (Name::Date, "X-Amz-Date"),
                (Name::SecurityToken, "X-Amz-Security-Token"),
                (Name::OrgId, "X-Ddog-Org-Id"),
            ],
        }
    }
}

fn check(credentials: &AwsCredentials, options: &SignOptions<'_>) -> Result<(), SignError> {
    let key = &credentials.access_key_id;
    let legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if !(16..=128).contains(&key.len()) || !key.bytes().all(legal) {
        return Err(SignError::AccessKeyId);
    }
    if let Some(token) = &credentials.session_token {
        let token = token.expose_secret();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SignError::SessionToken);
        }
    }
    if !options.user_agent.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
        return Err(SignError::UserAgent);
    }
    Ok(())
}

/// The values of `X-Amz-Date` and `Authorization`.
fn signature(
    host: &StsHost,
    credentials: &AwsCredentials,
    org: &str,
    at: Timestamp,
) -> Result<(String, String), SignError> {
    let identity = Credentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose_secret(),
        credentials.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
        None,
        "sts-proof",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(host.region())
        .name("sts")
        .time(SystemTime::from(at))
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| SignError::Signer)?;
    let headers = [
        (Name::ContentLength.as_str(), CONTENT_LENGTH),
        (Name::ContentType.as_str(), ContentType::Utf8.as_str()),
        (Name::Host.as_str(), host.name()),
        (Name::OrgId.as_str(), org),
    ];
    let request = SignableRequest::new(
        "POST",
        format!("https://{}/", host.name()),
        headers.into_iter(),
        SignableBody::Bytes(BODY.as_bytes()),
    )
    .map_err(|_| SignError::Signer)?;
    let signed = sign(request, &params.into()).map_err(|_| SignError::Signer)?;
    let find = |wanted: &str| {
        let found = signed.output().headers().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.to_owned()).ok_or(SignError::Signer)
    };
    Ok((find("x-amz-date")?, find("authorization")?))
}

/// A JSON string; the text is printable ASCII.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
