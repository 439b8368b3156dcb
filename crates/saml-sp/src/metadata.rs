//! Reading the metadata of an identity provider. Source: Metadata for SAML V2.0, section 2.

use auth_model::Timestamp;
use uppsala::Document;

use crate::{
    Binding, CertificateError, Endpoint, IdentityProvider, IdpCertificate, XmlFault, instant,
    names, xml::Node,
};

/// Why a metadata file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// More than 1 MiB.
    #[error("invalid metadata: it is longer than 1 MiB")]
    TooLong,
    /// Not XML, or XML with a document type definition, among others.
    #[error("invalid metadata: {0}")]
    NotXml(XmlFault),
    /// The outermost element is neither of the two.
    #[error("invalid metadata: it is neither an `EntityDescriptor` nor an `EntitiesDescriptor`")]
    NotMetadata,
    /// It describes none or several.
    #[error(
        "invalid metadata: it describes {found} entities; give the file of one identity provider"
    )]
    Entities {
        /// How many.
        found: usize,
    },
    /// No `entityID`, or one of more than 1024 bytes.
    #[error("invalid metadata: it has no `entityID` of 1 to 1024 bytes")]
    NoEntityId,
    /// It describes something else, such as a service provider.
    #[error(
        "invalid metadata: it has no `IDPSSODescriptor` for saml 2.0, so it is not of an identity provider"
    )]
    NoIdentityProvider,
    /// No certificate for signing.
    #[error("invalid metadata: it has no signing certificate")]
    NoSigningCertificate,
    /// A signing certificate that is not taken.
    #[error("invalid metadata: {0}")]
    Certificate(CertificateError),
    /// More than [`crate::MAX_CERTIFICATES`].
    #[error("invalid metadata: it has more than 16 signing certificates")]
    TooManyCertificates,
    /// Neither `HTTP-Redirect` nor `HTTP-POST`.
    #[error(
        "invalid metadata: it has no `SingleSignOnService` with the binding HTTP-Redirect or HTTP-POST"
    )]
    NoEndpoint,
    /// A `Location` that a browser must not be sent to.
    #[error("invalid metadata: a `SingleSignOnService` has no plain http or https `Location`")]
    Location,
    /// `validUntil` is no time.
    #[error("invalid metadata: `validUntil` is no time")]
    ValidUntil,
    /// `validUntil` is past.
    #[error("invalid metadata: it has expired; obtain it anew from the identity provider")]
    Expired,
}

pub(crate) fn read(
    document: &Document<'_>,
    now: Timestamp,
) -> Result<IdentityProvider, MetadataError> {
    let root = Node::root(document).ok_or(MetadataError::NotMetadata)?;
    let mut valid_until = None;
    let mut entity = root;
    if root.is(names::MD, "EntitiesDescriptor") {
        narrow(&mut valid_until, root)?;
        let found = root.everything().filter(|node| node.is(names::MD, "EntityDescriptor")).count();
        entity = match root.only(names::MD, "EntityDescriptor") {
            Some(only) if found == 1 => only,
            _ => return Err(MetadataError::Entities { found }),
        };
    } else if !root.is(names::MD, "EntityDescriptor") {
        return Err(MetadataError::NotMetadata);
    }
    narrow(&mut valid_until, entity)?;
    let entity_id = entity.attribute("entityID").ok_or(MetadataError::NoEntityId)?;
    let role = entity
        .only(names::MD, "IDPSSODescriptor")
        .filter(|role| {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
            protocols.split_ascii_whitespace().any(|protocol| protocol == names::SAMLP)
        })
        .ok_or(MetadataError::NoIdentityProvider)?;
    narrow(&mut valid_until, role)?;
    if valid_until.is_some_and(|end| end <= now) {
        return Err(MetadataError::Expired);
    }
    let formats = role.all(names::MD, "NameIDFormat").filter_map(Node::token);
    let idp = IdentityProvider {
        entity_id: entity_id.trim_ascii().to_owned(),
        endpoints: endpoints(role)?,
        certificates: certificates(role)?,
        name_id_formats: formats.take(MAX_FORMATS).collect(),
        wants_signed_requests: matches!(
            role.attribute("WantAuthnRequestsSigned"),
            Some("true" | "1")
        ),
        valid_until,
    };
    idp.checked()
}

/// The earlier of the end so far and that of this element.
fn narrow(end: &mut Option<Timestamp>, node: Node<'_>) -> Result<(), MetadataError> {
    if let Some(text) = node.attribute("validUntil") {
        let own = instant::parse(text).ok_or(MetadataError::ValidUntil)?;
        *end = Some(end.map_or(own, |end| end.min(own)));
    }
    Ok(())
}

fn endpoints(role: Node<'_>) -> Result<Vec<Endpoint>, MetadataError> {
    let mut endpoints = Vec::new();
    for service in role.all(names::MD, "SingleSignOnService") {
        let binding =
            service.attribute("Binding").and_then(|uri| Binding::from_uri(uri.trim_ascii()));
        if let Some(binding) = binding {
            let location = service.attribute("Location").ok_or(MetadataError::Location)?;
            endpoints.push(Endpoint { binding, location: location.trim_ascii().to_owned() });
        }
    }
    Ok(endpoints)
}

/// Those for signing, and those for everything.
fn certificates(role: Node<'_>) -> Result<Vec<IdpCertificate>, MetadataError> {
    let mut certificates = Vec::new();
    for descriptor in role.all(names::MD, "KeyDescriptor") {
        if descriptor.attribute("use").is_some_and(|purpose| purpose != "signing") {
            continue;
        }
        let infos = descriptor.all(names::DS, "KeyInfo");
        let data = infos.flat_map(|info| info.all(names::DS, "X509Data"));
        for node in data.flat_map(|data| data.all(names::DS, "X509Certificate")) {
            if certificates.len() >= MAX_READ {
                return Err(MetadataError::TooManyCertificates);
            }
            let text =
                node.text().ok_or(MetadataError::Certificate(CertificateError::Unreadable))?;
            let certificate =
                IdpCertificate::from_base64(&text).map_err(MetadataError::Certificate)?;
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

/// A URL that a browser can be sent to: no script, nothing that ends a header or an attribute.
pub(crate) fn is_location(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    url.len() <= MAX_URL_BYTES
        && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}#".contains(&b))
        && rest
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
}

/// The longest entity id, in bytes. SAML core, section 8.3.6.
pub(crate) const MAX_URI_BYTES: usize = 1_024;
const MAX_URL_BYTES: usize = 2_048;
const MAX_FORMATS: usize = 32;
/// The same certificate may stand for several purposes.
const MAX_READ: usize = 4 * crate::MAX_CERTIFICATES;
