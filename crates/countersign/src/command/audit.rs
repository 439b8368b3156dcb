//! `countersign audit`

mod tail;
mod verify;

use std::process::ExitCode;

use crate::{
    cli::{Audit, Output},
    failure::Failure,
};

pub(crate) async fn run(args: Audit, form: Output) -> Result<ExitCode, Failure> {
    match args {
        Audit::Tail(args) => tail::run(args, form).await.map(|()| ExitCode::SUCCESS),
        Audit::Verify(args) => verify::run(&args, form).await,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
