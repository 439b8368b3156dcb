//! The rules of a proof's parts, its headers, its host and its age.

use std::time::Duration;

use arn_pattern::Partition;
use auth_model::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sts_proof::{
    BODY, ClientStyle, HostTable, HostVariant, MAX_PROOF_BYTES, ProofError, ProofFault, ProofKind,
    ProofPolicy, StsHost, UnverifiedProof,
};

use crate::support::{AT, ORG, Parts, TOKEN, check, code, signed};

#[test]
fn p_01_the_body_is_get_caller_identity_byte_for_byte() {
    #[rustfmt::skip]
    let bodies = [
        "", "Action=GetCallerIdentity", "Version=2011-06-15",
        "Action=GetCallerIdentity&Version=2011-06-15\n", "Action=GetCallerIdentity&Version=2011-06-15&",
        "action=GetCallerIdentity&Version=2011-06-15", "Action=getcalleridentity&Version=2011-06-15",
        "Version=2011-06-15&Action=GetCallerIdentity", "Action=%47etCallerIdentity&Version=2011-06-15",
        "Action=GetCallerIdentity&Action=AssumeRole&Version=2011-06-15", "Action=GetCallerIdentity&Version=2011-06-16",
        "\u{feff}Action=GetCallerIdentity&Version=2011-06-15", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15",
    ];
    for body in bodies {
        let mut parts = Parts::golden();
        parts.body = body.into();
        assert_eq!(parts.check().unwrap_err(), ProofError::Body, "{body:?}");
    }
    assert_eq!(Parts::golden().check().unwrap().body(), BODY);
}

#[test]
fn p_02_the_url_is_a_known_host_and_nothing_more() {
    #[rustfmt::skip]
    let cases = [
        ("https://sts.amazonaws.com",                          "ok"),
        ("https://sts.amazonaws.com/",                         "ok"),
        ("http://sts.amazonaws.com",                           "proof_url"),
        ("HTTPS://sts.amazonaws.com",                          "proof_url"),
        ("sts.amazonaws.com",                                  "proof_url"),
        ("",                                                   "proof_url"),
        ("https://",                                           "proof_url"),
        ("https:///",                                          "proof_url"),
        ("https://sts.amazonaws.com//",                        "proof_url"),
        ("https://sts.amazonaws.com/?Action=AssumeRole",       "proof_url"),
        ("https://sts.amazonaws.com?x",                        "proof_url"),
        ("https://sts.amazonaws.com#x",                        "proof_url"),
        ("https://sts.amazonaws.com/x",                        "proof_url"),
        ("https://sts.amazonaws.com:443",                      "proof_url"),
        ("https://sts.amazonaws.com:444",                      "proof_url"),
        ("https://sts.amazonaws.com@evil.example",             "proof_url"),
        ("https://user@sts.amazonaws.com",                     "proof_url"),
        ("https://STS.amazonaws.com",                          "proof_url"),
        ("https://sts%2eamazonaws.com",                        "proof_url"),
        ("https://sts。amazonaws。com",                        "proof_url"),
        ("https://[::1]",                                      "proof_url"),
        ("https://sts.amazonaws.com\\.evil.example",           "proof_url"),
        ("https://sts.amazonaws.com\t",                        "proof_url"),
        ("https://sts.amazonaws.com\0.evil.example",           "proof_url"),
        ("https://sts.amazonaws.com.",                         "proof_host_unknown"),
        ("https://sts.amazonaws.com.evil.example",             "proof_host_unknown"),
        ("https://sts.evil.amazonaws.com",                     "proof_host_unknown"),
        ("https://evil.us-west-2.amazonaws.com",               "proof_host_unknown"),
        ("https://evil.sts.amazonaws.com",                     "proof_host_unknown"),
        ("https://sts.us-west-2.amazonaws.com.evil",           "proof_host_unknown"),
        ("https://sts-us-west-2.amazonaws.com",                "proof_host_unknown"),
        ("https://sts.us-west-2.amazonaws.com.cn",             "proof_host_unknown"),
        ("https://sts.cn-north-1.amazonaws.com",               "proof_host_unknown"),
        ("https://ec2.us-west-2.amazonaws.com",                "proof_host_unknown"),
        ("https://169.254.169.254",                            "proof_host_unknown"),
        ("https://localhost",                                  "proof_host_unknown"),
    ];
    for (url, expected) in cases {
        let host = url.trim_start_matches("https://").trim_end_matches('/');
        // The header agrees with the URL, so that it is the URL that is judged.
        let parts = Parts::golden().url(url).with("host", host);
        assert_eq!(parts.code(), expected, "{url:?}");
    }
    let other = Parts::golden().with("host", "sts.us-east-1.amazonaws.com");
    assert_eq!(other.check().unwrap_err(), ProofError::HostMismatch);
}

