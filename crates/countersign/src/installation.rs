//! From the configuration to the store that it names, for commands that work on it directly.

use std::{path::Path, sync::Arc};

use anyhow::{Context, anyhow};
use auth_model::{Catalogue, ExposeSecret};
use countersign_server::{Config, config, open_store};
use mapping_store::Store;

use crate::{cli, failure::Failure};

/// The configuration of a file and of the environment.
pub(crate) fn load(file: Option<&Path>) -> Result<Config, Failure> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Config::load(file, &environment).map_err(Failure::usage)
}

/// An installation without its server.
pub(crate) struct Opened {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalogue: Catalogue,
}

/// Opens the store, which is made where there is none.
pub(crate) async fn open_or_make(args: &cli::Installation) -> Result<Opened, Failure> {
    let config = load(args.config.as_deref())?;
    if config.store.0.expose_secret() == "memory" {
        return Err(Failure::usage(anyhow!(
            "`store` is `memory`, which is lost when this command ends: name a database, such as `sqlite:/var/lib/countersign/countersign.db`"
        )));
    }
    let catalogue =
        config::catalogue(config.permissions_file.as_deref()).map_err(Failure::usage)?;
    let store = open_store(&config).await.context("the installation can't be reached")?;
    Ok(Opened { config, store, catalogue })
}

/// Opens the store, if there is one.
pub(crate) async fn open(args: &cli::Installation) -> Result<Opened, Failure> {
    let config = load(args.config.as_deref())?;
    let url = config.store.0.expose_secret();
    if let Some(path) = url.strip_prefix("sqlite:").map(|p| p.strip_prefix("//").unwrap_or(p))
        && !Path::new(path).exists()
    {
        return Err(Failure::usage(anyhow!(
            "there is no database `{path}`: name the installation's configuration with `--config`, or begin with `countersign bootstrap`"
        )));
    }
    open_or_make(args).await
}
