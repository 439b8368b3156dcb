//! Invitations of users.

use crate::{InvitationId, OrgId, Timestamp, UserId};

/// Asks a user to sign in for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Never reused.
    pub id: InvitationId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Who is invited.
    pub user: UserId,
    /// Who invited; `None` for the installation itself.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From here on it means nothing.
    pub expires_at: Timestamp,
}
