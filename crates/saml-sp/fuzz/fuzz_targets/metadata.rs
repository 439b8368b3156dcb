//! Any bytes as metadata: nothing panics, and what is taken is usable.
#![no_main]

use auth_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use saml_sp::{IdentityProvider, MAX_CERTIFICATES};

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_unix_seconds(1_795_704_789);
    let Ok(idp) = IdentityProvider::from_metadata(bytes, now) else { return };
    assert!((1..=MAX_CERTIFICATES).contains(&idp.certificates().len()));
    assert!(idp.endpoints().iter().all(|place| place.location.starts_with("http")));
    assert!(idp.valid_until().is_none_or(|end| end > now));
});