#[test]
fn p_03_hosts_are_looked_up_never_derived() {
    let parts = Parts::of(&signed(Some("eu-west-1"), ClientStyle::Go));
    let made_up = parts
        .url("https://sts.made-up-9.amazonaws.com")
        .with("host", "sts.made-up-9.amazonaws.com")
        .edit("/eu-west-1/", "/made-up-9/");
    let error = made_up.check().unwrap_err();
    assert!(error.to_string().starts_with("`sts.made-up-9.amazonaws.com` is not a known host"));

    let row = StsHost::configured("sts.made-up-9.amazonaws.com", Partition::Aws, "made-up-9");
    let hosts = HostTable::standard().with_extra([row]);
    let policy = ProofPolicy { hosts, ..ProofPolicy::default() };
    let request = UnverifiedProof::parse(made_up.text()).unwrap().check(&policy, AT).unwrap();
    assert_eq!(request.host().variant(), HostVariant::Configured);
    assert!(HostTable::standard().lookup("sts.made-up-9.amazonaws.com").is_none());
}

#[test]
fn the_standard_table() {
    let table = HostTable::standard();
    #[rustfmt::skip]
    let rows = [
        ("sts.amazonaws.com",                                "us-east-1",      Partition::Aws,      HostVariant::Global),
        ("sts.us-east-1.amazonaws.com",                      "us-east-1",      Partition::Aws,      HostVariant::Standard),
        ("sts.ap-southeast-7.api.aws",                       "ap-southeast-7", Partition::Aws,      HostVariant::DualStack),
        ("sts-fips.us-west-2.amazonaws.com",                 "us-west-2",      Partition::Aws,      HostVariant::Fips),
        ("sts-fips.us-west-2.api.aws",                       "us-west-2",      Partition::Aws,      HostVariant::FipsDualStack),
        ("sts.us-gov-west-1.amazonaws.com",                  "us-gov-west-1",  Partition::AwsUsGov, HostVariant::Standard),
        ("sts.cn-north-1.amazonaws.com.cn",                  "cn-north-1",     Partition::AwsCn,    HostVariant::Standard),
        ("sts.cn-northwest-1.api.amazonwebservices.com.cn",  "cn-northwest-1", Partition::AwsCn,    HostVariant::DualStack),
        ("sts.eusc-de-east-1.amazonaws.eu",                  "eusc-de-east-1", Partition::AwsEusc,  HostVariant::Standard),
        ("sts.us-iso-west-1.c2s.ic.gov",                     "us-iso-west-1",  Partition::AwsIso,   HostVariant::Standard),
        ("sts.us-isob-east-1.api.aws.scloud",                "us-isob-east-1", Partition::AwsIsoB,  HostVariant::DualStack),
        ("sts.eu-isoe-west-1.cloud.adc-e.uk",                "eu-isoe-west-1", Partition::AwsIsoE,  HostVariant::Standard),
        ("sts.us-isof-south-1.csp.hci.ic.gov",               "us-isof-south-1",Partition::AwsIsoF,  HostVariant::Standard),
    ];
    for (name, region, partition, variant) in rows {
        let host = table.lookup(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((host.region(), host.partition(), host.variant()), (region, partition, variant));
    }
    assert!(table.lookup("sts-fips.us-gov-west-1.amazonaws.com").is_none());
    // 46 Regions with four names each, less the two that GovCloud has not, and the global one.
    assert_eq!(table.iter().count(), 46 * 4 - 2 + 1);
}

#[test]
fn p_06_no_header_comes_twice_and_each_has_one_value() {
    let other = "[\"99999999-2222-3333-4444-555555555555\"]";
    for spelling in ["x-ddog-org-id", "X-Ddog-Org-Id", "X-DDOG-ORG-ID"] {
        let after = Parts::golden().and(spelling, other);
        assert_eq!(
            after.check().unwrap_err(),
            ProofError::RepeatedHeader { name: "x-ddog-org-id" }
        );
        let mut before = Parts::golden();
        before.headers.insert(0, (spelling.into(), other.into()));
        assert_eq!(before.code(), "proof_header_repeated", "{spelling}");
    }
    // An escape does not hide a name.
    assert_eq!(Parts::golden().and("x-ddog-org-i\\u0064", other).code(), "proof_header_repeated");

    let values = [
        "\"x\"",
        "[]",
        "[\"a\",\"b\"]",
        "[[\"a\"]]",
        "{\"a\":\"b\"}",
        "null",
        "[null]",
        "43",
        "[43]",
        "[\"a\",]",
    ];
    for value in values {
        let expected = ProofError::NotOneValue { name: "x-ddog-org-id" };
        assert_eq!(
            Parts::golden().raw("x-ddog-org-id", value).check().unwrap_err(),
            expected,
            "{value}"
        );
        assert_eq!(
            Parts::golden().raw("User-Agent", value).code(),
            "proof_header_value",
            "{value}"
        );
    }
    for json in ["", "[]", "null", "\"x\"", "{", "{}x", "{1:[\"x\"]}", "\u{feff}{}"] {
        assert_eq!(code(&Parts::golden().text_with(json)), "proof_headers", "{json}");
    }
    assert_eq!(code(&Parts::golden().text_with("{}")), "proof_header_missing");
    assert_eq!(
        code(&Parts::golden().text_with(&format!("{}{{}}", Parts::golden().json()))),
        "proof_headers"
    );
}

#[test]
fn only_the_headers_of_a_proof_may_be_in_it() {
    for name in
        ["Accept", "X-Forwarded-Host", "Transfer-Encoding", "", "host ", "x-amz-content-sha256"]
    {
        assert_eq!(Parts::golden().and(name, "[\"x\"]").code(), "proof_header_unknown", "{name:?}");
    }
    for name in ["Authorization", "host", "X-Amz-Date", "x-ddog-org-id"] {
        assert_eq!(Parts::golden().without(name).code(), "proof_header_missing", "{name}");
    }
    assert_eq!(Parts::golden().without("User-Agent").code(), "ok");
}

#[test]
fn p_08_the_organization_is_a_lower_case_uuid() {
    let upper = "AAAAAAAA-2222-3333-4444-555555555555";
    let cases = [
        "",
        "org",
        upper,
        "{11111111-2222-3333-4444-555555555555}",
        "urn:uuid:11111111-2222-3333-4444-555555555555",
        "11111111222233334444555555555555",
        " 11111111-2222-3333-4444-555555555555",
        "11111111-2222-3333-4444-555555555555 ",
        "11111111-2222-3333-4444-5555555555 55",
        "11111111-2222-3333-4444-55555555555g",
        "11111111-2222-3333-4444-5555555555555",
    ];
    for org in cases {
        assert_eq!(
            Parts::golden().with("x-ddog-org-id", org).code(),
            "proof_header_value",
            "{org:?}"
        );
    }
    let lower = Parts::golden().with("x-ddog-org-id", &upper.to_lowercase());
    assert_eq!(lower.check().unwrap().org().to_string(), upper.to_lowercase());
}

#[test]
fn p_09_values_are_printable_ascii() {
    let names = [
        "Authorization",
        "Content-Length",
        "Content-Type",
        "User-Agent",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "host",
        "x-ddog-org-id",
    ];
    for name in names {
        for bad in ["\r\nx: y", "\n", "\0", "\t", "\u{7f}", "é", "\u{2028}"] {
            let parts = Parts::golden().with(name, &format!("a{bad}"));
            assert_eq!(parts.code(), "proof_header_value", "{name} {bad:?}");
        }
    }
    assert_eq!(Parts::golden().with("X-Amz-Security-Token", "a b").code(), "proof_header_value");
    assert_eq!(Parts::golden().with("X-Amz-Security-Token", "").code(), "proof_header_value");
    assert_eq!(Parts::golden().with("Content-Type", "text/plain").code(), "proof_header_value");
}

#[test]
fn p_12_a_proof_has_a_limit() {
    let fill = |length: usize| {
        let parts = Parts::golden().with("X-Amz-Security-Token", &"A".repeat(length));
        parts.text()
    };
    assert_eq!(code(&fill(11_000)), "ok");
    let long = fill(13_000);
    assert!(long.len() > MAX_PROOF_BYTES);
    let error = check(&long).unwrap_err();
    assert_eq!(error.class(), ProofFault::TooLarge);
    assert_eq!(error.code(), "proof_too_long");
    let url = format!("https://{}", "a".repeat(400));
    assert_eq!(Parts::golden().url(&url).check().unwrap_err().class(), ProofFault::TooLarge);
}

#[test]
fn p_13_four_parts_of_padded_standard_base64() {
    let text = Parts::golden().text();
    let fields: Vec<&str> = text.split('|').collect();
    let with = |place: usize, field: &str| {
        let mut fields = fields.clone();
        fields[place] = field;
        fields.join("|")
    };
    for parts in ["", "|", "||", "||||", &format!("{text}|"), &format!("|{text}")] {
        assert_eq!(code(parts), "proof_parts", "{parts}");
    }
    for method in ["GET", "post", "", "UE9TVA==", "POST "] {
        assert_eq!(code(&with(2, method)), "proof_method", "{method}");
    }
    for place in [0, 1, 3] {
        let field = fields[place];
        let unpadded = field.trim_end_matches('=');
        for wrong in
            [format!("{field}="), format!(" {field}"), format!("{field}\n"), format!("-{field}")]
        {
            assert_eq!(code(&with(place, &wrong)), "proof_base64", "{place} {wrong}");
        }
        if unpadded != field {
            assert_eq!(code(&with(place, unpadded)), "proof_base64", "{place} unpadded");
        }
    }
    // `==` leaves four bits that must be zero: one body, one spelling.
    assert_eq!(code(&with(0, &fields[0].replace("NQ==", "NR=="))), "proof_base64");
    assert_eq!(STANDARD.encode(BODY), fields[0]);

    for (value, expected) in [
        (format!("Delegated {text}"), true),
        (format!("delegated {text}"), true),
        (format!("Bearer {text}"), false),
        (format!("Delegated{text}"), false),
        (text.clone(), false),
        (String::new(), false),
    ] {
        assert_eq!(UnverifiedProof::parse_authorization(&value).is_ok(), expected);
    }
    assert!(UnverifiedProof::parse_authorization(format!("Delegated  {text}")).is_err());
}

#[test]
fn other_kinds_of_proof_are_named_as_such() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln-_";
    let cases = [
        (jwt.to_owned(), ProofKind::Jwt),
        (format!("{jwt}:{ORG}"), ProofKind::AzureJwt),
        (format!("oidc-{jwt}"), ProofKind::Oidc),
    ];
    for (text, kind) in cases {
        let error = check(&text).unwrap_err();
        assert_eq!(error, ProofError::OtherKind(kind));
        assert_eq!(error.class(), ProofFault::Malformed);
        assert!(!error.to_string().contains(jwt));
    }
    for text in ["a.b", "a..b", "a.b.c.d", "a.b.c=", "not a proof"] {
        assert_eq!(check(text).unwrap_err(), ProofError::Parts { parts: 1 }, "{text}");
    }
}

