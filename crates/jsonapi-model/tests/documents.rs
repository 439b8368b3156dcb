//! Documents as they travel.

use jsonapi_model::{
    Document, ErrorObjects, Page, WireErrors, from_slice, is_json, page, path_id,
    resources::{AwsAccountInput, PersonaMappingInput},
    sort, time,
};
use proptest::prelude::*;

type Persona = Document<PersonaMappingInput>;

#[test]
fn errors_say_where_and_what() {
    #[rustfmt::skip]
    let cases = [
        // body                                                              pointer                          words
        (r#""#,                                                              "",                              "empty"),
        (r#"{"data":"#,                                                      "",                              "not JSON"),
        (r#"[]"#,                                                            "",                              "expected an object"),
        (r#"{}"#,                                                            "",                              "missing field `data`"),
        (r#"{"data":[null,"t",{"account_identifier":"a","arn_pattern":"b"}]}"#, "/data",                      "expected an object"),
        (r#"{"data":{"type":"t","attributes":["a","b"]}}"#,                  "/data/attributes",              "expected an object"),
        (r#"{"data":7}"#,                                                    "/data",                         "expected an object"),
        (r#"{"data":{"type":"t"}}"#,                                         "/data",                         "missing field `attributes`"),
        (r#"{"data":{"type":7,"attributes":{}}}"#,                           "/data/type",                    "expected a string"),
        (r#"{"data":{"type":"t","attributes":{"arn_pattern":[]}}}"#,         "/data/attributes/arn_pattern",  "expected a string"),
        (r#"{"data":{"type":"t","attributes":{"arn_pattern":"a"}}}"#,        "/data/attributes",              "missing field `account_identifier`"),
        (r#"{"data":{"type":"t","attributes":{"account_identifier":"a","arn_pattern":"b"}}} x"#, "",          "not JSON"),
    ];
    for (body, pointer, words) in cases {
        let error = from_slice::<Persona>(body.as_bytes()).unwrap_err();
        assert_eq!(error.pointer(), pointer, "{body}");
        assert!(error.to_string().contains(words), "{body}: {error}");
        assert!(!error.to_string().contains("struct"), "{body}: {error}");
    }
}

#[test]
fn trailing_white_space_and_unknown_fields_are_let_pass() {
    let body = br#"{"data":{"type":"t","attributes":{"account_identifier":"a","arn_pattern":"b","x":1},"y":2}}"#;
    let spaced = [body.as_slice(), b"\n\n"].concat();
    assert_eq!(from_slice::<Persona>(&spaced).unwrap().data.attributes.arn_pattern, "b");
}

#[test]
fn an_account_keeps_what_it_does_not_know() {
    let body = r#"{"data":{"type":"account","attributes":{"aws_account_id":"1","aws_partition":"aws","auth_config":{"role_name":"r"},"new":{"deep":[1]}}}}"#;
    let account: Document<AwsAccountInput> = from_slice(body.as_bytes()).unwrap();
    assert_eq!(account.data.attributes.settings["new"]["deep"][0], 1);
    assert_eq!(
        serde_json::to_value(&account).unwrap(),
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    );
}

#[test]
fn both_error_forms_are_read() {
    let strings: WireErrors = serde_json::from_str(r#"{"errors":["Forbidden"]}"#).unwrap();
    assert_eq!(strings.messages(), ["Forbidden"]);
    let objects: WireErrors =
        serde_json::from_str(r#"{"errors":[{"title":"T","detail":"D"},{"title":"only"}]}"#)
            .unwrap();
    assert_eq!(objects.messages(), ["D", "only"]);
    assert!(serde_json::from_str::<ErrorObjects>(r#"{"errors":[{}]}"#).is_ok());
}

#[test]
fn media_types_ids_and_times() {
    assert!(is_json("application/json; charset=utf-8") && is_json("Application/Vnd.Api+JSON"));
    assert!(!is_json("text/json") && !is_json(""));
    assert_eq!(path_id("\"abc\""), "abc");
    assert_eq!(path_id("\"abc"), "\"abc");
    assert_eq!(time::zulu_micros(1_789_142_019_988_682), "2026-09-11T15:53:39.988682Z");
    assert_eq!(time::offset_micros(0), "1970-01-01T00:00:00.000000+00:00");
    assert_eq!(time::zulu_micros(951_782_400_000_001), "2000-02-29T00:00:00.000001Z");
}

#[test]
fn pages_and_orders() {
    assert_eq!(page([]).unwrap(), Page { size: 10, number: 0 });
    assert_eq!(page([("page[size]", "3"), ("page[number]", "2"), ("x", "y")]).unwrap().offset(), 6);
    for wrong in ["0", "-1", "x", "1000000000", ""] {
        assert_eq!(page([("page[size]", wrong)]).unwrap_err().parameter, "page[size]", "{wrong}");
    }
    assert!(sort("-name", &["name"]).unwrap().descending);
    assert!(sort("age", &["name"]).unwrap_err().to_string().contains("`name`"));
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = from_slice::<Persona>(&bytes);
    }

    #[test]
    fn what_is_written_is_read(identifier in ".*", pattern in ".*") {
        let input = PersonaMappingInput { account_identifier: identifier, arn_pattern: pattern };
        let document: Persona = Document::new("t", None, input);
        let bytes = serde_json::to_vec(&document).unwrap();
        prop_assert_eq!(from_slice::<Persona>(&bytes).unwrap(), document);
    }

    #[test]
    fn every_moment_is_text_of_one_length(micros in -62_000_000_000_000_000_i64..250_000_000_000_000_000) {
        prop_assert_eq!(time::zulu_micros(micros).len(), 27);
    }
}
