//! What a browser holds of its session: organization, id and secret, sealed, so that only what we have made is looked up at all.

use auth_model::{ExposeSecret as _, OrgId, Randomness, SecretString, SessionId};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use token_issuer::{MasterKey, SealContext, SealError, SealPurpose};
use uuid::Uuid;

/// What a browser holds, read.
pub(crate) struct Cookie {
    pub(crate) org: OrgId,
    pub(crate) id: SessionId,
    pub(crate) secret: SecretString,
}

impl Cookie {
    /// The text for the browser.
    pub(crate) fn seal(
        &self,
        master_key: &MasterKey,
        randomness: &dyn Randomness,
    ) -> Result<SecretString, SealError> {
        let mut plain = Vec::with_capacity(75);
        plain.extend_from_slice(self.org.0.as_bytes());
        plain.extend_from_slice(self.id.0.as_bytes());
        plain.extend_from_slice(self.secret.expose_secret().as_bytes());
        let sealed = master_key.seal(randomness, &CONTEXT, &plain)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed).into())
    }

    /// The reverse; `None` for everything that is not of our making.
    pub(crate) fn open(text: &str, master_key: &MasterKey) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = master_key.open(&CONTEXT, &sealed).ok()?;
        let (org, rest) = plain.split_first_chunk::<16>()?;
        let (id, secret) = rest.split_first_chunk::<16>()?;
        Some(Self {
            org: OrgId(Uuid::from_bytes(*org)),
            id: SessionId(Uuid::from_bytes(*id)),
            secret: std::str::from_utf8(secret).ok()?.to_owned().into(),
        })
    }
}

const CONTEXT: SealContext<'static> =
    SealContext { purpose: SealPurpose::SessionCookie, org: None, row: "cookie" };

/// A sealed cookie has 139 characters.
const MAX_BYTES: usize = 256;
