//! One row for each rule of the grammar, in `vectors.json`.

use arn_pattern::{ArnPattern, CallerArn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    rule: String,
    pattern: String,
    caller: String,
    valid: bool,
    matches: bool,
    kind: Option<String>,
    refused_field: Option<String>,
}

#[test]
fn every_rule_holds() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert_eq!(vectors.len(), 79);
    for vector in vectors {
        let rule = &vector.rule;
        match vector.pattern.parse::<ArnPattern>() {
            Ok(pattern) => {
                assert!(vector.valid, "{rule}: accepted {pattern}");
                assert_eq!(Some(pattern.kind().as_str()), vector.kind.as_deref(), "{rule}");
                let caller = vector.caller.parse::<CallerArn>();
                let matches = caller.is_ok_and(|caller| pattern.matches(&caller));
                assert_eq!(matches, vector.matches, "{rule}");
            }
            Err(error) => {
                assert!(!vector.valid, "{rule}: {error}");
                assert_eq!(
                    Some(error.field().as_str()),
                    vector.refused_field.as_deref(),
                    "{rule}: {error}"
                );
            }
        }
    }
}
