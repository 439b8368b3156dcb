//! Where a key goes: a file, a Secret of Kubernetes, a program that is told.

mod hook;
#[cfg(feature = "kubernetes")]
mod kubernetes;

use std::path::PathBuf;

use countersign_client::{CurrentKey, KeySource};
use private_file::Owner;

use crate::config::{ConfigError, Instance};

/// Everything that one instance's key goes to.
#[derive(Debug)]
pub(crate) struct Outputs {
    all: Vec<Output>,
    /// Those that do not have the key yet, by their places.
    left: Vec<usize>,
}

#[derive(Debug)]
enum Output {
    File {
        path: PathBuf,
        owner: Option<Owner>,
    },
    #[cfg(feature = "kubernetes")]
    Secret(kubernetes::Secret),
    Program(hook::Program),
}

impl Outputs {
    /// Those of an instance, the program last: it finds the key everywhere else.
    pub(crate) fn new(instance: &Instance) -> Result<Self, ConfigError> {
        let mut all = Vec::new();
        if let Some(path) = instance.key_file.clone() {
            all.push(Output::File { path, owner: instance.owner()? });
        }
        #[cfg(feature = "kubernetes")]
        if let Some(secret) = &instance.kubernetes_secret {
            all.push(Output::Secret(kubernetes::Secret::new(secret)?));
        }
        all.extend(hook::Program::new(instance).map(Output::Program));
        Ok(Self { all, left: Vec::new() })
    }

    /// There is another key: nobody has it.
    pub(crate) fn renew(&mut self) {
        self.left = (0..self.all.len()).collect();
    }

    /// Puts the key where it is kept and is not yet. What failed, one after the other; it is tried again next time.
    pub(crate) async fn keep(&mut self, key: &CurrentKey) -> Vec<String> {
        self.hand_over(key, |output| !output.is_program()).await
    }

    /// Tells programs of it, once it is wherever it is kept.
    pub(crate) async fn tell(&mut self, key: &CurrentKey) -> Vec<String> {
        let is_kept = |place| self.all.get(place).is_none_or(Output::is_program);
        if !self.left.iter().copied().all(is_kept) {
            return Vec::new();
        }
        self.hand_over(key, Output::is_program).await
    }

    async fn hand_over(&mut self, key: &CurrentKey, chosen: fn(&Output) -> bool) -> Vec<String> {
        let (mut left, mut problems) = (Vec::new(), Vec::new());
        for place in std::mem::take(&mut self.left) {
            let Some(output) = self.all.get(place) else { continue };
            if !chosen(output) {
                left.push(place);
            } else if let Err(problem) = output.take(key).await {
                left.push(place);
                problems.push(problem);
            }
        }
        self.left = left;
        problems
    }
}

impl Output {
    fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// What is wrong, if it did not take it.
    async fn take(&self, key: &CurrentKey) -> Result<(), String> {
        match self {
            Self::File { path, owner } => write(path.clone(), *owner, key.clone()).await,
            #[cfg(feature = "kubernetes")]
            Self::Secret(secret) => secret.put(key).await,
            Self::Program(program) => program.run(key).await,
        }
    }
}

async fn write(path: PathBuf, owner: Option<Owner>, key: CurrentKey) -> Result<(), String> {
    let shown = path.display().to_string();
    let done = tokio::task::spawn_blocking(move || {
        private_file::write(&path, key.expose().as_bytes(), owner)
    });
    let outcome = done.await.unwrap_or_else(|_| Err(std::io::Error::other("the write broke off")));
    outcome.map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied if owner.is_some() => format!(
            "can't write `{shown}` for its owner: {error}; the agent needs root (CAP_CHOWN) to give files away"
        ),
        std::io::ErrorKind::StorageFull => {
            format!("can't write `{shown}`: the disk is full; what is there stays")
        }
        _ => format!("can't write `{shown}`: {error}"),
    })
}

/// A source as programs are told it.
pub(crate) fn word(source: KeySource) -> &'static str {
    match source {
        KeySource::Managed => "managed",
        KeySource::Fallback => "fallback",
    }
}
