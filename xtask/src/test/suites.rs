//! The suites written in Rust: unit, documentation, conformance, HTTP.

use std::path::Path;

use anyhow::{Result, ensure};

use super::Store;
use super::counts::Counts;
use super::needs::Needs;
use super::programs::TestProgram;
use super::report::{Ran, Report};
use crate::{cargo, process};

/// The member package that tests the running server.
const HTTP: &str = "integration";

/// Unit and property tests of every member, but those that have a row of their own.
pub(super) fn unit(needs: &Needs, report: &mut Report) {
    report.suite("unit and property", |log| {
        let elsewhere =
            |name: &str| name == HTTP || Store::ALL.iter().any(|store| store.package() == name);
        run_all(&needs.programs()?.tests(|program| !elsewhere(&program.package)), &[], log)
    });
}

/// Examples in the documentation of every member.
pub(super) fn doc(needs: &Needs, report: &mut Report) {
    report.suite("documentation examples", |log| {
        needs.programs()?;
        let mut command = cargo::command(["test", "--workspace", "--doc", "--locked"]);
        let status = process::logged(&mut command, log)?;
        let mut counts = Counts::of_libtest(&std::fs::read_to_string(log)?).unwrap_or_default();
        if !status.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        Ok(Ran::Counted(counts))
    });
}

/// All tests of the crate that implements a store, the conformance suite among them.
pub(super) fn conformance(needs: &Needs, store: Store, report: &mut Report) {
    report.suite(&format!("conformance: {}", store.name()), |log| {
        let programs = needs.programs()?.tests(|program| program.package == store.package());
        run_all(&programs, &environment(needs, store)?, log)
    });
}

/// The running server over HTTP, on one store.
pub(super) fn http(needs: &Needs, store: Store, report: &mut Report) {
    report.suite(&format!("http: {}", store.name()), |log| {
        let made = needs.programs()?;
        let programs = made.tests(|program| program.package == HTTP && program.integration);
        let mut env = environment(needs, store)?;
        env.push(("COUNTERSIGN_TEST_BIN", needs.product()?.display().to_string()));
        run_all(&programs, &env, log)
    });
}

fn environment(needs: &Needs, store: Store) -> Result<Vec<(&'static str, String)>> {
    let mut env = vec![("COUNTERSIGN_TEST_STORE", store.name().to_owned())];
    if store == Store::Postgres {
        env.push(("COUNTERSIGN_TEST_POSTGRES_URL", needs.cluster()?.url().to_owned()));
    }
    Ok(env)
}

fn run_all(programs: &[&TestProgram], env: &[(&str, String)], log: &Path) -> Result<Ran> {
    ensure!(!programs.is_empty(), "there is no test program for it");
    let mut sum = Counts::default();
    for program in programs {
        sum += program.run(env, log)?;
    }
    Ok(Ran::Counted(sum))
}
