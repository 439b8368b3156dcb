//! `cargo xtask idp URL`: an identity provider to try sign-in by SAML with.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::{cargo, packages, venv};

const HOW: &str = "`xmlsec1`, with which pysaml2 signs, is missing: install it (Debian, Ubuntu: `apt-get install xmlsec1`; \
    Fedora: `dnf install xmlsec1 xmlsec1-openssl`; macOS: `brew install libxmlsec1`)";

/// Runs it until it is interrupted.
pub(crate) fn run(metadata: &str) -> Result<ExitCode> {
    let log = cargo::output_folder("idp")?.join("set-up.log");
    let venv = venv::clients(&log)?;
    let xmlsec1 =
        packages::find_or_install(&["xmlsec1"], HOW, &log, || packages::in_path(&["xmlsec1"]))?;
    let mut python = venv.python();
    python.arg(cargo::root().join("tests/clients/try_idp.py")).arg(metadata);
    let status = python.env("COUNTERSIGN_TEST_XMLSEC1", xmlsec1).status()?;
    ensure!(status.success(), "the identity provider ended ({status})");
    Ok(ExitCode::SUCCESS)
}
