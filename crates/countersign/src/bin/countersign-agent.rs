//! `countersign agent` alone; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign::run_agent()
}
