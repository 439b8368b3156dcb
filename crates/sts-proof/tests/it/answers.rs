//! The rules of what STS answers.

use std::collections::BTreeSet;

use auth_model::Timestamp;
use sts_proof::{CallerIdentity, ClientStyle, MAX_ANSWER_BYTES, StsAnswer, StsRefusal, StsRequest};

use crate::support::{AT, ORG, Parts, signed};

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/ci/build-7";
const SESSION_ID: &str = "AROAEXAMPLEEXAMPLE001:build-7";

fn json(arn: &str, user_id: &str, account: &str) -> String {
    serde_json::json!({"GetCallerIdentityResponse": {
        "GetCallerIdentityResult": {"Account": account, "Arn": arn, "UserId": user_id},
        "ResponseMetadata": {"RequestId": "7f7d3c2e-1111-4222-8333-444455556666"},
    }})
    .to_string()
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn xml_result(result: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\n  <GetCallerIdentityResult>{result}</GetCallerIdentityResult>\n  \
         <ResponseMetadata><RequestId>7f7d3c2e</RequestId></ResponseMetadata>\n</GetCallerIdentityResponse>\n"
    )
}

fn fields(arn: &str, user_id: &str, account: &str) -> String {
    format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>")
}

fn good() -> String {
    fields(SESSION, SESSION_ID, "123456789012")
}

fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> StsAnswer {
    StsAnswer {
        status,
        content_type: Some(content_type.into()),
        request_id: Some("7f7d3c2e".into()),
        date: Some("Wed, 05 Aug 2026 12:34:56 GMT".into()),
        body: body.into(),
    }
}

fn request() -> StsRequest {
    Parts::golden().check().unwrap()
}

fn read(answer: &StsAnswer) -> Result<CallerIdentity, StsRefusal> {
    CallerIdentity::read(&request(), answer, AT)
}

fn read_json(body: &str) -> Result<CallerIdentity, StsRefusal> {
    read(&answer(200, "application/json", body))
}

fn read_xml(body: &str) -> Result<CallerIdentity, StsRefusal> {
    read(&answer(200, "text/xml", body))
}

fn word<T>(outcome: Result<T, StsRefusal>) -> &'static str {
    outcome.map_or_else(|refusal| refusal.code(), |_| "ok")
}

#[test]
fn json_and_xml_say_the_same() {
    let from_json = read_json(&json(SESSION, SESSION_ID, "123456789012")).unwrap();
    let from_xml = read_xml(&xml_result(&good())).unwrap();
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", xml_result(&good()));
    assert_eq!(from_json, from_xml);
    assert_eq!(from_json, read_xml(&declared).unwrap());
    assert_eq!(from_json.arn().as_str(), SESSION);
    assert_eq!(from_json.user_id(), SESSION_ID);
    assert_eq!(from_json.account().as_str(), "123456789012");
    assert_eq!(from_json.org().to_string(), ORG);
    assert_eq!(from_json.sts_request_id(), Some("7f7d3c2e"));
    let prefixed = xml_result(&good())
        .replace("xmlns=", "xmlns:s=")
        .replace("</", "\0")
        .replace('<', "<s:")
        .replace('\0', "</s:");
    assert_eq!(read_xml(&prefixed).unwrap(), from_json, "a prefix is only a spelling");
}

