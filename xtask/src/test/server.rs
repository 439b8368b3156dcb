//! A running `countersign dev`, and what it says its callers need.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::needs::Needs;
use crate::process::{Guarded, Surroundings};

const START_LIMIT: Duration = Duration::from_secs(60);

/// Server, embedded store and local STS with fresh data, on free ports; ends with this.
#[derive(Debug)]
pub(super) struct DevServer {
    exports: Vec<(String, String)>,
    _server: Guarded,
}

impl DevServer {
    /// The lines of its `--env-file` as pairs.
    pub(super) fn exports(&self) -> &[(String, String)] {
        &self.exports
    }

    /// One of them.
    pub(super) fn export(&self, name: &str) -> Result<&str> {
        let found = self.exports.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| anyhow!("`countersign dev` did not export `{name}`"))
    }
}

/// Starts one and waits until it is ready for callers.
pub(super) fn start(needs: &Needs, log: &Path) -> Result<DevServer> {
    let countersign = needs.product()?;
    let folder = tempfile::Builder::new().prefix("countersign-dev-").tempdir()?.keep();
    let env_file = folder.join("env");
    let mut dev = Command::new(countersign);
    dev.args(["dev", "--listen", "127.0.0.1:0", "--sts-listen", "127.0.0.1:0", "--data"]);
    dev.arg(folder.join("data")).arg("--env-file").arg(&env_file);
    let place = Surroundings { log, folder: &folder, stop: "TERM", user: None };
    let mut server = Guarded::start(&dev, place)?;
    let exports = server
        .until(START_LIMIT, || match fs::read_to_string(&env_file) {
            // Half a file is not ready.
            Ok(text) if text.ends_with('\n') => parse(&text).map(Some),
            _ => Ok(None),
        })
        .context("`countersign dev` did not start")?;
    Ok(DevServer { exports, _server: server })
}

/// Reads lines `export NAME=value`, the value bare or in single quotes.
fn parse(text: &str) -> Result<Vec<(String, String)>> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let assignment = line.strip_prefix("export ").and_then(|rest| rest.split_once('='));
            let (name, value) = assignment
                .with_context(|| "the env file holds a line that is no `export NAME=value`")?;
            let bare = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\''));
            Ok((name.to_owned(), bare.unwrap_or(value).to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn export_lines_become_pairs() {
        let pairs =
            parse("# hello\nexport DD_HOST=http://127.0.0.1:1\nexport T='a=b/c+d='\n\n").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs, [pair("DD_HOST", "http://127.0.0.1:1"), pair("T", "a=b/c+d=")]);
        parse("DD_HOST=http://127.0.0.1:1").unwrap_err();
    }
}
