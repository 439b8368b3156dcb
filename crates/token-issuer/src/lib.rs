#![doc = include_str!("../README.md")]

mod api_key;
mod claims;
mod issuer;
mod jwks;
mod key_pair;
mod key_ring;
mod managed_key;
mod master_key;
mod object;
mod provider;
mod rotation;
mod seal;
mod verified_cache;
mod verifier;

pub use api_key::{hash_key, last4, new_api_key_text, new_app_key_text, same_key};
pub use claims::{Actor, Claims, TokenSubject};
pub use issuer::{AccessToken, IssueError, Issuer, IssuerError, MAX_TTL};
pub use key_ring::{KeyRing, KeyRingError, generate_signing_key};
pub use managed_key::{
    ManagedKeyError, ManagedKeyPolicy, ManagedKeyPolicyError, ManagedKeyStep, managed_key_step,
    mint_managed_key, open_managed_key,
};
pub use master_key::{MasterKey, MasterKeyError};
pub use rotation::{KeyChange, RotationPolicy, RotationPolicyError, plan};
pub use seal::{SealContext, SealError, SealPurpose};
pub use verified_cache::VerifiedCache;
pub use verifier::{MAX_LEEWAY, MAX_TOKEN_BYTES, TokenError, Verifier, VerifierError};