#[test]
fn r_01_the_content_type_alone_chooses_the_parser() {
    let (json, xml) = (json(SESSION, SESSION_ID, "123456789012"), xml_result(&good()));
    #[rustfmt::skip]
    let cases = [
        ("json",                    "application/json",                 json.as_str(), "ok"),
        ("json with charset",       "application/json; charset=utf-8",  &json,         "ok"),
        ("xml",                     "text/xml",                         &xml,          "ok"),
        ("xml with charset",        "text/xml;charset=UTF-8",           &xml,          "ok"),
        ("application/xml",         "Application/XML",                  &xml,          "ok"),
        ("xml said to be json",     "application/json",                 &xml,          "sts_answer_malformed"),
        ("json said to be xml",     "text/xml",                         &json,         "sts_answer_malformed"),
        ("html",                    "text/html",                        &xml,          "sts_answer_malformed"),
        ("plain",                   "text/plain",                       &json,         "sts_answer_malformed"),
        ("another json",            "application/json-seq",             &json,         "sts_answer_malformed"),
        ("utf-7",                   "text/xml; charset=utf-7",          &xml,          "sts_answer_malformed"),
        ("two types",               "application/json, text/xml",       &json,         "sts_answer_malformed"),
    ];
    for (rule, content_type, body, expected) in cases {
        assert_eq!(word(read(&answer(200, content_type, body))), expected, "{rule}");
    }
    let mut none = answer(200, "", json.as_str());
    none.content_type = None;
    assert_eq!(word(read(&none)), "sts_answer_malformed");

    // An identity inside a string of the other format is text, not an answer.
    let smuggled = serde_json::json!({"note": xml}).to_string();
    for (content_type, body) in [
        ("text/xml", smuggled.clone()),
        ("application/json", smuggled),
        ("text/xml", format!("junk{xml}")),
        ("text/xml", format!(" {xml}")),
        ("text/xml", format!("\u{feff}{xml}")),
        ("application/json", format!("\u{feff}{json}")),
        ("application/json", format!("{json}{json}")),
        ("text/xml", format!("{xml}{xml}")),
        ("text/xml", format!("{xml}junk")),
    ] {
        assert_eq!(
            word(read(&answer(200, content_type, body.as_str()))),
            "sts_answer_malformed",
            "{body}"
        );
    }
    assert_eq!(
        word(read(&answer(200, "text/xml", b"<a>\xff</a>".to_vec()))),
        "sts_answer_malformed"
    );
}

