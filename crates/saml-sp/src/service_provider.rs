//! Who we are, and how strict.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use crate::{MAX_CLOCK_ALLOWANCE_SECONDS, SigningKey, metadata, names, xml::escape};

/// What an operator decides. `new` gives the strict choice for everything else.
#[derive(Clone, Debug)]
pub struct ServiceProviderSettings {
    /// Our name: a URI, usually the URL of our metadata.
    pub entity_id: String,
    /// The assertion consumer service: the URL that responses are posted to, exactly as a browser sees it.
    pub acs_url: String,
    /// The NameID formats that we ask for, the first in requests, all in metadata. None: the identity provider chooses.
    pub name_id_formats: Vec<String>,
    /// Signs requests.
    pub signing_key: Option<Arc<SigningKey>>,
    /// Refuses a response of which only the outside is signed.
    pub want_assertions_signed: bool,
    /// Takes sign-ins that the identity provider starts. Anyone can then be signed in as somebody else unawares
    /// (login CSRF), so it is off.
    pub allow_unsolicited: bool,
    /// How far the clocks may be apart; at most [`MAX_CLOCK_ALLOWANCE_SECONDS`].
    pub clock_allowance: Duration,
}

impl ServiceProviderSettings {
    /// Strict, with a minute's allowance for clocks.
    #[must_use]
    pub fn new(entity_id: &str, acs_url: &str) -> Self {
        Self {
            entity_id: entity_id.to_owned(),
            acs_url: acs_url.to_owned(),
            name_id_formats: Vec::new(),
            signing_key: None,
            want_assertions_signed: false,
            allow_unsolicited: false,
            clock_allowance: Duration::from_secs(60),
        }
    }
}

/// A service provider: settings that fit together. Holding one is the proof of the check.
#[derive(Clone, Debug)]
pub struct ServiceProvider {
    pub(crate) settings: ServiceProviderSettings,
}

impl ServiceProvider {
    /// Checks the settings.
    pub fn new(settings: ServiceProviderSettings) -> Result<Self, SettingsError> {
        let uri = |uri: &str| {
            (1..=metadata::MAX_URI_BYTES).contains(&uri.len())
                && uri.bytes().all(|b| b.is_ascii_graphic())
        };
        if !uri(&settings.entity_id) {
            return Err(SettingsError::EntityId);
        }
        if !metadata::is_location(&settings.acs_url) {
            return Err(SettingsError::AcsUrl);
        }
        if !settings.name_id_formats.iter().all(|format| uri(format)) {
            return Err(SettingsError::NameIdFormat);
        }
        if settings.clock_allowance > Duration::from_secs(MAX_CLOCK_ALLOWANCE_SECONDS) {
            return Err(SettingsError::ClockAllowance);
        }
        Ok(Self { settings })
    }

    /// Our name.
    #[must_use]
    pub fn entity_id(&self) -> &str {
        &self.settings.entity_id
    }

    /// Where responses are posted to.
    #[must_use]
    pub fn acs_url(&self) -> &str {
        &self.settings.acs_url
    }

    /// Our metadata, for the identity provider's administrator. Content type `application/samlmetadata+xml`.
    #[must_use]
    pub fn metadata(&self) -> String {
        let Self { settings } = self;
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"{md}\" entityID=\"{id}\">\
             <md:SPSSODescriptor AuthnRequestsSigned=\"{signed}\" WantAssertionsSigned=\"{want}\" \
             protocolSupportEnumeration=\"{samlp}\">",
            md = names::MD,
            id = escape(&settings.entity_id),
            signed = settings.signing_key.is_some(),
            want = settings.want_assertions_signed,
            samlp = names::SAMLP,
        );
        // Writing to a `String` cannot fail.
        if let Some(key) = &settings.signing_key {
            let _ = write!(
                xml,
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{}\"><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                names::DS,
                key.certificate(),
            );
        }
        for format in &settings.name_id_formats {
            let _ = write!(xml, "<md:NameIDFormat>{}</md:NameIDFormat>", escape(format));
        }
        let _ = writeln!(
            xml,
            "<md:AssertionConsumerService Binding=\"{}\" Location=\"{}\" index=\"0\" isDefault=\"true\"/>\
             </md:SPSSODescriptor></md:EntityDescriptor>",
            names::POST,
            escape(&settings.acs_url),
        );
        xml
    }
}

/// Which setting does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The entity id.
    #[error("the entity id is not a uri of 1 to 1024 printable ascii characters")]
    EntityId,
    /// The assertion consumer service.
    #[error("the acs url is not a plain http or https url without a fragment")]
    AcsUrl,
    /// A NameID format.
    #[error("a nameid format is not a uri")]
    NameIdFormat,
    /// The allowance for clocks.
    #[error("the clock allowance is more than 180 s")]
    ClockAllowance,
}
