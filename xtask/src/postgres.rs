//! A PostgreSQL cluster of our own: in a temporary folder, on loopback, gone when we are.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::packages;
use crate::process::{Guarded, Surroundings, User, logged};

const START_LIMIT: Duration = Duration::from_secs(60);

const HOW: &str = "PostgreSQL is missing: install its server (Debian, Ubuntu: `apt-get install postgresql`; \
                   Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`)";

/// A server that runs as long as this lives.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    _server: Guarded,
}

impl Cluster {
    /// For `COUNTERSIGN_TEST_POSTGRES_URL`: the superuser, who may make databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// Makes a cluster and starts it: about three seconds, more when PostgreSQL has to be installed first.
pub(crate) fn start(log: &Path) -> Result<Cluster> {
    let _ = fs::remove_file(log);
    let folder = tempfile::Builder::new().prefix("countersign-pg-").tempdir()?;
    let root = fs::metadata(folder.path())?.uid() == 0;
    let programs = packages::find_or_install(&["postgresql"], HOW, log, find)?;
    let user = if root { Some(unprivileged_user()?) } else { None };
    if let Some(user) = user {
        chown(folder.path(), Some(user.uid), Some(user.gid))?;
    }
    init(&programs, folder.path(), user, log)
        .with_context(|| format!("cannot make a PostgreSQL cluster, see `{}`", log.display()))?;
    // From here on the guardian of the server removes the folder.
    serve(&programs, &folder.keep(), user, log)
        .with_context(|| format!("PostgreSQL does not start, see `{}`", log.display()))
}

fn init(programs: &Path, folder: &Path, user: Option<User>, log: &Path) -> Result<()> {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.arg("-D").arg(folder.join("data")).current_dir(folder);
    initdb.args(["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale"]);
    if let Some(user) = user {
        initdb.uid(user.uid).gid(user.gid);
    }
    let status = logged(&mut initdb, log)?;
    ensure!(status.success(), "`initdb` failed ({status})");
    Ok(())
}

fn serve(programs: &Path, folder: &Path, user: Option<User>, log: &Path) -> Result<Cluster> {
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut postgres = Command::new(programs.join("postgres"));
    postgres.arg("-D").arg(folder.join("data"));
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", folder.display()),
        // Nobody will miss its data after a power cut.
        "fsync=off".to_owned(),
        "max_connections=200".to_owned(),
    ] {
        postgres.args(["-c", &setting]);
    }
    // SIGINT is its "fast" shutdown: sessions are cut, files are closed.
    let mut server = Guarded::start(&postgres, Surroundings { log, folder, stop: "INT", user })?;
    let pid_file = folder.join("data/postmaster.pid");
    server.until(START_LIMIT, || {
        // The last line of the file is its state, padded with spaces.
        let text = fs::read_to_string(&pid_file).unwrap_or_default();
        Ok(text.lines().any(|line| line.trim() == "ready").then_some(()))
    })?;
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    Ok(Cluster { url, _server: server })
}

/// PostgreSQL refuses to run as root.
fn unprivileged_user() -> Result<User> {
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some(User { uid: id("-u", name)?, gid: id("-g", name)? }))
        .context("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The folder that really holds the programs: what stands in `PATH` may be a link into it.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    in_path.chain(versioned()).find_map(|initdb| {
        let folder = initdb.canonicalize().ok()?.parent()?.to_path_buf();
        folder.join("postgres").is_file().then_some(folder)
    })
}

/// Debian's and Fedora's places, newest version first.
fn versioned() -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = ["/usr/lib/postgresql", "/usr"]
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flat_map(|entries| entries.flatten())
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix("pgsql-").unwrap_or(&name).parse().ok()?;
            Some((version, entry.path().join("bin/initdb")))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, initdb)| initdb)
}
