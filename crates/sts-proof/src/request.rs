//! The request that STS is asked with: rebuilt from constants and the signed ingredients, never relayed.

use std::{borrow::Cow, fmt, sync::Arc};

use auth_model::{OrgId, Timestamp};

use crate::{
    BODY, StsHost, UnverifiedProof,
    proof::{CONTENT_LENGTH, Name},
};

/// A GetCallerIdentity request for a known host of STS.
///
/// Only [`UnverifiedProof::check`] makes one. `Debug` shows neither the signature nor the session token.
#[derive(Clone)]
pub struct StsRequest {
    host: Arc<StsHost>,
    proof: UnverifiedProof,
    hash: [u8; 32],
}

impl StsRequest {
    pub(crate) fn new(host: Arc<StsHost>, proof: UnverifiedProof) -> Self {
        let hash = proof.hash();
        Self { host, proof, hash }
    }

    /// Where it goes, over HTTPS: a row of the policy's table.
    pub fn host(&self) -> &StsHost {
        &self.host
    }

    /// `POST`.
    pub fn method(&self) -> &'static str {
        "POST"
    }

    /// `/`: no query either.
    pub fn path(&self) -> &'static str {
        "/"
    }

    /// Every header to send, names in lower case, values printable ASCII. `authorization` and
    /// `x-amz-security-token` are secret.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let proof = &self.proof;
        let borrowed = |name: Name, text| (name.as_str(), Cow::Borrowed(text));
        [
            Some(("accept", Cow::Borrowed("application/json"))),
            Some((Name::Authorization.as_str(), Cow::Owned(proof.authorization.print()))),
            Some(borrowed(Name::ContentLength, CONTENT_LENGTH)),
            Some(borrowed(Name::ContentType, proof.content_type.unwrap_or_default().as_str())),
            Some(borrowed(Name::Host, self.host.name())),
            Some(borrowed(Name::UserAgent, USER_AGENT)),
            Some(borrowed(Name::Date, &proof.date)),
            proof.token().map(|token| borrowed(Name::SecurityToken, token)),
            Some((Name::OrgId.as_str(), Cow::Owned(proof.org.to_string()))),
        ]
        .into_iter()
        .flatten()
    }

    /// The 43 bytes of [`BODY`].
    pub fn body(&self) -> &'static str {
        BODY
    }

    /// The organization in the signed header: confirmed once STS has accepted the signature.
    pub fn org(&self) -> OrgId {
        self.proof.org
    }

    /// Whose key is said to have signed.
    pub fn access_key_id(&self) -> &str {
        self.proof.access_key_id()
    }

    /// See [`UnverifiedProof::hash`].
    pub fn proof_hash(&self) -> [u8; 32] {
        self.hash
    }

    /// When it was signed, to the second, by the signer's clock.
    pub fn signed_at(&self) -> Timestamp {
        self.proof.signed_at
    }
}

impl fmt::Debug for StsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StsRequest")
            .field("host", &self.host.name())
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}

const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));
