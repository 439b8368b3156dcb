//! The use case, from a proof to a credential or a refusal.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod common;

use std::{sync::atomic::Ordering, time::Duration};

use arn_pattern::{BareRole, PatternRules};
use auth_model::*;
use common::{CALLER, Options, Says, World, event};
use exchange::*;
use futures_util::future::join_all;
use mapping_store::{AwsAccounts, PersonaMappings, Users};
use sts_proof::TransportError;

const ANY_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/terraform-runner/*";

#[tokio::test]
async fn a_mapped_caller_gets_a_token_and_the_audit_says_so() {
    let world = World::new(Options::default()).await;
    let mapping = world.map(ANY_SESSION).await;
    let granted = world.token().await.unwrap();
    assert_eq!(granted.mapping, mapping);
    // Tokens count whole seconds.
    let now = world.clock.now().unix_seconds();
    assert_eq!(granted.token.expires_at().unix_seconds(), now + 900);

    let event = world.last_event().await;
    assert_eq!(event.outcome, AuditOutcome::Granted);
    assert_eq!(event.purpose, Purpose::AccessToken);
    assert_eq!(event.caller_arn.as_deref(), Some(CALLER));
    assert_eq!(event.mapping, Some(mapping));
    assert_eq!(event.user, Some(world.user.id));
    assert_eq!(event.sts_host.as_deref(), Some("sts.amazonaws.com"));
    assert_eq!(event.access_key_id.as_deref(), Some("ASIAIOSFODNN7EXAMPLE"));
    assert_eq!(event.source, Some("192.0.2.1".parse().unwrap()));
    assert_eq!(event.request_id, "req-1");
    assert!(event.proof_hash.is_some() && !event.replayed);
}

#[tokio::test]
async fn the_most_specific_mapping_wins_whatever_the_order() {
    let world = World::new(Options::default()).await;
    world.map(ANY_SESSION).await;
    world.map("arn:aws:sts::123456789012:assumed-role/terraform-runner/run-*").await;
    let exact = world.map(CALLER).await;
    world.map("arn:aws:sts::123456789012:assumed-role/terraform-runner").await;
    assert_eq!(world.token().await.unwrap().mapping, exact);
}

#[tokio::test]
async fn p_19_unknown_disabled_unmapped_and_unintegrated_look_alike_but_the_audit_knows() {
    let mut texts = Vec::new();
    for (reason, prepare) in [
        ("no_mapping", 0),
        ("disabled_target", 1),
        ("account_not_integrated", 2),
        ("disabled_organization", 3),
    ] {
        let world = World::new(Options::default()).await;
        if prepare > 0 {
            world.map(ANY_SESSION).await;
        }
        let change = event(world.org, world.clock.as_ref());
        match prepare {
            1 => {
                let disable = UserChange { disabled: Some(true), ..UserChange::default() };
                let changed = world.store.change_user(world.org, world.user.id, &disable, &change);
                assert!(changed.await.unwrap().is_some());
            }
            2 => {
                let account = world.store.aws_accounts(world.org, None).await.unwrap().remove(0);
                world.store.delete_aws_account(world.org, account.id, &change).await.unwrap();
            }
            3 => {
                let org = world.store().organization(world.org).await.unwrap().unwrap();
                let org = Organization { disabled: true, ..org };
                assert!(world.store().update_organization(&org, &change).await.unwrap());
            }
            _ => {}
        }
        let refusal = world.token().await.unwrap_err();
        assert_eq!(refusal.kind(), RefusalKind::Unauthenticated);
        assert_eq!(world.last_event().await.reason, reason);
        texts.push(refusal.to_string());
    }
    let world = World::new(Options::default()).await;
    let stranger = OrgId::random(&OsRandomness).unwrap();
    let refusal = world
        .exchange
        .access_token(&world.proof_for(stranger), &world.attempt())
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), "unknown_organization");
    texts.push(refusal.to_string());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(texts[0].contains(&format!("Authenticated as {CALLER} but no identity mapping")));
}

#[tokio::test]
async fn p_16_a_replayed_proof_gets_no_later_expiry_and_is_marked() {
    let world = World::new(Options::default()).await;
    world.map(ANY_SESSION).await;
    let proof = world.proof();
    let first = world.exchange.access_token(&proof, &world.attempt()).await.unwrap();
    world.clock.advance_seconds(120);
    let again = world.exchange.access_token(&proof, &world.attempt()).await.unwrap();
    assert_eq!(again.token.expires_at(), first.token.expires_at());
    assert!(world.last_event().await.replayed);
}

#[tokio::test]
async fn p_16_strict_refuses_the_second_presentation() {
    let world = World::new(Options { replay: ReplayPolicy::Strict, ..Options::default() }).await;
    world.map(ANY_SESSION).await;
    let proof = world.proof();
    world.exchange.access_token(&proof, &world.attempt()).await.unwrap();
    let refusal = world.exchange.access_token(&proof, &world.attempt()).await.unwrap_err();
    assert_eq!(refusal.code(), "replayed");
    assert_eq!(world.last_event().await.outcome, AuditOutcome::Refused);
}

#[tokio::test]
async fn l_03_a_hundred_identical_proofs_at_once_are_one_call_to_sts() {
    let world = World::new(Options { gated: true, ..Options::default() }).await;
    world.map(ANY_SESSION).await;
    let (proof, attempt) = (world.proof(), world.attempt());
    let all = join_all((0..100).map(|_| world.exchange.access_token(&proof, &attempt)));
    let open = async {
        tokio::task::yield_now().await;
        world.sts.gate.as_ref().unwrap().add_permits(1);
    };
    let (granted, ()) = tokio::join!(all, open);
    assert!(granted.iter().all(Result::is_ok));
    assert_eq!(world.sts.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn garbage_and_stale_proofs_never_reach_sts() {
    let world = World::new(Options::default()).await;
    world.map(ANY_SESSION).await;
    let stale = world.proof();
    world.clock.advance_seconds(301);
    for proof in [b"Delegated x|y|POST|z".as_slice(), b"Bearer x", b"", &stale] {
        assert!(world.exchange.access_token(proof, &world.attempt()).await.is_err());
    }
    assert_eq!(world.sts.calls.load(Ordering::SeqCst), 0);
    assert_eq!(world.last_event().await.reason, "proof_stale");
}

#[tokio::test]
async fn r_05_what_sts_says_decides_the_kind_of_refusal() {
    let world = World::new(Options::default()).await;
    world.map(ANY_SESSION).await;
    use RefusalKind::*;
    #[rustfmt::skip]
    let cases = [
        (Says::Error(403, "SignatureDoesNotMatch"),       Unauthenticated),
        (Says::Error(403, "InvalidClientTokenId"),        Unauthenticated),
        (Says::Error(403, "ExpiredToken"),                Unauthenticated),
        (Says::Error(400, "Throttling"),                  Throttled(Duration::from_secs(1))),
        (Says::Error(503, "ServiceUnavailable"),          Unavailable),
        (Says::Nothing(TransportError::TimedOut),         Unavailable),
        (Says::Nothing(TransportError::Redirected),       Unavailable),
        (Says::Html,                                      Unavailable),
        (Says::Caller("arn:aws-cn:sts::123456789012:assumed-role/terraform-runner/run-1"), Unavailable),
        (Says::Caller("arn:aws:sts::210987654321:assumed-role/terraform-runner/run-1"),    Unauthenticated),
    ];
    for (n, (says, expected)) in cases.into_iter().enumerate() {
        world.sts.script.lock().unwrap().push_back(says);
        assert_eq!(world.token().await.unwrap_err().kind(), expected, "row {n}");
        world.clock.advance_seconds(1);
    }
    assert!(world.token().await.is_ok(), "the next one is not held against");
}

#[tokio::test]
async fn every_caller_of_a_mapping_gets_the_same_key_until_it_rotates() {
    let world = World::new(Options::default()).await;
    let mapping = world.map_intake(ANY_SESSION).await;
    let first = world.key().await.unwrap();
    assert_eq!((first.mapping, first.organization_number), (mapping, 1));
    let text = |granted: &GrantedKey| granted.key.expose_secret().to_owned();
    assert_eq!(text(&first).len(), 32);
    world.clock.advance_seconds(23 * 3_600);
    assert_eq!(text(&world.key().await.unwrap()), text(&first));
    world.clock.advance_seconds(3_601);
    let second = world.key().await.unwrap();
    assert_ne!(text(&second), text(&first));

    let holds = async |granted: &GrantedKey| {
        let hash = token_issuer::hash_key(granted.key.expose_secret());
        world.store().by_api_key(hash, world.clock.now()).await.unwrap().is_some()
    };
    assert!(holds(&first).await, "a_02: the old one overlaps");
    world.clock.advance_seconds(5 * 3_600);
    assert!(!holds(&first).await, "a_02: and then ends");
    assert!(holds(&second).await);
}

#[tokio::test]
async fn kinds_are_apart() {
    let world = World::new(Options::default()).await;
    world.map(ANY_SESSION).await;
    assert_eq!(world.key().await.unwrap_err().code(), "no_mapping");
    assert_eq!(world.last_event().await.purpose, Purpose::ManagedKey);
}

#[tokio::test]
async fn l_01_one_source_cannot_use_up_sts() {
    let limits = LimitSettings { sts_in_flight: 64, per_source: 2, per_access_key: 0 };
    let world = World::new(Options { limits, ..Options::default() }).await;
    world.map(ANY_SESSION).await;
    let mut throttled = 0;
    for _ in 0..20 {
        if let Err(refusal) = world.token().await {
            assert!(matches!(refusal.kind(), RefusalKind::Throttled(_)));
            throttled += 1;
        }
    }
    assert!(throttled >= 10, "{throttled}");
}

#[tokio::test]
async fn l_01_no_more_requests_to_sts_than_places() {
    let limits = LimitSettings { sts_in_flight: 1, per_source: 0, per_access_key: 0 };
    let world = World::new(Options { gated: true, limits, ..Options::default() }).await;
    world.map(ANY_SESSION).await;
    let first = world.proof();
    world.clock.advance_seconds(1);
    let second = world.proof();
    let attempt = world.attempt();
    let both = async {
        tokio::join!(
            world.exchange.access_token(&first, &attempt),
            world.exchange.access_token(&second, &attempt),
        )
    };
    let open = async {
        tokio::task::yield_now().await;
        world.sts.gate.as_ref().unwrap().add_permits(1);
    };
    let ((a, b), ()) = tokio::join!(both, open);
    assert!(a.is_ok());
    assert_eq!(b.unwrap_err().kind(), RefusalKind::Unavailable);
}

#[tokio::test]
async fn the_rules_in_force_decide_not_those_of_the_day_a_mapping_was_written() {
    let rules = PatternRules::default().with_bare_role(BareRole::Exact);
    let world = World::new(Options { rules, ..Options::default() }).await;
    world.map("arn:aws:sts::123456789012:assumed-role/terraform-runner").await;
    assert_eq!(world.token().await.unwrap_err().code(), "no_mapping");
}

#[tokio::test]
async fn a_deleted_mapping_leads_nowhere_at_once() {
    let world = World::new(Options::default()).await;
    let mapping = world.map(ANY_SESSION).await;
    assert!(world.token().await.is_ok());
    let change = event(world.org, world.clock.as_ref());
    assert!(world.store.delete_persona_mapping(world.org, mapping, &change).await.unwrap());
    assert_eq!(world.token().await.unwrap_err().code(), "no_mapping");
}

#[tokio::test]
async fn explain_shows_winner_losers_and_near_misses_with_their_edits() {
    let world = World::new(Options::default()).await;
    let winner = world.map("arn:aws:sts::123456789012:assumed-role/terraform-runner/run-*").await;
    let loser = world.map(ANY_SESSION).await;
    let near = world.map("arn:aws:sts::123456789012:assumed-role/Terraform-Runner/*").await;
    world.map("arn:aws:sts::123456789012:assumed-role/something-else/*").await;
    let caller = CALLER.parse().unwrap();
    let rules = PatternRules::default();
    let explanation = explain(world.store(), world.org, &caller, &rules).await.unwrap();
    assert!(explanation.account_integrated);
    let persona = explanation.persona;
    assert_eq!(persona.winner.as_ref().map(|w| w.mapping), Some(winner));
    assert_eq!(persona.refused, None);
    assert_eq!(persona.matched.iter().map(|m| m.mapping).collect::<Vec<_>>(), [loser]);
    assert_eq!(persona.near.iter().map(|m| m.mapping).collect::<Vec<_>>(), [near]);
    assert_eq!(persona.near[0].mismatch.edit.as_deref(), Some(ANY_SESSION));
    assert!(explanation.intake.refused.is_some());
}
