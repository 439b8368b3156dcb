//! Proofs that are refused before anybody is asked: status, form of the error, and nothing sent to STS.
//! Here the request that is signed and its headers; the rest is in `proof_envelope`.

use integration::{BentProof, World, wire};
use serde_json::json;
use sts_proof::ClientStyle;

/// Hands each over to both exchanges and expects this refusal of all.
pub(crate) async fn refused<N: std::fmt::Display>(
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

pub(crate) async fn genuine() -> (World, BentProof) {
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
