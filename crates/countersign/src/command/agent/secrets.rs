//! `countersign agent secrets`: the keys of an agent for programs that ask another program for their secrets, by the protocol of
//! the telemetry Agent's `secret_backend_command`: names as JSON on standard input, values as JSON on standard output.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::Path,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::config::{self, Instance};
use crate::{failure::Failure, output, private_file};

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

/// Answers what standard input asks: an instance's name stands for its key, as it is in its key file now.
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let instances = config::of_file(path)?;
    let mut text = String::new();
    io::stdin()
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .context("can't read what is asked for from standard input")?;
    let asked: Asked = serde_json::from_str(&text)
        .context("standard input is not `{\"version\": \"1.0\", \"secrets\": [NAME, …]}`")
        .map_err(Failure::usage)?;
    let answers = asked.secrets.into_iter().map(|name| {
        let answer = match key(&instances, &name) {
            Ok(key) => Answer { value: Some(key), error: None },
            Err(error) => Answer { value: None, error: Some(format!("{error:#}")) },
        };
        (name, answer)
    });
    output::json(&answers.collect::<BTreeMap<_, _>>())?;
    Ok(())
}

fn key(instances: &[Instance], name: &str) -> anyhow::Result<String> {
    let instance = instances.iter().find(|instance| instance.name() == name);
    let instance = instance.context("no instance of the agent has this name")?;
    let path = instance.key_file.as_deref().context("the instance keeps no `key_file`")?;
    let text = private_file::read_private(path).context("there is no key yet")?;
    let key = text.trim();
    anyhow::ensure!(!key.is_empty(), "there is no key in `{}`", path.display());
    Ok(key.to_owned())
}

/// Names of secrets are short, and few.
const MAX_BYTES: u64 = 1024 * 1024;