#[test]
fn r_02_xml_is_read_strictly() {
    let good = good();
    let doctype = "<!DOCTYPE x [<!ENTITY e \"123456789012\">]>";
    #[rustfmt::skip]
    let cases = [
        ("another namespace",     xml_result(&good).replace(NAMESPACE, "https://iam.amazonaws.com/doc/2010-05-08/")),
        ("http namespace",        xml_result(&good).replace("https://", "http://")),
        ("no namespace",          xml_result(&good).replace(&format!(" xmlns=\"{NAMESPACE}\""), "")),
        ("child elsewhere",       xml_result(&good.replace("<Arn>", "<Arn xmlns=\"urn:x\">"))),
        ("namespace said again",  xml_result(&good.replace("<Arn>", &format!("<Arn xmlns=\"{NAMESPACE}\">")))),
        ("prefix of no namespace", xml_result(&good.replace("Account>", "s:Account>"))),
        ("arn twice",             xml_result(&format!("<Arn>{SESSION}</Arn>{good}"))),
        ("account twice, after",  xml_result(&format!("{good}<Account>123456789012</Account>"))),
        ("user id twice",         xml_result(&format!("{good}<UserId/>"))),
        ("no arn",                xml_result("<UserId>AIDAEXAMPLEEXAMPLE01</UserId><Account>123456789012</Account>")),
        ("no account",            xml_result(&format!("<Arn>{SESSION}</Arn><UserId>{SESSION_ID}</UserId>"))),
        ("two results",           xml_result(&good).replace("<ResponseMetadata>", "<GetCallerIdentityResult/><ResponseMetadata>")),
        ("unknown element",       xml_result(&format!("{good}<Extra/>"))),
        ("element in a field",    xml_result(&good.replace(SESSION, &format!("<b>{SESSION}</b>")))),
        ("text between elements", xml_result(&format!("x{good}"))),
        ("attribute",             xml_result(&good.replace("<Arn>", "<Arn a=\"b\">"))),
        ("comment in a field",    xml_result(&good.replace("build-7<", "build-7<!-- -->x<"))),
        ("comment at the top",    format!("<!-- -->{}", xml_result(&good))),
        ("cdata",                 xml_result(&good.replace(SESSION, &format!("<![CDATA[{SESSION}]]>")))),
        ("instruction",           xml_result(&format!("<?x y?>{good}"))),
        ("document type",         format!("{doctype}{}", xml_result(&good))),
        ("entity",                format!("{doctype}{}", xml_result(&good.replace(">123456789012<", ">&e;<")))),
        ("unknown entity",        xml_result(&good.replace("build-7<", "build-7&nbsp;<"))),
        ("second declaration",    format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{}", xml_result(&good))),
        ("unclosed",              xml_result(&good).replace("</GetCallerIdentityResponse>", "")),
        ("crossed",               xml_result(&good.replace("</Arn>", "</UserId>"))),
        ("another root",          xml_result(&good).replace("GetCallerIdentityResponse", "AssumeRoleResponse")),
        ("an error with 200",     error_xml("Throttling", "Rate exceeded")),
        ("empty",                 String::new()),
    ];
    for (rule, body) in cases {
        assert_eq!(word(read_xml(&body)), "sts_answer_malformed", "{rule}");
    }
    let deep = "<a>".repeat(10_000);
    assert_eq!(word(read_xml(&deep)), "sts_answer_malformed");
}

#[test]
fn r_02_json_is_read_strictly() {
    let good = json(SESSION, SESSION_ID, "123456789012");
    let account = "\"Account\":\"123456789012\"";
    #[rustfmt::skip]
    let cases = [
        ("key twice, same value",  good.replace(account, &format!("{account},{account}"))),
        ("key twice, other first", good.replace(account, &format!("\"Account\":\"999999999999\",{account}"))),
        ("key twice by escape",    good.replace(account, &format!("\"\\u0041ccount\":\"999999999999\",{account}"))),
        ("result twice",           good.replace("\"ResponseMetadata\"", "\"GetCallerIdentityResult\"")),
        ("unknown key",            good.replace(account, &format!("{account},\"Extra\":1"))),
        ("key missing",            good.replace(&format!("{account},"), "")),
        ("number",                 good.replace("\"123456789012\"", "123456789012")),
        ("null",                   good.replace("\"123456789012\"", "null")),
        ("array for an object",    format!("{{\"GetCallerIdentityResponse\":{{\"GetCallerIdentityResult\":[\"{SESSION}\",\"{SESSION_ID}\",\"123456789012\"]}}}}")),
        ("array at the top",       format!("[{good}]")),
        ("key in lower case",      good.replace("\"Arn\"", "\"arn\"")),
        ("an error with 200",      error_json("Throttling", "Rate exceeded")),
        ("empty",                  String::new()),
    ];
    for (rule, body) in cases {
        assert_ne!(body, good, "{rule}");
        assert_eq!(word(read_json(&body)), "sts_answer_malformed", "{rule}");
    }
}

#[test]
fn r_03_an_answer_has_a_limit() {
    let body =
        format!("{}{}", json(SESSION, SESSION_ID, "123456789012"), " ".repeat(MAX_ANSWER_BYTES));
    assert_eq!(word(read_json(&body)), "sts_answer_malformed");
    let fits = body.get(..MAX_ANSWER_BYTES).unwrap();
    assert_eq!(word(read_json(fits)), "ok");
}

#[test]
fn r_04_the_parts_of_an_identity_fit_each_other() {
    const A: &str = "123456789012";
    const USER: &str = "arn:aws:iam::123456789012:user/div/ada";
    const FEDERATED: &str = "arn:aws:sts::123456789012:federated-user/bob";
    let (ok, unfit, unsupported) = ("ok", "sts_answer_inconsistent", "principal_unsupported");
    #[rustfmt::skip]
    let cases = [
        ("role session",              SESSION,   SESSION_ID,                        A,               ok),
        ("user",                      USER,      "AIDAEXAMPLEEXAMPLE01",            A,               ok),
        ("federated user",            FEDERATED, "123456789012:bob",                A,               ok),
        ("another account",           SESSION,   SESSION_ID,                        "999999999999",  unfit),
        ("short account",             SESSION,   SESSION_ID,                        "12345678901",   unfit),
        ("empty account",             SESSION,   SESSION_ID,                        "",              unfit),
        ("another session",           SESSION,   "AROAEXAMPLEEXAMPLE001:build-8",   A,               unfit),
        ("no session in the user id", SESSION,   "AROAEXAMPLEEXAMPLE001",           A,               unfit),
        ("a user's id on a session",  SESSION,   "AIDAEXAMPLEEXAMPLE01:build-7",    A,               unfit),
        ("short unique id",           SESSION,   "AROA:build-7",                    A,               unfit),
        ("lower-case unique id",      SESSION,   "AROAexampleexample001:build-7",   A,               unfit),
        ("a role's id on a user",     USER,      "AROAEXAMPLEEXAMPLE001",           A,               unfit),
        ("a session's id on a user",  USER,      "AIDAEXAMPLEEXAMPLE01:ada",        A,               unfit),
        ("another federated name",    FEDERATED, "123456789012:eve",                A,               unfit),
        ("another federated account", FEDERATED, "999999999999:bob",                A,               unfit),
        ("a role without a session",  "arn:aws:sts::123456789012:assumed-role/ci",  "AROAEXAMPLEEXAMPLE001:", A, unfit),
        ("the root user",             "arn:aws:iam::123456789012:root",             A, A,                          unsupported),
        ("a role itself",             "arn:aws:iam::123456789012:role/ci",          "AROAEXAMPLEEXAMPLE001", A,   unsupported),
        ("no arn of a principal",     "arn:aws:s3:::bucket",                        SESSION_ID, A,                 unsupported),
        ("no arn at all",             "",                                           SESSION_ID, A,                 unsupported),
    ];
    for (rule, arn, user_id, account, expected) in cases {
        assert_eq!(word(read_json(&json(arn, user_id, account))), expected, "{rule}");
        assert_eq!(word(read_xml(&xml_result(&fields(arn, user_id, account)))), expected, "{rule}");
    }
    let escaped = xml_result(&fields(
        "arn:aws:iam::123456789012:user/a&amp;b&#47;/ada",
        "AIDAEXAMPLEEXAMPLE01",
        A,
    ));
    let odd = read_xml(&escaped);
    assert!(
        odd.is_err() || odd.unwrap().arn().as_str().contains("a&b"),
        "entities are resolved before judging"
    );
}

#[test]
fn p_04_the_partition_asked_is_the_partition_that_answers() {
    let request = Parts::of(&signed(Some("cn-north-1"), ClientStyle::Go)).check().unwrap();
    let read = |arn: &str| {
        let body = json(arn, SESSION_ID, "123456789012");
        word(CallerIdentity::read(&request, &answer(200, "application/json", body), AT))
    };
    assert_eq!(read("arn:aws-cn:sts::123456789012:assumed-role/ci/build-7"), "ok");
    assert_eq!(read(SESSION), "sts_answer_inconsistent");
    assert_eq!(
        word(read_json(&json(
            "arn:aws-cn:sts::123456789012:assumed-role/ci/build-7",
            SESSION_ID,
            "123456789012"
        ))),
        "sts_answer_inconsistent"
    );
}

fn error_json(code: &str, message: &str) -> String {
    serde_json::json!({"Error": {"Code": code, "Message": message, "Type": "Sender"}, "RequestId": "7f7d3c2e"}).to_string()
}

fn error_xml(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n    \
         <Message>{message}</Message>\n  </Error>\n  <RequestId>7f7d3c2e</RequestId>\n</ErrorResponse>\n"
    )
}

