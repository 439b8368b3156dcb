//! What holds of every set of mappings and attributes.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::collections::BTreeSet;

use auth_model::{AuthnMappingId, RoleId, TeamId};
use proptest::{collection::vec, prelude::*, sample::Index};
use role_mapping::{Attributes, Difference, Grants, MappingIndex, MappingRule, Target};
use uuid::Uuid;

/// Few different keys, values and targets, so that they meet.
fn mappings() -> impl Strategy<Value = Vec<MappingRule>> {
    let target = (any::<bool>(), 0_u128..6).prop_map(|(role, n)| match Uuid::from_u128(n) {
        id if role => Target::Role(RoleId(id)),
        id => Target::Team(TeamId(id)),
    });
    vec(("[abA ]{0,2}", "[abA ]{0,2}", target), 0..60).prop_map(|rows| {
        let rows = (0_u128..).zip(rows).map(|(id, (key, value, target))| {
            MappingRule::new(AuthnMappingId(Uuid::from_u128(id)), &key, &value, target).unwrap()
        });
        rows.collect()
    })
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(("[abA ]{0,2}", "[abA ]{0,2}"), 0..30)
}

fn attributes(pairs: &[(String, String)]) -> Attributes {
    Attributes::collect(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()))).unwrap()
}

fn evaluate(mappings: &[MappingRule], pairs: &[(String, String)]) -> Grants {
    MappingIndex::new(mappings.to_vec()).unwrap().evaluate(&attributes(pairs))
}

/// The rule as one would say it: every mapping against every pair.
fn naive(
    mappings: &[MappingRule],
    pairs: &[(String, String)],
) -> BTreeSet<(Target, AuthnMappingId)> {
    let matches = mappings
        .iter()
        .filter(|m| pairs.iter().any(|(key, value)| key == m.key() && value == m.value()));
    matches.map(|m| (m.target(), m.id())).collect()
}

fn flat(grants: &Grants) -> BTreeSet<(Target, AuthnMappingId)> {
    grants.iter().flat_map(|(target, by)| by.iter().map(move |id| (target, *id))).collect()
}

proptest! {
    #[test]
    fn equal_to_the_naive_evaluation(mappings in mappings(), pairs in pairs()) {
        prop_assert_eq!(flat(&evaluate(&mappings, &pairs)), naive(&mappings, &pairs));
    }

    #[test]
    fn the_union_of_what_each_pair_gives(mappings in mappings(), pairs in pairs()) {
        let each = pairs.iter().flat_map(|pair| flat(&evaluate(&mappings, std::slice::from_ref(pair))));
        prop_assert_eq!(flat(&evaluate(&mappings, &pairs)), each.collect());
    }

    #[test]
    fn order_does_not_matter(mappings in mappings(), pairs in pairs()) {
        let (mut other, mut turned) = (mappings.clone(), pairs.clone());
        other.reverse();
        turned.reverse();
        prop_assert_eq!(evaluate(&other, &turned), evaluate(&mappings, &pairs));
    }

    #[test]
    fn a_mapping_more_takes_nothing_away(mappings in mappings(), pairs in pairs(), at in any::<Index>()) {
        prop_assume!(!mappings.is_empty());
        let mut fewer = mappings.clone();
        fewer.remove(at.index(mappings.len()));
        prop_assert!(flat(&evaluate(&fewer, &pairs)).is_subset(&flat(&evaluate(&mappings, &pairs))));
    }

    #[test]
    fn what_a_store_finds_for_the_pairs_is_enough(mappings in mappings(), pairs in pairs()) {
        let attributes = attributes(&pairs);
        let asked: BTreeSet<_> = attributes.pairs().collect();
        prop_assert_eq!(asked.len(), attributes.len());
        let found: Vec<_> =
            mappings.iter().filter(|m| asked.contains(&(m.key(), m.value()))).cloned().collect();
        prop_assert_eq!(evaluate(&found, &pairs), evaluate(&mappings, &pairs));
    }

    #[test]
    fn a_difference_leads_from_now_to_then(mappings in mappings(), pairs in pairs(), now in mappings()) {
        let now: BTreeSet<_> = now.iter().map(MappingRule::target).collect();
        let then = evaluate(&mappings, &pairs);
        let difference = Difference::between(&now, &then);
        let lost: BTreeSet<_> = difference.lost().collect();
        let gained: BTreeSet<_> = difference.gained().map(|(target, _)| target).collect();
        prop_assert!(lost.is_disjoint(&gained) && lost.is_subset(&now) && gained.is_disjoint(&now));
        let changed: BTreeSet<_> = now.difference(&lost).chain(&gained).copied().collect();
        prop_assert_eq!(changed, then.targets().collect());
    }
}
