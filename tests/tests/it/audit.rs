//! What is recorded of every attempt and of every change.

use auth_model::{AuditEvent, AuditOutcome, Clock, Purpose, SystemClock};
use integration::{ACCOUNT, Answer, Auth, PERSONAS, World};
use reqwest::Method;
use sts_emulator::{Credentials, Fault, FaultKind};

async fn last(world: &World) -> AuditEvent {
    world.events().await.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_grant_is_recorded_with_who_where_and_through_what() {
    let world = World::start().await;
    let runner = world.runner();
    let answer = world
        .client()
        .exchange(&world.signing().region("eu-west-1").sign(&runner))
        .await
        .expect(200);
    let event = last(&world).await;
    assert_eq!(event.org, Some(world.org.id));
    assert_eq!(event.purpose, Purpose::AccessToken);
    assert_eq!(event.outcome, AuditOutcome::Granted);
    assert_eq!((event.reason.as_ref(), event.detail.as_str()), ("", ""));
    assert_eq!(Some(event.request_id.as_str()), answer.header("x-request-id"));
    assert_eq!(event.source, Some([127, 0, 0, 1].into()));
    assert_eq!(event.sts_host.as_deref(), Some("sts.eu-west-1.amazonaws.com"));
    assert_eq!(event.sts_request_id, Some(world.sts.requests()[0].request_id.clone()));
    assert_eq!(event.access_key_id.as_ref(), Some(&runner.access_key_id));
    let arn = "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1";
    assert_eq!(event.caller_arn.as_deref(), Some(arn));
    assert!(event.caller_user_id.unwrap().ends_with(":run-1"));
    assert_eq!(event.account.unwrap().to_string(), ACCOUNT);
    assert_eq!(event.mapping.unwrap().to_string(), world.persona);
    assert_eq!(event.user, Some(world.service_account.id));
    assert!(event.proof_hash.is_some());
    assert!(!event.replayed);
    assert!(event.took_micros > 0);

    world.client().intake_key(&world.proof(&world.agent())).await.expect(200);
    let event = last(&world).await;
    assert_eq!((event.purpose, event.outcome), (Purpose::ManagedKey, AuditOutcome::Granted));
    assert_eq!(event.mapping.unwrap().to_string(), world.intake);
    assert_eq!(event.user, None);
}

#[tokio::test]
async fn a_refusal_is_recorded_with_its_reason() {
    let world = World::start().await;
    let client = world.client();
    let stranger = world.sts.add_session(ACCOUNT, "stranger", "s1").unwrap();
    client.exchange(&world.proof(&stranger)).await.expect(401);
    let event = last(&world).await;
    assert_eq!((event.outcome, event.reason.as_ref()), (AuditOutcome::Refused, "no_mapping"));
    assert!(event.caller_arn.is_some() && event.mapping.is_none() && event.user.is_none());

    client
        .exchange(&world.signing().seconds_from_now(-1_000).sign(&world.runner()))
        .await
        .expect(401);
    let event = last(&world).await;
    assert_eq!((event.outcome, event.reason.as_ref()), (AuditOutcome::Refused, "proof_stale"));
    assert!(event.proof_hash.is_some() && event.caller_arn.is_none() && event.sts_host.is_none());

    let wrong = sts_emulator::Credentials { secret_access_key: "wrong".into(), ..world.runner() };
    client.exchange(&world.proof(&wrong)).await.expect(401);
    assert_eq!(last(&world).await.reason, "bad_signature");

    world.server.set_disabled(&world.service_account, true).await;
    client.exchange(&world.proof(&world.runner())).await.expect(401);
    assert_eq!(last(&world).await.reason, "disabled_target");

    world.sts.set_faults(vec![Fault::always(FaultKind::Reset {})]);
    client.exchange(&world.proof(&world.runner())).await.expect(503);
    let event = last(&world).await;
    assert_eq!(event.outcome, AuditOutcome::Failed);
    assert!(!event.reason.is_empty());
}

#[tokio::test]
async fn a_fallback_that_the_caller_reports_is_in_the_event_of_the_exchange_that_succeeds() {
    let world = World::start().await;
    let agent = world.agent();
    let now = SystemClock.now().unix_seconds();
    let before = world.events().await.len();
    let past = (now - 7_200).to_string();
    report(&world, &agent, &[&past]).await.expect(200);
    let event = last(&world).await;
    assert_eq!((event.purpose, event.outcome), (Purpose::ManagedKey, AuditOutcome::Granted));
    assert_eq!(event.reason, "fallback_reported");
    let since = jsonapi_model::time::zulu_micros((now - 7_200) * 1_000_000);
    let expected = format!(
        "a fallback key was in use since {}Z, as reported by the caller",
        since.split_once('.').unwrap().0
    );
    assert_eq!(event.detail, expected);
    assert_eq!(event.mapping.unwrap().to_string(), world.intake);
    // However often it comes, it costs the log nothing but what each exchange costs.
    report(&world, &agent, &[&past]).await.expect(200);
    assert_eq!(world.events().await.len(), before + 2);

    // Whoever looks for it finds it, as `countersign audit tail --query` does.
    let path = "/api/v2/audit/events?filter%5Bquery%5D=reason%3Afallback_reported";
    let found = world.client().get(path, world.keys()).await.expect(200).json();
    let found = found["data"].as_array().unwrap();
    assert_eq!(found.len(), 2);
    let attributes = &found[0]["attributes"];
    assert_eq!(attributes["message"], "managed_key granted: fallback_reported");
    assert_eq!(attributes["attributes"]["detail"], expected.as_str());
}

#[tokio::test]
async fn a_report_of_a_fallback_that_is_nonsense_costs_nobody_a_key() {
    let world = World::start().await;
    let agent = world.agent();
    let now = SystemClock.now().unix_seconds();
    let (good, future, ancient) =
        (now.to_string(), (now + 3_600).to_string(), (now - 401 * 86_400).to_string());
    let nonsense: [&[&str]; 7] = [
        &[""],
        &["yesterday"],
        &["-1"],
        &[&future],
        &[&ancient],
        &["99999999999999999999999999"],
        &[&good, &good],
    ];
    for values in nonsense {
        report(&world, &agent, values).await.expect(200);
        let event = last(&world).await;
        assert_eq!(event.outcome, AuditOutcome::Granted, "{values:?}");
        assert_eq!((event.reason.as_ref(), event.detail.as_str()), ("", ""), "{values:?}");
    }
    // Bytes beyond ASCII are nonsense too.
    let odd = hand_over(&world, &agent).header(FALLBACK_SINCE, &b"\xff\xfe"[..]);
    Answer::of(odd).await.expect(200);
    assert_eq!(last(&world).await.reason, "");
}

#[tokio::test]
async fn of_a_fallback_nothing_is_noted_where_no_key_is_given() {
    let world = World::start().await;
    let now = SystemClock.now().unix_seconds().to_string();
    let stranger = world.sts.add_session(ACCOUNT, "stranger", "s1").unwrap();
    report(&world, &stranger, &[&now]).await.expect(401);
    let wrong = sts_emulator::Credentials { secret_access_key: "wrong".into(), ..world.agent() };
    report(&world, &wrong, &[&now]).await.expect(401);
    world.sts.set_faults(vec![Fault::always(FaultKind::Reset {})]);
    report(&world, &world.agent(), &[&now]).await.expect(503);
    for event in world.events().await {
        assert_ne!(event.reason, "fallback_reported");
        assert!(!event.detail.contains("fallback"), "{event:?}");
    }
}

const FALLBACK_SINCE: &str = "x-countersign-fallback-since";

fn hand_over(world: &World, caller: &Credentials) -> reqwest::RequestBuilder {
    let proof = world.proof(caller);
    world.client().request(Method::POST, "/api/v2/intake-key", Auth::Delegated(&proof))
}

async fn report(world: &World, caller: &Credentials, values: &[&str]) -> Answer {
    let request = hand_over(world, caller);
    Answer::of(values.iter().fold(request, |request, value| request.header(FALLBACK_SINCE, *value)))
        .await
}

#[tokio::test]
async fn an_attempt_on_an_unknown_organization_is_recorded_under_its_id() {
    let world = World::start().await;
    let mut signing = world.signing();
    signing.org = "11111111-2222-4333-8444-555555555555".parse().unwrap();
    world.client().exchange(&signing.sign(&world.runner())).await.expect(401);
    let events = world.server.events(signing.org).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].reason, "unknown_organization");
}

