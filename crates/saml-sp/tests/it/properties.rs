//! What holds of every input.

use std::sync::LazyLock;

use auth_model::Timestamp;
use proptest::{prelude::*, sample::Index};
use saml_sp::{IdentityProvider, UnverifiedResponse};

use crate::support::{Scene, message};

static GENUINE: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["pysaml2-assertion-signed", "pysaml2-both-signed", "samlp-response-signed"].map(message).into()
});

/// What an attacker would put in.
fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        Just("mallory".to_owned()),
        Just("<!-- -->".to_owned()),
        Just("&#97;".to_owned()),
        Just(" ".to_owned()),
        Just("</ns1:Subject><ns1:Subject>".to_owned()),
        Just(" ID=\"x\"".to_owned()),
        Just("<ns1:Assertion/>".to_owned()),
    ]
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = UnverifiedResponse::from_xml(&bytes);
        let _ = UnverifiedResponse::from_form(&String::from_utf8_lossy(&bytes));
        let _ = IdentityProvider::from_metadata(&bytes, Timestamp::from_unix_seconds(0));
    }

    #[test]
    fn hostile_markup_never_panics(xml in "(<[a-z:]{0,4}( [a-z]{1,2}=\"[a-z:&;]{0,3}\"){0,2}/?>|</[a-z:]{0,4}>|[a&;#<>!\\-\\[\\]?]){0,40}") {
        let _ = UnverifiedResponse::from_xml(xml.as_bytes());
        let _ = IdentityProvider::from_metadata(xml.as_bytes(), Timestamp::from_unix_seconds(0));
    }

    /// Whatever is done to a signed message: it is refused, or says what it said before.
    #[test]
    fn a_changed_message_says_nothing_else(
        which in any::<Index>(), start in any::<Index>(), length in 0_usize..40, piece in pieces(),
    ) {
        let genuine = &GENUINE[which.index(GENUINE.len())];
        let start = floor(genuine, start.index(genuine.len()));
        let end = floor(genuine, (start + length).min(genuine.len()));
        let changed = format!("{}{piece}{}", &genuine[..start], &genuine[end.max(start)..]);
        let scene = Scene::new();
        if let Ok(found) = scene.verify(&changed) {
            let expected = scene.verify(genuine).unwrap();
            prop_assert_eq!(found.id(), expected.id());
            prop_assert!(found.name_id() == expected.name_id());
            prop_assert!(found.attributes() == expected.attributes());
            prop_assert_eq!(found.replay_until(), expected.replay_until());
            prop_assert_eq!(found.session_index(), expected.session_index());
        }
    }
}
