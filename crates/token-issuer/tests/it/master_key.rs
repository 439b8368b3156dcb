//! The master key: its forms, its fingerprint, its silence.

use auth_model::{ExposeSecret as _, OsRandomness};
use token_issuer::{MasterKey, MasterKeyError};

/// Public: a key that stands in a repository protects nothing.
const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn both_forms_of_one_key_are_one_key() {
    let prints: Vec<String> = [
        HEX.to_owned(),
        HEX.to_uppercase(),
        format!("  {HEX}\r\n"),
        BASE64.to_owned(),
        BASE64.trim_end_matches('=').to_owned(),
        format!("{BASE64}\n"),
    ]
    .iter()
    .map(|text| MasterKey::parse(text).unwrap().fingerprint().to_owned())
    .collect();
    assert!(prints.iter().all(|print| *print == prints[0]));
    assert_eq!(prints[0].len(), 16);
}

#[test]
fn the_fingerprint_of_a_key_is_for_ever() {
    // A store remembers it: were it to change, no installation would start.
    assert_eq!(MasterKey::parse(HEX).unwrap().fingerprint(), "70e65b773b8676aa");
}

#[test]
fn what_is_not_32_bytes_is_refused_by_length_and_never_repeated() {
    for text in [
        "",
        "secret-password",
        &HEX[1..],
        &format!("{HEX}0"),
        &HEX.replace('f', "g"),
        &BASE64[4..],
        &format!("AAAA{BASE64}"),
        &BASE64.replace('/', "-").replace('A', "_"),
        &"é".repeat(32),
    ] {
        let error = MasterKey::parse(text).unwrap_err();
        assert_eq!(error, MasterKeyError::Form { length: text.chars().count() }, "{text}");
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
    let zeros = "0".repeat(64);
    assert_eq!(MasterKey::parse(&zeros).unwrap_err(), MasterKeyError::Placeholder);
    assert_eq!(MasterKey::parse(&"ab".repeat(32)).unwrap_err(), MasterKeyError::Placeholder);
}

#[test]
fn the_wrong_master_key_is_noticed_at_the_start() {
    let ours = MasterKey::parse(HEX).unwrap();
    let theirs = MasterKey::generate(&OsRandomness).unwrap();
    assert_eq!(ours.check_fingerprint(ours.fingerprint()), Ok(()));
    let error = theirs.check_fingerprint(ours.fingerprint()).unwrap_err();
    let MasterKeyError::Mismatch { expected, found } = &error else { panic!("{error}") };
    assert_eq!((expected.as_str(), found.as_str()), (ours.fingerprint(), theirs.fingerprint()));
    assert!(error.to_string().ends_with("give the master key that this store was set up with"));
}

#[test]
fn a_new_key_can_be_written_down_and_read_again() {
    let text = MasterKey::new_text(&OsRandomness).unwrap();
    assert_eq!(text.expose_secret().len(), 64);
    let key = MasterKey::parse(text.expose_secret()).unwrap();
    let shown = format!("{key:?} {text:?}");
    assert!(!shown.contains(text.expose_secret()));
    assert!(shown.contains(key.fingerprint()));
    assert_ne!(text.expose_secret(), MasterKey::new_text(&OsRandomness).unwrap().expose_secret());
}