#[tokio::test]
async fn changes_are_recorded_with_their_maker_and_refused_ones_as_refused() {
    let world = World::start().await;
    let client = world.client();
    let pattern = "arn:aws:sts::123456789012:assumed-role/new/*";
    let body = integration::persona_mapping(pattern, &world.service_account.id.to_string());
    let made = client.post(PERSONAS, world.keys(), &body).await.expect(201);
    let event = last(&world).await;
    assert_eq!(event.purpose.as_str(), "persona_mapping.create");
    assert_eq!(event.user, Some(world.org.admin.id));
    assert_eq!(event.mapping.unwrap().to_string(), made.id());
    assert!(event.detail.contains(pattern));
    assert_eq!(Some(event.request_id.as_str()), made.header("x-request-id"));

    let again = client.post(PERSONAS, world.keys(), &body).await.expect(409);
    let event = last(&world).await;
    assert_eq!(event.purpose.as_str(), "persona_mapping.create");
    assert_eq!((event.outcome, event.reason.as_ref()), (AuditOutcome::Refused, "conflict"));
    assert_eq!((event.user, event.mapping), (Some(world.org.admin.id), None));
    assert_eq!(Some(event.request_id.as_str()), again.header("x-request-id"));
    let unknown = format!("{PERSONAS}/11111111-2222-4333-8444-555555555555");
    client.delete(&unknown, world.keys()).await.expect(404);
    let event = last(&world).await;
    assert_eq!(event.purpose.as_str(), "persona_mapping.delete");
    assert_eq!((event.outcome, event.reason.as_ref()), (AuditOutcome::Refused, "not_found"));

    client.delete(&format!("{PERSONAS}/{}", made.id()), world.keys()).await.expect(204);
    assert_eq!(last(&world).await.purpose.as_str(), "persona_mapping.delete");
    client
        .delete(&format!("{}/{}", integration::ACCOUNTS, world.account), world.keys())
        .await
        .expect(204);
    let event = last(&world).await;
    assert_eq!(event.purpose.as_str(), "aws_account.delete");
    assert_eq!(event.account.unwrap().to_string(), ACCOUNT);
}
