//! Tokens that somebody else made.

use auth_model::SigningAlgorithm;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use token_issuer::{MAX_TOKEN_BYTES, TokenError};

use crate::support::{hmac_token, installation, message};

#[test]
fn j_01_a_token_without_a_signature_is_refused_however_none_is_spelled() {
    let home = installation(SigningAlgorithm::EdDsa);
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "ES256", "RS256", "PS256", "eddsa"] {
        let mut header = home.header();
        header["alg"] = json!(alg);
        let message = message(&header.to_string(), &home.claims().to_string());
        for signature in ["", "AA"] {
            let token = format!("{message}.{signature}");
            assert_eq!(home.verify(&token), Err(TokenError::Algorithm), "{alg}");
        }
        assert_eq!(
            home.verify(&home.forge(&header, &home.claims())),
            Err(TokenError::Algorithm),
            "{alg}"
        );
    }
}

#[test]
fn j_01_a_published_key_is_no_hmac_secret() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256] {
        let home = installation(algorithm);
        let claims = home.claims().to_string();
        let jwk = home.jwk();
        let mut secrets = vec![
            b"".to_vec(),
            home.key.kid.as_str().as_bytes().to_vec(),
            home.ring.jwks().as_bytes().to_vec(),
            jwk.to_string().into_bytes(),
        ];
        secrets.extend(public_forms(&jwk));
        for secret in secrets {
            let mut header = home.header();
            let own = hmac_token(&header.to_string(), &claims, &secret);
            assert_eq!(
                home.verify(&own),
                Err(TokenError::Signature),
                "with the key's own algorithm"
            );
            header["alg"] = json!("HS256");
            let confused = hmac_token(&header.to_string(), &claims, &secret);
            assert_eq!(home.verify(&confused), Err(TokenError::Algorithm), "with HS256");
        }
    }
}

/// The public key raw, as DER, and as PEM.
fn public_forms(jwk: &Value) -> Vec<Vec<u8>> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    // RFC 5480 §2 and RFC 8410 §4: what stands before the key's bytes in SubjectPublicKeyInfo.
    let (raw, prefix): (Vec<u8>, &[u8]) = match jwk["kty"].as_str().unwrap() {
        "EC" => (
            [vec![4], number("x"), number("y")].concat(),
            b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00",
        ),
        "OKP" => (number("x"), b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"),
        _ => (number("n"), b""),
    };
    let der = [prefix, &raw].concat();
    let body = STANDARD.encode(&der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|l| str::from_utf8(l).unwrap()).collect();
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    vec![raw, der, pem.trim_end().as_bytes().to_vec(), pem.into_bytes()]
}

#[test]
fn j_01_another_key_under_our_key_id_is_refused() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256] {
        let (home, away) = (installation(algorithm), installation(algorithm));
        let token = away.forge(&home.header(), &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::Signature));
        assert_eq!(home.verify(&away.token()), Err(TokenError::UnknownKey));
    }
}

#[test]
fn j_02_a_key_id_is_a_name_in_the_ring_and_nothing_else() {
    let home = installation(SigningAlgorithm::Es256);
    let own = home.key.kid.as_str().to_owned();
    let long = "a".repeat(65);
    #[rustfmt::skip]
    let kids = [
        "", "../../../../dev/null", "/etc/passwd", "..\\..\\win.ini", "' OR 1=1 --", "x' UNION SELECT 'key' --",
        "$(id)", "`id`", "a|b", "http://evil.example/key", "file:///dev/null", "%2e%2e%2f", "\0", "a\nb", "кид", &long,
        "unknown", &format!("{own} "), &format!(" {own}"), &format!("{own}\0"), &own.to_uppercase(), &own[1..],
    ];
    for kid in kids {
        if kid == own {
            continue;
        }
        let mut header = home.header();
        header["kid"] = json!(kid);
        let token = home.forge(&header, &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::UnknownKey), "{kid:?}");
    }
    for kid in [json!(null), json!(7), json!([own]), json!({"kid": own})] {
        let mut header = home.header();
        header["kid"] = kid;
        let token = home.forge(&header, &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::Header));
    }
}

