//! Sealed values open where they belong and nowhere else.

use auth_model::{OrgId, OsRandomness};
use proptest::prelude::*;
use token_issuer::{MasterKey, SealContext, SealError, SealPurpose};

fn purpose() -> impl Strategy<Value = SealPurpose> {
    prop_oneof![
        Just(SealPurpose::SigningKey),
        Just(SealPurpose::ManagedKey),
        Just(SealPurpose::AwsSecretAccessKey),
    ]
}

fn org() -> impl Strategy<Value = Option<OrgId>> {
    proptest::option::of(any::<u128>().prop_map(|n| OrgId(uuid::Uuid::from_u128(n))))
}

proptest! {
    #[test]
    fn a_value_opens_as_it_was_sealed_and_never_in_another_context(
        plaintext in proptest::collection::vec(any::<u8>(), 0..300),
        here in (purpose(), org(), "[ -~]{0,40}"),
        there in (purpose(), org(), "[ -~]{0,40}"),
    ) {
        let master = MasterKey::generate(&OsRandomness).unwrap();
        let context = SealContext { purpose: here.0, org: here.1, row: &here.2 };
        let sealed = master.seal(&OsRandomness, &context, &plaintext).unwrap();
        prop_assert_eq!(sealed.len(), plaintext.len() + 29);
        let opened = master.open(&context, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());

        for (purpose, org, row) in [
            (there.0, here.1, &here.2),
            (here.0, there.1, &here.2),
            (here.0, here.1, &there.2),
        ] {
            let other = SealContext { purpose, org, row };
            let opened = master.open(&other, &sealed);
            prop_assert_eq!(opened.is_ok(), other == context);
        }
    }

    #[test]
    fn one_flipped_bit_anywhere_is_noticed(
        plaintext in proptest::collection::vec(any::<u8>(), 0..60),
        position in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let master = MasterKey::generate(&OsRandomness).unwrap();
        let context = SealContext { purpose: SealPurpose::ManagedKey, org: None, row: "row" };
        let mut sealed = master.seal(&OsRandomness, &context, &plaintext).unwrap();
        let at = position.index(sealed.len());
        sealed[at] ^= 1 << bit;
        let error = master.open(&context, &sealed).unwrap_err();
        let expected = if at == 0 {
            SealError::Version { found: sealed[0] }
        } else {
            SealError::NotAuthentic
        };
        prop_assert_eq!(error, expected);
    }

    #[test]
    fn any_bytes_at_all_are_refused_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let master = MasterKey::generate(&OsRandomness).unwrap();
        let context = SealContext { purpose: SealPurpose::ManagedKey, org: None, row: "row" };
        prop_assert!(master.open(&context, &bytes).is_err());
    }
}

#[test]
fn the_same_value_is_never_sealed_to_the_same_bytes() {
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let context = SealContext { purpose: SealPurpose::SigningKey, org: None, row: "row" };
    let seal = || master.seal(&OsRandomness, &context, b"value").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn another_master_key_opens_nothing() {
    let [ours, theirs] = [(); 2].map(|()| MasterKey::generate(&OsRandomness).unwrap());
    let context = SealContext { purpose: SealPurpose::SigningKey, org: None, row: "row" };
    let sealed = ours.seal(&OsRandomness, &context, b"value").unwrap();
    assert_eq!(theirs.open(&context, &sealed).unwrap_err(), SealError::NotAuthentic);
}

#[test]
fn a_value_cut_short_is_said_to_be() {
    let master = MasterKey::generate(&OsRandomness).unwrap();
    let context = SealContext { purpose: SealPurpose::SigningKey, org: None, row: "row" };
    let sealed = master.seal(&OsRandomness, &context, b"").unwrap();
    for length in 0..sealed.len() {
        let error = master.open(&context, &sealed[..length]).unwrap_err();
        assert_eq!(error, SealError::Truncated { length });
    }
}

#[test]
fn what_was_sealed_in_the_first_form_opens_for_ever() {
    // Computed by another implementation of HKDF and AES-GCM, from the form as it is documented.
    let sealed = "01000102030405060708090a0b52429ed10debbbb19f44b883104f1ad7dd3dc90dc4a61abf638164b287fc164b";
    let sealed: Vec<u8> = (0..sealed.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&sealed[at..at + 2], 16).unwrap())
        .collect();
    let master = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let master = MasterKey::parse(master).unwrap();
    let org = Some("3fa85f64-5717-4562-b3fc-2c963f66afa6".parse().unwrap());
    let context = SealContext { purpose: SealPurpose::ManagedKey, org, row: "row" };
    assert_eq!(master.open(&context, &sealed).unwrap().as_slice(), b"0123456789abcdef");
}
