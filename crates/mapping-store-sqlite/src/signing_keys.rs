//! The ring of signing keys.

use async_trait::async_trait;
use auth_model::{KeyId, SigningKey, Timestamp};
use mapping_store::{SigningKeys, StoreError};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::{Columns, all, run},
    fault::{Fault, duplicate},
};

#[async_trait]
impl SigningKeys for SqliteStore {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.read(|connection| all(connection, ALL, [], signing_key)).await
    }

    async fn insert_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        let row = key.clone();
        self.write(move |connection| {
            let values = params![
                row.kid.as_str(),
                row.algorithm.as_str(),
                row.state.as_str(),
                row.sealed_private,
                row.created_at.unix_micros(),
                row.state_since.unix_micros()
            ];
            run(connection, INSERT, values).map_err(duplicate("a signing key"))?;
            Ok(())
        })
        .await
    }

    async fn promote_signing_key(&self, kid: &KeyId, at: Timestamp) -> Result<bool, StoreError> {
        let kid = kid.clone();
        self.write(move |connection| {
            if !connection.prepare_cached(IS_NEXT)?.exists([kid.as_str()])? {
                return Ok(false);
            }
            run(connection, RETIRE, [at.unix_micros()])?;
            run(connection, PROMOTE, params![kid.as_str(), at.unix_micros()])?;
            Ok(true)
        })
        .await
    }

    async fn remove_signing_key(&self, kid: &KeyId) -> Result<bool, StoreError> {
        let kid = kid.clone();
        self.write(move |connection| Ok(run(connection, REMOVE, [kid.as_str()])? > 0)).await
    }
}

fn signing_key(columns: &mut Columns<'_, '_>) -> Result<SigningKey, Fault> {
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
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const ALL: &str = "
    SELECT kid, algorithm, state, sealed_private, created_at, state_since FROM signing_keys
    ORDER BY created_at, kid";

const IS_NEXT: &str = "SELECT 1 FROM signing_keys WHERE kid = ?1 AND state = 'next'";

const RETIRE: &str =
    "UPDATE signing_keys SET state = 'retired', state_since = ?1 WHERE state = 'current'";

const PROMOTE: &str =
    "UPDATE signing_keys SET state = 'current', state_since = ?2 WHERE kid = ?1 AND state = 'next'";

const REMOVE: &str = "DELETE FROM signing_keys WHERE kid = ?1 AND state = 'retired'";
