//! What a refused text is answered with, and what the rules change.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use arn_pattern::{
    AccountId, ArnPattern, BareRole, CallerArn, Field, IamRole, MAX_BYTES, ParseError, Partition,
    PatternKind, PatternRules, Principal,
};

fn refuse(text: &str) -> ParseError {
    text.parse::<ArnPattern>().unwrap_err()
}

fn caller(text: &str) -> CallerArn {
    text.parse().unwrap()
}

#[test]
fn i_01_a_pasted_role_arn_is_answered_with_the_pattern_for_its_sessions() {
    let instead = "arn:aws-cn:sts::123456789012:assumed-role/deploy/*";
    for names in ["deploy", "team/blue/deploy"] {
        let text = format!("arn:aws-cn:iam::123456789012:role/{names}");
        let error = refuse(&text);
        assert_eq!(error.instead(), Some(instead));
        assert!(error.to_string().contains(instead), "{error}");
        assert_eq!(text.parse::<CallerArn>().unwrap_err().instead(), Some(instead));
    }
    assert_eq!(refuse("arn:aws:iam::123456789012:role/*").instead(), None);
    assert_eq!(refuse("arn:aws:iam::123456789012:role/").instead(), None);
}

#[test]
fn i_05_a_misplaced_wildcard_is_told_where_wildcards_may_stand() {
    for resource in ["assumed-role/R*", "assumed-role/R/*-ci", "*", "*/R/s", "assumed-role/*/*"] {
        let error = refuse(&format!("arn:aws:sts::123456789012:{resource}"));
        let text = error.to_string();
        assert!(text.contains("wildcards may only be used as `/*`"), "{text}");
        assert!(text.contains("at the end of the resource"), "{text}");
    }
    let error = refuse("arn:aws:sts::*:assumed-role/R/*").to_string();
    assert!(error.contains("wildcards may only be used as `/*`"), "{error}");
}

#[test]
fn i_10_the_root_user_is_refused_as_pattern_and_as_caller() {
    let root = "arn:aws:iam::123456789012:root";
    assert_eq!(refuse(root), ParseError::Root);
    assert_eq!(root.parse::<CallerArn>(), Err(ParseError::Root));
}

#[test]
fn messages_are_lower_case_and_end_without_a_dot() {
    for text in ["", "*", "arn:aws:s3:::b", "arn:aws:sts::12:assumed-role/R", "arn:x:sts::1:y", " "]
    {
        let message = refuse(text).to_string();
        assert!(!message.ends_with('.'), "{message}");
        assert!(!message.starts_with(char::is_uppercase), "{message}");
    }
}

#[test]
fn lengths_are_limited() {
    let role = "r".repeat(65);
    let error = refuse(&format!("arn:aws:sts::123456789012:assumed-role/{role}/*"));
    assert_eq!(error, ParseError::NameTooLong { field: Field::Role, len: 65, max: 64 });
    let path = vec!["p".repeat(63); 8].join("/");
    assert!(format!("arn:aws:iam::123456789012:user/{path}/*").parse::<ArnPattern>().is_err());
    let path = path.split_at(510).0;
    assert!(format!("arn:aws:iam::123456789012:user/{path}/*").parse::<ArnPattern>().is_ok());
    let error = refuse(&"x".repeat(MAX_BYTES + 1));
    assert_eq!(error, ParseError::TooLong { len: MAX_BYTES + 1 });
}

#[test]
fn the_rules_decide_about_bare_roles() {
    let text = "arn:aws:sts::123456789012:assumed-role/ci";
    let session = caller("arn:aws:sts::123456789012:assumed-role/ci/run-1");
    let parse = |bare| ArnPattern::parse(text, &PatternRules::default().with_bare_role(bare));

    let any = parse(BareRole::AnySession).unwrap();
    assert!(any.matches(&session));
    assert!(any.matches(&caller(text)));
    let warning = any.warnings().first().unwrap().to_string();
    assert!(warning.contains("any session of exactly that role"), "{warning}");

    let exact = parse(BareRole::Exact).unwrap();
    assert!(!exact.matches(&session));
    assert!(exact.matches(&caller(text)));
    assert_eq!(exact.warnings().len(), 1);

    let error = parse(BareRole::Reject).unwrap_err();
    assert_eq!(error.instead(), Some("arn:aws:sts::123456789012:assumed-role/ci/*"));
}

#[test]
fn the_rules_decide_about_session_prefixes() {
    let text = "arn:aws:sts::123456789012:assumed-role/ci/run-*";
    let off = PatternRules::default().with_session_prefix(false);
    let error = ArnPattern::parse(text, &off).unwrap_err();
    assert_eq!(error.instead(), Some("arn:aws:sts::123456789012:assumed-role/ci/*"));
    assert_eq!(text.parse::<ArnPattern>().unwrap().kind(), PatternKind::SessionPrefix);
}

#[test]
fn i_01_an_iam_role_that_is_let_in_with_a_warning_never_matches() {
    let rules = PatternRules::default().with_iam_role(IamRole::Warn);
    let pattern = ArnPattern::parse("arn:aws:iam::123456789012:role/team/R", &rules).unwrap();
    assert_eq!(pattern.kind(), PatternKind::IamRole);
    assert!(!pattern.matches(&caller("arn:aws:sts::123456789012:assumed-role/R/s")));
    let warning = pattern.warnings().first().unwrap().to_string();
    assert!(warning.contains("arn:aws:sts::123456789012:assumed-role/R/*"), "{warning}");
    assert!(ArnPattern::parse("arn:aws:iam::123456789012:role/*", &rules).is_err());
    assert!(ArnPattern::parse("arn:aws:iam::123456789012:role//R", &rules).is_err());
}

#[test]
fn callers_come_apart_into_their_principals() {
    let arn = |resource: &str| caller(&format!("arn:aws:iam::123456789012:{resource}"));
    let bob = arn("user/bob");
    assert_eq!(bob.principal(), Principal::User { path: "", name: "bob" });
    assert_eq!(arn("user/a/b/bob").principal(), Principal::User { path: "a/b", name: "bob" });
    assert_eq!(bob.partition(), Partition::Aws);
    assert_eq!(bob.account(), "123456789012".parse::<AccountId>().unwrap());
    let bare = caller("arn:aws-iso-f:sts::123456789012:assumed-role/R");
    assert_eq!(bare.principal(), Principal::AssumedRole { role: "R", session: None });
    assert_eq!(bare.partition(), Partition::AwsIsoF);
    let federated = caller("arn:aws:sts::123456789012:federated-user/bob");
    assert_eq!(federated.principal(), Principal::FederatedUser { name: "bob" });
}

#[test]
fn candidates_are_all_texts_that_could_match_most_specific_first() {
    let texts = |text: &str| caller(text).candidates().collect::<Vec<_>>();
    let role = "arn:aws:sts::123456789012:assumed-role/ci";
    let expected = ["/ab", "", "/ab*", "/a*", "/*"].map(|end| format!("{role}{end}"));
    assert_eq!(texts(&format!("{role}/ab")), expected);
    assert_eq!(texts(role), [role]);

    let user = "arn:aws:iam::123456789012:user";
    let expected = ["/a/b/bob", "/a/b/*", "/a/*"].map(|end| format!("{user}{end}"));
    assert_eq!(texts(&format!("{user}/a/b/bob")), expected);
    assert_eq!(texts(&format!("{user}/bob")), [format!("{user}/bob")]);
}
