//! Version 1 of IMDS: plain requests without session tokens. Whoever can make a program on the instance send a request for it
//! can read the answers too, which is why it is used only where it is allowed.

use std::{fmt, time::Duration};

use aws_credential_types::Credentials;
use reqwest::{Method, StatusCode, Url, redirect, retry};
use serde::Deserialize;

use super::{imds::is_true, trouble::Trouble};

/// Where IMDS is, and what is asked of it without a session token.
#[derive(Clone)]
pub(super) struct Metadata {
    base: Option<Url>,
    off: bool,
}

impl Metadata {
    /// Where the variables of this process say that it is, as the SDK reads them.
    pub(super) fn of_process() -> Self {
        let endpoint = std::env::var("AWS_EC2_METADATA_SERVICE_ENDPOINT").ok();
        let mode = std::env::var("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").ok();
        Self {
            base: base(endpoint.as_deref(), mode.as_deref()),
            off: is_true("AWS_EC2_METADATA_V1_DISABLED"),
        }
    }

    /// The status by which a session token is refused as by a service that knows none; `None` if one is given, or if nobody answers.
    pub(super) async fn refusal_of_tokens(&self) -> Option<StatusCode> {
        let url = self.url(&["latest", "api", "token"])?;
        let request = http()?.request(Method::PUT, url).header(TOKEN_TTL, TTL_SECONDS);
        let status = request.send().await.ok()?.status();
        [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::METHOD_NOT_ALLOWED]
            .contains(&status)
            .then_some(status)
    }

    /// The credentials of the instance's role.
    pub(super) async fn credentials(&self) -> Result<Credentials, Trouble> {
        if self.off {
            return Err(Trouble::new(
                "it speaks version 1 only, which AWS_EC2_METADATA_V1_DISABLED turns off",
                "enable version 2 in the instance's metadata options (HttpTokens), or unset the variable",
            ));
        }
        let names = self.get(&[]).await?;
        let role = names.lines().next().unwrap_or_default().trim();
        if !is_role(role) {
            return Err(Trouble::new("it names no role", super::imds::CHECK));
        }
        parsed(&self.get(&[role]).await?)
    }

    /// The Region.
    pub(super) async fn region(&self) -> Option<String> {
        if self.off {
            return None;
        }
        let url = self.url(&["latest", "meta-data", "placement", "region"])?;
        text(url).await.ok()
    }

    /// Below the roles' path.
    async fn get(&self, below: &[&str]) -> Result<String, Trouble> {
        let mut path = ["latest", "meta-data", "iam", "security-credentials"].to_vec();
        path.extend(if below.is_empty() { &[""] } else { below });
        let url = self.url(&path).ok_or_else(|| {
            Trouble::new("its address is no url", "check AWS_EC2_METADATA_SERVICE_ENDPOINT")
        })?;
        text(url).await
    }

    fn url(&self, segments: &[&str]) -> Option<Url> {
        let mut url = self.base.clone()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
        Some(url)
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata").field("off", &self.off).finish_non_exhaustive()
    }
}

/// The address that is set, otherwise AWS's for the mode. `None` if it is none: what is set is not passed over.
fn base(endpoint: Option<&str>, mode: Option<&str>) -> Option<Url> {
    let usual = match mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("ipv4") => Some(IPV4),
        Some("ipv6") => Some(IPV6),
        Some(_) => None,
    };
    endpoint.or(usual)?.parse().ok().filter(Url::has_host)
}

/// What a role's page holds. AWS adds more; an emulator leaves `Code` out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
}

fn parsed(text: &str) -> Result<Credentials, Trouble> {
    let page: Page = serde_json::from_str(text).map_err(|_| nonsense())?;
    if let Some(code) = page.code.filter(|code| code != "Success") {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        return Err(Trouble::new(
            format!("it has no credentials for the role: {code}"),
            "check that the role's trust policy allows ec2.amazonaws.com",
        ));
    }
    match (page.access_key_id, page.secret_access_key, page.token) {
        (Some(id), Some(key), Some(token)) if !id.is_empty() && !key.is_empty() => {
            Ok(Credentials::new(id, key, Some(token), None, "IMDSv1"))
        }
        _ => Err(nonsense()),
    }
}

fn nonsense() -> Trouble {
    Trouble::new("it answers with something else than credentials", super::imds::CHECK)
}

/// By the grammar of IAM. It becomes part of a path.
fn is_role(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
        && name.bytes().any(|b| b != b'.')
}

/// An answer with status 200, of [`MAX_BYTES`] at most.
async fn text(url: Url) -> Result<String, Trouble> {
    let lost = || Trouble::new("it does not answer", super::imds::CHECK);
    let mut response =
        http().ok_or_else(lost)?.request(Method::GET, url).send().await.map_err(|_| lost())?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => {
            return Err(Trouble::new(
                "the instance has no role",
                "attach an IAM role (an instance profile) to the instance",
            ));
        }
        status => {
            let problem = format!("it answers with status {}", status.as_u16());
            return Err(Trouble::new(problem, super::imds::CHECK));
        }
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| lost())? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(nonsense());
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| nonsense())
}

/// Made when it is needed: hardly anybody needs it. No proxy is told of the instance's credentials, and no redirect leads to others'.
fn http() -> Option<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(Duration::from_secs(1))
        .timeout(Duration::from_secs(2))
        .build()
        .ok()
}

const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
const TOKEN_TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
/// Of the token that is not used.
const TTL_SECONDS: &str = "60";
const MAX_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests;
