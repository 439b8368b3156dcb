//! `countersign audit`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ApiConnection, Installation};

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Show the newest events, newest last.
    Tail(Tail),
    /// Check that no event was altered, removed, inserted or reordered.
    ///
    /// Reads the whole log from the store that the configuration names. Events are chained by their hashes; whoever can write to the
    /// database could write a chain anew, which only anchors find: keep them where that person can't write. Exit code 1: it is broken.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Go on with events as they come, until Ctrl-C.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Terms that must all hold: a word, a `"phrase"`, or `field:value`, where `*` may end a value and `-` turns a term round.
    /// Fields: action, outcome, reason, user, mapping, account, arn, access_key, ip, request.
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub(crate) query: Option<String>,
    /// From when on: RFC 3339, or such as `now-15m`, `now-2d`.
    #[arg(long, value_name = "TIME", default_value = "now-1h")]
    pub(crate) from: String,
    /// How many of the newest to begin with.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) api: ApiConnection,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) installation: Installation,
    /// Only the log of the organization of this id.
    #[arg(long, value_name = "ID")]
    pub(crate) org: Option<String>,
    /// Also check that what an earlier `--write-anchors` wrote to this file still holds.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchors: Option<PathBuf>,
    /// If nothing is wrong, write to this file where the log ends now.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_anchors: Option<PathBuf>,
}
