//! Sign-ins of people: what was asked for, the session that comes of it, and the assertions that are kept.

use std::str::FromStr;

use crate::{
    KeptAssertionId, KeyHash, OrgId, SessionId, Timestamp, UserId, WordError, saml::words,
};

/// A sign-in that a browser has begun, waiting for the identity provider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRequest {
    /// Where the browser signs in.
    pub org: OrgId,
    /// SHA-256 of the handle that travels with the request (SAML calls it the relay state).
    pub handle: KeyHash,
    /// SHA-256 of the secret that the browser holds: no other browser may use the answer.
    pub browser: KeyHash,
    /// The id of the request, which the answer must name.
    pub request_id: String,
    /// The path to go on to.
    pub return_to: String,
    /// Until when an answer is taken.
    pub expires_at: Timestamp,
}

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignInMethod {
    /// By an assertion of the organization's identity provider.
    Saml,
    /// By an API key and an application key of their own.
    Keys,
}

words!(SignInMethod, "`saml`, `keys`", Saml "saml" Keys "keys");

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Never reused.
    pub id: SessionId,
    /// Where.
    pub org: OrgId,
    /// Whom the browser acts for.
    pub user: UserId,
    /// How they signed in.
    pub method: SignInMethod,
    /// SHA-256 of the secret that the browser holds now.
    pub secret: KeyHash,
    /// The secret before, which requests that were under way may still bring.
    pub previous_secret: Option<KeyHash>,
    /// The attributes that the assertion brought, sealed; empty if none did.
    pub arrived: Vec<u8>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the secret was last replaced, which happens only to a session in use.
    pub rotated_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// An accepted assertion that is kept for previews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAssertion {
    /// Sorts by time.
    pub id: KeptAssertionId,
    /// Where.
    pub org: OrgId,
    /// Who signed in with it.
    pub user: UserId,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// Until when it is kept.
    pub keep_until: Timestamp,
    /// What it said, sealed.
    pub sealed: Vec<u8>,
}
