//! What sign-in by SAML is tested with: identity providers and a browser that nobody here wrote.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{cargo, packages, process};

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

/// Its folder. Debian's package is unpacked rather than installed: it would bring a web server that starts at once and for
/// everybody, and the package's files are all that is needed.
fn simplesamlphp(log: &Path) -> Result<PathBuf> {
    if let Some(named) = env::var_os("COUNTERSIGN_TEST_SIMPLESAMLPHP") {
        return Ok(named.into());
    }
    let target = cargo::members()?.target_directory.into_std_path_buf();
    let (folder, unfinished) = (target.join("simplesamlphp"), target.join("simplesamlphp.part"));
    let program = folder.join("usr/share/simplesamlphp");
    if program.join("www/saml2/idp/SSOService.php").is_file() {
        return Ok(program);
    }
    for old in [&folder, &unfinished] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    fs::create_dir_all(&unfinished)?;
    let package = download("simplesamlphp", &unfinished, log)?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("-x").arg(&package).arg(&unfinished);
    let status = process::logged(&mut unpack, log)?;
    ensure!(status.success(), "`dpkg-deb` can't unpack it, see `{}`", log.display());
    fs::rename(&unfinished, &folder)?;
    Ok(program)
}

/// The file of a Debian package, in `folder`. Needs no root, unless the machine does not know yet what packages there are.
fn download(name: &str, folder: &Path, log: &Path) -> Result<PathBuf> {
    let try_it = || -> Result<bool> {
        let mut apt = Command::new("apt-get");
        apt.args(["download", name]).current_dir(folder);
        Ok(process::logged(&mut apt, log)?.success())
    };
    let mut came = try_it()?;
    if !came && packages::can_install() {
        packages::update(log)?;
        came = try_it()?;
    }
    ensure!(came, "`apt-get download {name}` failed, see `{}`", log.display());
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let package = files.into_iter().find(|path| path.extension() == Some(OsStr::new("deb")));
    package.with_context(|| format!("`apt-get download {name}` left no package"))
}
