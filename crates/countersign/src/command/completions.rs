//! `countersign completions`

use clap::CommandFactory;

use crate::{cli::Cli, output};

pub(crate) fn run(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "countersign", &mut script);
    output::line(&String::from_utf8_lossy(&script));
}
