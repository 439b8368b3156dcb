//! Who the caller is, and whether its keys are valid.

use jsonapi_model::{
    Document,
    resources::{
        CurrentUserRelationships, KeysValid, ORGS, OrgAttributes, PERMISSIONS,
        PermissionAttributes, ROLES, RoleAttributes, UserAttributes, ValidKey,
    },
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ApiClient, Entry, call::Call};
use crate::Error;

/// The user or service account that the caller acts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    /// The user's id.
    pub id: String,
    /// Name, e-mail address and the like.
    pub attributes: UserAttributes,
    /// The organization's id: what proofs are signed for.
    pub org_id: String,
    /// The organization's name, where it is shown.
    pub org_name: Option<String>,
    /// The names of the user's roles.
    pub roles: Vec<String>,
    /// The names of what the user may do.
    pub permissions: Vec<String>,
}

impl ApiClient {
    /// Who the caller is.
    pub async fn current_user(&self) -> Result<CurrentUser, Error> {
        let action = "the current user";
        let call = Call::get(action, &["api", "v2", "current_user"]);
        let document: Document<UserAttributes, CurrentUserRelationships> = self.ask(call).await?;
        let missing =
            |what: &str| Error::Protocol { action, problem: format!("the answer names no {what}") };
        let included = document.included;
        Ok(CurrentUser {
            id: document.data.id.ok_or_else(|| missing("id"))?,
            attributes: document.data.attributes,
            org_id: document.data.relationships.ok_or_else(|| missing("organization"))?.org.data.id,
            org_name: of_kind::<OrgAttributes>(&included, ORGS).map(|org| org.name).next(),
            roles: of_kind::<RoleAttributes>(&included, ROLES).map(|role| role.name).collect(),
            permissions: of_kind::<PermissionAttributes>(&included, PERMISSIONS)
                .map(|permission| permission.name)
                .collect(),
        })
    }

    /// Whether the caller's keys, or its token, are valid; they are if there is no error.
    pub async fn validate(&self) -> Result<(), Error> {
        let call = Call::get("validation of the keys", &["api", "v2", "validate_keys"]);
        self.ask::<KeysValid>(call).await.map(|_| ())
    }

    /// Which API key the caller has, and of which organization (the entry's id). Only with a key pair.
    pub async fn validate_api_key(&self) -> Result<Entry<ValidKey>, Error> {
        let action = "validation of the api key";
        let document: Document<ValidKey> =
            self.ask(Call::get(action, &["api", "v2", "validate"])).await?;
        let id = document.data.id.unwrap_or_default();
        Ok(Entry { id, attributes: document.data.attributes })
    }
}

/// The included resources of one type, as far as they can be read.
fn of_kind<'a, A: DeserializeOwned>(
    included: &'a [Value],
    kind: &'a str,
) -> impl Iterator<Item = A> + 'a {
    included
        .iter()
        .filter(move |resource| resource.get("type").and_then(Value::as_str) == Some(kind))
        .filter_map(|resource| A::deserialize(resource.get("attributes")?).ok())
}
