//! Where Countersign is: an address that credentials may be sent to.

use std::{fmt, net::IpAddr, str::FromStr};

use reqwest::Url;

/// The address of a Countersign server: `https://host[:port][/prefix]`, or `http://` on loopback.
///
/// Holding one is the proof of the check: whatever is sent there is encrypted or does not leave the machine.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why an address is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// Not an absolute URL.
    #[error("the server's address is not a url; write one such as `https://countersign.example`")]
    NotUrl,
    /// Plain HTTP to another machine, or another scheme.
    #[error(
        "`{scheme}://{host}` would carry credentials in the clear; use `https`, or `http` on loopback alone"
    )]
    NotEncrypted {
        /// As it was given.
        scheme: String,
        /// As it was given.
        host: String,
    },
    /// More than an address.
    #[error("the server's address has {part}; leave it out")]
    Superfluous {
        /// What it has.
        part: &'static str,
    },
}

impl BaseUrl {
    /// The address, always with a `/` at its end.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether it is plain HTTP, thus on loopback.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Scheme, host and port, for people.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address of a path such as `/api/v2/current_user`, or of an absolute URL of the same origin and prefix.
    pub(crate) fn join(&self, target: &str) -> Option<Url> {
        if let Some(path) = target.strip_prefix('/') {
            // A second slash would name another host; `Url` also reads `\` as a slash.
            if path.starts_with(['/', '\\']) {
                return None;
            }
            return self.0.join(&format!("./{path}")).ok().filter(|url| self.covers(url));
        }
        Url::parse(target).ok().filter(|url| self.covers(url))
    }

    /// The address of these path segments, each escaped.
    pub(crate) fn of_segments<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        // Only a URL without a host has no segments, and none such gets here.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn covers(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path().starts_with(self.0.path())
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let mut url = Url::parse(text.trim()).map_err(|_| BaseUrlError::NotUrl)?;
        let host = url.host_str().ok_or(BaseUrlError::NotUrl)?.to_owned();
        let superfluous = [
            (!url.username().is_empty() || url.password().is_some(), "a user or password"),
            (url.query().is_some(), "a query"),
            (url.fragment().is_some(), "a fragment"),
        ];
        if let Some((_, part)) = superfluous.into_iter().find(|(found, _)| *found) {
            return Err(BaseUrlError::Superfluous { part });
        }
        if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&host)) {
            let scheme = url.scheme().to_owned();
            return Err(BaseUrlError::NotEncrypted { scheme, host });
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

/// `localhost` (RFC 6761 §6.3), `127.0.0.0/8` or `::1`.
fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
