//! What an agent keeps, by its file or its options.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use crate::{cli::Agent, failure::Failure};

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default, rename = "instance")]
    instances: Vec<Instance>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    /// For people; the organization's id by default.
    name: Option<String>,
    /// The server.
    pub(super) url: String,
    pub(super) org: String,
    /// Of the STS that is asked; the global one by default.
    pub(super) region: Option<String>,
    /// An AWS profile, instead of the default chain.
    pub(super) profile: Option<String>,
    /// 60 by default.
    pub(super) refresh_interval_mins: Option<u32>,
    pub(super) fallback_key_file: Option<PathBuf>,
    pub(super) cache_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    /// A program and its arguments.
    #[serde(default)]
    pub(super) on_change: Vec<String>,
}

impl Instance {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.org)
    }

    fn of_options(args: &Agent) -> anyhow::Result<Self> {
        let org = args.connection.org.clone().context(
            "say which organization: `--org UUID` or DD_ORG_UUID, or `--config FILE` for several",
        )?;
        Ok(Self {
            name: None,
            url: args.connection.url.clone(),
            org,
            region: args.connection.sts_region.clone(),
            profile: args.connection.profile.clone(),
            refresh_interval_mins: args.refresh_interval_mins,
            fallback_key_file: args.fallback_key_file.clone(),
            cache_file: args.cache_file.clone(),
            key_file: args.key_file.clone(),
            on_change: args.on_change.clone().into_iter().collect(),
        })
    }
}

/// What the file, or else the options, say.
pub(super) fn load(args: &Agent) -> Result<Vec<Instance>, Failure> {
    match &args.config {
        Some(path) => of_file(path),
        None => {
            Instance::of_options(args).and_then(|one| checked(vec![one])).map_err(Failure::usage)
        }
    }
}

/// What a file says.
pub(super) fn of_file(path: &Path) -> Result<Vec<Instance>, Failure> {
    std::fs::read_to_string(path)
        .map_err(anyhow::Error::from)
        .and_then(|text| parse(&text))
        .with_context(|| format!("the configuration `{}` can't be used", path.display()))
        .map_err(Failure::usage)
}

fn parse(text: &str) -> anyhow::Result<Vec<Instance>> {
    checked(toml::from_str::<Config>(text)?.instances)
}

fn checked(instances: Vec<Instance>) -> anyhow::Result<Vec<Instance>> {
    ensure!(!instances.is_empty(), "there is no `[[instance]]` in it");
    let (mut names, mut files) = (HashSet::new(), HashSet::new());
    for instance in &instances {
        let name = instance.name();
        ensure!(names.insert(name), "two instances are called `{name}`; give each a `name`");
        if instance.key_file.is_none() && instance.on_change.is_empty() {
            bail!(
                "the key of `{name}` would reach nobody: say where to keep it (`key_file`), or what to run (`on_change`)"
            );
        }
        let minutes = instance.refresh_interval_mins.unwrap_or(60);
        ensure!(
            (1..=1_440).contains(&minutes),
            "`refresh_interval_mins` of `{name}` is {minutes}; it may be 1 to 1440"
        );
        for file in [&instance.key_file, &instance.cache_file].into_iter().flatten() {
            ensure!(files.insert(file), "`{}` is written twice", file.display());
        }
    }
    Ok(instances)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[instance]]\nurl = 'https://c.example'\norg = 'a'\nkey_file = 'k'\n";

    #[test]
    fn an_instance_needs_a_server_an_organization_and_somebody_to_reach() {
        let read = parse(ONE).unwrap();
        assert_eq!((read.len(), read[0].name()), (1, "a"));
        let both = format!("{ONE}{}", ONE.replace("'a'", "'b'").replace("'k'", "'k2'"));
        assert_eq!(parse(&both).unwrap().len(), 2);
        #[rustfmt::skip]
        let cases = [
            ("nothing in it",          String::new(),                                    "no `[[instance]]`"),
            ("a word unknown",         format!("{ONE}keyfile = 'x'\n"),                  "keyfile"),
            ("no organization",        ONE.replace("org = 'a'\n", ""),                   "org"),
            ("no output",              ONE.replace("key_file = 'k'\n", ""),              "reach nobody"),
            ("the same name",          format!("{ONE}{}", ONE.replace("'k'", "'k2'")),   "two instances are called `a`"),
            ("the same file",          format!("{ONE}{}", ONE.replace("'a'", "'b'")),    "`k` is written twice"),
            ("key and cache in one",   format!("{ONE}cache_file = 'k'\n"),               "`k` is written twice"),
            ("never",                  format!("{ONE}refresh_interval_mins = 0\n"),      "1 to 1440"),
        ];
        for (rule, text, words) in cases {
            let error = format!("{:#}", parse(&text).unwrap_err());
            assert!(error.contains(words), "{rule}: {error}");
        }
    }
}
