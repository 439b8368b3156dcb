//! Which rows every backend can keep. PostgreSQL has no NUL in its text, so none of the backends takes one.

use auth_model::{
    ApiKey, ApiKeyChange, AppKey, AppKeyChange, AuditEvent, AuthnMapping, AuthnMappingChange,
    AwsAccount, AwsAuth, ManagedKey, Organization, Role, RoleChange, SamlChange, SignInRequest,
    Team, TeamChange, TeamLook, User, UserChange,
};

use crate::{SignIn, StoreError};

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

/// The text of a change that may not be one.
fn given(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

impl Storable for UserChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("a user's e-mail address", given(&self.email)),
            ("a user's name", given(&self.name)),
            ("a user's title", given(&self.title)),
        ])
    }
}

impl Storable for AuthnMapping {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an attribute's name", &self.key), ("an attribute's value", &self.value)])
    }
}

impl Storable for AuthnMappingChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("an attribute's name", given(&self.key)),
            ("an attribute's value", given(&self.value)),
        ])
    }
}

impl Storable for SamlChange {
    fn storable(&self) -> Result<(), StoreError> {
        let domains = self.autocreate_domains.iter().flatten();
        let attribute = self.email_attribute.as_ref().and_then(Option::as_deref);
        let metadata = self.metadata.as_ref().map_or("", |metadata| &metadata.xml);
        nul_free(&[
            ("the name of an attribute", attribute.unwrap_or_default()),
            ("an identity provider's metadata", metadata),
        ])?;
        domains.map(|domain| ("an e-mail domain", domain.as_str())).try_for_each(|d| nul_free(&[d]))
    }
}

impl Storable for SignInRequest {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("the id of a sign-in request", &self.request_id),
            ("the path to return to", &self.return_to),
        ])
    }
}

impl Storable for SignIn {
    fn storable(&self) -> Result<(), StoreError> {
        self.user.storable()?;
        nul_free(&[("a user's name", given(&self.name))])
    }
}

impl Storable for RoleChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("a role's name", given(&self.name))])
    }
}

impl Storable for ApiKeyChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an API key's name", given(&self.name))])
    }
}

impl Storable for AppKeyChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("an application key's name", given(&self.name))])
    }
}

impl Storable for Team {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[("a team's name", &self.name), ("a team's handle", &self.handle)])?;
        self.look.storable()
    }
}

impl Storable for TeamChange {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("a team's name", given(&self.name)),
            ("a team's handle", given(&self.handle)),
        ])?;
        self.look.as_ref().map_or(Ok(()), Storable::storable)
    }
}

impl Storable for TeamLook {
    fn storable(&self) -> Result<(), StoreError> {
        nul_free(&[
            ("a team's summary", given(&self.summary)),
            ("a team's description", given(&self.description)),
            ("a team's avatar", given(&self.avatar)),
        ])?;
        let modules = self.visible_modules.iter().chain(&self.hidden_modules);
        modules.map(|module| ("a team's module", module.as_str())).try_for_each(|m| nul_free(&[m]))
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
        nul_free(&[
            ("an audit event's purpose", self.purpose.as_str()),
            ("an audit event's reason", &self.reason),
            ("an audit event's detail", &self.detail),
            ("an audit event's request id", &self.request_id),
            ("an audit event's STS host", given(&self.sts_host)),
            ("an audit event's STS request id", given(&self.sts_request_id)),
            ("an audit event's access key id", given(&self.access_key_id)),
            ("an audit event's caller ARN", given(&self.caller_arn)),
            ("an audit event's caller user id", given(&self.caller_user_id)),
        ])
    }
}
