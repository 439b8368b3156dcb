//! Proofs that are refused before anybody is asked: the signature's form, sizes, the four parts, the date, and what strangers
//! are told.

use integration::{BentProof, World, wire};
use sts_proof::ClientStyle;

use crate::proof_refusals::{genuine, refused};

#[tokio::test]
async fn p_10_one_algorithm_and_a_whole_signature() {
    let (world, proof) = genuine().await;
    let authorization = proof.header("authorization");
    let (rest, signature) = authorization.rsplit_once('=').unwrap();
    let set = |text: &str| proof.clone().with("authorization", text).text();
    refused(
        &world,
        400,
        [
            (
                "sigv4a",
                proof.clone().authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256").text(),
            ),
            ("sha1", proof.clone().authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1").text()),
            ("upper case", set(&format!("{rest}={}", signature.to_uppercase()))),
            ("short", set(&format!("{rest}={}", signature.get(1..).unwrap()))),
            ("empty", set(&format!("{rest}="))),
            ("no signature", set(authorization.rsplit_once(',').unwrap().0)),
            ("twice", set(&format!("{authorization}, Signature={signature}"))),
            ("none", proof.clone().without("authorization").text()),
            ("key id", proof.clone().authorization("Credential=A", "Credential=a").text()),
        ],
    )
    .await;
}

#[tokio::test]
async fn p_11_the_fields_of_authorization_come_once_in_their_order() {
    let (world, proof) = genuine().await;
    let text = proof.header("authorization");
    let fields: Vec<&str> = text.strip_prefix("AWS4-HMAC-SHA256 ").unwrap().split(", ").collect();
    let set = |fields: &[&str]| {
        proof
            .clone()
            .with("authorization", &format!("AWS4-HMAC-SHA256 {}", fields.join(", ")))
            .text()
    };
    refused(
        &world,
        400,
        [
            ("order", set(&[fields[1], fields[0], fields[2]])),
            ("a second list", set(&[fields[0], fields[1], "SignedHeaders=host", fields[2]])),
            (
                "a list in another field",
                set(&[&format!("{};SignedHeaders=host", fields[0]), fields[1], fields[2]]),
            ),
            (
                "two proofs in one",
                set(&[fields[0], fields[1], fields[2], fields[0], fields[1], fields[2]]),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn p_11_two_authorization_headers_are_refused() {
    let world = World::start().await;
    let line = format!("Authorization: Delegated {}", world.proof(&world.runner()));
    for second in [line.as_str(), "authorization: Bearer x"] {
        let request =
            wire::request("POST", "/api/v2/delegated-token", &[&line, second, "Content-Length: 0"]);
        let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
        assert_eq!(wire::status(&answer), 400, "{answer}");
    }
    assert_eq!(world.sts.request_count(), 0);
}

#[tokio::test]
async fn p_12_what_is_too_long_is_refused_unread() {
    let (world, proof) = genuine().await;
    let long = proof.with("x-amz-security-token", &"x".repeat(16 * 1024)).text();
    for path in ["/api/v2/delegated-token", "/api/v2/intake-key"] {
        let line = format!("Authorization: Delegated {long}");
        let request = wire::request("POST", path, &[&line, "Content-Length: 0"]);
        let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
        assert_eq!(wire::status(&answer), 431, "{answer}");
    }
    let request = world.client().request(
        reqwest::Method::POST,
        "/api/v2/delegated-token",
        integration::Auth::Delegated(&world.proof(&world.runner())),
    );
    let answer = integration::Answer::of(request.body(vec![b' '; 1_025])).await;
    assert_eq!(answer.expect(413).error()["status"], "413");
    assert_eq!(world.sts.request_count(), 0);
}

#[tokio::test]
async fn p_13_a_proof_is_four_parts_in_standard_base64() {
    let (world, proof) = genuine().await;
    let text = proof.text();
    let parts: Vec<&str> = text.split('|').collect();
    let [body, headers, method, url] = parts[..] else { panic!() };
    let join = |parts: &[&str]| parts.join("|");
    refused(
        &world,
        400,
        [
            ("empty", String::new()),
            ("nonsense", "nonsense".to_owned()),
            ("three parts", join(&[body, headers, method])),
            ("five parts", join(&[body, headers, method, url, ""])),
            ("no padding", join(&[body.trim_end_matches('='), headers, method, url])),
            ("a blank inside", join(&[&body.replacen('G', "G ", 1), headers, method, url])),
            ("method in base64", join(&[body, headers, "UE9TVA==", url])),
            ("headers not json", join(&[body, "e30x", method, url])),
            ("headers no object", join(&[body, "W10=", method, url])),
            ("no headers", join(&[body, "e30=", method, url])),
            ("a blank in front", format!(" {text}")),
            ("gcp's proof", "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln".to_owned()),
            (
                "azure's proof",
                "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln:11111111-2222-4333-8444-555555555555"
                    .to_owned(),
            ),
            ("oidc proof", "oidc-eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln".to_owned()),
        ],
    )
    .await;
}

#[tokio::test]
async fn p_13_another_scheme_or_none_is_refused() {
    let world = World::start().await;
    let proof = world.proof(&world.runner());
    for (line, status) in [
        (format!("Authorization: Bearer {proof}"), 400),
        (format!("Authorization: {proof}"), 400),
        (format!("Authorization: Delegated\t{proof}"), 400),
        ("X-Nothing: 1".to_owned(), 401),
    ] {
        let request =
            wire::request("POST", "/api/v2/delegated-token", &[&line, "Content-Length: 0"]);
        let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
        assert_eq!(wire::status(&answer), status, "{answer}");
    }
    assert_eq!(world.sts.request_count(), 0);
}

#[tokio::test]
async fn p_14_a_content_length_that_is_carried_says_43() {
    let (world, proof) = genuine().await;
    let lengths = ["44", "0", "043", "43 ", "-43"];
    refused(
        &world,
        400,
        lengths.map(|length| (length, proof.clone().with("content-length", length).text())),
    )
    .await;
    // Left out, as the Agent does, it is 43 all the same.
    world.client().exchange(&proof.without("content-length").text()).await.expect(200);
}

#[tokio::test]
async fn p_15_a_proof_is_fresh_for_five_minutes_and_may_be_a_minute_ahead() {
    let world = World::start().await;
    let signed = |seconds| world.signing().seconds_from_now(seconds).sign(&world.runner());
    refused(&world, 401, [-86_400, -902, -302, 63, 600, 86_400].map(|s| (s, signed(s)))).await;
    for seconds in [-297, -1, 0, 57] {
        world.client().exchange(&signed(seconds)).await.expect(200);
    }
}

#[tokio::test]
async fn p_15_a_date_is_a_time_in_utc() {
    let (world, proof) = genuine().await;
    let dates = [
        "",
        "2026-08-05T12:34:56Z",
        "20260805T123456",
        "20261305T123456Z",
        "Wed, 05 Aug 2026 12:34:56 GMT",
    ];
    refused(&world, 400, dates.map(|date| (date, proof.clone().with("x-amz-date", date).text())))
        .await;
}

/// What is not the caller's own to know is not told: all these answers are one.
#[tokio::test]
async fn p_19_strangers_learn_nothing_of_organizations_and_mappings() {
    let world = World::start().await;
    let client = world.client();
    let caller = world.sts.add_session(integration::ACCOUNT, "stranger", "s1").unwrap();
    let mut elsewhere = world.signing().style(ClientStyle::Agent);
    elsewhere.org = "11111111-2222-4333-8444-555555555555".parse().unwrap();
    let unmapped = client.exchange(&world.proof(&caller)).await.expect(401);
    let unknown_org = client.exchange(&elsewhere.sign(&caller)).await.expect(401);
    assert!(unmapped.detail().starts_with(
        "Authenticated as arn:aws:sts::123456789012:assumed-role/stranger/s1 but no identity mapping was found."
    ));
    assert_eq!(unknown_org.body, unmapped.body);

    // The same caller with a mapping whose target is disabled, then without its account, then without its organization.
    let pattern = "arn:aws:sts::123456789012:assumed-role/stranger/*";
    world.map(pattern, &world.service_account.id.to_string()).await;
    client.exchange(&world.proof(&caller)).await.expect(200);
    world.server.set_disabled(&world.service_account, true).await;
    assert_eq!(client.exchange(&world.proof(&caller)).await.expect(401).body, unmapped.body);
    world.server.set_disabled(&world.service_account, false).await;
    client
        .delete(&format!("{}/{}", integration::ACCOUNTS, world.account), world.keys())
        .await
        .expect(204);
    assert_eq!(client.exchange(&world.proof(&caller)).await.expect(401).body, unmapped.body);
    world.server.set_org_disabled(world.org.id, true).await;
    assert_eq!(client.exchange(&world.proof(&caller)).await.expect(401).body, unmapped.body);
}
