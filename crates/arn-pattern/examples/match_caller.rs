//! Does a pattern cover a caller, and if not, why?
//!
//! `cargo run -p arn-pattern --example match_caller -- PATTERN CALLER_ARN`

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use arn_pattern::{ArnPattern, CallerArn};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pattern = arguments.next().unwrap_or("arn:aws:sts::123456789012:assumed-role/ci".into());
    let caller =
        arguments.next().unwrap_or("arn:aws:sts::123456789012:assumed-role/ci/run-1".into());

    let pattern: ArnPattern = pattern.parse()?;
    let caller: CallerArn = caller.parse()?;
    let mut out = std::io::stdout().lock();
    for warning in pattern.warnings() {
        writeln!(out, "warning: {warning}")?;
    }
    match pattern.explain(&caller) {
        Ok(()) => writeln!(out, "{pattern} covers {caller}")?,
        Err(mismatch) => writeln!(out, "no match: {mismatch}")?,
    }
    Ok(())
}
