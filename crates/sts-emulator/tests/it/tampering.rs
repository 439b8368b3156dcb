//! The verifier as a pure function: accepts what `aws-sigv4` signs, refuses it once any byte differs.

use auth_model::{SecretString, Timestamp};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;
use sts_emulator::{
    AccessKey, Credentials, Endpoint, HostTable, KeyLookup, Policy, Principal, PrincipalKind,
    StsError, UnknownHost, Verified, verify,
};

use crate::support::{ACCOUNT, GLOBAL, NOW, Plan};

struct One(Credentials);

impl KeyLookup for One {
    fn find(&self, access_key_id: &str) -> Option<AccessKey> {
        let own = &self.0;
        (access_key_id == own.access_key_id).then(|| AccessKey {
            id: own.access_key_id.clone(),
            secret: own.secret_access_key.clone(),
            session_token: own.session_token.clone(),
            expires: own.expires,
            active: true,
            partition: own.principal.partition,
        })
    }
}

fn credentials(secret: &str, token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: SecretString::from(secret),
        session_token: token.map(SecretString::from),
        expires: None,
        principal: Principal {
            partition: "aws".parse().unwrap(),
            account: ACCOUNT.parse().unwrap(),
            kind: PrincipalKind::Root,
        },
    }
}

fn check(request: &Request<Bytes>, keys: &One, now: Timestamp) -> Result<Verified, StsError> {
    let host = request.headers().get("host").map_or("", |host| host.to_str().unwrap_or(""));
    let endpoint = Endpoint::of_host(&HostTable::standard(), host, &UnknownHost::AnyRegion);
    verify(request, &endpoint, &Policy::default(), now, keys)
}

/// Visible characters and single inner spaces: what all signers agree on.
const VALUE: &str = "[!-~]{1,12}( [!-~]{1,12}){0,2}";

prop_compose! {
    fn plans()(
        presigned in any::<bool>(),
        post in any::<bool>(),
        names in proptest::collection::btree_map("x-[a-z]{1,8}", VALUE, 0..4),
        query in proptest::collection::vec(("[a-zA-Z]{1,6}", "([a-zA-Z0-9_.~-]|%2F|%20|%C3%A9|%2B|%3D){0,8}"), 0..4),
        body in "[ -~]{0,60}",
    ) -> Plan {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = if post { body } else { String::new() };
        let base = Plan { presigned, query: query.join("&"), method: if post { "POST" } else { "GET" }, ..Plan::new(&body) };
        names.iter().fold(Plan { headers: Vec::new(), ..base }, |plan, (name, value)| plan.header(name, value))
    }
}

/// Another byte than this one, and one that no decoding makes equal to it.
fn other(byte: u8) -> u8 {
    if byte == b'x' { b'y' } else { b'x' }
}

