//! What holds for every pattern and every caller.

use std::cmp::Reverse;

use arn_pattern::{ArnPattern, CallerArn, PatternKind, Principal};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const NAME: &str = "[A-Za-z0-9_+=,.@-]{1,12}";

/// `ArnLike` as the IAM User Guide words it: each of the six fields is compared on its own, `*` is any
/// run of characters, `?` is exactly one.
fn arn_like(pattern: &str, arn: &str) -> bool {
    fn like(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => {
                like(rest, text) || text.split_first().is_some_and(|(_, text)| like(pattern, text))
            }
            ([b'?', rest @ ..], [_, text @ ..]) => like(rest, text),
            ([byte, rest @ ..], [first, text @ ..]) => byte == first && like(rest, text),
            _ => false,
        }
    }
    let fields = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (pattern, arn) = (fields(pattern), fields(arn));
    pattern.len() == 6
        && arn.len() == 6
        && pattern.iter().zip(&arn).all(|(pattern, arn)| like(pattern.as_bytes(), arn.as_bytes()))
}

/// Names from a small alphabet, so that they meet.
fn word() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "ab", "abc", "a-b", "user", "root"]).prop_map(str::to_owned)
}

fn account() -> impl Strategy<Value = &'static str> {
    select(vec!["123456789012", "000000000000"])
}

fn any_caller() -> impl Strategy<Value = String> {
    let role = (account(), word(), word()).prop_map(|(account, role, session)| {
        format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")
    });
    let bare = (account(), word())
        .prop_map(|(account, role)| format!("arn:aws:sts::{account}:assumed-role/{role}"));
    let federated = (account(), word())
        .prop_map(|(account, name)| format!("arn:aws:sts::{account}:federated-user/{name}"));
    let user = (account(), prop::collection::vec(word(), 1..5))
        .prop_map(|(account, names)| format!("arn:aws:iam::{account}:user/{}", names.join("/")));
    prop_oneof![4 => role, 1 => bare, 1 => federated, 3 => user]
}

fn any_pattern() -> impl Strategy<Value = String> {
    let wildcard = any_caller().prop_filter_map("has a part to cut", |text| {
        text.rsplit_once('/').map(|(base, _)| format!("{base}/*"))
    });
    let prefix = any_caller().prop_map(|text| format!("{text}*"));
    prop_oneof![3 => any_caller(), 3 => wildcard, 2 => prefix]
        .prop_filter("is a pattern", |text| text.parse::<ArnPattern>().is_ok())
}

