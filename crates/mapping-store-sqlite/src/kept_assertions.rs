//! Accepted assertions that are kept.

use async_trait::async_trait;
use auth_model::{KeptAssertion, KeptAssertionId, OrgId, Timestamp, UserId};
use mapping_store::{KeptAssertions, Listed, Slice, StoreError, backend::lists};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, one, run},
    fault::{Fault, duplicate},
    lists::listed,
};

#[async_trait]
impl KeptAssertions for SqliteStore {
    async fn kept_assertion(
        &self,
        org: OrgId,
        id: KeptAssertionId,
        now: Timestamp,
    ) -> Result<Option<KeptAssertion>, StoreError> {
        self.read(move |connection| {
            one(connection, BY_ID, params![org.0, id.0, now.unix_micros()], kept_assertion)
        })
        .await
    }

    async fn kept_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        let list = lists::kept_assertions(org, slice, now);
        self.read(move |connection| listed(connection, COLUMNS, &list, kept_assertion)).await
    }

    async fn latest_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        let list = lists::latest_assertions(org, slice, now);
        self.read(move |connection| listed(connection, COLUMNS, &list, kept_assertion)).await
    }
}

/// Keeps an assertion.
pub(crate) fn insert(connection: &Connection, row: &KeptAssertion) -> Result<(), Fault> {
    let values = params![
        row.org.0,
        row.id.0,
        row.user.0,
        row.received_at.unix_micros(),
        row.keep_until.unix_micros(),
        row.sealed
    ];
    run(connection, INSERT, values).map_err(duplicate("an assertion"))?;
    Ok(())
}

/// Forgets all assertions of an organization.
pub(crate) fn forget_all(connection: &Connection, org: OrgId) -> Result<(), Fault> {
    run(connection, DELETE_ALL, [org.0])?;
    Ok(())
}

fn kept_assertion(columns: &mut Columns<'_, '_>) -> Result<KeptAssertion, Fault> {
    Ok(KeptAssertion {
        org: OrgId(columns.take()?),
        id: KeptAssertionId(columns.take()?),
        user: UserId(columns.take()?),
        received_at: columns.time()?,
        keep_until: columns.time()?,
        sealed: columns.take()?,
    })
}

/// What an index does not hold is read for no row before the page.
pub(crate) const COLUMNS: &str = "
    k.org_id, k.id, k.user_id, k.received_at, k.keep_until,
    (SELECT s.sealed FROM kept_assertions s WHERE s.org_id = k.org_id AND s.id = k.id)";

const INSERT: &str = "
    INSERT INTO kept_assertions (org_id, id, user_id, received_at, keep_until, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(crate) const BY_ID: &str = "
    SELECT org_id, id, user_id, received_at, keep_until, sealed FROM kept_assertions
    WHERE org_id = ?1 AND id = ?2 AND keep_until > ?3";

const DELETE_ALL: &str = "DELETE FROM kept_assertions WHERE org_id = ?1";
