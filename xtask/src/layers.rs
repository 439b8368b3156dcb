//! `cargo xtask layers`: dependencies go down only, and third-party crates stay in their place.
//!
//! The picture is the table in [`rules`]; `deny.toml` says the same of third-party crates with `wrappers`.
//! It reads the manifests alone (`cargo metadata --no-deps`), so it needs neither a build nor a network.

mod manifest;
mod rules;

use std::process::ExitCode;

use anyhow::{Result, bail};
use cargo_metadata::{Dependency, DependencyKind, Metadata};

use crate::{cargo, say};

/// Prints the members by layer, then fails if an edge breaks a rule.
pub(crate) fn run() -> Result<ExitCode> {
    check()?;
    let mut rows: Vec<_> = rules::LAYERS.iter().collect();
    rows.sort_by_key(|(_, layer)| std::cmp::Reverse(*layer));
    let rows: Vec<_> =
        rows.iter().map(|(name, layer)| [layer.to_string(), (*name).to_owned()]).collect();
    say::table(["layer", "crate"], &rows);
    say::line("every dependency goes down, every third-party crate is in its place");
    Ok(ExitCode::SUCCESS)
}

/// Fails with one line for each broken rule.
pub(crate) fn check() -> Result<()> {
    let metadata = cargo::members()?;
    let mut broken = broken_edges(&metadata);
    broken.extend(manifest::broken_inheritance(&metadata)?);
    if broken.is_empty() {
        return Ok(());
    }
    bail!("{} broken rules of the workspace:\n  {}", broken.len(), broken.join("\n  "));
}

fn broken_edges(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        if rules::layer(name).is_none() && !rules::TOOLS.contains(&name) {
            broken.push(format!(
                "`{name}` has no layer: give it a row in `xtask/src/layers/rules.rs`"
            ));
        }
        for dependency in &package.dependencies {
            let edge = Edge::of(name, dependency);
            broken.extend(rules::broken(&edge).map(|rule| format!("{edge}: {rule}")));
        }
    }
    broken
}

/// One line of a `[dependencies]` table.
#[derive(Clone, Copy, Debug)]
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    /// Only for tests, examples and benches of `from`.
    dev: bool,
}

impl<'a> Edge<'a> {
    fn of(from: &'a str, dependency: &'a Dependency) -> Self {
        let dev = dependency.kind == DependencyKind::Development;
        Self { from, to: &dependency.name, dev }
    }
}

impl std::fmt::Display for Edge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.dev { " (dev)" } else { "" };
        write!(f, "`{}` -> `{}`{kind}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_keeps_its_layers() {
        super::check().unwrap();
    }
}
