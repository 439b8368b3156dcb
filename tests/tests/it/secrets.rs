//! Secrets are in no log line, whatever is logged.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use auth_model::ExposeSecret;
use integration::{Auth, Claim, Upstream, World, wire};
use sts_emulator::{Fault, FaultKind};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use crate::{
    sign_in::{URL, configure},
    telemetry::{TAKEN, UPSTREAM_KEY, forwarding},
};

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Speaks over bare TCP, so that nothing is logged on the client's side.
async fn send(world: &World, method: &str, path: &str, headers: &[&str], body: &str) -> String {
    let length = format!("Content-Length: {}", body.len());
    let mut lines = vec!["Content-Type: application/json", length.as_str()];
    lines.extend(headers);
    let request = wire::request(method, path, &lines) + body;
    wire::send(world.server.running.address(), request.as_bytes()).await
}

fn member(answer: &str, name: &str) -> String {
    let (_, after) = answer.split_once(&format!("\"{name}\":\"")).unwrap();
    after.split_once('"').unwrap().0.to_owned()
}

/// What nobody may read in the log of a sign-in: cookies, the handle, what the identity provider says.
async fn sign_in(world: &World) -> Vec<(&'static str, String)> {
    configure(world, serde_json::json!({ "keep_assertions": true })).await;
    let org = world.org.id;
    let begun = send(world, "GET", &format!("/saml/{org}/start"), &[], "").await;
    let after = |text: &str, start: &str, end: char| {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split(end).next().unwrap().to_owned()
    };
    let browser = after(&begun, "countersign_sign_in=", ';');
    let handle = after(&begun, "RelayState=", '\r');
    let deflated = reqwest::Url::parse(&after(&begun, "ocation: ", '\r')).unwrap();
    let request = deflated.query_pairs().find(|(name, _)| name == "SAMLRequest").unwrap().1;
    let request = integration::request_id(&request);
    let claim = Claim::of(org, URL, "admin@example.com", &["group-nobody-may-read"]);
    let claim = Claim { in_response_to: Some(request), ..claim };
    let response = claim.signed();
    let form = [("SAMLResponse", response.as_str()), ("RelayState", handle.as_str())];
    let body = serde_urlencoded::to_string(form).unwrap();
    let cookie = format!("Cookie: countersign_sign_in={browser}");
    let acs = format!("/saml/{org}/acs");
    let signed_in = post_form(world, &acs, &cookie, &body).await;
    assert_eq!(wire::status(&signed_in), 303);
    let session = after(&signed_in, "countersign_session=", ';');
    let held = format!("Cookie: countersign_session={session}");
    let account = send(world, "GET", "/account", &[&held], "").await;
    assert!(account.contains("group-nobody-may-read"), "{account}");
    // Refusals are logged with their reason.
    assert_eq!(wire::status(&post_form(world, &acs, &cookie, &body).await), 403);
    vec![
        ("cookie of the sign-in", browser),
        ("handle of the sign-in", handle),
        ("response", response),
        ("response in a form", body),
        ("cookie of the session", session),
        ("an attribute's value", "group-nobody-may-read".to_owned()),
        ("an e-mail address", "admin@example.com".to_owned()),
    ]
}

async fn post_form(world: &World, path: &str, cookie: &str, body: &str) -> String {
    let length = format!("Content-Length: {}", body.len());
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let request = wire::request("POST", path, &[kind, &length, cookie]) + body;
    wire::send(world.server.running.address(), request.as_bytes()).await
}