#[test]
fn p_14_the_length_may_be_left_out_but_must_be_43() {
    let agent = Parts::of(&signed(None, ClientStyle::Agent));
    assert!(!agent.json().to_lowercase().contains("\"content-length\":"));
    let request = agent.check().unwrap();
    let length: Vec<_> = request.headers().filter(|(name, _)| *name == "content-length").collect();
    assert_eq!(length, [("content-length", "43".into())]);
    for length in ["44", "043", "", " 43", "+43", "43, 43"] {
        assert_eq!(
            Parts::golden().with("Content-Length", length).code(),
            "proof_header_value",
            "{length}"
        );
    }
}

#[test]
fn p_15_age_is_bounded_both_ways() {
    let policy = ProofPolicy::default();
    let outcome = |policy: &ProofPolicy, seconds: i64| {
        let now = Timestamp::from_unix_seconds(AT.unix_seconds() + seconds);
        let proof = UnverifiedProof::parse(Parts::golden().text()).unwrap();
        proof.check(policy, now).map(|_| ())
    };
    assert_eq!(outcome(&policy, 0), Ok(()));
    assert_eq!(outcome(&policy, 300), Ok(()));
    let stale = outcome(&policy, 301).unwrap_err();
    assert_eq!(stale, ProofError::Stale { age_seconds: 301, max_seconds: 300 });
    assert_eq!(stale.class(), ProofFault::NotAllowed);
    assert!(stale.to_string().contains("301 s ago"));
    assert_eq!(outcome(&policy, -60), Ok(()));
    let future = outcome(&policy, -61).unwrap_err();
    assert_eq!(future, ProofError::Future { ahead_seconds: 61, max_seconds: 60 });

    // A wider policy stops at what STS itself takes.
    let day = Duration::from_secs(86_400);
    let wide = ProofPolicy { max_age: day, max_future: day, ..ProofPolicy::default() };
    assert_eq!(outcome(&wide, 900), Ok(()));
    assert!(outcome(&wide, 901).is_err());
    assert_eq!(outcome(&wide, -900), Ok(()));
    assert!(outcome(&wide, -901).is_err());

    for date in [
        "20260805T123456",
        "20260805T123456z",
        "2026-08-05T12:34:56Z",
        "20260230T000000Z",
        "99999999T999999Z",
    ] {
        assert_eq!(Parts::golden().with("X-Amz-Date", date).code(), "proof_header_value", "{date}");
    }
}

