//! STS slow, broken, lying or saying no: the right status, and never a credential.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use countersign_server::Config;
use integration::{ACCOUNT, Answer, World};
use sts_emulator::{ClockSetting, CredentialRequest, Fault, FaultKind, PrincipalRequest};

fn impatient(config: &mut Config) {
    config.sts.connect_timeout_ms = 300;
    config.sts.timeout_ms = 300;
}

/// No credential, an error in the right form, and nothing of what STS wrote.
fn check(name: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
    let text = answer.text();
    for leak in ["access_token", "api_key", "RequestId", "<", "GetCallerIdentityR"] {
        assert!(!text.contains(leak), "{name}: {text}");
    }
    if matches!(status, 429 | 503) {
        assert!(
            answer.header("retry-after").is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 0)),
            "{name}"
        );
    } else {
        assert_eq!(answer.header("retry-after"), None, "{name}");
    }
    match status {
        429 => {
            assert!(answer.json()["errors"][0].is_string(), "{name}");
            assert!(answer.header("x-ratelimit-reset").is_some(), "{name}");
        }
        _ => assert_eq!(answer.error()["status"], status.to_string(), "{name}"),
    }
}

/// Both exchanges with this fault; afterwards all is well again.
async fn with_fault(kind: FaultKind, status: u16) {
    let world = World::with(impatient).await;
    let name = format!("{kind:?}");
    world.sts.set_faults(vec![Fault::always(kind)]);
    check(&name, &world.client().exchange(&world.proof(&world.runner())).await, status);
    check(&name, &world.client().intake_key(&world.proof(&world.agent())).await, status);
    world.sts.set_faults(Vec::new());
    world.client().exchange(&world.proof(&world.runner())).await.expect(200);
}