proptest! {
    #[test]
    fn a_role_wildcard_covers_its_sessions_and_no_other_role(
        role in NAME, other in NAME, session in NAME,
    ) {
        let arn = |role: &str, end: &str| format!("arn:aws:sts::123456789012:assumed-role/{role}/{end}");
        let pattern: ArnPattern = arn(&role, "*").parse().unwrap();
        prop_assert!(pattern.matches(&arn(&role, &session).parse().unwrap()));
        prop_assert_eq!(pattern.matches(&arn(&other, &session).parse().unwrap()), role == other);
    }

    #[test]
    fn a_byte_changed_before_the_names_ends_the_match(at in any::<Index>(), byte in 0x21_u8..0x7F) {
        let caller = "arn:aws:sts::123456789012:assumed-role/ci/run-1";
        let pattern: ArnPattern = "arn:aws:sts::123456789012:assumed-role/ci/*".parse().unwrap();
        let mut changed = caller.as_bytes().to_vec();
        let at = at.index("arn:aws:sts::123456789012:assumed-role/".len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(!changed.parse().is_ok_and(|caller: CallerArn| pattern.matches(&caller)));
    }

    #[test]
    fn no_text_without_a_star_is_interpreted(text in any_caller(), caller in any_caller()) {
        let (Ok(pattern), Ok(caller)) = (text.parse::<ArnPattern>(), caller.parse::<CallerArn>()) else {
            return Ok(());
        };
        let bare = match caller.principal() {
            Principal::AssumedRole { session: Some(session), .. } => {
                caller.as_str().strip_suffix(session).unwrap().strip_suffix('/')
            }
            _ => None,
        };
        let expected = text == caller.as_str() || bare == Some(text.as_str());
        prop_assert_eq!(pattern.matches(&caller), expected);
    }

    #[test]
    fn random_printable_text_is_never_interpreted(names in "[!-)+-~]{1,20}", caller in any_caller()) {
        let text = format!("arn:aws:sts::123456789012:assumed-role/{names}");
        let caller: CallerArn = caller.parse().unwrap();
        if text.parse::<ArnPattern>().is_ok_and(|pattern| pattern.matches(&caller)) {
            let rest = caller.as_str().strip_prefix(&text);
            prop_assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        }
    }

    #[test]
    fn we_match_no_more_than_arn_like_does(pattern in any_pattern(), caller in any_caller()) {
        let pattern: ArnPattern = pattern.parse().unwrap();
        let caller: CallerArn = caller.parse().unwrap();
        if pattern.matches(&caller) {
            let like = arn_like(pattern.as_str(), caller.as_str());
            let bare = pattern.kind() == PatternKind::BareRole
                && arn_like(&format!("{pattern}/*"), caller.as_str());
            prop_assert!(like || bare, "{} {}", pattern, caller);
        }
    }

    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_prints_as_itself(text in ".{0,80}") {
        let _ = text.parse::<CallerArn>();
        let _ = text.parse::<ArnPattern>();
    }

    #[test]
    fn any_resource_is_read_or_refused(resource in "(assumed-role|user|role|federated-user|root)?[ -~]{0,60}") {
        for service in ["sts", "iam"] {
            let text = format!("arn:aws:{service}::123456789012:{resource}");
            if let Ok(pattern) = text.parse::<ArnPattern>() {
                prop_assert_eq!(pattern.as_str(), &text);
                prop_assert_eq!(pattern.to_string().parse::<ArnPattern>().unwrap(), pattern);
            }
            if let Ok(caller) = text.parse::<CallerArn>() {
                prop_assert_eq!(caller.to_string().parse::<CallerArn>().unwrap(), caller);
            }
        }
    }

    #[test]
    fn i_09_the_winner_does_not_depend_on_the_order(
        patterns in prop::collection::vec(any_pattern(), 0..12), caller in any_caller(), rotate in 0_usize..12,
    ) {
        let caller: CallerArn = caller.parse().unwrap();
        let mut patterns: Vec<ArnPattern> = patterns.iter().map(|text| text.parse().unwrap()).collect();
        let winner = |patterns: &[ArnPattern]| {
            patterns.iter().filter(|pattern| pattern.matches(&caller)).max_by_key(|pattern| pattern.specificity()).cloned()
        };
        let first = winner(&patterns);
        let count = patterns.len().max(1);
        patterns.rotate_left(rotate % count);
        prop_assert_eq!(first.clone(), winner(&patterns));
        patterns.reverse();
        prop_assert_eq!(first, winner(&patterns));
    }

    #[test]
    fn candidates_are_complete_sound_and_ordered(pattern in any_pattern(), caller in any_caller()) {
        let pattern: ArnPattern = pattern.parse().unwrap();
        let caller: CallerArn = caller.parse().unwrap();
        let candidates: Vec<String> = caller.candidates().collect();
        prop_assert_eq!(candidates.contains(&pattern.to_string()), pattern.matches(&caller));
        let parsed: Vec<ArnPattern> =
            candidates.iter().filter_map(|text| text.parse().ok()).collect();
        prop_assert!(parsed.is_sorted_by_key(|pattern| Reverse(pattern.specificity())));
        prop_assert!(parsed.iter().all(|pattern| pattern.matches(&caller)));
    }

    #[test]
    fn an_edit_makes_the_pattern_match(pattern in any_pattern(), caller in any_caller()) {
        let pattern: ArnPattern = pattern.parse().unwrap();
        let caller: CallerArn = caller.parse().unwrap();
        if let Err(mismatch) = pattern.explain(&caller) {
            prop_assert_ne!(&mismatch.expected, &mismatch.found);
            let edit: ArnPattern = mismatch.edit.unwrap().parse().unwrap();
            prop_assert!(edit.matches(&caller));
        }
    }
}
