//! The ring of signing keys as this replica knows it: read from the store, rotated when due.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use auth_model::{Clock, KeyState, Randomness, SigningAlgorithm, Timestamp};
use mapping_store::{Store, StoreError};
use token_issuer::{KeyChange, KeyRing, MasterKey, RotationPolicy, generate_signing_key, plan};

/// How the ring is kept.
#[derive(Clone, Copy, Debug)]
pub struct RingSettings {
    /// Of keys made from now on.
    pub algorithm: SigningAlgorithm,
    /// When keys are made, sign, retire and go.
    pub rotation: RotationPolicy,
}

/// Why there is no ring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RingError {
    /// The store failed.
    #[error("the signing keys could not be read or written")]
    Store(#[from] StoreError),
    /// A key could not be made or opened; a wrong master key, most likely.
    #[error("a signing key could not be used; is the master key the one they were sealed under?")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Other replicas change the ring faster than it can be read.
    #[error("the signing keys keep changing")]
    Unsettled,
}

impl RingError {
    fn key(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Key(Box::new(error))
    }
}

/// Signing keys, shared with the other replicas through the store.
pub struct SigningRing {
    store: Arc<dyn Store>,
    master_key: Arc<MasterKey>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    settings: RingSettings,
    ring: ArcSwap<KeyRing>,
    read_at: Mutex<Timestamp>,
}

impl std::fmt::Debug for SigningRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningRing").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SigningRing {
    /// Reads the ring, and makes its first key where there is none yet.
    pub async fn open(
        store: Arc<dyn Store>,
        master_key: Arc<MasterKey>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        settings: RingSettings,
    ) -> Result<Self, RingError> {
        let ring = KeyRing::open(&master_key, &[]).map_err(RingError::key)?;
        let this = Self {
            store,
            master_key,
            clock,
            randomness,
            settings,
            ring: ArcSwap::from_pointee(ring),
            read_at: Mutex::new(Timestamp::default()),
        };
        this.tend().await?;
        Ok(this)
    }

    /// The keys as last read. Costs no lock.
    pub fn current(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// The keys, read again because a token names one that is not among them: another replica may have
    /// made it. Reads at most once in five seconds, so that made-up ids can't be used to flood the store.
    pub async fn reread(&self) -> Arc<KeyRing> {
        if self.may_reread()
            && let Err(error) = self.read().await
        {
            tracing::warn!(error = %error, "the signing keys could not be read again");
        }
        self.current()
    }

    /// Makes the changes that are due, and reads the ring.
    pub async fn tend(&self) -> Result<(), RingError> {
        for _ in 0..MAX_CHANGES {
            let keys = self.store.signing_keys().await?;
            let changes = plan(&keys, self.clock.now(), &self.settings.rotation);
            let Some(change) = changes.into_iter().next() else {
                return self.set(&keys);
            };
            self.make(change).await?;
        }
        Err(RingError::Unsettled)
    }

    /// One change. That another replica was first is no error: the next look shows its result.
    async fn make(&self, change: KeyChange) -> Result<(), RingError> {
        let now = self.clock.now();
        match change {
            KeyChange::Generate { state } => self.generate(state).await,
            KeyChange::Promote { kid } => {
                self.store.promote_signing_key(&kid, now).await?;
                Ok(())
            }
            KeyChange::Remove { kid } => {
                self.store.remove_signing_key(&kid).await?;
                Ok(())
            }
        }
    }

    async fn generate(&self, state: KeyState) -> Result<(), RingError> {
        let mut key = generate_signing_key(
            &self.master_key,
            self.randomness.as_ref(),
            self.clock.as_ref(),
            self.settings.algorithm,
        )
        .map_err(RingError::key)?;
        key.state = state;
        match self.store.insert_signing_key(&key).await {
            Ok(()) | Err(StoreError::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self) -> Result<(), RingError> {
        let keys = self.store.signing_keys().await?;
        self.set(&keys)
    }

    fn set(&self, keys: &[auth_model::SigningKey]) -> Result<(), RingError> {
        let ring = KeyRing::open(&self.master_key, keys).map_err(RingError::key)?;
        self.ring.store(Arc::new(ring));
        Ok(())
    }

    fn may_reread(&self) -> bool {
        let now = self.clock.now();
        let mut read_at = self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = now.since(*read_at) >= REREAD;
        if due {
            *read_at = now;
        }
        due
    }
}

/// How often an unknown key id may make us read the store.
const REREAD: Duration = Duration::from_secs(5);

/// More changes than any state of the ring needs.
const MAX_CHANGES: usize = 8;