fn answer(status: u16, content_type: &str, body: &str) -> FaultKind {
    FaultKind::Answer { status, content_type: content_type.to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn r_03_a_slow_sts_is_not_waited_for() {
    with_fault(FaultKind::Latency { millis: 2_000, jitter_millis: 0 }, 503).await;
}

#[tokio::test]
async fn r_03_a_dripping_sts_is_not_waited_for() {
    with_fault(FaultKind::Drip { pause_millis: 100, bytes: 1 }, 503).await;
}

#[tokio::test]
async fn r_03_an_oversized_answer_is_not_read() {
    with_fault(FaultKind::Oversized { bytes: 70_000 }, 503).await;
    with_fault(FaultKind::Oversized { bytes: 20_000_000 }, 503).await;
}

#[tokio::test]
async fn a_broken_connection_is_no_answer() {
    with_fault(FaultKind::Reset {}, 503).await;
    with_fault(FaultKind::Truncate { after_bytes: 60 }, 503).await;
}

#[tokio::test]
async fn sts_that_is_not_there_is_503() {
    let mut world = World::with(impatient).await;
    let proof = world.proof(&world.runner());
    let gone = sts_emulator::StsEmulator::builder().start().await.unwrap();
    std::mem::replace(&mut world.sts, gone).shutdown().await;
    check("gone", &world.client().exchange(&proof).await, 503);
}

#[tokio::test]
async fn p_20_a_redirect_is_not_followed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/", listener.local_addr().unwrap());
    let count = asked.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    for status in [301, 302, 303, 307, 308] {
        with_fault(FaultKind::Redirect { location: location.clone(), status }, 503).await;
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "the place it points to was asked");
}

#[tokio::test]
async fn p_21_a_compressed_answer_is_not_unpacked() {
    with_fault(FaultKind::Gzip {}, 503).await;
}

#[tokio::test]
async fn r_01_the_content_type_decides_how_an_answer_is_read() {
    for value in
        ["text/plain", "text/xml", "application/octet-stream", "application/json; charset=utf-16"]
    {
        with_fault(FaultKind::ContentType { value: value.to_owned() }, 503).await;
    }
    for status in [200, 403] {
        with_fault(FaultKind::Html { status }, 503).await;
    }
    // A JSON string that holds the XML of somebody else.
    let xml = "<GetCallerIdentityResponse xmlns=\\\"https://sts.amazonaws.com/doc/2011-06-15/\\\"><GetCallerIdentityResult>\
        <Arn>arn:aws:sts::123456789012:assumed-role/terraform-runner/evil</Arn><UserId>AROAEXAMPLEEXAMPLE01:evil</UserId>\
        <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let json = format!("{{\"Error\":\"{xml}\"}}");
    with_fault(answer(200, "text/xml", &json), 503).await;
    with_fault(answer(200, "application/json", &json), 503).await;
    with_fault(answer(200, "application/json", &xml.replace('\\', "")), 503).await;
}

#[tokio::test]
async fn r_02_an_answer_is_read_strictly() {
    with_fault(FaultKind::DuplicateFields {}, 503).await;
    let xml = |namespace: &str, inside: &str| {
        answer(
            200,
            "text/xml",
            &format!(
                "<GetCallerIdentityResponse xmlns=\"{namespace}\"><GetCallerIdentityResult>{inside}</GetCallerIdentityResult>\
                 <ResponseMetadata><RequestId>7f7d3c2e-1111-4222-8333-444455556666</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
            ),
        )
    };
    let fields = "<Arn>arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1</Arn>\
        <UserId>AROAEXAMPLEEXAMPLE01:run-1</UserId><Account>123456789012</Account>";
    let right = "https://sts.amazonaws.com/doc/2011-06-15/";
    with_fault(xml("https://sts.example.com/doc/2011-06-15/", fields), 503).await;
    with_fault(xml("", fields), 503).await;
    with_fault(xml(right, &format!("{fields}<Account>123456789012</Account>")), 503).await;
    with_fault(xml(right, &fields.replace("run-1</Arn>", "run-1<!-- x --></Arn>")), 503).await;
    with_fault(xml(right, ""), 503).await;
    // The same, as it should be, is believed: the refusals above are not for want of something else.
    let world = World::start().await;
    world.sts.set_faults(vec![Fault::always(xml(right, fields))]);
    world.client().exchange(&world.proof(&world.runner())).await.expect(200);
}

#[tokio::test]
async fn r_04_an_answer_that_does_not_fit_itself_is_not_believed() {
    let arn = "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1";
    #[rustfmt::skip]
    let cases = [
        // arn                                               user id                        account
        (arn,                                                "AROAEXAMPLEEXAMPLE01:run-1",  "999999999999"),
        (arn,                                                "AROAEXAMPLEEXAMPLE01:other",  "123456789012"),
        (arn,                                                "AIDAEXAMPLEEXAMPLE01",        "123456789012"),
        (arn,                                                "",                            "123456789012"),
        (arn,                                                "AROAEXAMPLEEXAMPLE01:run-1",  "12345678901"),
        ("arn:aws:iam::123456789012:user/terraform-runner",  "AROAEXAMPLEEXAMPLE01:run-1",  "123456789012"),
        // P-04: the host that was asked is of another partition.
        ("arn:aws-cn:sts::123456789012:assumed-role/terraform-runner/run-1", "AROAEXAMPLEEXAMPLE01:run-1", "123456789012"),
    ];
    for (arn, user_id, account_id) in cases {
        let (arn, user_id, account_id) =
            (arn.to_owned(), user_id.to_owned(), account_id.to_owned());
        with_fault(FaultKind::OtherPrincipal { arn, user_id, account_id }, 503).await;
    }
}

#[tokio::test]
async fn i_10_a_root_user_is_never_mapped() {
    let world = World::start().await;
    let root = world.sts.add_root(ACCOUNT).unwrap();
    let answer = world.client().exchange(&world.proof(&root)).await;
    check("root", &answer, 401);
    assert!(answer.detail().contains("root user"), "{}", answer.text());
}

#[tokio::test]
async fn r_05_throttling_is_429() {
    with_fault(FaultKind::Throttle { per_second: None, per_account: false }, 429).await;
}

#[tokio::test]
async fn r_05_server_errors_are_503() {
    for status in [500, 502, 503, 504] {
        with_fault(FaultKind::ServerError { status }, 503).await;
    }
}

#[tokio::test]
async fn r_05_what_sts_refuses_is_401() {
    for code in ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied"] {
        let message = "secret words of STS <b>".to_owned();
        with_fault(FaultKind::Error { status: 403, code: code.to_owned(), message }, 401).await;
    }
}

#[tokio::test]
async fn wrong_secrets_tokens_and_keys_are_401() {
    let world = World::start().await;
    let runner = world.runner();
    let other = world.sts.add_session(ACCOUNT, "other", "session").unwrap();
    let secret = sts_emulator::Credentials {
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        ..runner.clone()
    };
    let token = sts_emulator::Credentials { session_token: other.session_token, ..runner.clone() };
    let none = sts_emulator::Credentials { session_token: None, ..runner.clone() };
    let unknown = sts_emulator::Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
        ..runner.clone()
    };
    for (name, credentials) in [
        ("secret", secret),
        ("session token", token),
        ("no session token", none),
        ("unknown key", unknown),
    ] {
        check(name, &world.client().exchange(&world.proof(&credentials)).await, 401);
    }
    // a refusal is not held against the next proof of the same key.
    world.client().exchange(&world.proof(&runner)).await.expect(200);
    world.sts.set_active(&runner.access_key_id, false);
    check("inactive", &world.client().exchange(&world.proof(&runner)).await, 401);
}