#[test]
fn j_02_a_header_that_brings_its_own_key_or_demands_is_refused() {
    let home = installation(SigningAlgorithm::EdDsa);
    let extras = [
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("jwk", home.jwk()),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AA")),
        ("x5t#S256", json!("AA")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("anything", json!(null)),
    ];
    for (name, value) in extras {
        let mut header = home.header();
        header[name] = value;
        let token = home.forge(&header, &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::Header), "{name}");
    }
    for name in ["typ", "alg", "kid"] {
        let mut header = home.header();
        header.as_object_mut().unwrap().remove(name);
        let token = home.forge(&header, &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::Header), "without {name}");
    }
}

#[test]
fn j_02_a_header_field_given_twice_is_refused() {
    let home = installation(SigningAlgorithm::EdDsa);
    let (header, claims) = (home.header().to_string(), home.claims().to_string());
    for twice in [r#""alg":"none""#, r#""kid":"other""#, r#""typ":"at+jwt""#] {
        for doubled in [
            header.replacen('{', &format!("{{{twice},"), 1),
            format!("{},{twice}}}", header.trim_end_matches('}')),
        ] {
            assert_eq!(home.verify(&home.forge_text(&doubled, &claims)), Err(TokenError::Header));
        }
    }
}

#[test]
fn j_03_another_kind_of_token_is_no_access_token() {
    let home = installation(SigningAlgorithm::Es256);
    for typ in
        ["JWT", "jwt", "AT+JWT", "at+jwt ", "application/at+jwt", "dpop+jwt", "saml-state", ""]
    {
        let mut header = home.header();
        header["typ"] = json!(typ);
        let token = home.forge(&header, &home.claims());
        assert_eq!(home.verify(&token), Err(TokenError::Type), "{typ}");
    }
}

#[test]
fn what_is_no_token_is_refused_without_a_panic() {
    let home = installation(SigningAlgorithm::EdDsa);
    let token = home.token();
    let (head, tail) = token.split_once('.').unwrap();
    let (claims, signature) = tail.split_once('.').unwrap();
    let array = json!(["at+jwt", "EdDSA", home.key.kid.as_str()]).to_string();
    let claims_array: Vec<Value> = home.claims().as_object().unwrap().values().cloned().collect();
    let texts = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        head.to_owned(),
        format!("{head}."),
        format!("{head}.{claims}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!(".{token}"),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{head}==.{claims}.{signature}"),
        format!("{head}.{claims}.{signature}=="),
        format!("{head}.{claims}.{signature}A"),
        format!("Bearer {token}"),
        "é.é.é".to_owned(),
        home.forge_text("", ""),
        home.forge_text("{", "{}"),
        home.forge_text("null", "null"),
        home.forge_text(&array, &home.claims().to_string()),
        home.forge_text(&home.header().to_string(), "\u{feff}{}"),
        home.forge_text(&home.header().to_string(), &Value::Array(claims_array).to_string()),
    ];
    for text in texts {
        assert!(home.verify(&text).is_err(), "{text}");
    }
    assert!(home.verify(&token).is_ok());
}

#[test]
fn a_token_that_differs_in_one_character_is_refused() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let home = installation(algorithm);
        let token = home.token();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(home.verify(&changed).is_err(), "at {at}");
        }
    }
}

#[test]
fn a_token_beyond_8_kib_is_not_looked_at() {
    let home = installation(SigningAlgorithm::EdDsa);
    let mut claims = home.claims();
    claims["padding"] = json!("x".repeat(MAX_TOKEN_BYTES));
    let token = home.forge(&home.header(), &claims);
    assert_eq!(home.verify(&token), Err(TokenError::TooLong));

    claims["padding"] = json!("x".repeat(5_000));
    let token = home.forge(&home.header(), &claims);
    assert!(token.len() < MAX_TOKEN_BYTES);
    assert!(home.verify(&token).is_ok(), "an unknown claim alone does no harm");
}
