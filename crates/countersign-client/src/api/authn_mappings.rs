//! AuthN mappings, and what they would give.

use std::collections::BTreeMap;

use jsonapi_model::{
    Document, Linkage, ListDocument, Relationship, Resource,
    resources::{
        AUTHN_MAPPINGS, AUTHN_PREVIEWS, AuthnMappingAttributes, AuthnMappingInput,
        AuthnMappingRelationships, AuthnPreview, AuthnPreviewInput, ROLES, TEAM,
    },
};

use super::{lists::ListOptions, saml};
use crate::{ApiClient, ClientError};

/// A mapping of an attribute to a role or a team.
pub type AuthnMapping = Resource<AuthnMappingAttributes, AuthnMappingRelationships>;

/// `/api/v2/authn_mappings`
const PATH: [&str; 3] = ["api", "v2", "authn_mappings"];

const PAGE: usize = 100;

/// What a mapping gives, by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthnGrant {
    /// A role.
    Role(String),
    /// A membership of a team.
    Team(String),
}

/// Where the attributes of a preview come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewOf {
    /// From the caller: names, each with its values.
    Attributes(BTreeMap<String, Vec<String>>),
    /// From a kept assertion, by its id.
    Assertion(String),
    /// From a SAML response, base64 or XML; whether it would be believed is said too.
    SamlResponse(String),
}

impl ApiClient {
    /// AuthN mappings, with the roles and teams that they give as `included`.
    pub async fn authn_mappings(
        &self,
        options: &ListOptions,
    ) -> Result<ListDocument<AuthnMappingAttributes, AuthnMappingRelationships>, ClientError> {
        self.list(&PATH, PAGE, options).await
    }

    /// Gives something to all whom their identity provider sends with this attribute.
    pub async fn create_authn_mapping(
        &self,
        attribute_key: &str,
        attribute_value: &str,
        gives: &AuthnGrant,
    ) -> Result<AuthnMapping, ClientError> {
        let attributes = AuthnMappingInput {
            attribute_key: attribute_key.to_owned(),
            attribute_value: attribute_value.to_owned(),
        };
        let link = |kind, id: &str| Some(Relationship { data: Linkage::new(kind, id) });
        let mut request = Document::new(AUTHN_MAPPINGS, None, attributes);
        request.data.relationships = Some(match gives {
            AuthnGrant::Role(id) => AuthnMappingRelationships { role: link(ROLES, id), team: None },
            AuthnGrant::Team(id) => AuthnMappingRelationships { role: None, team: link(TEAM, id) },
        });
        let answer: Document<_, _> = self.create(&PATH, &request).await?;
        Ok(answer.data)
    }

    /// Removes one.
    pub async fn delete_authn_mapping(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&[&PATH[..], &[id]].concat()).await
    }

    /// What somebody's attributes would give, and why; nothing is changed. `user` is an id or an e-mail address: what that user has is
    /// compared. Without one, a kept assertion is compared with what its user has.
    pub async fn preview_authn_mappings(
        &self,
        of: PreviewOf,
        user: Option<&str>,
    ) -> Result<AuthnPreview, ClientError> {
        let mut input =
            AuthnPreviewInput { user: user.map(str::to_owned), ..AuthnPreviewInput::default() };
        match of {
            PreviewOf::Attributes(attributes) => input.attributes = Some(attributes),
            PreviewOf::Assertion(id) => input.assertion = Some(id),
            PreviewOf::SamlResponse(text) => input.saml_response = Some(text),
        }
        let request = Document::<_>::new(AUTHN_PREVIEWS, None, input);
        let path = [&PATH[..], &["preview"]].concat();
        let answer: Document<AuthnPreview> = self.create(&path, &request).await?;
        Ok(answer.data.attributes)
    }

    /// The same of everybody who has signed in while assertions were kept, each by their last one.
    pub async fn preview_everybody(
        &self,
        limit: Option<usize>,
    ) -> Result<ListDocument<AuthnPreview>, ClientError> {
        let options = ListOptions { filter: String::new(), limit };
        self.list(&[&PATH[..], &["preview"]].concat(), saml::PAGE, &options).await
    }
}
