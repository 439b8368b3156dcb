//! What ours is measured beside. Each is had from the outside; what cannot be had says why.

pub(crate) mod go;
pub(crate) mod oidc;
pub(crate) mod pass_through;
pub(crate) mod rusty_vault;

use std::path::PathBuf;

/// A program, or why there is none.
pub(crate) type Had = Result<PathBuf, String>;

/// Where the peers are.
#[derive(Debug)]
pub(crate) struct Peers {
    pub(crate) go: Had,
    pub(crate) moto: Had,
    pub(crate) rusty_vault: Had,
    /// A folder with its packages.
    pub(crate) oidc: Had,
    /// No peer: what the gate stands behind.
    pub(crate) nginx: Had,
}

impl Peers {
    pub(crate) fn read() -> Self {
        Self {
            go: had("BENCH_GO"),
            moto: had("BENCH_MOTO"),
            rusty_vault: had("BENCH_RUSTY_VAULT"),
            oidc: had("BENCH_OIDC"),
            nginx: had("BENCH_NGINX"),
        }
    }
}

fn had(name: &str) -> Had {
    let value = std::env::var(name).map_err(|_| format!("{name} is not set"))?;
    match value.strip_prefix("! ") {
        Some(why) => Err(why.to_owned()),
        None => Ok(value.into()),
    }
}
