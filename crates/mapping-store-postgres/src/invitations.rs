//! Invitations of users.

use async_trait::async_trait;
use auth_model::{AuditEvent, Invitation, InvitationId, OrgId, UserId};
use mapping_store::{Invitations, Listed, Slice, StoreError, backend::lists};

use crate::{
    PostgresStore,
    columns::{Columns, one},
    lists::Shape,
    store::Values,
};

#[async_trait]
impl Invitations for PostgresStore {
    async fn insert_invitation(
        &self,
        invitation: &Invitation,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let created_by = invitation.created_by.map(|user| user.0);
        let created_at = invitation.created_at.unix_micros();
        let expires_at = invitation.expires_at.unix_micros();
        self.change(Some(event), async |change| {
            let Invitation { org, id, user, .. } = invitation;
            let values: Values<'_> =
                &[&org.0, &id.0, &user.0, &created_by, &created_at, &expires_at];
            change.run(INSERT, values).await.map(drop)
        })
        .await
    }

    async fn invitation(
        &self,
        org: OrgId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), invitation)
    }

    async fn invitations(
        &self,
        org: OrgId,
        slice: Slice,
    ) -> Result<Listed<Invitation>, StoreError> {
        self.listed(LIST, &lists::invitations(org, slice), invitation).await
    }
}

fn invitation(columns: &mut Columns<'_>) -> Result<Invitation, StoreError> {
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

pub(crate) const LIST: Shape = Shape { columns: invitation_columns!(), page: None };

const INSERT: &str = "
    INSERT INTO invitations (org_id, id, user_id, created_by, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

const BY_ID: &str = concat!(
    "SELECT ",
    invitation_columns!(),
    " FROM invitations i WHERE i.org_id = $1 AND i.id = $2"
);
