//! Each claim: there, of its type, and ours.

use std::time::Duration;

use auth_model::{OsRandomness, SigningAlgorithm, Timestamp};
use serde_json::{Value, json};
use token_issuer::{Issuer, IssuerError, TokenError, Verifier, VerifierError};

use crate::support::{LEEWAY, START, URL, installation};

const NAMES: [&str; 10] =
    ["iss", "sub", "aud", "org", "exp", "nbf", "iat", "jti", "mapping", "act"];

#[test]
fn a_token_says_what_it_was_issued_for_under_each_algorithm() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256] {
        let home = installation(algorithm);
        let issued =
            home.issuer.issue(&home.ring, &home.subject, START, None, &OsRandomness).unwrap();
        let claims = home.verify(issued.expose()).unwrap();
        assert_eq!((claims.iss.as_str(), claims.aud.as_str()), (URL, URL));
        assert_eq!((claims.sub, claims.org), (home.subject.user, home.subject.org));
        assert_eq!((claims.mapping, &claims.act), (home.subject.mapping, &home.subject.act));
        assert_eq!((claims.iat, claims.nbf), (START, START));
        assert_eq!(claims.exp, START.plus(Duration::from_secs(900)));
        assert_eq!((claims.exp, claims.jti), (issued.expires_at(), issued.id()));
        assert_eq!(home.claims().as_object().unwrap().len(), NAMES.len());
    }
}

#[test]
fn two_tokens_never_share_an_id() {
    let home = installation(SigningAlgorithm::EdDsa);
    assert_ne!(home.verify(&home.token()).unwrap().jti, home.verify(&home.token()).unwrap().jti);
}

#[test]
fn j_03_a_token_without_one_of_the_claims_is_refused() {
    let home = installation(SigningAlgorithm::Es256);
    for name in NAMES {
        let mut claims = home.claims();
        claims.as_object_mut().unwrap().remove(name);
        let token = home.forge(&home.header(), &claims);
        assert_eq!(home.verify(&token), Err(TokenError::Claims), "without {name}");
    }
    for name in ["sub", "account", "user_id"] {
        let mut claims = home.claims();
        claims["act"].as_object_mut().unwrap().remove(name);
        let token = home.forge(&home.header(), &claims);
        assert_eq!(home.verify(&token), Err(TokenError::Claims), "without act.{name}");
    }
}

#[test]
fn j_03_a_claim_of_another_type_does_not_count_as_absent_but_fails() {
    let home = installation(SigningAlgorithm::EdDsa);
    for name in NAMES {
        let genuine = home.claims()[name].clone();
        let as_text = json!(genuine.to_string().trim_matches('"'));
        let odd = [
            json!(null),
            json!(true),
            json!(1.5),
            json!(-1),
            json!([]),
            json!({}),
            json!(1e300),
            json!("9999999999"),
            json!([genuine.clone()]),
            json!({ "value": genuine.clone() }),
            as_text,
        ];
        for value in odd {
            // An issuer or audience of the right type but another value is the next test's.
            if value == genuine || (value.is_string() && matches!(name, "iss" | "aud")) {
                continue;
            }
            let mut claims = home.claims();
            claims[name] = value.clone();
            let token = home.forge(&home.header(), &claims);
            assert_eq!(home.verify(&token), Err(TokenError::Claims), "{name} = {value}");
        }
    }
}

#[test]
fn j_03_an_array_does_not_stand_for_an_object() {
    let home = installation(SigningAlgorithm::EdDsa);
    let genuine = home.claims();
    let mut claims = genuine.clone();
    let act = &genuine["act"];
    claims["act"] = json!([act["sub"], act["account"], act["user_id"]]);
    assert_eq!(home.verify(&home.forge(&home.header(), &claims)), Err(TokenError::Claims));

    let all = Value::Array(NAMES.iter().map(|name| genuine[name].clone()).collect());
    assert_eq!(home.verify(&home.forge(&home.header(), &all)), Err(TokenError::Claims));

    let header = home.header();
    let header = json!([header["typ"], header["alg"], header["kid"]]);
    assert_eq!(home.verify(&home.forge(&header, &genuine)), Err(TokenError::Header));
}

#[test]
fn j_03_a_claim_given_twice_is_refused() {
    let home = installation(SigningAlgorithm::EdDsa);
    let text = home.claims().to_string();
    for name in NAMES {
        let member = format!("\"{name}\":{}", home.claims()[name]);
        let doubled = text.replacen('{', &format!("{{{member},"), 1);
        let token = home.forge_text(&home.header().to_string(), &doubled);
        assert_eq!(home.verify(&token), Err(TokenError::Claims), "{name}");
    }
}

