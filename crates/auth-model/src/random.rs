//! Where random bytes come from.

/// The source of random bytes failed; nothing that needs them can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomnessError;

/// Gives random bytes. An argument wherever ids, keys or nonces are made.
pub trait Randomness: Send + Sync + std::fmt::Debug {
    /// Fills the whole of `bytes`.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError>;
}

/// The operating system's random bytes, fit for keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        getrandom::fill(bytes).map_err(|_| RandomnessError)
    }
}
