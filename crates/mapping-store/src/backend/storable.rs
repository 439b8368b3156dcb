//! Which rows every backend can keep. PostgreSQL has no NUL in its text, so none of the backends takes one.

use auth_model::{
    ApiKey, AppKey, AuditEvent, AwsAccount, AwsAuth, ManagedKey, Organization, Role, User,
};

use crate::StoreError;

/// A row with texts in it.
pub trait Storable {
    /// # Errors
    /// [`StoreError::Nul`] for the first text that holds U+0000.
    fn storable(&self) -> Result<(), StoreError>;
}

/// # Errors
/// [`StoreError::Nul`], with the name of the first text that holds U+0000.
pub fn nul_free(texts: &[(&'static str, &str)]) -> Result<(), StoreError> {
    match texts.iter().find(|(_, text)| text.contains('\0')) {
        Some((what, _)) => Err(StoreError::Nul { what }),
        None => Ok(()),
    }
}

impl Storable for Organization {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an organization's name", &self.name)])
    }
}

impl Storable for User {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("a user's e-mail address", &self.email),
            ("a user's name", &self.name),
            ("a user's title", &self.title),
        ])
    }
}

impl Storable for Role {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("a role's name", &self.name)])
    }
}

impl Storable for ApiKey {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an API key's name", &self.name), ("an API key's ending", &self.last4)])
    }
}

impl Storable for AppKey {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("an application key's name", &self.name),
            ("an application key's ending", &self.last4),
        ])
    }
}

impl Storable for ManagedKey {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("a managed key's ending", &self.last4)])
    }
}

impl Storable for AwsAccount {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an AWS account's settings", &self.settings)])?;
        match &self.auth {
            AwsAuth::Role { role_name, external_id } => nul_free(&[
                ("an AWS account's role name", role_name),
                ("an AWS account's external id", external_id),
            ]),
            AwsAuth::Keys { access_key_id, .. } => {
                nul_free(&[("an AWS account's access key id", access_key_id)])
            }
        }
    }
}

impl Storable for AuditEvent {
    fn storable(&self) -> Result<(), StoreError> {
        fn text(text: &Option<String>) -> &str {
            text.as_deref().unwrap_or_default()
        }
        nul_free(&[
            ("an audit event's purpose", self.purpose.as_str()),
            ("an audit event's reason", &self.reason),
            ("an audit event's detail", &self.detail),
            ("an audit event's request id", &self.request_id),
            ("an audit event's STS host", text(&self.sts_host)),
            ("an audit event's STS request id", text(&self.sts_request_id)),
            ("an audit event's access key id", text(&self.access_key_id)),
            ("an audit event's caller ARN", text(&self.caller_arn)),
            ("an audit event's caller user id", text(&self.caller_user_id)),
        ])
    }
}
