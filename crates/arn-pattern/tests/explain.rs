//! The first field that differs, and the edit that would make a pattern match.

use arn_pattern::{ArnPattern, CallerArn};

#[test]
fn the_first_difference_is_named_with_the_edit_that_removes_it() {
    let role = "arn:aws:sts::123456789012:assumed-role/ci/run-1";
    let bob = "arn:aws:iam::123456789012:user/div/bob";
    #[rustfmt::skip]
    let cases = [
        // pattern                                            caller  field            expected        found           edit
        ("arn:aws-cn:sts::123456789012:assumed-role/ci/*",    role, "partition",       "aws-cn",       "aws",          "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:iam::123456789012:user/ci",                 role, "service",         "iam",          "sts",          "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:sts::210987654321:assumed-role/ci/run-*",   role, "account",         "210987654321", "123456789012", "arn:aws:sts::123456789012:assumed-role/ci/run-*"),
        ("arn:aws:sts::123456789012:federated-user/ci",       role, "resource type",   "federated-user", "assumed-role", "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:sts::123456789012:assumed-role/cd/*",       role, "role name",       "cd",           "ci",           "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:sts::123456789012:assumed-role/cd",         role, "role name",       "cd",           "ci",           "arn:aws:sts::123456789012:assumed-role/ci"),
        ("arn:aws:sts::123456789012:assumed-role/ci/build-*", role, "session name",    "build-*",      "run-1",        "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:sts::123456789012:assumed-role/ci/run-2",   role, "session name",    "run-2",        "run-1",        "arn:aws:sts::123456789012:assumed-role/ci/*"),
        ("arn:aws:iam::123456789012:user/eng/*",              bob,  "user path",       "eng/*",        "div",          "arn:aws:iam::123456789012:user/div/*"),
        ("arn:aws:iam::123456789012:user/bob",                bob,  "user path",       "",             "div",          bob),
        ("arn:aws:iam::123456789012:user/div/eve",            bob,  "user name",       "eve",          "bob",          bob),
    ];
    for (pattern, caller, field, expected, found, edit) in cases {
        let pattern: ArnPattern = pattern.parse().unwrap();
        let caller: CallerArn = caller.parse().unwrap();
        let mismatch = pattern.explain(&caller).unwrap_err();
        assert_eq!(mismatch.field.as_str(), field, "{pattern}");
        assert_eq!(mismatch.expected, expected, "{pattern}");
        assert_eq!(mismatch.found, found, "{pattern}");
        assert_eq!(mismatch.edit.as_deref(), Some(edit), "{pattern}");
        assert!(mismatch.to_string().contains(edit), "{mismatch}");
    }
}

#[test]
fn a_caller_without_a_session_is_told_so() {
    let pattern: ArnPattern = "arn:aws:sts::123456789012:assumed-role/ci/*".parse().unwrap();
    let bare: CallerArn = "arn:aws:sts::123456789012:assumed-role/ci".parse().unwrap();
    let mismatch = pattern.explain(&bare).unwrap_err();
    assert_eq!((mismatch.field.as_str(), mismatch.found.as_str()), ("session name", ""));
    assert_eq!(mismatch.edit.as_deref(), Some(bare.as_str()));
}

#[test]
fn a_match_needs_no_explanation() {
    let pattern: ArnPattern = "arn:aws:sts::123456789012:assumed-role/ci/*".parse().unwrap();
    let caller: CallerArn = "arn:aws:sts::123456789012:assumed-role/ci/x".parse().unwrap();
    assert_eq!(pattern.explain(&caller), Ok(()));
}
