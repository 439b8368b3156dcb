//! `cargo xtask test`: sets up what the suites need, runs them all, and counts.
//!
//! A suite that cannot run has failed: nothing is skipped in silence. What a suite needs (a build, a
//! PostgreSQL cluster, a virtual environment, a running server) is made when the first suite asks for it and
//! is gone when the command ends, however it ends. Output goes to `target/xtask/test/`, and to the terminal
//! when a suite fails.

mod clients;
mod counts;
mod needs;
mod programs;
mod recordings;
mod report;
mod server;
mod sign_in;
mod suites;

use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

use self::needs::Needs;
use self::report::Report;

/// What to run; without options, everything.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Run this suite alone (may be given more than once).
    #[arg(long, value_enum)]
    only: Vec<Suite>,
    /// Run the suites that have a store on this one alone (may be given more than once).
    #[arg(long, value_enum)]
    store: Vec<Store>,
}

/// A kind of test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Unit and property tests of every crate, but not of the stores.
    Unit,
    /// Examples in the documentation.
    Doc,
    /// Every storage backend on the one conformance suite.
    Conformance,
    /// The running server over HTTP, on every store.
    Http,
    /// Programs that we did not write, against the running server.
    Clients,
    /// Recorded conversations of the real service, where the folder exists.
    Recordings,
}

/// A storage backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    Memory,
    Sqlite,
    Postgres,
}

impl Store {
    const ALL: [Self; 3] = [Self::Memory, Self::Sqlite, Self::Postgres];

    /// The word for `COUNTERSIGN_TEST_STORE`.
    const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The crate that implements it.
    const fn package(self) -> &'static str {
        match self {
            Self::Memory => "mapping-store",
            Self::Sqlite => "mapping-store-sqlite",
            Self::Postgres => "mapping-store-postgres",
        }
    }
}

impl Options {
    fn wants(&self, suite: Suite) -> bool {
        self.only.is_empty() || self.only.contains(&suite)
    }

    fn stores(&self) -> impl Iterator<Item = Store> {
        Store::ALL.into_iter().filter(|store| self.store.is_empty() || self.store.contains(store))
    }
}

/// Runs the suites in order and prints the table of all; the last line is `N passed, N failed`.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let needs = Needs::new()?;
    let mut report = Report::new(needs.logs());
    if options.wants(Suite::Unit) {
        suites::unit(&needs, &mut report);
    }
    if options.wants(Suite::Doc) {
        suites::doc(&needs, &mut report);
    }
    if options.wants(Suite::Conformance) {
        options.stores().for_each(|store| suites::conformance(&needs, store, &mut report));
    }
    if options.wants(Suite::Http) {
        options.stores().for_each(|store| suites::http(&needs, store, &mut report));
    }
    if options.wants(Suite::Clients) {
        clients::run(&needs, &mut report);
    }
    if options.wants(Suite::Recordings) {
        recordings::run(&needs, &mut report);
    }
    drop(needs);
    Ok(report.finish())
}
