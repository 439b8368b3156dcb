//! The ring of signing keys.

use async_trait::async_trait;
use auth_model::{KeyId, SigningKey, Timestamp};
use mapping_store::{SigningKeys, StoreError};

use crate::{
    PostgresStore,
    columns::{Columns, all},
};

#[async_trait]
impl SigningKeys for PostgresStore {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        all(&self.rows(ALL, &[]).await?, signing_key)
    }

    async fn insert_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        self.rows(
            INSERT,
            &[
                &key.kid.as_str(),
                &key.algorithm.as_str(),
                &key.state.as_str(),
                &key.sealed_private,
                &key.created_at.unix_micros(),
                &key.state_since.unix_micros(),
            ],
        )
        .await
        .map(drop)
    }

    async fn promote_signing_key(&self, kid: &KeyId, at: Timestamp) -> Result<bool, StoreError> {
        let (kid, at) = (kid.as_str(), at.unix_micros());
        self.change(None, async |change| {
            // Whoever promotes it first holds the lock; the others find it promoted when they get it.
            if change.rows(LOCK_NEXT, &[&kid]).await?.is_empty() {
                return Ok(false);
            }
            change.run(RETIRE, &[&at]).await?;
            change.run(PROMOTE, &[&kid, &at]).await?;
            Ok(true)
        })
        .await
    }

    async fn remove_signing_key(&self, kid: &KeyId) -> Result<bool, StoreError> {
        Ok(!self.rows(REMOVE, &[&kid.as_str()]).await?.is_empty())
    }
}

fn signing_key(columns: &mut Columns<'_>) -> Result<SigningKey, StoreError> {
    Ok(SigningKey {
        kid: columns.parse("reading the id of a signing key")?,
        algorithm: columns.parse("reading the algorithm of a signing key")?,
        state: columns.parse("reading the state of a signing key")?,
        sealed_private: columns.take()?,
        created_at: columns.time()?,
        state_since: columns.time()?,
    })
}

const INSERT: &str = "
    INSERT INTO signing_keys (kid, algorithm, state, sealed_private, created_at, state_since)
    VALUES ($1, $2, $3, $4, $5, $6)";

const ALL: &str = "
    SELECT kid, algorithm, state, sealed_private, created_at, state_since FROM signing_keys
    ORDER BY created_at, kid";

const LOCK_NEXT: &str = "SELECT 1 FROM signing_keys WHERE kid = $1 AND state = 'next' FOR UPDATE";

const RETIRE: &str =
    "UPDATE signing_keys SET state = 'retired', state_since = $1 WHERE state = 'current'";

const PROMOTE: &str =
    "UPDATE signing_keys SET state = 'current', state_since = $2 WHERE kid = $1 AND state = 'next'";

const REMOVE: &str = "DELETE FROM signing_keys WHERE kid = $1 AND state = 'retired' RETURNING 1";
