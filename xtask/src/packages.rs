//! Programs of the machine: looked for, and where the machine is Debian's or Ubuntu's and we are root, installed.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::logged;

/// Where the first of these programs is that `PATH` has.
pub(crate) fn in_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// What `find` finds, if need be after these packages were installed; where that can't be, `how` tells a person what to do.
pub(crate) fn find_or_install<T>(
    packages: &[&str],
    how: &str,
    log: &Path,
    find: impl Fn() -> Option<T>,
) -> Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !can_install() {
        bail!("{how}");
    }
    install(packages, log).with_context(|| how.to_owned())?;
    find().with_context(|| how.to_owned())
}

/// Installs Debian packages. Only as root.
pub(crate) fn install(packages: &[&str], log: &Path) -> Result<()> {
    update(log)?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(packages);
    apt_get(&args, log)
}

/// Asks what packages there are now. Only as root.
pub(crate) fn update(log: &Path) -> Result<()> {
    apt_get(&["update"], log)
}

/// Whether `install` can do anything here.
pub(crate) fn can_install() -> bool {
    let mut version = Command::new("apt-get");
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    is_root() && version.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    // Our own entry belongs to whom we run as.
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn apt_get(args: &[&str], log: &Path) -> Result<()> {
    let mut apt = Command::new("apt-get");
    apt.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let status = logged(&mut apt, log)?;
    ensure!(status.success(), "`apt-get {}` failed, see `{}`", args.join(" "), log.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{find_or_install, in_path};

    #[test]
    fn the_first_name_that_is_in_the_path_is_found() {
        let found = in_path(&["no-such-program", "sh"]).unwrap();
        assert!(found.is_absolute() && found.ends_with("sh"), "{}", found.display());
        assert_eq!(in_path(&["no-such-program"]), None);
    }

    #[test]
    fn nothing_is_installed_that_is_there() {
        let log = Path::new("/no/such/folder/log");
        assert_eq!(find_or_install(&["sh"], "how", log, || Some(1)).unwrap(), 1);
    }
}
