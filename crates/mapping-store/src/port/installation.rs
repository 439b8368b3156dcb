//! What the installation as a whole remembers.

use async_trait::async_trait;

use crate::StoreError;

/// Facts of the installation, such as the fingerprint of the master key that its secrets are sealed under.
#[async_trait]
pub trait Installation: Send + Sync {
    /// Keeps `value` under `name` unless there is one already; returns the one that is kept.
    async fn settle(&self, name: &str, value: &str) -> Result<String, StoreError>;

    /// Whether the backend answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
