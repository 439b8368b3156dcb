//! What sign-in by SAML is tested with: identity providers and a browser that nobody here wrote.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::packages;

const PROGRAMS: [&str; 4] = ["xmlsec1", "php-cli", "php-xml", "php-mbstring"];
const PROGRAMS_HOW: &str = "`xmlsec1`, with which pysaml2 signs, or `php` with its modules dom and mbstring, for SimpleSAMLphp, is \
    missing: install them (Debian, Ubuntu: `apt-get install xmlsec1 php-cli php-xml php-mbstring`; Fedora: `dnf install xmlsec1 \
    xmlsec1-openssl php-cli php-xml php-mbstring`; macOS: `brew install libxmlsec1 php`)";
const SIMPLESAMLPHP_HOW: &str = "SimpleSAMLphp is missing: unpack a release of 1.19 and name its folder in \
    COUNTERSIGN_TEST_SIMPLESAMLPHP (where apt-get has the package `simplesamlphp`, as in Debian 12, it is unpacked for you)";
const CHROMIUM_HOW: &str = "a browser is missing: install Chromium or Chrome, which is no snap, \
    (Debian: `apt-get install chromium`), or name the program in COUNTERSIGN_TEST_CHROMIUM";

/// What the two identity providers need beside Python.
#[derive(Debug)]
pub(super) struct Providers {
    xmlsec1: PathBuf,
    simplesamlphp: PathBuf,
}

impl Providers {
    /// Variables for the scripts.
    pub(super) fn exports(&self) -> [(&'static str, &Path); 2] {
        [
            ("COUNTERSIGN_TEST_XMLSEC1", &self.xmlsec1),
            ("COUNTERSIGN_TEST_SIMPLESAMLPHP", &self.simplesamlphp),
        ]
    }
}

/// Finds or installs what both need: some seconds on a machine that has none of it.
pub(super) fn providers(log: &Path) -> Result<Providers> {
    File::create(log)?;
    let xmlsec1 = packages::find_or_install(&PROGRAMS, PROGRAMS_HOW, log, || {
        php().and_then(|()| packages::in_path(&["xmlsec1"]))
    })?;
    let simplesamlphp = simplesamlphp(log).context(SIMPLESAMLPHP_HOW)?;
    Ok(Providers { xmlsec1, simplesamlphp })
}

/// Finds or installs a browser: half a minute, as it is large.
pub(super) fn browser(log: &Path) -> Result<PathBuf> {
    File::create(log)?;
    if let Some(named) = env::var_os("COUNTERSIGN_TEST_CHROMIUM") {
        return Ok(named.into());
    }
    let names = ["chromium", "google-chrome", "google-chrome-stable"];
    packages::find_or_install(&["chromium"], CHROMIUM_HOW, log, || packages::in_path(&names))
}

/// Whether PHP is there with what SimpleSAMLphp asks of it.
fn php() -> Option<()> {
    let output = Command::new("php").arg("-m").stderr(Stdio::null()).output().ok()?;
    let modules = String::from_utf8_lossy(&output.stdout).to_lowercase();
    let has = |wanted: &str| modules.lines().any(|module| module == wanted);
    ["dom", "mbstring", "openssl", "session"].into_iter().all(has).then_some(())
}

/// Its folder.
fn simplesamlphp(log: &Path) -> Result<PathBuf> {
    if let Some(named) = env::var_os("COUNTERSIGN_TEST_SIMPLESAMLPHP") {
        return Ok(named.into());
    }
    // Installed, it would bring a web server that starts at once and for everybody.
    let folder = packages::unpacked("simplesamlphp", "usr/share/simplesamlphp/www/saml2/idp", log)?;
    Ok(folder.join("usr/share/simplesamlphp"))
}
