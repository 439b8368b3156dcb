//! What the public service's words about mappings mean, row by row.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::collections::BTreeSet;

use auth_model::{AuthnMappingId, RoleId, TeamId};
use role_mapping::{
    Attributes, Difference, LimitError, MAX_ATTRIBUTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, MAX_VALUES,
    MappingIndex, MappingRule, Part, Target,
};
use uuid::Uuid;

fn role(n: u128) -> Target {
    Target::Role(RoleId(Uuid::from_u128(n)))
}

fn mapping(id: u128, key: &str, value: &str, target: Target) -> MappingRule {
    MappingRule::new(AuthnMappingId(Uuid::from_u128(id)), key, value, target).unwrap()
}

#[test]
fn only_equal_bytes_match() {
    #[rustfmt::skip]
    let cases = [
        // rule                            key          value            matches
        ("both equal",                     "memberOf",  "Core",          true),
        ("value in another case",          "memberOf",  "core",          false),
        ("key in another case",            "memberof",  "Core",          false),
        ("space before",                   "memberOf",  " Core",         false),
        ("space behind",                   "memberOf",  "Core ",         false),
        ("a star is a star",               "memberOf",  "*",             false),
        ("a prefix",                       "memberOf",  "Cor",           false),
        ("empty value",                    "memberOf",  "",              false),
        ("key and value run together",     "memberOfC", "ore",           false),
        ("same value of another key",      "groups",    "Core",          false),
        ("letters that only look alike",   "memberOf",  "C\u{43e}re",    false),
        ("a zero byte behind",             "memberOf",  "Core\0",        false),
    ];
    let index = MappingIndex::new([mapping(1, "memberOf", "Core", role(1))]).unwrap();
    for (rule, key, value, expected) in cases {
        let attributes = Attributes::collect([(key, value)]).unwrap();
        assert_eq!(index.evaluate(&attributes).contains(role(1)), expected, "{rule}");
    }
}

#[test]
fn composed_and_decomposed_letters_differ() {
    let index = MappingIndex::new([mapping(1, "team", "\u{fc}ber", role(1))]).unwrap();
    let decomposed = Attributes::collect([("team", "u\u{308}ber")]).unwrap();
    assert!(index.evaluate(&decomposed).is_empty());
}

#[test]
fn several_mappings_of_one_role_do_not_cancel_each_other() {
    let index = MappingIndex::new([
        mapping(1, "memberOf", "core", role(1)),
        mapping(2, "memberOf", "ops", role(1)),
        mapping(3, "memberOf", "nobody", role(1)),
        mapping(4, "memberOf", "core", Target::Team(TeamId(Uuid::from_u128(1)))),
    ])
    .unwrap();
    let attributes = Attributes::collect([("memberOf", "ops"), ("memberOf", "core")]).unwrap();
    let grants = index.evaluate(&attributes);
    assert_eq!(grants.len(), 2, "a role and a team with one id are two targets");
    let ids: Vec<_> = grants.reasons(role(1)).map(|id| id.0.as_u128()).collect();
    assert_eq!(ids, [1, 2]);
}

#[test]
fn a_difference_says_gained_lost_and_kept() {
    let index =
        MappingIndex::new([mapping(1, "g", "a", role(1)), mapping(2, "g", "b", role(2))]).unwrap();
    let then = index.evaluate(&Attributes::collect([("g", "a"), ("g", "b")]).unwrap());
    let preview = Difference::between(&BTreeSet::from([role(2), role(3)]), &then);
    let gained: Vec<_> = preview.gained().map(|(target, by)| (target, by.len())).collect();
    assert_eq!(gained, [(role(1), 1)]);
    assert_eq!(preview.lost().collect::<Vec<_>>(), [role(3)]);
    assert_eq!(preview.kept().collect::<Vec<_>>(), [role(2)]);
    assert!(!preview.is_empty());
    assert!(Difference::between(&then.targets().collect(), &then).is_empty());
}

#[test]
fn limits_name_the_part() {
    let long = "x".repeat(MAX_KEY_BYTES + 1);
    let mut attributes = Attributes::new();
    let part = |result: Result<(), LimitError>| result.unwrap_err().part;
    assert_eq!(part(attributes.add(&long, "v")), Part::Key);
    assert_eq!(part(attributes.add("k", &long)), Part::Value);
    attributes.add(&"k".repeat(MAX_KEY_BYTES), &"v".repeat(MAX_VALUE_BYTES)).unwrap();
    let id = AuthnMappingId(Uuid::from_u128(1));
    assert_eq!(MappingRule::new(id, &long, "v", role(1)).unwrap_err().part, Part::Key);
    assert_eq!(MappingRule::new(id, "k", &long, role(1)).unwrap_err().part, Part::Value);
    for n in 1..MAX_ATTRIBUTES {
        attributes.add(&n.to_string(), "v").unwrap();
    }
    assert_eq!(part(attributes.add("one more", "v")), Part::Attributes);
    attributes.add("1", "v").unwrap();
    for n in MAX_ATTRIBUTES..MAX_VALUES {
        attributes.add("1", &n.to_string()).unwrap();
    }
    let error = attributes.add("1", "one more").unwrap_err();
    assert_eq!(error.part, Part::Values);
    assert_eq!(error.to_string(), "attribute values: 10001 where at most 10000 are taken");
    assert_eq!(attributes.len(), MAX_VALUES);
}

/// So many that hashes that look alike are among them.
#[test]
fn among_many_mappings_exactly_those_that_are_asked_for_are_found() {
    const MANY: u128 = 20_000;
    let value = |n: u128| format!("value-{n}");
    let mappings = (0..MANY).map(|n| mapping(n, "groups", &value(2 * n), role(n)));
    let index = MappingIndex::new(mappings).unwrap();
    for part in 0..40 {
        let mut attributes = Attributes::new();
        // Every other value is nobody's.
        for n in part * 1_000..(part + 1) * 1_000 {
            attributes.add("groups", &value(n)).unwrap();
        }
        let found: Vec<Target> = index.evaluate(&attributes).targets().collect();
        let expected: Vec<Target> = (part * 500..(part + 1) * 500).map(role).collect();
        assert_eq!(found, expected);
    }
}