#[test]
fn j_03_ids_have_one_spelling() {
    let home = installation(SigningAlgorithm::EdDsa);
    for name in ["sub", "org", "jti", "mapping"] {
        let genuine = home.claims()[name].as_str().unwrap().to_owned();
        for text in [
            genuine.replace('-', ""),
            format!("{{{genuine}}}"),
            format!("urn:uuid:{genuine}"),
            format!(" {genuine}"),
            String::new(),
        ] {
            let mut claims = home.claims();
            claims[name] = json!(text);
            let token = home.forge(&home.header(), &claims);
            assert_eq!(home.verify(&token), Err(TokenError::Claims), "{name} = {text:?}");
        }
    }
}

#[test]
fn j_04_issuer_and_audience_are_compared_byte_for_byte() {
    let home = installation(SigningAlgorithm::EdDsa);
    let refused = |name: &str, value: Value| {
        let mut claims = home.claims();
        claims[name] = value;
        home.verify(&home.forge(&home.header(), &claims)).unwrap_err()
    };
    for other in [
        "https://other.example",
        "https://countersign.example/",
        "https://COUNTERSIGN.example",
        "http://countersign.example",
        "https://countersign.example.evil.example",
        "",
    ] {
        assert_eq!(refused("iss", json!(other)), TokenError::Issuer, "{other}");
        assert_eq!(refused("aud", json!(other)), TokenError::Audience, "{other}");
    }
    assert_eq!(refused("aud", json!([URL, "https://other.example"])), TokenError::Claims);
}

#[test]
fn j_04_issuer_and_audience_cannot_be_exchanged() {
    let home = installation(SigningAlgorithm::EdDsa);
    let api = "https://api.example";
    let issuer = Issuer::new(URL, api, Duration::from_secs(60)).unwrap();
    let token = issuer.issue(&home.ring, &home.subject, START, None, &OsRandomness).unwrap();
    let verify = |iss, aud| {
        Verifier::new(iss, aud, LEEWAY).unwrap().verify(&home.ring, token.expose(), START).map(drop)
    };
    assert_eq!(verify(URL, api), Ok(()));
    assert_eq!(verify(api, URL), Err(TokenError::Issuer));
    assert_eq!(verify(URL, URL), Err(TokenError::Audience));
    assert_eq!(verify(api, api), Err(TokenError::Issuer));
}

#[test]
fn j_04_the_organization_of_a_token_is_that_of_its_subject() {
    let (home, away) =
        (installation(SigningAlgorithm::EdDsa), installation(SigningAlgorithm::EdDsa));
    let claims = home.verify(&home.token()).unwrap();
    assert_eq!(claims.org, home.subject.org);
    assert_ne!(claims.org, away.subject.org);
    assert_eq!(home.verify(&away.token()), Err(TokenError::UnknownKey), "another installation's");
}

#[test]
fn j_06_a_token_names_what_it_can_be_revoked_by() {
    let home = installation(SigningAlgorithm::EdDsa);
    let claims = home.verify(&home.token()).unwrap();
    assert_eq!(claims.mapping, home.subject.mapping);
    assert_eq!(claims.sub, home.subject.user);
}

#[test]
fn j_08_a_token_does_not_show_itself() {
    let home = installation(SigningAlgorithm::Es256);
    let issued = home.issuer.issue(&home.ring, &home.subject, START, None, &OsRandomness).unwrap();
    let shown = format!("{issued:?} {issued:#?}");
    for part in issued.expose().split('.') {
        assert!(!shown.contains(part));
    }
    assert!(shown.contains(&issued.id().to_string()), "the id may be logged");
}

#[test]
fn names_and_spans_out_of_bounds_are_refused_at_set_up() {
    let seconds = Duration::from_secs;
    for ttl in [seconds(0), Duration::from_millis(999), seconds(901)] {
        let refused = Issuer::new(URL, URL, ttl).unwrap_err();
        assert_eq!(refused, IssuerError::Ttl { given: ttl });
    }
    assert!(Issuer::new(URL, URL, seconds(900)).is_ok());
    for name in ["", "https://a b", "https://a\n", "https://ä.example", &"a".repeat(513)] {
        assert_eq!(
            Issuer::new(name, URL, seconds(60)).unwrap_err(),
            IssuerError::Name { name: "issuer" }
        );
        assert_eq!(
            Issuer::new(URL, name, seconds(60)).unwrap_err(),
            IssuerError::Name { name: "audience" }
        );
        assert!(Verifier::new(name, URL, LEEWAY).is_err());
        assert!(Verifier::new(URL, name, LEEWAY).is_err());
    }
    assert!(Verifier::new(URL, URL, seconds(30)).is_ok());
    let refused = Verifier::new(URL, URL, seconds(31)).unwrap_err();
    assert_eq!(refused, VerifierError::Leeway { given: seconds(31) });
    assert_eq!(refused.to_string(), "the leeway is 31 s; it may be at most 30 s");
}

#[test]
fn a_clock_before_1970_issues_nothing() {
    let home = installation(SigningAlgorithm::EdDsa);
    let at = Timestamp::from_unix_seconds(-1);
    assert!(home.issuer.issue(&home.ring, &home.subject, at, None, &OsRandomness).is_err());
}
