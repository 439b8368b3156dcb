//! Many patterns of two tenants, one caller: who wins, and who else would have.
//!
//! `cargo run -p arn-pattern --example index`

use std::error::Error;
use std::io::Write;

use arn_pattern::{ArnPattern, CallerArn, PatternIndex};

const ACME: u128 = 1;
const GLOBEX: u128 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let role = "arn:aws:sts::123456789012:assumed-role/ci";
    let mut index = PatternIndex::new();
    for (scope, end, account) in [
        (ACME, "/*", "ci@acme.example"),
        (ACME, "/release-*", "release@acme.example"),
        (ACME, "/release-hotfix", "hotfix@acme.example"),
        (GLOBEX, "/*", "ci@globex.example"),
    ] {
        let pattern: ArnPattern = format!("{role}{end}").parse()?;
        index.insert(scope, pattern, account);
    }

    let caller: CallerArn = format!("{role}/release-7").parse()?;
    let mut out = std::io::stdout().lock();
    for (name, scope) in [("acme", ACME), ("globex", GLOBEX)] {
        let matches: Vec<_> = index.matches(scope, &caller).collect();
        writeln!(out, "{name}: winner {:?}, all {matches:?}", index.lookup(scope, &caller))?;
    }
    Ok(())
}
