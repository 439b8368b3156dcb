//! Where telemetry goes, and why a setting can't be used.

use std::{net::IpAddr, str::FromStr};

use reqwest::Url;

/// An origin to which an API key may be sent: `https`, or `http` to a loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream(Url);

impl Upstream {
    /// Whether it is reached without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Its URL of this path and query.
    pub(crate) fn url<'q>(
        &self,
        path: &str,
        query: impl Iterator<Item = (&'q str, &'q str)>,
    ) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        let mut query = query.peekable();
        if query.peek().is_some() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl FromStr for Upstream {
    type Err = SetupError;

    fn from_str(text: &str) -> Result<Self, SetupError> {
        let url = Url::parse(text).map_err(|_| SetupError::Upstream)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => url.host_str().is_some_and(is_loopback),
            _ => false,
        };
        let origin = url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        if secure && origin { Ok(Self(url)) } else { Err(SetupError::Upstream) }
    }
}

/// An address, not a name: what a name leads to is for others to say.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A setting that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The upstream is more than an origin, or would be sent a key in the clear.
    #[error(
        "the upstream is not `https://host` or `https://host:port`, nor `http://` with a loopback address such as `http://127.0.0.1:8080`"
    )]
    Upstream,
    /// The key is none that fits into a header.
    #[error("the upstream's api key is empty, or holds what no key does")]
    ApiKey,
    /// The TLS library found no certificates to trust, most often.
    #[error(
        "the http client for the upstream can not be set up; check that the system's trusted certificates are installed"
    )]
    Client,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_tls_or_nowhere_far() {
        #[rustfmt::skip]
        let cases = [
            // rule                             text                                    taken
            ("https",                           "https://api.example.com",              true),
            ("a port",                          "https://api.example.com:8443/",        true),
            ("loopback",                        "http://127.0.0.1:8080",                true),
            ("loopback of version 6",           "http://[::1]:8080",                    true),
            ("plain beyond loopback",           "http://192.0.2.1:8080",                false),
            ("a name is no address",            "http://localhost:8080",                false),
            ("a name that looks like one",      "http://127.0.0.1.example.com",         false),
            ("userinfo",                        "https://key@api.example.com",          false),
            ("a path",                          "https://api.example.com/v2",           false),
            ("a query",                         "https://api.example.com/?a=b",         false),
            ("another scheme",                  "ftp://api.example.com",                false),
            ("no url",                          "api.example.com",                      false),
        ];
        for (rule, text, taken) in cases {
            assert_eq!(text.parse::<Upstream>().is_ok(), taken, "{rule}");
        }
    }
}
