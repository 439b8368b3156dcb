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

    /// Hands the key to those who do not have it yet. What failed, one after the other; it is tried again next time, and
    /// a program runs only once all others have the key.
    pub(crate) async fn deliver(&mut self, key: &CurrentKey) -> Vec<String> {
        let (mut left, mut problems) = (Vec::new(), Vec::new());
        for place in std::mem::take(&mut self.left) {
            let Some(output) = self.all.get(place) else { continue };
            if matches!(output, Output::Program(_)) && !left.is_empty() {
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
