//! What the crate promises, asked of its public surface. Rules of the security checklist are named in the tests.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking, in its helpers too"
)]

mod claims;
mod forgery;
mod managed_keys;
mod master_key;
mod ring;
mod rotation;
mod seal;
mod support;
mod times;
mod verified_cache;