/// Everything in this process logs at its most talkative, the libraries that use `log` too.
#[tokio::test]
async fn j_08_no_secret_is_in_the_log_of_everything_at_its_most_talkative() {
    let kept = Kept::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(kept.clone())
        .finish();
    tracing_subscriber::util::SubscriberInitExt::try_init(subscriber).unwrap();

    let upstream = Upstream::start(TAKEN).await;
    let world = forwarding(&upstream.url()).await;
    let (runner, agent) = (world.runner(), world.agent());
    let (proof, other) = (world.proof(&runner), world.proof(&agent));
    let delegated = format!("Authorization: Delegated {proof}");
    let answer = send(&world, "POST", "/api/v2/delegated-token", &[&delegated], "").await;
    let token = member(&answer, "access_token");
    let answer = send(
        &world,
        "POST",
        "/api/v2/intake-key",
        &[&format!("Authorization: Delegated {other}")],
        "",
    )
    .await;
    let managed = member(&answer, "api_key");
    let bearer = format!("Authorization: Bearer {token}");
    assert_eq!(
        wire::status(&send(&world, "GET", "/api/v2/current_user", &[&bearer], "").await),
        200
    );
    let (api, app) =
        (world.keys().api.expose_secret().to_owned(), world.keys().app.expose_secret().to_owned());
    let pair = [format!("DD-API-KEY: {api}"), format!("DD-APPLICATION-KEY: {app}")];
    let pair = [pair[0].as_str(), pair[1].as_str()];
    assert_eq!(wire::status(&send(&world, "GET", "/api/v2/validate_keys", &pair, "").await), 200);
    assert_eq!(
        wire::status(
            &send(&world, "GET", &format!("/api/v1/validate?api_key={managed}"), &[], "").await
        ),
        200
    );
    let key = format!("DD-API-KEY: {managed}");
    let telemetry = "telemetry-that-nobody-may-read";
    let path = format!("/api/v2/logs?ddtags=a:b&api_key={managed}");
    for headers in [&[key.as_str()][..], &[]] {
        assert_eq!(wire::status(&send(&world, "POST", &path, headers, telemetry).await), 202);
    }
    assert_eq!(upstream.seen().len(), 2);
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let body = serde_json::json!({"data": {"type": "account", "attributes": {"aws_account_id": "210987654321",
        "aws_partition": "aws", "auth_config": {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": secret}}}});
    assert_eq!(
        wire::status(&send(&world, "POST", integration::ACCOUNTS, &pair, &body.to_string()).await),
        200
    );

    // What goes wrong is logged more than what goes well.
    drop(upstream);
    assert_eq!(wire::status(&send(&world, "POST", &path, &[], telemetry).await), 503);
    send(&world, "POST", integration::ACCOUNTS, &pair, &format!("{body} trailing")).await;
    send(&world, "GET", "/api/v2/current_user", &[&format!("{bearer}x")], "").await;
    send(&world, "GET", "/api/v2/current_user", &[&delegated], "").await;
    send(&world, "POST", "/api/v2/delegated-token", &[&delegated, &delegated], "").await;
    for kind in [
        FaultKind::Error {
            status: 403,
            code: "SignatureDoesNotMatch".to_owned(),
            message: "m".to_owned(),
        },
        FaultKind::Html { status: 200 },
        FaultKind::Reset {},
        FaultKind::DuplicateFields {},
    ] {
        world.sts.set_faults(vec![Fault::always(kind)]);
        send(&world, "POST", "/api/v2/delegated-token", &[&delegated], "").await;
    }
    let of_sign_in = sign_in(&world).await;
    world.client().get("/healthz", Auth::Nothing).await.expect(200);

    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(log.contains("POST /api/v2/delegated-token answered 200"), "the log was not captured");
    assert!(log.contains("TRACE"), "the log is not at its most talkative");
    let headers = proof.split('|').nth(1).unwrap().to_owned();
    let signature = integration::BentProof::of(&proof).header("authorization");
    let signature = signature.rsplit_once('=').unwrap().1.to_owned();
    let of = |s: &Option<auth_model::SecretString>| s.as_ref().unwrap().expose_secret().to_owned();
    let secrets = [
        ("AWS secret access key", runner.secret_access_key.expose_secret().to_owned()),
        ("the agent's AWS secret access key", agent.secret_access_key.expose_secret().to_owned()),
        ("session token", of(&runner.session_token)),
        ("the agent's session token", of(&agent.session_token)),
        ("proof", proof.clone()),
        ("headers of the proof", headers),
        ("signature", signature),
        ("token", token.clone()),
        ("the token's signature", token.rsplit_once('.').unwrap().1.to_owned()),
        ("managed key", managed),
        ("API key", api),
        ("the upstream's API key", UPSTREAM_KEY.to_owned()),
        ("telemetry", telemetry.to_owned()),
        ("application key", app),
        ("secret of an AWS account", secret.to_owned()),
        ("master key", world.master_key().to_owned()),
    ];
    for (name, secret) in secrets.into_iter().chain(of_sign_in) {
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{name} is in the log: {}", line.unwrap_or_default());
    }
}