#[test]
fn r_05_errors_are_told_apart() {
    #[rustfmt::skip]
    let cases = [
        (403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.", "bad_signature"),
        (403, "SignatureDoesNotMatch", "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)", "clock_skew"),
        (403, "SignatureDoesNotMatch", "Signature not yet current: 20210112T194419Z is still later than 20210112T072625Z (20210112T071125Z + 15 min.)", "clock_skew"),
        (403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ", "region_mismatch"),
        (403, "RegionDisabledException", "x", "region_mismatch"),
        (403, "InvalidClientTokenId", "The security token included in the request is invalid.", "invalid_token"),
        (403, "ExpiredToken", "The security token included in the request is expired", "expired_token"),
        (400, "Throttling", "Rate exceeded", "sts_throttled"),
        (400, "IncompleteSignature", "'x' not a valid key=value pair in Authorization header: 'SECRET'.", "sts_other"),
        (403, "AccessDenied", "x", "sts_other"),
        (500, "InternalFailure", "x", "sts_unavailable"),
        (503, "ServiceUnavailable", "x", "sts_unavailable"),
        (400, "no word", "x", "sts_answer_malformed"),
        (400, "", "x", "sts_answer_malformed"),
    ];
    for (status, code, message, expected) in cases {
        for (content_type, body) in [
            ("application/json", error_json(code, message)),
            ("text/xml", error_xml(code, message)),
        ] {
            let refusal = read(&answer(status, content_type, body)).unwrap_err();
            assert_eq!(refusal.code(), expected, "{status} {code} {content_type}");
            assert!(!format!("{refusal} {refusal:?}").contains("SECRET"));
            if expected == "sts_other" {
                assert_eq!(refusal.sts_code(), Some(code));
            }
        }
    }
    for (status, content_type, expected) in [
        (502, "text/html", "sts_unavailable"),
        (429, "text/html", "sts_throttled"),
        (403, "text/html", "sts_answer_malformed"),
        (204, "application/json", "sts_answer_malformed"),
        (302, "text/html", "sts_answer_malformed"),
        (0, "", "sts_answer_malformed"),
    ] {
        assert_eq!(word(read(&answer(status, content_type, "<html>"))), expected, "{status}");
    }
}

#[test]
fn r_05_clock_skew_says_whose_clock_and_by_how_much() {
    let expired = error_json("SignatureDoesNotMatch", "Signature expired: …");
    let skew = |date: Option<&str>, own: i64| {
        let mut answer = answer(403, "application/json", expired.as_str());
        answer.date = date.map(str::to_owned);
        let now = Timestamp::from_unix_seconds(AT.unix_seconds() + own);
        let refusal = CallerIdentity::read(&request(), &answer, now).unwrap_err();
        let StsRefusal::ClockSkew(skew) = &refusal else { panic!("{refusal:?}") };
        (skew.signer_seconds, skew.server_seconds, refusal.to_string())
    };
    let (signer, server, text) = skew(Some("Wed, 05 Aug 2026 12:54:56 GMT"), 30);
    assert_eq!((signer, server), (-1_200, Some(-1_170)));
    assert_eq!(
        text,
        "sts refused the date of the signature: it was signed 1200 s behind the clock of sts, \
         and this server's clock is 1170 s behind it"
    );
    let (signer, server, text) = skew(Some("nonsense"), 60);
    assert_eq!((signer, server), (-60, None));
    assert!(text.ends_with("set the signer's clock"), "{text}");
    assert_eq!(skew(None, -60).0, 60);
}

#[test]
fn r_06_a_refusal_is_no_verdict_on_the_proof() {
    // The same request may be judged again: nothing is remembered of a refusal.
    let request = request();
    let refused = answer(403, "application/json", error_json("InvalidClientTokenId", "x"));
    assert!(CallerIdentity::read(&request, &refused, AT).is_err());
    let vouched = answer(200, "application/json", json(SESSION, SESSION_ID, "123456789012"));
    assert!(CallerIdentity::read(&request, &vouched, AT).is_ok());
}

#[test]
fn codes_are_distinct_and_request_ids_are_clean() {
    let refusals = [
        StsRefusal::BadSignature,
        StsRefusal::RegionMismatch,
        StsRefusal::InvalidToken,
        StsRefusal::ExpiredToken,
        StsRefusal::Throttled,
        StsRefusal::Unavailable { status: 500 },
        StsRefusal::Malformed { what: "x" },
        StsRefusal::Inconsistent { what: "x" },
        StsRefusal::Unsupported { what: "x" },
        StsRefusal::Other { status: 400, code: "X".into() },
    ];
    let codes: BTreeSet<_> = refusals.iter().map(StsRefusal::code).collect();
    assert_eq!(codes.len(), refusals.len());
    let mut odd = answer(200, "application/json", "");
    odd.request_id = Some("a\nb".into());
    assert_eq!(odd.clean_request_id(), None);
}