/// Changes the byte at `at`, counted over everything that the signature covers.
fn tamper(request: &mut Request<Bytes>, at: usize) -> String {
    let mut spans: Vec<(String, Vec<u8>)> = vec![("body".into(), request.body().to_vec())];
    spans.push(("query".into(), request.uri().query().unwrap_or("").as_bytes().to_vec()));
    for (name, value) in request.headers() {
        spans.push((name.to_string(), value.as_bytes().to_vec()));
    }
    let total: usize = spans.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut at = at % total;
    for (name, mut bytes) in spans {
        if at >= bytes.len() {
            at -= bytes.len();
            continue;
        }
        bytes[at] = other(bytes[at]);
        match name.as_str() {
            "body" => *request.body_mut() = Bytes::from(bytes),
            "query" => {
                *request.uri_mut() =
                    format!("/?{}", String::from_utf8(bytes).unwrap()).parse().unwrap();
            }
            header => {
                let header: HeaderName = header.parse().unwrap();
                request.headers_mut().insert(header, HeaderValue::from_bytes(&bytes).unwrap());
            }
        }
        return format!("{name} at {at}");
    }
    unreachable!("at < total")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn accepts_what_another_signer_signs(plan in plans(), secret in "[!-~]{1,60}", token in proptest::option::of("[A-Za-z0-9/+=]{1,80}")) {
        let keys = One(credentials(&secret, token.as_deref()));
        let verdict = check(&plan.sign(&keys.0), &keys, NOW);
        prop_assert!(verdict.is_ok(), "{:?}", verdict);
    }

    #[test]
    fn refuses_once_any_signed_byte_differs(plan in plans(), at in any::<usize>(), token in proptest::option::of("[A-Za-z0-9/+=]{1,80}")) {
        let keys = One(credentials("secret", token.as_deref()));
        let mut request = plan.sign(&keys.0);
        let what = tamper(&mut request, at);
        prop_assert!(check(&request, &keys, NOW).is_err(), "accepted with a change in {}", what);
    }

    #[test]
    fn refuses_any_other_secret(plan in plans(), secret in "[!-~]{1,40}") {
        prop_assume!(secret != "secret");
        let keys = One(credentials("secret", None));
        prop_assert!(check(&plan.sign(&credentials(&secret, None)), &keys, NOW).is_err());
    }

    #[test]
    fn never_panics(
        authorization in proptest::option::of(prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "AWS4-HMAC-SHA256 Credential=[ -~]{0,40}, SignedHeaders=[ -~]{0,20}, Signature=[ -~]{0,70}".prop_map(String::into_bytes),
        ]),
        query in "[!-~]{0,200}",
        date in "[ -~]{0,20}",
        body in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let Ok(uri) = format!("/?{query}").parse::<http::Uri>() else { return Ok(()) };
        let mut request = Request::new(Bytes::from(body));
        *request.uri_mut() = uri;
        request.headers_mut().insert("host", HeaderValue::from_static(GLOBAL));
        request.headers_mut().insert("x-amz-date", HeaderValue::from_str(&date).unwrap());
        if let Some(Ok(value)) = authorization.map(|bytes| HeaderValue::from_bytes(&bytes)) {
            request.headers_mut().insert("authorization", value);
        }
        prop_assert!(check(&request, &One(credentials("secret", None)), NOW).is_err());
    }
}

#[test]
fn the_method_and_the_path_are_signed() {
    let keys = One(credentials("secret", None));
    let signed = Plan::presigned("Action=GetCallerIdentity").sign(&keys.0);
    assert!(check(&signed, &keys, NOW).is_ok());
    let mut request = signed.clone();
    *request.method_mut() = http::Method::POST;
    assert!(check(&request, &keys, NOW).is_err());
    let mut request = signed;
    *request.uri_mut() =
        request.uri().to_string().replacen("/?", "/x?", 1).parse::<http::Uri>().unwrap();
    assert!(check(&request, &keys, NOW).is_err());
}

#[test]
fn header_values_are_trimmed_collapsed_and_joined() {
    let keys = One(credentials("secret", None));
    let plan = Plan::new("").header("x-note", "a b,c");
    let mut request = plan.sign(&keys.0);
    request.headers_mut().insert("x-note", HeaderValue::from_static("  a    b "));
    request.headers_mut().append("x-note", HeaderValue::from_static("c"));
    assert!(check(&request, &keys, NOW).is_ok());
    request.headers_mut().append("x-note", HeaderValue::from_static("d"));
    assert!(check(&request, &keys, NOW).is_err());
}

#[test]
fn a_parameter_added_after_signing_is_refused() {
    let keys = One(credentials("secret", None));
    for plan in [Plan::new("Action=GetCallerIdentity"), Plan::presigned("Action=GetCallerIdentity")]
    {
        let mut request = plan.sign(&keys.0);
        let query = request.uri().query().map_or(String::new(), |query| format!("{query}&"));
        *request.uri_mut() = format!("/?{query}Action=AssumeRole").parse().unwrap();
        assert!(check(&request, &keys, NOW).is_err());
    }
}
