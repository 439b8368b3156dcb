//! What the running server is measured beside, brought here from the package registries: into `target/bench-peers`, once.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{cargo, packages, process, say, venv};

/// Changes with the peer's version, so that figures can be traced to one.
const RUSTY_VAULT: &str = "0.2.1";

type Find = fn(&Path) -> Result<PathBuf>;

/// Variables that say where each peer is, or `! ` and why it is nowhere. Never fails: what cannot be had is reported
/// as not run. For the gate alone, what stands in front of it.
pub(super) fn environment(logs: &Path, gate_alone: bool) -> Vec<(&'static str, OsString)> {
    let peers: [(&str, &str, Find); 5] = [
        ("BENCH_NGINX", "nginx", packages::nginx),
        ("BENCH_GO", "go", go),
        ("BENCH_MOTO", "moto", moto),
        ("BENCH_OIDC", "oidc-provider", oidc_provider),
        ("BENCH_RUSTY_VAULT", "rusty_vault", rusty_vault),
    ];
    let find = |(variable, name, find): (&'static str, &str, Find)| {
        let log = logs.join(format!("peer-{name}.log"));
        let value = find(&log).map_or_else(|cause| format!("! {cause:#}").into(), OsString::from);
        say::line(format_args!("── peer {name}: {}", value.to_string_lossy()));
        (variable, value)
    };
    let wanted = if gate_alone { 1 } else { peers.len() };
    peers.into_iter().take(wanted).map(find).collect()
}

/// The machine's, or the one of PyPI.
fn go(log: &Path) -> Result<PathBuf> {
    let mut version = Command::new("go");
    version.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    if version.status().is_ok_and(|status| status.success()) {
        return Ok("go".into());
    }
    let venv = venv::make("bench-peers/go", "benches/peers/go/requirements.txt", log)
        .context("install Go 1.24 or newer")?;
    Ok(venv.program("go"))
}

fn moto(log: &Path) -> Result<PathBuf> {
    Ok(venv::clients(log)?.program("moto_server"))
}

/// Its folder, with its packages and our script.
fn oidc_provider(log: &Path) -> Result<PathBuf> {
    let folder = folder("oidc")?;
    for name in ["package.json", "server.mjs"] {
        let from = cargo::root().join("benches/peers/oidc").join(name);
        fs::copy(&from, folder.join(name))
            .with_context(|| format!("cannot copy `{}`", from.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]);
    let status = process::logged(npm.current_dir(&folder), log)
        .context("install Node.js 20 or newer with npm")?;
    ensure!(status.success(), "npm cannot install it, see `{}`", log.display());
    Ok(folder)
}

/// Takes some ten minutes of compiling at first.
fn rusty_vault(log: &Path) -> Result<PathBuf> {
    let folder = folder("rusty_vault")?;
    let program = folder.join("bin/rvault");
    if program.exists() {
        return Ok(program);
    }
    say::line(format_args!("── building RustyVault {RUSTY_VAULT}, see `{}`", log.display()));
    let mut install = cargo::command(["install", "--locked", "rusty_vault", "--version"]);
    install.arg(RUSTY_VAULT).arg("--root").arg(&folder);
    // Not into this workspace's build.
    install.current_dir(&folder).env("CARGO_TARGET_DIR", folder.join("build"));
    let status = process::logged(&mut install, log)?;
    ensure!(
        status.success() && program.exists(),
        "cargo cannot install it, see `{}`; it needs OpenSSL's headers",
        log.display()
    );
    let _ = fs::remove_dir_all(folder.join("build"));
    Ok(program)
}

/// A folder of `target/bench-peers`.
fn folder(name: &str) -> Result<PathBuf> {
    let target = cargo::members()?.target_directory.into_std_path_buf();
    let folder = target.join("bench-peers").join(name);
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    Ok(env::current_dir()?.join(folder))
}
