//! Where the database is and how to reach it.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use tokio_postgres::config::{Config, Host, SslMode};

use crate::connect::ConnectError;

/// Where the database is, and how much of it is used.
#[derive(Clone)]
pub struct PostgresConfig {
    /// A connection string in either of PostgreSQL's forms, such as `postgres://user:password@host/database`.
    ///
    /// `sslmode` is `disable` or `verify-full`; the weaker modes of libpq (`allow`, `prefer`, `require`, `verify-ca`) are taken
    /// as `verify-full`. Without it, and with `prefer`, connections to this machine are plain and all others are not.
    /// `sslrootcert` names a PEM file with the certificates to trust in place of the machine's.
    pub url: String,
    /// Connections at most.
    pub max_connections: usize,
    /// How long a call may take, from waiting for a connection to the answer.
    pub timeout: Duration,
}

impl PostgresConfig {
    /// The given database, 16 connections, 5 seconds.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_connections: 16, timeout: Duration::from_secs(5) }
    }
}

impl std::fmt::Debug for PostgresConfig {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("max_connections", &self.max_connections)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A connection string, taken apart.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) config: Config,
    /// `None` where connections are plain.
    pub(crate) tls: Option<Roots>,
}

/// Whose certificates to trust.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// The machine's.
    Machine,
    /// Those in this PEM file.
    File(PathBuf),
}

/// Reads a connection string. What the driver does not know (`verify-full`, `sslrootcert`) is taken out before it reads the rest.
pub(crate) fn read(url: &str) -> Result<Target, ConnectError> {
    let mut mode = None;
    let mut roots = Roots::Machine;
    let rest = without_tls(url, |name, value| match name {
        "sslmode" => mode = Some(value),
        _ => roots = Roots::File(value.into()),
    });
    let mut config: Config = rest.parse().map_err(ConnectError::Url)?;
    let tls = match mode.as_deref() {
        Some("disable") => false,
        None | Some("allow" | "prefer") => !is_this_machine(&config),
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(found) => return Err(ConnectError::SslMode { found: found.to_owned() }),
    };
    config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
    Ok(Target { config, tls: tls.then_some(roots) })
}

/// The connection string without what it says of TLS, which is handed to `found`.
fn without_tls(url: &str, mut found: impl FnMut(&str, String)) -> String {
    let mut keep = |parameter: &&str| match parameter.split_once('=') {
        Some((name @ ("sslmode" | "sslrootcert"), value)) => {
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            found(name, value.into_owned());
            false
        }
        _ => true,
    };
    if let Some((head, query)) = url.split_once('?').filter(|_| url.contains("://")) {
        let kept: Vec<&str> = query.split('&').filter(&mut keep).collect();
        return format!("{head}?{}", kept.join("&"));
    }
    if url.contains("://") {
        return url.to_owned();
    }
    let kept: Vec<&str> = url.split(' ').filter(&mut keep).collect();
    kept.join(" ")
}

fn is_this_machine(config: &Config) -> bool {
    let loopback = |host: &Host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
    };
    let named = config.get_hosts().iter().all(loopback);
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_to_other_machines_are_encrypted() {
        let machine = || Some(Roots::Machine);
        #[rustfmt::skip]
        let cases = [
            // rule                       url                                              expected
            ("this machine",              "postgres://u@127.0.0.1:5433/d",                 None),
            ("this machine, version 6",   "postgres://u@[::1]/d",                          None),
            ("this machine by name",      "postgres://u@localhost/d?connect_timeout=3",    None),
            ("a socket",                  "host=/run/postgresql user=u",                   None),
            ("no host",                   "user=u dbname=d",                               None),
            ("another machine",           "postgres://u@db.example.com/d",                 machine()),
            ("its address",               "host=10.0.0.1 user=u",                          machine()),
            ("one of two",                "postgres://u@localhost,db.example.com/d",       machine()),
            ("turned off",                "postgres://u@db.example.com/d?sslmode=disable", None),
            ("turned on here",            "host=localhost sslmode=verify-full",            machine()),
            ("weaker is not weaker",      "postgres://u@db.example.com/d?sslmode=prefer",  machine()),
            ("require verifies",          "postgres://u@localhost/d?sslmode=require",      machine()),
            ("a file",                    "postgres://u@h/d?sslrootcert=%2Fa%20b.pem",     Some(Roots::File("/a b.pem".into()))),
            ("a file, in key and value",  "host=h sslrootcert=/ab.pem sslmode=verify-ca",  Some(Roots::File("/ab.pem".into()))),
        ];
        for (rule, url, expected) in cases {
            let target = read(url).unwrap();
            assert_eq!(target.tls, expected, "{rule}");
            let mode = if expected.is_some() { SslMode::Require } else { SslMode::Disable };
            assert_eq!(target.config.get_ssl_mode(), mode, "{rule}");
        }
        assert!(matches!(
            read("postgres://u@h/d?sslmode=maybe"),
            Err(ConnectError::SslMode { found }) if found == "maybe"
        ));
        assert!(matches!(read("postgres://u@h:port/d"), Err(ConnectError::Url(_))));
    }

    #[test]
    fn a_password_is_not_shown() {
        let config = PostgresConfig::new("postgres://u:hunter2@h/d");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
