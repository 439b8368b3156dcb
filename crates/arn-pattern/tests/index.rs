//! The index gives the answers of a linear scan, whatever was added and removed.

use std::collections::BTreeMap;

use arn_pattern::{ArnPattern, BareRole, CallerArn, PatternIndex, PatternRules};
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
enum Change {
    Insert(u128, String, u32),
    Remove(u128, String),
    Shrink,
}

/// Few names, so that patterns share roles, paths and prefixes.
fn resource() -> impl Strategy<Value = String> {
    let word = || select(vec!["a", "b", "ab", "abc", "abcd"]);
    let role = (word(), word())
        .prop_map(|(role, session)| format!("sts::123456789012:assumed-role/{role}/{session}"));
    let bare = word().prop_map(|role| format!("sts::123456789012:assumed-role/{role}"));
    let federated = word().prop_map(|name| format!("sts::123456789012:federated-user/{name}"));
    let user = prop::collection::vec(word(), 1..5)
        .prop_map(|names| format!("iam::123456789012:user/{}", names.join("/")));
    prop_oneof![5 => role, 2 => bare, 1 => federated, 3 => user]
        .prop_map(|text| format!("arn:aws:{text}"))
}

fn pattern() -> impl Strategy<Value = String> {
    (resource(), select(vec!["", "", "*", "/*"]))
        .prop_map(|(text, end)| format!("{text}{end}"))
        .prop_filter("is a pattern", |text| text.parse::<ArnPattern>().is_ok())
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (0_u128..3, pattern(), any::<u32>()).prop_map(|(scope, text, value)| Change::Insert(scope, text, value)),
        4 => (0_u128..3, pattern()).prop_map(|(scope, text)| Change::Remove(scope, text)),
        1 => Just(Change::Shrink),
    ]
}

/// The obvious way.
#[derive(Default)]
struct Oracle(BTreeMap<(u128, String), (ArnPattern, u32)>);

impl Oracle {
    fn matches(&self, scope: u128, caller: &CallerArn) -> Vec<&u32> {
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter(|((own, _), (pattern, _))| *own == scope && pattern.matches(caller))
            .map(|(_, (pattern, value))| (pattern.specificity(), value))
            .collect();
        found.sort_by_key(|(specificity, _)| std::cmp::Reverse(*specificity));
        found.into_iter().map(|(_, value)| value).collect()
    }
}

proptest! {
    #[test]
    fn every_answer_is_that_of_a_linear_scan(
        changes in prop::collection::vec(change(), 0..80),
        callers in prop::collection::vec(resource(), 1..20),
    ) {
        let (mut index, mut oracle) = (PatternIndex::new(), Oracle::default());
        for change in changes {
            match change {
                Change::Insert(scope, text, value) => {
                    let pattern: ArnPattern = text.parse().unwrap();
                    let old = oracle.0.insert((scope, text), (pattern.clone(), value));
                    prop_assert_eq!(index.insert(scope, pattern, value), old.map(|(_, value)| value));
                }
                Change::Remove(scope, text) => {
                    let old = oracle.0.remove(&(scope, text.clone()));
                    let pattern = text.parse().unwrap();
                    prop_assert_eq!(index.remove(scope, &pattern), old.map(|(_, value)| value));
                }
                Change::Shrink => index.shrink_to_fit(),
            }
            prop_assert_eq!(index.len(), oracle.0.len());
        }
        for caller in callers {
            let caller: CallerArn = caller.parse().unwrap();
            for scope in 0..4 {
                let expected = oracle.matches(scope, &caller);
                prop_assert_eq!(index.lookup(scope, &caller), expected.first().copied());
                prop_assert_eq!(index.matches(scope, &caller).collect::<Vec<_>>(), expected);
            }
        }
        for ((scope, _), (pattern, value)) in &oracle.0 {
            prop_assert_eq!(index.remove(*scope, pattern), Some(*value));
        }
        prop_assert!(index.is_empty());
    }
}

#[test]
fn a_lookup_allocates_nothing() {
    let mut index = PatternIndex::new();
    let role = "arn:aws:sts::123456789012:assumed-role/ci";
    for end in ["", "/*", "/run-*", "/run-1", "/r*"] {
        index.insert(1, format!("{role}{end}").parse::<ArnPattern>().unwrap(), end);
    }
    let path = ["p"; 240].join("/");
    let deep: ArnPattern = format!("arn:aws:iam::123456789012:user/{path}/*").parse().unwrap();
    index.insert(1, &deep, "deep");
    let callers = [
        format!("{role}/run-1"),
        format!("{role}/none"),
        format!("arn:aws:iam::123456789012:user/{path}/bob"),
    ];
    let counts = allocation_counter::measure(|| drop(std::hint::black_box(role.to_owned())));
    assert_eq!(counts.count_total, 1, "the counter counts");
    for caller in callers {
        let caller: CallerArn = caller.parse().unwrap();
        let mut found = 0;
        let allocations = allocation_counter::measure(|| {
            found += usize::from(index.lookup(1, &caller).is_some());
            found += index.matches(1, &caller).count();
            found += usize::from(deep.matches(&caller));
        });
        assert_eq!(allocations.count_total, 0, "{caller}");
        assert!(found > 1, "{caller}");
    }
}

#[test]
fn p_19_scopes_are_apart() {
    let mut index = PatternIndex::new();
    let pattern: ArnPattern = "arn:aws:sts::123456789012:assumed-role/ci/*".parse().unwrap();
    let caller: CallerArn = "arn:aws:sts::123456789012:assumed-role/ci/run-1".parse().unwrap();
    index.insert(u128::MAX, &pattern, "theirs");
    assert_eq!(index.lookup(u128::MAX - 1, &caller), None);
    assert_eq!(index.remove(0, &pattern), None);
    assert_eq!(index.lookup(u128::MAX, &caller), Some(&"theirs"));
}

#[test]
fn a_bare_role_keeps_the_meaning_that_it_was_read_with() {
    let exact = PatternRules::default().with_bare_role(BareRole::Exact);
    let text = "arn:aws:sts::123456789012:assumed-role/ci";
    let session: CallerArn = format!("{text}/run-1").parse().unwrap();
    let bare: CallerArn = text.parse().unwrap();
    let mut index = PatternIndex::new();
    index.insert(1, ArnPattern::parse(text, &exact).unwrap(), "exact");
    assert_eq!(index.lookup(1, &session), None);
    assert_eq!(index.lookup(1, &bare), Some(&"exact"));
    assert_eq!(index.insert(1, text.parse::<ArnPattern>().unwrap(), "any"), Some("exact"));
    assert_eq!(index.lookup(1, &session), Some(&"any"));
}

#[test]
fn memory_is_given_back() {
    let mut index = PatternIndex::new();
    let patterns: Vec<ArnPattern> = (0..1000)
        .map(|n| format!("arn:aws:sts::123456789012:assumed-role/role-{n}/*").parse().unwrap())
        .collect();
    for pattern in &patterns {
        index.insert(1, pattern, ());
    }
    let full = index.memory_bytes();
    for pattern in &patterns {
        assert_eq!(index.remove(1, pattern), Some(()));
    }
    index.shrink_to_fit();
    assert!(index.memory_bytes() < full / 100, "{} of {full}", index.memory_bytes());
}
