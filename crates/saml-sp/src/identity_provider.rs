//! What is known of the identity provider: nothing a message says, only what was configured.

use auth_model::Timestamp;

use crate::{
    IdpCertificate, MAX_CERTIFICATES, MAX_METADATA_BYTES, MetadataError, metadata, names,
    xml::{self, Markup},
};

/// How a request travels to the identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// In the query of a URL.
    Redirect,
    /// In a form that the browser posts.
    Post,
}

impl Binding {
    pub(crate) fn from_uri(uri: &str) -> Option<Self> {
        match uri {
            names::REDIRECT => Some(Self::Redirect),
            names::POST => Some(Self::Post),
            _ => None,
        }
    }
}

/// A URL where requests are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// How.
    pub binding: Binding,
    /// Where: `https://…` or `http://…`, without a fragment.
    pub location: String,
}

/// An identity provider: its name, where it takes requests, and the certificates that it signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    pub(crate) entity_id: String,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) certificates: Vec<IdpCertificate>,
    pub(crate) name_id_formats: Vec<String>,
    pub(crate) wants_signed_requests: bool,
    pub(crate) valid_until: Option<Timestamp>,
}

impl IdentityProvider {
    /// From a metadata file. Its signature, if any, is not looked at: trust in metadata comes from where it was obtained.
    pub fn from_metadata(bytes: &[u8], now: Timestamp) -> Result<Self, MetadataError> {
        if bytes.len() > MAX_METADATA_BYTES {
            return Err(MetadataError::TooLong);
        }
        let text = xml::utf8(bytes).map_err(MetadataError::NotXml)?;
        let document = xml::parse(text, Markup::Commented).map_err(MetadataError::NotXml)?;
        metadata::read(&document, now)
    }

    /// From its parts, where there is no metadata file.
    pub fn new(
        entity_id: &str,
        endpoints: Vec<Endpoint>,
        certificates: Vec<IdpCertificate>,
    ) -> Result<Self, MetadataError> {
        let idp = Self {
            entity_id: entity_id.to_owned(),
            endpoints,
            certificates,
            name_id_formats: Vec::new(),
            wants_signed_requests: false,
            valid_until: None,
        };
        idp.checked()
    }

    pub(crate) fn checked(mut self) -> Result<Self, MetadataError> {
        if self.entity_id.is_empty() || self.entity_id.len() > metadata::MAX_URI_BYTES {
            return Err(MetadataError::NoEntityId);
        }
        let mut seen = Vec::new();
        self.certificates.retain(|certificate| {
            let new = !seen.contains(&certificate.fingerprint());
            seen.push(certificate.fingerprint());
            new
        });
        if self.certificates.is_empty() {
            return Err(MetadataError::NoSigningCertificate);
        }
        if self.certificates.len() > MAX_CERTIFICATES {
            return Err(MetadataError::TooManyCertificates);
        }
        if self.endpoints.is_empty() {
            return Err(MetadataError::NoEndpoint);
        }
        if self.endpoints.iter().any(|endpoint| !metadata::is_location(&endpoint.location)) {
            return Err(MetadataError::Location);
        }
        Ok(self)
    }

    /// Its name, which every message must carry as `Issuer`.
    #[must_use]
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// Where it takes requests, in the order of its metadata.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The first place where it takes requests in this way.
    #[must_use]
    pub fn endpoint(&self, binding: Binding) -> Option<&str> {
        let found = self.endpoints.iter().find(|endpoint| endpoint.binding == binding)?;
        Some(&found.location)
    }

    /// All certificates that it may sign with: several while it changes from one to the next.
    #[must_use]
    pub fn certificates(&self) -> &[IdpCertificate] {
        &self.certificates
    }

    /// The NameID formats that it says it knows.
    #[must_use]
    pub fn name_id_formats(&self) -> &[String] {
        &self.name_id_formats
    }

    /// Whether it takes signed requests only.
    #[must_use]
    pub fn wants_signed_requests(&self) -> bool {
        self.wants_signed_requests
    }

    /// When the metadata ends, if it says so. Later messages are refused.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }
}
