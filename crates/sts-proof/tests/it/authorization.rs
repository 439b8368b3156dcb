//! The rules of the signed request's `Authorization`.

use sts_proof::{ClientStyle, ProofError, ProofFault};

use crate::support::{Parts, signed};

#[test]
fn p_05_the_scope_is_the_hosts_and_the_days() {
    #[rustfmt::skip]
    let cases = [
        ("region of another host",  "/us-east-1/",    "/us-west-2/",      "proof_scope_region"),
        ("aws-global is no region", "/us-east-1/",    "/aws-global/",     "proof_scope_region"),
        ("region in upper case",    "/us-east-1/",    "/US-EAST-1/",      "proof_authorization"),
        ("no region",               "/us-east-1/",    "//",               "proof_authorization"),
        ("another day",             "/20260805/",     "/20260806/",       "proof_scope_date"),
        ("short date",              "/20260805/",     "/2026080/",        "proof_authorization"),
        ("another service",         "/sts/",          "/iam/",            "proof_authorization"),
        ("service in upper case",   "/sts/",          "/STS/",            "proof_authorization"),
        ("another end",             "/aws4_request",  "/aws5_request",    "proof_authorization"),
        ("one field more",          "/aws4_request",  "/aws4_request/x",  "proof_authorization"),
        ("one field less",          "/aws4_request",  "",                 "proof_authorization"),
    ];
    for (rule, from, to, expected) in cases {
        let parts = Parts::golden().edit(from, to);
        assert_eq!(parts.code(), expected, "{rule}");
        assert_eq!(parts.check().unwrap_err().class(), ProofFault::Malformed, "{rule}");
    }
    let regional = Parts::of(&signed(Some("eu-west-1"), ClientStyle::Go));
    assert_eq!(regional.code(), "ok");
    let error = regional.edit("/eu-west-1/", "/us-east-1/").check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the proof is scoped to region `us-east-1` but `sts.eu-west-1.amazonaws.com` needs `eu-west-1`; \
         sign for the region of the host"
    );
}

#[test]
fn p_07_what_is_used_is_signed() {
    #[rustfmt::skip]
    let cases = [
        ("content-length;",       "content-length"),
        ("content-type;",         "content-type"),
        ("host;",                 "host"),
        ("x-amz-date;",           "x-amz-date"),
        ("x-amz-security-token;", "x-amz-security-token"),
        (";x-ddog-org-id",        "x-ddog-org-id"),
    ];
    for (dropped, name) in cases {
        let error = Parts::golden().edit(dropped, "").check().unwrap_err();
        assert_eq!(error, ProofError::Unsigned { name });
        assert_eq!(error.class(), ProofFault::NotAllowed);
    }
    for name in ["Content-Type", "X-Amz-Security-Token"] {
        assert_eq!(
            Parts::golden().without(name).code(),
            "proof_header_missing",
            "signed, not there: {name}"
        );
    }
    let neither = Parts::golden().without("Content-Type").edit("content-type;", "");
    assert_eq!(neither.code(), "ok", "neither signed nor there");

    #[rustfmt::skip]
    let lists = [
        ("repeat",     "host;",     "host;host;",           "proof_authorization"),
        ("unsorted",   "host;x-amz-date;", "x-amz-date;host;", "proof_authorization"),
        ("upper case", "host;",     "Host;",                "proof_authorization"),
        ("empty name", "host;",     "host;;",               "proof_header_unknown"),
        ("blank",      "host;",     "host; ",               "proof_header_unknown"),
        ("accept",     "=content-", "=accept;content-",     "proof_header_unknown"),
        ("user agent", "host;",     "host;user-agent;",     "proof_header_unknown"),
        ("itself",     "=content-", "=authorization;content-", "proof_header_unknown"),
        ("last",       "-org-id",   "-org-id;",             "proof_header_unknown"),
    ];
    for (rule, from, to, expected) in lists {
        assert_eq!(Parts::golden().edit(from, to).code(), expected, "{rule}");
    }
}

#[test]
fn p_10_one_algorithm_and_exact_alphabets() {
    #[rustfmt::skip]
    let cases = [
        ("sigv4a",                "AWS4-HMAC-SHA256",     "AWS4-ECDSA-P256-SHA256"),
        ("lower case",            "AWS4-HMAC-SHA256",     "aws4-hmac-sha256"),
        ("another hash",          "AWS4-HMAC-SHA256",     "AWS4-HMAC-SHA512"),
        ("none",                  "AWS4-HMAC-SHA256 ",    ""),
        ("signature upper case",  "Signature=3c5",        "Signature=3C5"),
        ("signature too short",   "Signature=3",          "Signature="),
        ("signature too long",    "Signature=3",          "Signature=33"),
        ("signature not hex",     "Signature=3",          "Signature=g"),
        ("key in lower case",     "AKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example"),
        ("key too short",         "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EX"),
        ("key with a dash",       "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7-XAMPLE"),
        ("no key",                "AKIAIOSFODNN7EXAMPLE", ""),
    ];
    for (rule, from, to) in cases {
        assert_eq!(Parts::golden().edit(from, to).code(), "proof_authorization", "{rule}");
    }
    let key =
        |length: usize| Parts::golden().edit("AKIAIOSFODNN7EXAMPLE", &"A".repeat(length)).code();
    assert_eq!((key(16), key(128), key(129)), ("ok", "ok", "proof_authorization"));
}

#[test]
fn p_11_one_strict_reader_of_authorization() {
    let text = Parts::golden().authorization();
    let (_, signature) = text.rsplit_once(", ").unwrap();
    #[rustfmt::skip]
    let cases = [
        ("signature twice",          format!("{text}, {signature}")),
        ("second list in a field",   text.replace("Credential=", "Credential=SignedHeaders=host/")),
        ("joined headers",           format!("{text}, {text}")),
        ("other order",              text.replacen("Credential", "X", 1).replacen("SignedHeaders", "Credential", 1)),
        ("no field names",           "AWS4-HMAC-SHA256 a,b,c".to_owned()),
        ("empty",                    String::new()),
        ("trailing comma",           format!("{text},")),
        ("trailing blank",           format!("{text} ")),
        ("leading blank",            format!(" {text}")),
        ("two blanks after a comma", text.replace(", Signature", ",  Signature")),
        ("semicolons",               text.replace(", ", "; ")),
        ("field in lower case",      text.replace("Signature=", "signature=")),
    ];
    for (rule, text) in cases {
        assert_eq!(
            Parts::golden().with("Authorization", &text).code(),
            "proof_authorization",
            "{rule}"
        );
    }
    assert_eq!(Parts::golden().edit(", Signature", ",Signature").code(), "ok");
}
