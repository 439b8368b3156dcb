//! `countersign agent secrets`: the keys of an agent for programs that ask another program for their secrets, by the protocol of
//! the telemetry Agent's `secret_backend_command`: names as JSON on standard input, values as JSON on standard output.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, bail};
use auth_model::ExposeSecret;
use countersign_agent::config::Config;
use serde::{Deserialize, Serialize};

use crate::{cli::Secrets, failure::Failure, output};

/// What is asked for.
#[derive(Deserialize)]
struct Asked {
    secrets: Vec<String>,
}

/// A value, or why there is none.
#[derive(Serialize)]
struct Answer {
    value: Option<String>,
    error: Option<String>,
}

/// Answers what standard input asks: an instance's name stands for its key, as it is in its key file or at the socket now.
pub(super) async fn run(from: &Secrets) -> Result<(), Failure> {
    let config = from.config.as_deref().map(Config::load).transpose().map_err(Failure::usage)?;
    let mut text = String::new();
    io::stdin()
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .context("can't read what is asked for from standard input")?;
    let asked: Asked = serde_json::from_str(&text)
        .context("standard input is not `{\"version\": \"1.0\", \"secrets\": [NAME, …]}`")
        .map_err(Failure::usage)?;
    let mut answers = BTreeMap::new();
    for name in asked.secrets {
        let key = match (&config, &from.socket) {
            (Some(config), _) => kept(config, &name).await,
            (None, Some(socket)) => at_socket(socket, &name).await,
            (None, None) => Err(anyhow::anyhow!("say where the keys are")),
        };
        let answer = match key {
            Ok(key) => Answer { value: Some(key), error: None },
            Err(error) => Answer { value: None, error: Some(format!("{error:#}")) },
        };
        answers.insert(name, answer);
    }
    output::json(&answers)?;
    Ok(())
}

async fn kept(config: &Config, name: &str) -> anyhow::Result<String> {
    let instance = config.instances.iter().find(|instance| instance.name() == name);
    let instance = instance.context("no instance of the agent has this name")?;
    let Some(path) = &instance.key_file else {
        return match &config.socket {
            Some(socket) => at_socket(socket, name).await,
            None => bail!("the instance keeps no `key_file`, and the agent has no `socket`"),
        };
    };
    let text = private_file::read(path, MAX_BYTES).context("there is no key yet")?;
    let key = text.trim();
    anyhow::ensure!(!key.is_empty(), "there is no key in `{}`", path.display());
    Ok(key.to_owned())
}

async fn at_socket(socket: &Path, name: &str) -> anyhow::Result<String> {
    Ok(countersign_agent::ask_key(socket, name).await?.expose_secret().to_owned())
}

/// Names of secrets are short, and few; so are keys.
const MAX_BYTES: u64 = 1024 * 1024;