#[test]
fn p_16_one_proof_has_one_hash_however_it_is_written() {
    let hash = |parts: &Parts| UnverifiedProof::parse(parts.text()).unwrap().hash();
    let golden = Parts::golden();
    let mut reordered = golden.clone();
    reordered.headers.reverse();
    let mut recased = golden.clone();
    for (name, _) in &mut recased.headers {
        *name = name.to_uppercase();
    }
    let same = [
        golden.clone().with("User-Agent", "another/2"),
        golden.clone().without("User-Agent"),
        golden.clone().url("https://sts.amazonaws.com/"),
        golden.clone().edit(", Signed", ",Signed"),
        golden.clone().raw("host", "[\"sts.amazon\\u0061ws.com\" ]"),
        reordered,
        recased,
    ];
    for other in same {
        assert_eq!(hash(&other), hash(&golden), "{}", other.json());
        assert_eq!(other.check().unwrap().proof_hash(), hash(&golden));
    }
    let different = [
        golden.clone().with("x-ddog-org-id", "21111111-2222-3333-4444-555555555555"),
        golden.clone().with("X-Amz-Security-Token", &format!("{TOKEN}A")),
        golden.clone().with("X-Amz-Date", "20260805T123457Z"),
        golden.clone().edit("Signature=3", "Signature=4"),
        golden.clone().edit("AKIA", "ASIA"),
    ];
    for other in different {
        assert_ne!(hash(&other), hash(&golden), "{}", other.json());
    }
}

