//! What suites need, made once, when the first suite asks for it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::programs;
use super::programs::Programs;
use super::sign_in;
use super::sign_in::Providers;
use crate::postgres::Cluster;
use crate::venv::Venv;
use crate::{cargo, packages, postgres, venv};

/// A thing that is made at its first use; a failure is remembered, so that each suite that needs it says why.
type Once<T> = OnceCell<Result<T, String>>;

/// Everything that is shared by suites. Dropping it stops what it started.
#[derive(Debug)]
pub(super) struct Needs {
    logs: PathBuf,
    programs: Once<Programs>,
    product: Once<PathBuf>,
    cluster: Once<Cluster>,
    venv: Once<Venv>,
    providers: Once<Providers>,
    browser: Once<PathBuf>,
    nginx: Once<PathBuf>,
}

impl Needs {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            logs: cargo::output_folder("test")?,
            programs: OnceCell::new(),
            product: OnceCell::new(),
            cluster: OnceCell::new(),
            venv: OnceCell::new(),
            providers: OnceCell::new(),
            browser: OnceCell::new(),
            nginx: OnceCell::new(),
        })
    }

    /// The folder for the suites' output.
    pub(super) fn logs(&self) -> &Path {
        &self.logs
    }

    /// The test programs of the whole workspace.
    pub(super) fn programs(&self) -> Result<&Programs> {
        made(&self.programs, programs::build)
    }

    /// The program `countersign`. Suites that need nothing else do not wait for the tests to be built.
    pub(super) fn product(&self) -> Result<&Path> {
        let built =
            self.programs.get().and_then(|made| made.as_ref().ok()).and_then(Programs::product);
        match built {
            Some(path) => Ok(path),
            None => made(&self.product, programs::build_product).map(PathBuf::as_path),
        }
    }

    /// A PostgreSQL cluster of our own.
    pub(super) fn cluster(&self) -> Result<&Cluster> {
        made(&self.cluster, || postgres::start(&self.logs.join("postgres.log")))
    }

    /// Python with the real clients.
    pub(super) fn venv(&self) -> Result<&Venv> {
        made(&self.venv, || venv::clients(&self.logs.join("venv.log")))
    }

    /// What the identity providers need that people sign in at.
    pub(super) fn providers(&self) -> Result<&Providers> {
        made(&self.providers, || sign_in::providers(&self.logs.join("providers.log")))
    }

    /// A browser.
    pub(super) fn browser(&self) -> Result<&Path> {
        made(&self.browser, || sign_in::browser(&self.logs.join("browser.log")))
            .map(PathBuf::as_path)
    }

    /// nginx, never as a service of the machine's.
    pub(super) fn nginx(&self) -> Result<&Path> {
        made(&self.nginx, || packages::nginx(&self.logs.join("nginx.log"))).map(PathBuf::as_path)
    }
}

fn made<T>(cell: &Once<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    let made = cell.get_or_init(|| make().map_err(|cause| format!("{cause:#}")));
    made.as_ref().map_err(|cause| anyhow!("{cause}"))
}
