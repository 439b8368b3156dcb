//! The question of an exchange.

use arn_pattern::{AccountId, Partition};
use auth_model::{MappingKind, OrgId, Organization};

use super::fixtures::{ACCOUNT, World, role_pattern};
use crate::{Candidate, Resolution, Resolve, Store, Target};

/// The usual question; tests change what they are about.
fn question<'a>(org: OrgId, patterns: &'a [String]) -> Resolve<'a> {
    let account: AccountId = ACCOUNT.parse().unwrap();
    Resolve { org, kind: MappingKind::Persona, account, partition: Partition::Aws, patterns }
}

/// The candidates' patterns in alphabetical order.
fn patterns(resolution: &Resolution) -> Vec<&str> {
    let mut patterns: Vec<_> = resolution.candidates.iter().map(|c| c.pattern.as_str()).collect();
    patterns.sort_unstable();
    patterns
}

/// Not to an error: to a stranger it looks like an unmapped caller.
pub async fn an_unknown_organization_resolves_to_nothing(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    world.persona_added(&home, &role_pattern("ci")).await;
    let answer = store.resolve(question(world.id(), &[role_pattern("ci")])).await.unwrap();
    assert_eq!(answer, Resolution::default());
}

/// With its mappings all the same.
pub async fn a_disabled_organization_is_told(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    world.persona_added(&home, &role_pattern("ci")).await;
    let asked = [role_pattern("ci")];
    let answer = store.resolve(question(home.org, &asked)).await.unwrap();
    assert_eq!(answer.organization, Some(home.organization.clone()));
    let disabled = Organization { disabled: true, ..home.organization };
    assert!(store.update_organization(&disabled, &world.event(home.org)).await.unwrap());
    let answer = store.resolve(question(home.org, &asked)).await.unwrap();
    assert_eq!(answer.organization, Some(disabled));
    assert_eq!(patterns(&answer), asked);
}

/// And in its organization only.
pub async fn i_06_the_account_is_integrated_in_its_partition_only(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    world.account_added(theirs.org, "999999999999").await;
    let asked = question(ours.org, &[]);
    assert!(store.resolve(asked).await.unwrap().account_integrated);
    for other in [
        Resolve { account: "999999999999".parse().unwrap(), ..asked },
        Resolve { partition: Partition::AwsCn, ..asked },
    ] {
        let answer = store.resolve(other).await.unwrap();
        assert!(!answer.account_integrated && answer.organization.is_some());
    }
}

/// Each once, however often and in whatever order it was asked for.
pub async fn only_the_patterns_asked_for_are_candidates(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let (a, b) = (role_pattern("a"), role_pattern("b"));
    let mapping = world.persona_added(&home, &a).await;
    world.persona_added(&home, &b).await;
    world.persona_added(&home, &role_pattern("c")).await;
    let asked = [b.clone(), a.clone(), b.clone(), role_pattern("d"), a.clone()];
    assert_eq!(patterns(&store.resolve(question(home.org, &asked)).await.unwrap()), [&a, &b]);
    // Equal bytes, not equal letters.
    let asked = [role_pattern("A"), format!("{a} "), format!(" {a}")];
    assert_eq!(store.resolve(question(home.org, &asked)).await.unwrap().candidates, []);
    assert_eq!(store.resolve(question(home.org, &[])).await.unwrap().candidates, []);
    let found = store.resolve(question(home.org, &[a])).await.unwrap().candidates;
    let target = Some(Target { user: home.user.id, disabled: false });
    let (id, created_at) = (mapping.id, mapping.created_at);
    let expected = Candidate { mapping: id, pattern: mapping.pattern, created_at, target };
    assert_eq!(found, [expected]);
}

/// The same pattern leads to a token by one mapping and to a key by another.
pub async fn the_kinds_resolve_apart(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let pattern = [role_pattern("agent")];
    let persona = world.persona_added(&home, &pattern[0]).await;
    let intake = world.intake_added(&home, &pattern[0]).await;
    let asked = question(home.org, &pattern);
    let personas = store.resolve(asked).await.unwrap().candidates;
    assert_eq!(personas.iter().map(|c| c.mapping).collect::<Vec<_>>(), [persona.id]);
    let intakes =
        store.resolve(Resolve { kind: MappingKind::Intake, ..asked }).await.unwrap().candidates;
    let found: Vec<_> = intakes.iter().map(|c| (c.mapping, c.target, c.created_at)).collect();
    assert_eq!(found, [(intake.id, None, intake.created_at)]);
}

/// The same pattern in another organization is another mapping.
pub async fn p_19_organizations_resolve_apart(store: &dyn Store) {
    let world = World::new(store);
    let (ours, theirs) = (world.home().await, world.home().await);
    let shared = role_pattern("shared");
    let mine = world.persona_added(&ours, &shared).await;
    world.persona_added(&theirs, &shared).await;
    world.persona_added(&theirs, &role_pattern("theirs")).await;
    let asked = [shared, role_pattern("theirs")];
    let answer = store.resolve(question(ours.org, &asked)).await.unwrap();
    assert_eq!(answer.candidates.iter().map(|c| c.mapping).collect::<Vec<_>>(), [mine.id]);
}

/// The caller of the port decides; the mapping stays a candidate.
pub async fn a_disabled_target_is_told(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    world.persona_added(&home, &role_pattern("ci")).await;
    world.disable(&home.user, true).await;
    let answer = store.resolve(question(home.org, &[role_pattern("ci")])).await.unwrap();
    let targets: Vec<_> = answer.candidates.iter().map(|c| c.target).collect();
    assert_eq!(targets, [Some(Target { user: home.user.id, disabled: true })]);
}

/// Not to an error and not to another mapping.
pub async fn hostile_patterns_resolve_to_nothing(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let real = role_pattern("ci");
    world.persona_added(&home, &real).await;
    let hostile =
        ["%", "_", "*", "", "\0", "'", "\"", "\\", "' OR '1'='1", "[]", "{}", "\u{FEFF}", "💥"];
    let hostile: Vec<String> =
        hostile.iter().flat_map(|s| [(*s).to_owned(), format!("{real}{s}")]).collect();
    let kept: Vec<String> = hostile.into_iter().filter(|text| *text != real).collect();
    assert_eq!(store.resolve(question(home.org, &kept)).await.unwrap().candidates, []);
    // And they do not get in the way of a good one.
    let asked: Vec<String> = kept.into_iter().chain([real.clone()]).collect();
    assert_eq!(patterns(&store.resolve(question(home.org, &asked)).await.unwrap()), [&real]);
}

/// A caller with a long session name has some seventy candidates.
pub async fn many_patterns_resolve_at_once(store: &dyn Store) {
    let world = World::new(store);
    let home = world.home().await;
    let all: Vec<String> = (0..100).map(|n| role_pattern(&format!("role-{n:03}"))).collect();
    for pattern in all.iter().step_by(2) {
        world.persona_added(&home, pattern).await;
    }
    let answer = store.resolve(question(home.org, &all)).await.unwrap();
    assert_eq!(patterns(&answer), all.iter().step_by(2).collect::<Vec<_>>());
}