#[tokio::test]
async fn expired_credentials_are_401_and_said_to_be() {
    let world = World::start().await;
    let runner = world.runner();
    world.sts.set_expiry(&runner.access_key_id, Some(auth_model::Timestamp::from_unix_seconds(1)));
    let answer = world.client().exchange(&world.proof(&runner)).await;
    check("expired", &answer, 401);
    assert!(answer.detail().contains("expired"), "{}", answer.text());
}

#[tokio::test]
async fn a_changed_signature_is_401() {
    let world = World::start().await;
    let bent = integration::BentProof::of(&world.proof(&world.runner()));
    let signature = bent.header("authorization").rsplit_once('=').unwrap().1.to_owned();
    let turned: String = signature.chars().rev().collect();
    check(
        "signature",
        &world.client().exchange(&bent.clone().authorization(&signature, &turned).text()).await,
        401,
    );
    // Signed for one organization, handed over for another.
    let other = bent.with("x-ddog-org-id", "11111111-2222-4333-8444-555555555555");
    check("organization", &world.client().exchange(&other.text()).await, 401);
}

#[tokio::test]
async fn clocks_that_differ_are_said_to() {
    let world = World::start().await;
    world.sts.set_clock(ClockSetting::Offset(3_600));
    let answer = world.client().exchange(&world.proof(&world.runner())).await;
    check("clock", &answer, 401);
    assert!(answer.detail().contains("clock"), "{}", answer.text());
}

#[tokio::test]
async fn l_01_requests_to_sts_at_once_are_bounded() {
    let world = World::with(|config| config.limits.sts_in_flight = 1).await;
    world.sts.set_faults(vec![Fault::always(FaultKind::Latency { millis: 300, jitter_millis: 0 })]);
    let proofs = [1, 2, 3].map(|n| {
        world.proof(
            &world.sts.add_session(ACCOUNT, "terraform-runner", &format!("run-{n}")).unwrap(),
        )
    });
    let answers =
        futures_util::future::join_all(proofs.iter().map(|proof| world.client().exchange(proof)))
            .await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503, 503]);
    assert!(answers.iter().all(|a| a.status == 200 || a.header("retry-after").is_some()));
    assert_eq!(world.sts.request_count(), 1);
}

#[tokio::test]
async fn l_01_exchanges_are_limited_by_access_key_and_by_source() {
    let by_key = World::with(|config| config.limits.exchanges_per_access_key = 1).await;
    let by_source = World::with(|config| config.limits.exchanges_per_source = 1).await;
    for world in [by_key, by_source] {
        let runner = world.runner();
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(world.client().exchange(&world.proof(&runner)).await);
        }
        let refused: Vec<&Answer> = answers.iter().filter(|a| a.status != 200).collect();
        assert!(refused.len() >= 3, "{answers:?}");
        refused.iter().for_each(|answer| check("limit", answer, 429));
        assert!(world.sts.request_count() <= 3);
    }
}

#[tokio::test]
async fn principals_of_other_partitions_are_mapped_there_only() {
    let world = World::start().await;
    let client = world.client();
    let mut account = integration::aws_account("210987654321");
    account["data"]["attributes"]["aws_partition"] = "aws-cn".into();
    client.post(integration::ACCOUNTS, world.keys(), &account).await.expect(200);
    let target = world.service_account.id.to_string();
    world.map("arn:aws-cn:sts::210987654321:assumed-role/runner/*", &target).await;
    let body =
        integration::persona_mapping("arn:aws:sts::210987654321:assumed-role/runner/*", &target);
    client.post(integration::PERSONAS, world.keys(), &body).await.expect(400);

    let principal = PrincipalRequest::Session { role: "runner".to_owned(), name: "s1".to_owned() };
    let mut request = CredentialRequest::new("210987654321", principal);
    request.partition = Some("aws-cn".to_owned());
    let credentials = world.sts.issue(&request).unwrap();
    let proof = world.signing().region("cn-north-1").sign(&credentials);
    client.exchange(&proof).await.expect(200);
    assert_eq!(world.sts.requests()[0].host, "sts.cn-north-1.amazonaws.com.cn");
}
