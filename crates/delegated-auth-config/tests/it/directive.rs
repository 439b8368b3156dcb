//! `DELA(…)`, strictly.

use auth_model::ExposeSecret;
use delegated_auth_config::Directive;

use crate::support::{KEY, ORG, chain, org, shown};

#[test]
fn what_is_well_written_is_read() {
    let cases = [
        (format!("DELA({ORG}, aws)"), None, None),
        (format!("DELA({ORG},aws)"), None, None),
        (format!("  DELA( {ORG} ,  aws ) "), None, None),
        (format!("DELA({ORG}, aws, region=eu-west-1)"), Some("eu-west-1"), None),
        (format!("DELA({ORG}, aws, fallback={KEY})"), None, Some(KEY)),
        (
            format!("DELA({ORG}, aws, fallback = {KEY} , region = us-gov-east-1)"),
            Some("us-gov-east-1"),
            Some(KEY),
        ),
        (format!("DELA({ORG}, aws, fallback=ENC[handle])"), None, Some("ENC[handle]")),
        (format!("DELA({}, aws)", ORG.to_uppercase()), None, None),
    ];
    for (text, region, fallback) in cases {
        let directive: Directive = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(directive.org, org(ORG), "{text}");
        assert_eq!(directive.region.as_deref(), region, "{text}");
        assert_eq!(shown(directive.fallback.as_ref()), fallback, "{text}");
        assert!(!format!("{directive:?}").contains(KEY));
    }
}

#[test]
fn what_is_not_is_refused_by_name_and_without_the_key() {
    let long = "k".repeat(513);
    let cases = [
        (KEY.to_owned(), "does not begin with `DELA(`"),
        (format!("dela({ORG}, aws)"), "does not begin with `DELA(`"),
        (format!("DELA ({ORG}, aws)"), "does not begin with `DELA(`"),
        (format!("DELA({ORG}, aws"), "does not end with its only `)`"),
        (format!("DELA({ORG}, aws){KEY}"), "does not end with its only `)`"),
        (format!("DELA({ORG}, aws) DELA({ORG}, aws)"), "does not end with its only `)`"),
        (format!("DELA({ORG}, aws, fallback={KEY}))"), "does not end with its only `)`"),
        ("DELA()".to_owned(), "first part"),
        ("DELA(acme, aws)".to_owned(), "first part"),
        (format!("DELA(aws, {ORG})"), "first part"),
        (format!("DELA({KEY}, aws)"), "first part"),
        (format!("DELA({ORG})"), "second part"),
        (format!("DELA({ORG}, )"), "second part"),
        (format!("DELA({ORG}, gcp)"), "the provider `gcp`"),
        (format!("DELA({ORG}, AWS)"), "the provider `AWS`"),
        (format!("DELA({ORG}, {KEY})"), "another provider"),
        (format!("DELA({ORG}, fallback={KEY})"), "another provider"),
        (format!("DELA({ORG}, aws, {KEY})"), "part 3 is neither"),
        (format!("DELA({ORG}, aws, region=eu-west-1, {KEY}=x)"), "part 4 is neither"),
        (format!("DELA({ORG}, aws,)"), "part 3 is neither"),
        (format!("DELA({ORG}, aws, Region=eu-west-1)"), "part 3 is neither"),
        (format!("DELA({ORG}, aws, region=)"), "its region"),
        (format!("DELA({ORG}, aws, region=evil.example/1)"), "its region"),
        (format!("DELA({ORG}, aws, region=a-1, region=a-1)"), "its region"),
        (format!("DELA({ORG}, aws, region=aa-1, region=aa-1)"), "`region` twice"),
        (format!("DELA({ORG}, aws, fallback={KEY}, fallback={KEY})"), "`fallback` twice"),
        (format!("DELA({ORG}, aws, fallback=)"), "its fallback"),
        (format!("DELA({ORG}, aws, fallback={KEY} {KEY})"), "its fallback"),
        (format!("DELA({ORG}, aws, fallback={long})"), "its fallback"),
        (format!("DELA({ORG}, aws, fallback={long}{long})"), "more than the 1024"),
    ];
    for (text, words) in cases {
        match text.parse::<Directive>() {
            Ok(_) => panic!("read: {text}"),
            Err(error) => {
                let shown = format!("{} {error:?}", chain(&error));
                assert!(shown.contains(words), "{text}: {shown}");
                assert!(!shown.contains(KEY), "{text}: {shown}");
            }
        }
    }
}

#[test]
fn it_prints_as_it_is_written() {
    let text = format!("DELA({ORG}, aws, region=eu-west-1, fallback={KEY})");
    let directive: Directive = text.parse().unwrap();
    assert_eq!(directive.to_text().expose_secret(), text);
}
