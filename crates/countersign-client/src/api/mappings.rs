//! Persona and intake mappings.

use jsonapi_model::{
    Document, ListDocument, Resource,
    resources::{IntakeMapping, IntakeMappingInput, PersonaMapping, PersonaMappingInput, Prefix},
};

use crate::{ApiClient, ClientError};

/// `/api/v2/cloud_auth/aws/persona_mapping`
const PERSONA: [&str; 5] = ["api", "v2", "cloud_auth", "aws", "persona_mapping"];
/// `/api/v2/cloud_auth/aws/intake_mapping`
const INTAKE: [&str; 5] = ["api", "v2", "cloud_auth", "aws", "intake_mapping"];

impl ApiClient {
    /// All persona mappings of the organization.
    pub async fn persona_mappings(&self) -> Result<Vec<Resource<PersonaMapping>>, ClientError> {
        Ok(self.read::<ListDocument<_>>(&PERSONA, &[]).await?.data)
    }

    /// Lets the principals of a pattern act as a user: an e-mail address, a handle, or a service account's id.
    /// With the mapping come warnings about what the pattern may not mean.
    pub async fn create_persona_mapping(
        &self,
        account_identifier: &str,
        arn_pattern: &str,
    ) -> Result<(Resource<PersonaMapping>, Vec<String>), ClientError> {
        let attributes = PersonaMappingInput {
            account_identifier: account_identifier.to_owned(),
            arn_pattern: arn_pattern.to_owned(),
        };
        let request = Document::<_>::new(Prefix::CloudAuth.persona_type(), None, attributes);
        self.create(&PERSONA, &request).await.map(with_warnings)
    }

    /// Removes one; its tokens stop working at once.
    pub async fn delete_persona_mapping(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&[&PERSONA[..], &[id]].concat()).await
    }

    /// All intake mappings of the organization.
    pub async fn intake_mappings(&self) -> Result<Vec<Resource<IntakeMapping>>, ClientError> {
        Ok(self.read::<ListDocument<_>>(&INTAKE, &[]).await?.data)
    }

    /// Lets the principals of a pattern have the managed API key.
    /// With the mapping come warnings about what the pattern may not mean.
    pub async fn create_intake_mapping(
        &self,
        arn_pattern: &str,
    ) -> Result<(Resource<IntakeMapping>, Vec<String>), ClientError> {
        let attributes = IntakeMappingInput { arn_pattern: arn_pattern.to_owned() };
        let request = Document::<_>::new(Prefix::CloudAuth.intake_type(), None, attributes);
        self.create(&INTAKE, &request).await.map(with_warnings)
    }

    /// Removes one; its managed keys stop working at once.
    pub async fn delete_intake_mapping(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&[&INTAKE[..], &[id]].concat()).await
    }
}

fn with_warnings<A>(document: Document<A>) -> (Resource<A>, Vec<String>) {
    (document.data, document.meta.unwrap_or_default().warnings)
}
