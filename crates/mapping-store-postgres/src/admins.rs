//! That somebody is left who manages access.

use auth_model::{OrgId, permissions};
use mapping_store::StoreError;

use crate::change::Change;

/// Whether somebody managed access before a change that takes power away.
///
/// Such changes of one organization happen one after the other: each holds the organization's row until its end. Others may
/// refer to the organization meanwhile.
pub(crate) struct Admins {
    org: OrgId,
    had_one: bool,
}

impl Admins {
    /// Before the change; nothing of the organization may be locked yet.
    pub(crate) async fn before(change: &Change<'_>, org: OrgId) -> Result<Self, StoreError> {
        change.rows(LOCK, &[&org.0]).await?;
        Ok(Self { org, had_one: has_one(change, org).await? })
    }

    /// [`StoreError::LastAdmin`] if the change has taken the last one.
    pub(crate) async fn after(self, change: &Change<'_>) -> Result<(), StoreError> {
        if self.had_one && !has_one(change, self.org).await? {
            return Err(StoreError::LastAdmin);
        }
        Ok(())
    }
}

async fn has_one(change: &Change<'_>, org: OrgId) -> Result<bool, StoreError> {
    let manages = permissions::USER_ACCESS_MANAGE.id;
    Ok(!change.rows(HAS_ADMIN, &[&org.0, &manages.0]).await?.is_empty())
}

const LOCK: &str = "SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE";

/// From the roles that hold the permission to their holders.
pub(crate) const HAS_ADMIN: &str = "
    SELECT 1 FROM role_permissions p
    JOIN user_roles h ON h.org_id = p.org_id AND h.role_id = p.role_id
    JOIN users u ON u.org_id = h.org_id AND u.id = h.user_id
    WHERE p.org_id = $1 AND p.permission_id = $2 AND NOT u.disabled LIMIT 1";
