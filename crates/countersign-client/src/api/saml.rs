//! How the organization's people sign in by SAML.

use auth_model::SystemClock;
use jsonapi_model::{
    Document, ListDocument, Resource,
    resources::{
        ORG_PREFERENCES, OrgPreference, OrgPreferenceAttributes, OrgPreferenceDocument,
        SAML_AUTHN_MAPPING_ROLES, SAML_CONFIGURATIONS, SamlAssertionAttributes,
        SamlConfigurationAttributes, SamlConfigurationUpdate,
    },
};
use reqwest::Method;

use super::lists::ListOptions;
use crate::{ApiClient, ClientError};

/// How people sign in by SAML. Its id is the organization's.
pub type SamlConfiguration = Resource<SamlConfigurationAttributes>;

/// `/api/v2/saml_configurations`
const PATH: [&str; 3] = ["api", "v2", "saml_configurations"];
const PREFERENCES_PATH: [&str; 3] = ["api", "v1", "org_preferences"];

/// What an identity provider says of one person may be long, and an answer is read only so far.
pub(super) const PAGE: usize = 20;

impl ApiClient {
    /// How it is: settings, identity provider, and what an identity provider has to know of us.
    pub async fn saml_configuration(&self) -> Result<SamlConfiguration, ClientError> {
        Ok(self.read::<Document<_>>(&PATH, &[]).await?.data)
    }

    /// Changes what is given; how it is then.
    pub async fn update_saml_configuration(
        &self,
        update: SamlConfigurationUpdate,
    ) -> Result<SamlConfiguration, ClientError> {
        let request = Document::<_>::new(SAML_CONFIGURATIONS, None, update);
        let answer = self.send(Method::PATCH, &PATH, &request).await?;
        Ok(answer.document::<Document<_>>()?.data)
    }

    /// Puts this metadata of an identity provider in the place of any that there is; how it is then. The first also switches sign-in on.
    pub async fn upload_idp_metadata(
        &self,
        xml: Vec<u8>,
    ) -> Result<SamlConfiguration, ClientError> {
        let path = [&PATH[..], &["idp_metadata"]].concat();
        let answer = self.send_as(Method::POST, &path, "application/xml", xml).await?;
        Ok(answer.document::<Document<_>>()?.data)
    }

    /// The assertions that are kept, newest first. They are listed whole: a filter has no effect.
    pub async fn saml_assertions(
        &self,
        options: &ListOptions,
    ) -> Result<ListDocument<SamlAssertionAttributes>, ClientError> {
        let all = ListOptions { filter: String::new(), limit: options.limit };
        self.list(&[&PATH[..], &["assertions"]].concat(), PAGE, &all).await
    }

    /// `GET /saml/{org}/metadata`: who we are to an organization's identity provider, as XML. Anybody may read it, so no credentials are
    /// sent.
    pub async fn sp_metadata(&self, org_id: &str) -> Result<String, ClientError> {
        let request = self.http.client().get(self.http.url(&["saml", org_id, "metadata"]));
        let answer = self.http.ask(request, &SystemClock).await?;
        if !answer.status.is_success() {
            return Err(ClientError::Refused(Box::new(answer.refusal(&[]))));
        }
        String::from_utf8(answer.body)
            .map_err(|_| ClientError::Protocol("the metadata is not UTF-8".to_owned()))
    }

    /// Whether sign-ins replace roles by what the authN mappings give.
    pub async fn enforces_mappings(&self) -> Result<bool, ClientError> {
        let answer: OrgPreferenceDocument = self.read(&PREFERENCES_PATH, &[]).await?;
        Ok(answer.data.attributes.preference_data)
    }

    /// Switches that on or off; whether it is on then. Refused where nobody would be left who manages access, unless forced.
    pub async fn enforce_mappings(&self, on: bool, force: bool) -> Result<bool, ClientError> {
        let attributes = OrgPreferenceAttributes {
            preference_type: SAML_AUTHN_MAPPING_ROLES.to_owned(),
            preference_data: on,
            force,
        };
        let data = OrgPreference { kind: ORG_PREFERENCES.to_owned(), id: None, attributes };
        let request = OrgPreferenceDocument { data };
        let answer: OrgPreferenceDocument = self.create(&PREFERENCES_PATH, &request).await?;
        Ok(answer.data.attributes.preference_data)
    }
}
