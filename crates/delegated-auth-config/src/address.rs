//! Addresses of servers, and the Agent's rule of which one hands out keys.

use std::net::Ipv6Addr;

/// Why a text is no address. The text is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It does not say how to connect.
    #[error("it does not begin with `https://` or `http://`")]
    Scheme,
    /// It holds a name or a password.
    #[error("it holds a user name or a password before an `@`")]
    User,
    /// There is no host, or it holds what no host holds.
    #[error("its host is missing, or holds other than letters, digits, `.`, `-` and `_`")]
    Host,
    /// The port is no port.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// There is more than a path behind the host.
    #[error("it has a query, a fragment or a blank; a base address ends with its path")]
    Tail,
    /// A site is a domain.
    #[error("a site is only a domain such as `example.com`, without `https://` and without a path")]
    Site,
}

/// `scheme://host[:port][/path]`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// In lower case.
    scheme: &'static str,
    /// In lower case, without a port; an IPv6 address keeps its brackets.
    host: String,
    port: Option<u16>,
    /// Empty, or begins with a slash and does not end with one.
    path: String,
}

impl Address {
    /// Reads an address of HTTP.
    pub(crate) fn parse(text: &str) -> Result<Self, ServerError> {
        let (scheme, rest) = text.split_once("://").ok_or(ServerError::Scheme)?;
        let known = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known));
        let scheme = known.ok_or(ServerError::Scheme)?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash).ok_or(ServerError::Host)?,
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(ServerError::User);
        }
        if rest.contains(['?', '#']) || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ServerError::Tail);
        }
        let (host, port) = host_and_port(authority)?;
        Ok(Self { scheme, host, port, path: path.trim_end_matches('/').to_owned() })
    }

    /// The host of a list-shaped endpoint; keys are asked for over TLS.
    pub(crate) fn of_host(host: &str, port: Option<u16>) -> Result<Self, ServerError> {
        if host.contains("://") {
            return Self::parse(host)
                .map(|address| Self { port: address.port.or(port), ..address });
        }
        let (host, own) = host_and_port(host)?;
        let port = own.or(port).filter(|port| *port != 443);
        Ok(Self { scheme: "https", host, port, path: String::new() })
    }

    /// The API of a site such as `datadoghq.com`.
    pub(crate) fn of_site(site: &str) -> Result<Self, ServerError> {
        let (host, port) =
            host_and_port(site.trim_end_matches('.')).map_err(|_| ServerError::Site)?;
        if port.is_some() || host.starts_with('[') {
            return Err(ServerError::Site);
        }
        Ok(Self { scheme: "https", host: format!("api.{host}"), port: None, path: String::new() })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// With the port, where one is given.
    pub(crate) fn host_and_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The base address that keys are asked for at: the API of the site for a host of the public
    /// service, which loses port and path; any other address as it is.
    pub(crate) fn server(&self) -> String {
        match site_of(&self.host) {
            Some(site) => format!("https://api.{site}"),
            None => format!("{}://{}{}", self.scheme, self.host_and_port(), self.path),
        }
    }

    /// Whether [`Address::server`] has a path.
    pub(crate) fn keeps_path(&self) -> bool {
        !self.path.is_empty() && site_of(&self.host).is_none()
    }
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), ServerError> {
    let bracket = authority.find(']').map_or(0, |end| end + 1);
    let (head, tail) = authority.split_at_checked(bracket).ok_or(ServerError::Host)?;
    let (name, port) = match tail.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (tail, None),
    };
    let host = if head.is_empty() { name } else { head };
    if !head.is_empty() && !name.is_empty() || !is_host(host) {
        return Err(ServerError::Host);
    }
    let port = port.map(|port| read_port(port).ok_or(ServerError::Port)).transpose()?;
    Ok((host.to_ascii_lowercase(), port))
}

/// A port in digits only, never 0.
pub(crate) fn read_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|port| *port != 0)
}

fn is_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if let Some(bare) = bare {
        return bare.parse::<Ipv6Addr>().is_ok();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Domains of the public service.
const DOMAINS: [&str; 5] =
    ["datadoghq.com", "datadoghq.eu", "datad0g.com", "datad0g.eu", "ddog-gov.com"];

/// The site that a host of the public service belongs to: its domain, with the region (`us3.`) where there is one.
fn site_of(host: &str) -> Option<&str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let domain = DOMAINS.into_iter().find(|domain| {
        host.strip_suffix(domain).is_some_and(|head| head.is_empty() || head.ends_with('.'))
    })?;
    let head = host.strip_suffix(domain)?.trim_end_matches('.');
    let label = head.rsplit('.').next().filter(|label| is_region(label));
    let length = label.map_or(domain.len(), |label| label.len() + 1 + domain.len());
    host.get(host.len().checked_sub(length)?..)
}

/// Two or more letters, then one or two digits: `us3`, `ap1`.
fn is_region(label: &str) -> bool {
    let letters = label.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.len() >= 2
        && letters.bytes().all(|byte| byte.is_ascii_lowercase())
        && (1..=2).contains(&(label.len() - letters.len()))
}
