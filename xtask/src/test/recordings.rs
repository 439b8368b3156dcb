//! Recorded conversations of the real service, played against a running server.
//!
//! They are not part of the project: the row counts only where their folder stands beside the checkout, or
//! where `COUNTERSIGN_TEST_RECORDINGS` names it. The folder brings its own player, `replay.py`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::counts::Counts;
use super::needs::Needs;
use super::report::{Ran, Report};
use super::server;
use crate::{cargo, process};

/// What is played, each on a server of its own.
const PLAYED: [&str; 9] = [
    "v1",
    "v2/authn_mappings",
    "v2/aws_integration",
    "v2/cloud_authentication",
    "v2/key_management",
    "v2/roles",
    "v2/service_accounts",
    "v2/teams",
    "v2/users",
];
/// The user that a recording takes for granted; `dev` makes one.
const USER: &str = "admin@myorg.com";

pub(super) fn run(needs: &Needs, report: &mut Report) {
    let named = std::env::var_os("COUNTERSIGN_TEST_RECORDINGS").map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| cargo::root().join("../shared/recordings"));
    for part in PLAYED {
        report.suite(&format!("recordings: {part}"), |log| {
            if !folder.join("replay.py").is_file() {
                ensure!(named.is_none(), "`{}` holds no `replay.py`", folder.display());
                return Ok(Ran::NotApplicable("no recordings here".to_owned()));
            }
            play(needs, &folder, part, log)
        });
    }
}

fn play(needs: &Needs, folder: &Path, part: &str, log: &Path) -> Result<Ran> {
    let server = server::start(needs, &log.with_extension("server.log"))?;
    let venv = needs.venv()?;
    if part == "v2/aws_integration" {
        // The recordings integrate the account that `dev` has integrated already.
        let mut remove = venv.python();
        remove.arg(cargo::root().join("tests/clients/remove_accounts.py"));
        remove.envs(server.exports().iter().map(|(name, value)| (name, value)));
        let status = process::logged(&mut remove, log)?;
        ensure!(status.success(), "the account of `dev` could not be removed ({status})");
    }
    let mut python = venv.python();
    python.arg(folder.join("replay.py")).args(["--verbose", "--user", USER]);
    python.args(["--base-url", server.export("DD_HOST")?]);
    python.args(["--api-key", server.export("DD_API_KEY")?]);
    python.args(["--app-key", server.export("DD_APP_KEY")?]).arg(folder.join(part));
    let status = process::logged(&mut python, log)?;
    let counts = Counts::of_last_line(&String::from_utf8_lossy(&std::fs::read(log)?));
    let counts = counts.with_context(|| format!("`replay.py` ended without a count ({status})"))?;
    Ok(Ran::Counted(counts))
}
