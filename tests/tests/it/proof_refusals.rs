//! Proofs that are refused before anybody is asked: status, form of the error, and nothing sent to STS.

use integration::{BentProof, World, wire};
use serde_json::json;
use sts_proof::ClientStyle;

/// Hands each over to both exchanges and expects this refusal of all.
async fn refused<N: std::fmt::Display>(
    world: &World,
    status: u16,
    cases: impl IntoIterator<Item = (N, String)>,
) {
    for (name, proof) in cases {
        for path in ["/api/v2/delegated-token", "/api/v2/intake-key"] {
            let request = world.client().request(
                reqwest::Method::POST,
                path,
                integration::Auth::Delegated(&proof),
            );
            let answer = integration::Answer::of(request).await;
            assert_eq!(answer.status.as_u16(), status, "{name} at {path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
            let error = answer.error();
            assert_eq!(error["status"], json!(status.to_string()), "{name}");
            assert!(error["title"].is_string(), "{name}");
            assert!(error["detail"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
    }
    assert_eq!(world.sts.request_count(), 0, "STS was asked");
}

async fn genuine() -> (World, BentProof) {
    let world = World::start().await;
    let proof = BentProof::of(&world.proof(&world.runner()));
    (world, proof)
}

#[tokio::test]
async fn p_01_only_get_caller_identity_is_ever_asked() {
    let (world, proof) = genuine().await;
    let bodies = [
        "",
        "Action=AssumeRole&Version=2011-06-15",
        "Action=GetCalleridentity&Version=2011-06-15",
        "action=GetCallerIdentity&Version=2011-06-15",
        "Action=GetCallerIdentity&Version=2011-06-15&",
        "Action=GetCallerIdentity&Version=2011-06-15\n",
        "Action=GetCallerIdentity&Action=GetCallerIdentity&Version=2011-06-15",
        "Version=2011-06-15&Action=GetCallerIdentity",
        "Version=2011-06-15",
        "Action=%47etCallerIdentity&Version=2011-06-15",
        "\u{feff}Action=GetCallerIdentity&Version=2011-06-15",
        "Action=GetCallerIdentity&Version=2011-06-16",
    ];
    let cases =
        bodies.map(|body| (body, BentProof { body: body.to_owned(), ..proof.clone() }.text()));
    refused(&world, 400, cases).await;
    for method in ["GET", "post", "POST ", ""] {
        let bent = BentProof { method: method.to_owned(), ..proof.clone() };
        refused(&world, 400, [(method, bent.text())]).await;
    }
}

#[tokio::test]
async fn p_02_the_url_is_https_and_a_known_host_alone() {
    let (world, proof) = genuine().await;
    let hosts = [
        "sts.evil.amazonaws.com",
        "evil.us-west-2.amazonaws.com",
        "sts.us-west-2.amazonaws.com.evil",
        "sts.amazonaws.com.evil.example",
        "sts.amazonaws.com@evil.example",
        "user:password@sts.amazonaws.com",
        "sts.amazonaws.com.",
        "sts.amazonaws.com:443",
        "sts.amazonaws.com:444",
        "STS.amazonaws.com",
        "sts%2eamazonaws.com",
        "sts。amazonaws。com",
        "ѕts.amazonaws.com",
        "[::1]",
        "127.0.0.1",
        "169.254.169.254",
        "localhost",
        "",
    ];
    refused(&world, 400, hosts.map(|host| (host, proof.clone().host(host).text()))).await;
    let urls = [
        "http://sts.amazonaws.com",
        "sts.amazonaws.com",
        "https:/sts.amazonaws.com",
        "HTTPS://sts.amazonaws.com",
        "https://sts.amazonaws.com//",
        "https://sts.amazonaws.com/?Action=AssumeRole",
        "https://sts.amazonaws.com/path",
        "https://sts.amazonaws.com#",
        "https://sts.amazonaws.com/\\",
        " https://sts.amazonaws.com",
        "https://sts.amazonaws.com\n",
    ];
    let bent = urls.map(|url| (url, BentProof { url: url.to_owned(), ..proof.clone() }.text()));
    refused(&world, 400, bent).await;
}

#[tokio::test]
async fn p_02_the_host_header_is_the_url_s_host() {
    let (world, proof) = genuine().await;
    refused(
        &world,
        400,
        [
            ("another host", proof.clone().with("host", "sts.eu-west-1.amazonaws.com").text()),
            ("with a port", proof.clone().with("host", "sts.amazonaws.com:443").text()),
            ("none", proof.without("host").text()),
        ],
    )
    .await;
}

#[tokio::test]
async fn p_03_no_host_is_made_up_from_a_region_s_name() {
    let (world, proof) = genuine().await;
    let regions = ["made-up-9", "not-a-region", "us-east-99", "eu-west-1a", "x", "evil"];
    let cases = regions.map(|region| {
        let bent = proof.clone().host(&format!("sts.{region}.amazonaws.com"));
        (region, bent.authorization("/us-east-1/", &format!("/{region}/")).text())
    });
    refused(&world, 400, cases).await;
    let answer = world.client().exchange(&proof.host("sts.made-up-9.amazonaws.com").text()).await;
    assert!(answer.detail().contains("`sts.made-up-9.amazonaws.com`"), "the host is named");
}

#[tokio::test]
async fn p_05_the_scope_is_the_host_s_region_and_the_day_of_the_date() {
    let (world, proof) = genuine().await;
    let day = proof.header("x-amz-date").get(..8).unwrap().to_owned();
    refused(
        &world,
        400,
        [
            ("region", proof.clone().authorization("/us-east-1/", "/eu-west-1/").text()),
            ("service", proof.clone().authorization("/sts/", "/iam/").text()),
            ("end", proof.clone().authorization("/aws4_request", "/aws3_request").text()),
            ("date", proof.clone().authorization(&day, "20200101").text()),
            ("a field more", proof.clone().authorization("/sts/", "/sts/sts/").text()),
            ("a field less", proof.authorization("/sts/", "/").text()),
        ],
    )
    .await;
    let regional = world.signing().region("eu-west-1").sign(&world.runner());
    let bent = BentProof::of(&regional).authorization("/eu-west-1/", "/us-east-1/");
    refused(&world, 400, [("regional host", bent.text())]).await;
}

#[tokio::test]
async fn p_06_no_header_comes_twice_whatever_its_case() {
    let (world, proof) = genuine().await;
    let org = proof.header("x-ddog-org-id");
    let other = "11111111-2222-4333-8444-555555555555";
    let first = |value: &str| {
        let mut bent = proof.clone();
        bent.headers.insert(0, ("X-DDOG-ORG-ID".to_owned(), json!([value])));
        bent.text()
    };
    refused(
        &world,
        400,
        [
            ("same case", proof.clone().adding("x-ddog-org-id", json!([other])).text()),
            ("other case, after", proof.clone().adding("X-Ddog-Org-Id", json!([other])).text()),
            ("other case, before", first(other)),
            ("equal values", first(&org)),
            ("host", proof.clone().adding("HOST", json!(["sts.amazonaws.com"])).text()),
        ],
    )
    .await;
    let values = [
        json!([org, other]),
        json!([]),
        json!([[org]]),
        json!(org),
        json!({ "0": org }),
        json!(null),
        json!([7]),
    ];
    let cases = values.map(|value| {
        (
            value.to_string(),
            proof.clone().without("x-ddog-org-id").adding("x-ddog-org-id", value).text(),
        )
    });
    refused(&world, 400, cases).await;
}

#[tokio::test]
async fn p_07_whatever_is_used_must_be_signed() {
    let (world, proof) = genuine().await;
    let names = [
        "content-length",
        "content-type",
        "host",
        "x-amz-date",
        "x-amz-security-token",
        "x-ddog-org-id",
    ];
    let list = names.join(";");
    let cases = names.map(|name| {
        let rest: Vec<&str> = names.into_iter().filter(|other| *other != name).collect();
        (name, proof.clone().authorization(&list, &rest.join(";")).text())
    });
    refused(&world, 401, cases).await;
}

#[tokio::test]
async fn p_07_the_list_of_signed_headers_is_sorted_and_holds_known_names_once() {
    let (world, proof) = genuine().await;
    let list = |to: &str| proof.clone().authorization("content-length;content-type", to).text();
    refused(
        &world,
        400,
        [
            ("order", list("content-type;content-length")),
            ("repeat", list("content-length;content-length;content-type")),
            ("case", list("Content-Length;content-type")),
            ("unknown", list("accept;content-length;content-type")),
            ("empty name", list("content-length;;content-type")),
            ("not there", proof.clone().without("x-amz-security-token").text()),
        ],
    )
    .await;
}

#[tokio::test]
async fn p_08_the_organization_is_a_lower_case_uuid_and_nothing_is_trimmed() {
    let (world, proof) = genuine().await;
    let org = proof.header("x-ddog-org-id");
    let spellings = [
        format!(" {org}"),
        format!("{org} "),
        format!("\t{org}"),
        format!("{org}\0"),
        format!("{{{org}}}"),
        format!("urn:uuid:{org}"),
        org.to_uppercase(),
        org.replace('-', ""),
        org.replacen('-', "  ", 1),
        String::new(),
        "2".to_owned(),
    ];
    let cases = spellings
        .into_iter()
        .map(|text| (format!("{text:?}"), proof.clone().with("x-ddog-org-id", &text).text()));
    refused(&world, 400, cases.collect::<Vec<_>>()).await;
    refused(&world, 400, [("none", proof.without("x-ddog-org-id").text())]).await;
}

#[tokio::test]
async fn p_09_values_hold_printable_ascii_only() {
    let (world, proof) = genuine().await;
    let token = proof.header("x-amz-security-token");
    let values = ["\r\nx-evil: 1", "\n", "\0", "\u{7f}", "é", " ", "\u{2028}"];
    let cases = values.map(|tail| {
        (
            format!("{tail:?}"),
            proof.clone().with("x-amz-security-token", &format!("{token}{tail}")).text(),
        )
    });
    refused(&world, 400, cases).await;
    refused(&world, 400, [("unknown header", proof.clone().adding("X-Evil", json!(["1"])).text())])
        .await;
    refused(&world, 400, [("in the agent", proof.with("user-agent", "a\r\nb").text())]).await;
}

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
