//! One build of everything: the test programs of all members, and the product.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Artifact, Message, Metadata, TargetKind};

use super::counts::Counts;
use super::report;
use crate::{cargo, process};

/// What the build made.
#[derive(Debug)]
pub(super) struct Programs {
    tests: Vec<TestProgram>,
    product: Option<PathBuf>,
}

/// One test program.
#[derive(Clone, Debug)]
pub(super) struct TestProgram {
    pub(super) package: String,
    /// From the package's `tests` folder, not from within its sources.
    pub(super) integration: bool,
    name: String,
    /// The package's folder, where `cargo test` would run it.
    folder: PathBuf,
    path: PathBuf,
}

impl Programs {
    /// The product, if this build made it.
    pub(super) fn product(&self) -> Option<&Path> {
        self.product.as_deref()
    }

    /// The programs that `chosen` picks.
    pub(super) fn tests(&self, chosen: impl Fn(&TestProgram) -> bool) -> Vec<&TestProgram> {
        self.tests.iter().filter(|program| chosen(program)).collect()
    }
}

impl TestProgram {
    /// Runs it with its output in `log`. Ending badly without a count is one failure.
    pub(super) fn run(&self, env: &[(&str, String)], log: &Path) -> Result<Counts> {
        let own = log.with_extension("part");
        let _ = std::fs::remove_file(&own);
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.envs(env.iter().map(|(name, value)| (name, value)));
        let status = process::logged(&mut command, &own)?;
        let output = String::from_utf8_lossy(&std::fs::read(&own)?).into_owned();
        std::fs::remove_file(&own)?;
        let mut counts = Counts::of_libtest(&output).unwrap_or_default();
        if !status.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        let output = format!("── {} of {}\n{output}", self.name, self.package);
        process::append(log, &output)?;
        if counts.failed > 0 {
            process::append(&report::failures(log), &output)?;
        }
        Ok(counts)
    }
}

/// Builds with cargo's own progress on the terminal.
pub(super) fn build() -> Result<Programs> {
    let metadata = cargo::members()?;
    let artifacts = artifacts(&["test", "--workspace", "--locked", "--no-run"])?;
    let tests = artifacts.iter().filter_map(|artifact| test_program(artifact, &metadata)).collect();
    // The test build makes the product only when some test needs it.
    Ok(Programs { tests, product: artifacts.iter().find_map(product) })
}

/// The product, as `cargo build` makes it.
pub(super) fn build_product() -> Result<PathBuf> {
    let artifacts = artifacts(&["build", "--package", "countersign", "--locked"])?;
    artifacts.iter().find_map(product).context("the build made no program `countersign`")
}

fn artifacts(args: &[&str]) -> Result<Vec<Artifact>> {
    let mut command = cargo::command(args);
    command.args(["--message-format", "json-render-diagnostics"]).stdout(Stdio::piped());
    let line = cargo::line_of(&command);
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut artifacts = Vec::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerArtifact(artifact) = message? {
            artifacts.push(artifact);
        }
    }
    if !child.wait()?.success() {
        bail!("the build failed, see above");
    }
    Ok(artifacts)
}

fn test_program(artifact: &Artifact, metadata: &Metadata) -> Option<TestProgram> {
    let path = artifact.executable.clone().filter(|_| artifact.profile.test)?;
    let package = metadata.packages.iter().find(|package| package.id == artifact.package_id)?;
    Some(TestProgram {
        package: package.name.to_string(),
        integration: artifact.target.kind.contains(&TargetKind::Test),
        name: artifact.target.name.clone(),
        folder: package.manifest_path.parent()?.as_std_path().to_path_buf(),
        path: path.into_std_path_buf(),
    })
}

fn product(artifact: &Artifact) -> Option<PathBuf> {
    let is_it =
        artifact.target.is_bin() && artifact.target.name == "countersign" && !artifact.profile.test;
    artifact.executable.clone().filter(|_| is_it).map(Into::into)
}
