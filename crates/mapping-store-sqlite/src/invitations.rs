//! Invitations of users.

use async_trait::async_trait;
use auth_model::{AuditEvent, Invitation, InvitationId, OrgId, UserId};
use mapping_store::{Invitations, Listed, Slice, StoreError, backend::lists};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::{Columns, one, run},
    fault::{Fault, duplicate},
    lists::listed,
    users,
};

#[async_trait]
impl Invitations for SqliteStore {
    async fn insert_invitation(
        &self,
        invitation: &Invitation,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let row = invitation.clone();
        self.change(event, move |connection| {
            users::must_have(connection, row.org, row.user)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.user.0,
                row.created_by.map(|user| user.0),
                row.created_at.unix_micros(),
                row.expires_at.unix_micros()
            ];
            run(connection, INSERT, values).map_err(duplicate("an invitation"))?;
            Ok(())
        })
        .await
    }

    async fn invitation(
        &self,
        org: OrgId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], invitation)).await
    }

    async fn invitations(
        &self,
        org: OrgId,
        slice: Slice,
    ) -> Result<Listed<Invitation>, StoreError> {
        let list = lists::invitations(org, slice);
        self.read(move |connection| listed(connection, COLUMNS, &list, invitation)).await
    }
}

fn invitation(columns: &mut Columns<'_, '_>) -> Result<Invitation, Fault> {
    Ok(Invitation {
        org: OrgId(columns.take()?),
        id: InvitationId(columns.take()?),
        user: UserId(columns.take()?),
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
        expires_at: columns.time()?,
    })
}

macro_rules! invitation_columns {
    () => {
        "i.org_id, i.id, i.user_id, i.created_by, i.created_at, i.expires_at"
    };
}

pub(crate) const COLUMNS: &str = invitation_columns!();

const INSERT: &str = "
    INSERT INTO invitations (org_id, id, user_id, created_by, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const BY_ID: &str = concat!(
    "SELECT ",
    invitation_columns!(),
    " FROM invitations i WHERE i.org_id = ?1 AND i.id = ?2"
);
