//! `countersign init`

use anyhow::Context;
use auth_model::OsRandomness;
use countersign_server::write_master_key;

use crate::{
    cli::{Init, Output},
    failure::Failure,
    output,
};

pub(crate) fn run(args: &Init, form: Output) -> Result<(), Failure> {
    let path = &args.master_key_file;
    write_master_key(path, &OsRandomness).context("no master key was made")?;
    let sentence = format!(
        "Made a master key in `{}`. Keep a copy where it is safe: without it, what it seals is lost.\n\
         Next: set `master_key_file` in the configuration, and run `countersign serve --config FILE`.",
        path.display()
    );
    output::done(form, &sentence, &serde_json::json!({ "master_key_file": path }))?;
    Ok(())
}
