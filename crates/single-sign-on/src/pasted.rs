//! A response that an administrator has pasted: what it would do, and whether it would be believed.

use std::collections::BTreeMap;

use auth_model::OrgId;
use saml_sp::{Attribute, Expected, UnverifiedResponse};

use crate::{Refusal, SingleSignOn, told::gathered};

/// What is read from a response that was pasted. It gives nobody anything.
#[derive(Debug)]
pub struct Pasted {
    /// The attributes that it claims.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Why it would not be believed, were it posted now in answer to the request that it names.
    pub refusal: Option<Refusal>,
}

impl SingleSignOn {
    /// Reads a response: base64, as a form has it, or XML.
    ///
    /// # Errors
    /// What is no response, or has no attributes that can be told from it.
    pub async fn pasted(&self, org: OrgId, text: &str) -> Result<Pasted, Refusal> {
        let text = text.trim();
        let response = match text.starts_with('<') {
            true => UnverifiedResponse::from_xml(text.as_bytes()),
            false => UnverifiedResponse::from_form(text),
        }?;
        let claimed = response.unverified_attributes()?;
        let pairs = |attribute: &'_ Attribute| {
            let name = attribute.name.clone();
            attribute.values.iter().map(move |value| (name.clone(), value.clone())).collect()
        };
        let pairs: Vec<(String, String)> = claimed.iter().flat_map::<Vec<_>, _>(pairs).collect();
        Ok(Pasted {
            attributes: gathered(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
            refusal: self.believed(org, &response).await.err(),
        })
    }

    async fn believed(&self, org: OrgId, response: &UnverifiedResponse) -> Result<(), Refusal> {
        let enabled = self.enabled(org).await?;
        let expected = match response.unverified_in_response_to() {
            Some(request) => Expected::ReplyTo(request),
            None => Expected::Unsolicited,
        };
        response.verify(&enabled.sp, &enabled.idp, expected, self.now())?;
        Ok(())
    }
}
