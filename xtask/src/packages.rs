//! Programs of the machine: looked for, and where the machine is Debian's or Ubuntu's, installed (as root) or unpacked.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::cargo;
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

/// The folder with the files of a Debian package, which is unpacked rather than installed: what it would start stays off, and it needs
/// no root. `probe` is a file or folder of it.
pub(crate) fn unpacked(package: &str, probe: &str, log: &Path) -> Result<PathBuf> {
    let target = cargo::members()?.target_directory.into_std_path_buf();
    let (folder, unfinished) = (target.join(package), target.join(format!("{package}.part")));
    if folder.join(probe).exists() {
        return Ok(folder);
    }
    for old in [&folder, &unfinished] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    fs::create_dir_all(&unfinished)?;
    let file = download(package, &unfinished, log)?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("-x").arg(&file).arg(&unfinished);
    let status = logged(&mut unpack, log)?;
    ensure!(status.success(), "`dpkg-deb` can't unpack it, see `{}`", log.display());
    fs::rename(&unfinished, &folder)?;
    ensure!(folder.join(probe).exists(), "the package `{package}` has no `{probe}`");
    Ok(folder)
}

/// nginx, never as a service of the machine's: the one in `PATH`, or an unpacked package.
pub(crate) fn nginx(log: &Path) -> Result<PathBuf> {
    if let Some(there) = in_path(&["nginx"]) {
        return Ok(there);
    }
    fs::File::create(log)?;
    let folder = unpacked("nginx", "usr/sbin/nginx", log);
    let how = "nginx is missing: install it (Debian, Ubuntu: the package `nginx` is unpacked for you; Fedora: `dnf install nginx`; \
               macOS: `brew install nginx`)";
    Ok(folder.context(how)?.join("usr/sbin/nginx"))
}

/// The file of a Debian package, in `folder`. Needs no root, unless the machine does not know yet what packages there are.
fn download(name: &str, folder: &Path, log: &Path) -> Result<PathBuf> {
    let try_it = || -> Result<bool> {
        let mut apt = Command::new("apt-get");
        apt.args(["download", name]).current_dir(folder);
        Ok(logged(&mut apt, log)?.success())
    };
    let mut came = try_it()?;
    if !came && can_install() {
        update(log)?;
        came = try_it()?;
    }
    ensure!(came, "`apt-get download {name}` failed, see `{}`", log.display());
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let package = files.into_iter().find(|path| path.extension() == Some(OsStr::new("deb")));
    package.with_context(|| format!("`apt-get download {name}` left no package"))
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
