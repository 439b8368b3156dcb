//! Accepted assertions that are kept.

use async_trait::async_trait;
use auth_model::{KeptAssertion, KeptAssertionId, OrgId, Timestamp, UserId};
use mapping_store::{KeptAssertions, Listed, Slice, StoreError, backend::lists};

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, one},
    lists::Shape,
    store::Values,
};

#[async_trait]
impl KeptAssertions for PostgresStore {
    async fn kept_assertion(
        &self,
        org: OrgId,
        id: KeptAssertionId,
        now: Timestamp,
    ) -> Result<Option<KeptAssertion>, StoreError> {
        let row = self.row(BY_ID, &[&org.0, &id.0, &now.unix_micros()]).await?;
        one(row.as_ref(), kept_assertion)
    }

    async fn kept_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        self.listed(LIST, &lists::kept_assertions(org, slice, now), kept_assertion).await
    }

    async fn latest_assertions(
        &self,
        org: OrgId,
        slice: Slice,
        now: Timestamp,
    ) -> Result<Listed<KeptAssertion>, StoreError> {
        self.listed(LIST, &lists::latest_assertions(org, slice, now), kept_assertion).await
    }
}

/// Keeps an assertion.
pub(crate) async fn insert(change: &Change<'_>, row: &KeptAssertion) -> Result<(), StoreError> {
    let values: Values<'_> = &[
        &row.org.0,
        &row.id.0,
        &row.user.0,
        &row.received_at.unix_micros(),
        &row.keep_until.unix_micros(),
        &row.sealed,
    ];
    change.run(INSERT, values).await.map(drop)
}

/// Forgets all assertions of an organization, which is locked.
pub(crate) async fn forget_all(change: &Change<'_>, org: OrgId) -> Result<(), StoreError> {
    change.run(DELETE_ALL, &[&org.0]).await.map(drop)
}

fn kept_assertion(columns: &mut Columns<'_>) -> Result<KeptAssertion, StoreError> {
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
pub(crate) const LIST: Shape = Shape {
    columns: "k.org_id, k.id, k.user_id, k.received_at, k.keep_until,
        (SELECT s.sealed FROM kept_assertions s WHERE s.org_id = k.org_id AND s.id = k.id)",
    page: Some(("k.org_id, k.id, k.user_id, k.received_at, k.keep_until", "k")),
};

const INSERT: &str = "
    INSERT INTO kept_assertions (org_id, id, user_id, received_at, keep_until, sealed)
    VALUES ($1, $2, $3, $4, $5, $6)";

pub(crate) const BY_ID: &str = "
    SELECT org_id, id, user_id, received_at, keep_until, sealed FROM kept_assertions
    WHERE org_id = $1 AND id = $2 AND keep_until > $3";

const DELETE_ALL: &str = "DELETE FROM kept_assertions WHERE org_id = $1";
