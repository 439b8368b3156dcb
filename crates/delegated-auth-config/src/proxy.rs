//! Which proxy stands before a server.

use std::net::IpAddr;

use auth_model::SecretString;

use crate::{
    ConfigError, Origin,
    address::Address,
    document::Value,
    shown,
    source::{Found, Source, is_handle},
};

/// The proxy settings, read once.
pub(crate) struct Proxies {
    https: Option<SecretString>,
    http: Option<SecretString>,
    except: Vec<String>,
    /// `no_proxy` also covers subdomains and networks (`no_proxy_nonexact_match`).
    loosely: bool,
}

impl Proxies {
    pub(crate) fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            https: proxy(source, "https", &["DD_PROXY_HTTPS", "HTTPS_PROXY", "https_proxy"])?,
            http: proxy(source, "http", &["DD_PROXY_HTTP", "HTTP_PROXY", "http_proxy"])?,
            except: except(source)?,
            loosely: source.switch("no_proxy_nonexact_match")?,
        })
    }

    /// The proxy to a server.
    pub(crate) fn to(&self, server: &Address) -> Option<SecretString> {
        let proxy = if server.is_https() { &self.https } else { &self.http };
        if self.except.iter().any(|entry| self.covers(entry, server)) {
            return None;
        }
        proxy.clone()
    }

    fn covers(&self, entry: &str, server: &Address) -> bool {
        let (host, with_port) = (server.host(), server.host_and_port());
        let exact = entry.eq_ignore_ascii_case(host) || entry.eq_ignore_ascii_case(&with_port);
        exact || self.loosely && loosely_covers(entry, host)
    }
}

/// `*`, a domain with its subdomains, or a network such as `10.0.0.0/8`.
fn loosely_covers(entry: &str, host: &str) -> bool {
    if let Some(address) = address_of(host) {
        return entry == "*" || in_network(entry, address);
    }
    let domain = entry.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    entry == "*"
        || !domain.is_empty() && host.strip_suffix(&domain).is_some_and(|head| head.ends_with('.'))
}

fn address_of(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn in_network(entry: &str, address: IpAddr) -> bool {
    let Some((network, bits)) = entry.split_once('/') else { return false };
    let (Some(network), Ok(bits)) = (address_of(network), bits.parse::<u32>()) else {
        return false;
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

/// The first variable that is there, also where it is empty: that is how a proxy is switched off.
fn proxy(
    source: &Source<'_>,
    scheme: &str,
    variables: &[&str],
) -> Result<Option<SecretString>, ConfigError> {
    let variable = variables.iter().find_map(|name| Some((*name, source.present(name)?)));
    let found = match variable {
        Some((name, text)) => {
            let at = Origin::Environment { variable: name.to_owned() };
            Found::new(&text, at)
        }
        None => source.scalar_in_file(&format!("proxy.{scheme}"))?,
    };
    found.map(checked).transpose()
}

/// The address of a proxy may hold a name and a password: only what follows them is looked at.
fn checked(found: Found) -> Result<SecretString, ConfigError> {
    let Found { text, at } = found;
    let (scheme, rest) = text.split_once("://").unwrap_or(("", &text));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if let Some(placeholder) = shown::placeholder(host) {
        return Err(ConfigError::Placeholder { at, placeholder });
    }
    if is_handle(&text) {
        return Err(ConfigError::SecretHandle { at });
    }
    match Address::parse(&format!("{scheme}://{host}")) {
        Ok(_) => Ok(SecretString::from(text)),
        Err(source) => Err(ConfigError::Server { at, source }),
    }
}

fn except(source: &Source<'_>) -> Result<Vec<String>, ConfigError> {
    if let Some(text) = source.present("DD_PROXY_NO_PROXY") {
        return Ok(text.split_whitespace().map(str::to_owned).collect());
    }
    let variable = ["NO_PROXY", "no_proxy"].iter().find_map(|name| source.present(name));
    if let Some(text) = variable {
        return Ok(words(&text));
    }
    let Some(node) = source.node("proxy.no_proxy")? else { return Ok(Vec::new()) };
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&node),
    };
    let mut hosts = Vec::new();
    for item in items {
        let found = source.text_of(item, "proxy.no_proxy")?;
        hosts.extend(found.into_iter().flat_map(|found| words(&found.text)));
    }
    Ok(hosts)
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