#[test]
fn p_19_the_organization_comes_from_the_signed_header_alone() {
    let other = "21111111-2222-3333-4444-555555555555";
    let request = Parts::golden().with("x-ddog-org-id", other).check().unwrap();
    assert_eq!(request.org().to_string(), other);
    let sent: Vec<_> = request.headers().filter(|(name, _)| *name == "x-ddog-org-id").collect();
    assert_eq!(
        sent,
        [("x-ddog-org-id", other.into())],
        "what is believed is what STS is asked about"
    );
    let unsigned = Parts::golden().edit(";x-ddog-org-id", "");
    assert_eq!(unsigned.check().unwrap_err(), ProofError::Unsigned { name: "x-ddog-org-id" });
}

#[test]
fn nothing_of_the_callers_is_sent_but_the_signed_ingredients() {
    let request = Parts::golden().with("User-Agent", "caller's own").check().unwrap();
    let sent: Vec<_> = request.headers().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        sent,
        [
            "accept: application/json".to_owned(),
            format!("authorization: {}", Parts::golden().authorization()),
            "content-length: 43".to_owned(),
            "content-type: application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            "host: sts.amazonaws.com".to_owned(),
            format!("user-agent: countersign/{}", env!("CARGO_PKG_VERSION")),
            "x-amz-date: 20260805T123456Z".to_owned(),
            format!("x-amz-security-token: {TOKEN}"),
            format!("x-ddog-org-id: {ORG}"),
        ]
    );
    assert_eq!((request.method(), request.path()), ("POST", "/"));
}
