//! Sign-in by SAML, set up and looked at by the command line alone.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may panic too")]

mod common;
mod installation;

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use common::{assert_fails, countersign, text};
use installation::{Installation, Server, id};

/// A message or the metadata of an identity provider that is not ours.
fn vector(name: &str) -> String {
    format!("{}/../saml-sp/tests/vectors/{name}.xml", env!("CARGO_MANIFEST_DIR"))
}

/// Runs with this on standard input.
fn with_input(server: &Server, args: &[&str], input: &[u8]) -> Output {
    let mut command = server.command(args);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn each_step_says_what_has_become_of_it_and_which_comes_next() {
    let installation = Installation::new();
    let admin = installation.bootstrap();
    let server = installation.serve(&admin);
    let org = admin["organization"]["id"].as_str().unwrap();
    let next = || server.json(&["saml", "status"])["next_step"].as_str().unwrap().to_owned();

    assert_eq!(next(), "upload_metadata");
    server.says(&["saml", "status"], "✗ people may not sign in by SAML");
    let metadata = server.run(&["saml", "metadata"]);
    assert!(text(&metadata.stdout).contains("EntityDescriptor"), "{}", text(&metadata.stdout));
    assert!(text(&metadata.stderr).contains("--idp-metadata"), "{}", text(&metadata.stderr));
    let ours = server.json(&["saml", "metadata"]);
    for (name, end) in [("entity_id", "/metadata"), ("acs_url", "/acs"), ("sign_in_url", "")] {
        let url = ours[name].as_str().unwrap();
        assert!(url.ends_with(&format!("/saml/{org}{end}")), "{name}: {url}");
    }

    let idp = vector("pysaml2-metadata");
    let upload = ["saml", "configure", "--idp-metadata", &idp, "--keep-assertions", "true"];
    let said = server.run(&upload);
    let said = text(&said.stdout);
    for words in ["https://idp.example/metadata", "People may", "keep_assertions=true", "Next:"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(next(), "make_mapping");
    let new = ["authn-mapping", "create", "groups=engineering", "--role", "Datadog Admin Role"];
    assert!(server.run(&new).status.success());
    assert_eq!(next(), "sign_in");
    let enforce = ["saml", "configure", "--enforce-mappings"];
    assert_fails(&server.run(&[&enforce[..], &["true"]].concat()), 3, "preview --all");
    assert_eq!(next(), "sign_in");
    server.says(&[&enforce[..], &["true", "--force"]].concat(), "Enforcement is on");
    assert_eq!(next(), "nothing");
    server.says(&["saml", "status"], "✓ sign-ins set roles and teams by the mappings (1 ");
    server.says(&[&enforce[..], &["false"]].concat(), "Enforcement is off");
    server.says(&["saml", "configure", "--enabled", "false"], "--enabled true");
    assert_eq!(next(), "enable");
    server.says(&["user", "sign-out", "ann@acme.example"], "Signed person ann@acme.example");
}

#[test]
fn only_what_is_given_is_changed() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    let configure =
        |args: &[&str]| server.json(&[&["saml", "configure"], args].concat())["attributes"].clone();
    let idp = std::fs::read(vector("pysaml2-metadata")).unwrap();
    let upload = ["--output", "json", "saml", "configure", "--idp-metadata", "-"];
    let uploaded = with_input(&server, &upload, &idp);
    let uploaded: Value = serde_json::from_slice(&uploaded.stdout).unwrap();
    assert_eq!(uploaded["attributes"]["idp"]["entity_id"], "https://idp.example/metadata");
    let mut expected = uploaded["attributes"].clone();
    assert_eq!(expected["enabled"], true, "the first metadata switches it on");

    let role = server.json(&["role", "create", "Newcomers"]);
    #[rustfmt::skip]
    let cases: [(&[&str], Value); 9] = [
        (&["--strict", "true", "--idp-initiated", "true"],  json!({ "strict": true, "idp_initiated": true })),
        (&["--strict", "false"],                            json!({ "strict": false })),
        (&["--autocreate-domain", "Acme.example", "--autocreate-domain", "b.example", "--autocreate-role", "newcomers"],
                                                            json!({ "autocreate_domains": ["acme.example", "b.example"], "autocreate_role": role["id"] })),
        (&["--autocreate-domain", "c.example"],             json!({ "autocreate_domains": ["c.example"] })),
        (&["--no-autocreate-domains", "--autocreate-role", "none"],
                                                            json!({ "autocreate_domains": [], "autocreate_role": null })),
        (&["--unmatched-users", "refuse"],                  json!({ "unmatched_users": "refuse" })),
        (&["--email-attribute", "mail"],                    json!({ "email_attribute": "mail" })),
        (&["--name-id-is-email"],                           json!({ "email_attribute": null })),
        (&["--enforce-mappings", "true", "--force"],        json!({ "enforce_mappings": true })),
    ];
    for (args, changed) in cases {
        for (name, value) in changed.as_object().unwrap() {
            expected[name] = value.clone();
        }
        assert_eq!(configure(args), expected, "{args:?}");
    }
    // A second upload changes the identity provider and nothing else, and is told beside settings.
    let again = configure(&["--idp-metadata", &vector("pysaml2-metadata"), "--enabled", "false"]);
    expected["enabled"] = false.into();
    expected["idp"]["uploaded_at"] = again["idp"]["uploaded_at"].clone();
    assert_eq!(again, expected);
}

#[test]
fn refusals_say_what_to_do_and_what_was_done_before() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    let idp = vector("pysaml2-metadata");
    let malformed = installation.path("c.toml");
    let encrypted = vector("pysaml2-encrypted");
    let unknown = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    #[rustfmt::skip]
    let cases: [(&[&str], i32, &str); 14] = [
        (&["saml", "configure"],                                                    2, "--idp-metadata"),
        (&["saml", "configure", "--enabled", "true"],                               3, "`--idp-metadata FILE`"),
        (&["saml", "configure", "--strict", "true"],                                3, "add `--enabled true`"),
        (&["saml", "configure", "--idp-metadata", "/nonexistent/idp.xml"],          2, "can't read `/nonexistent/idp.xml`"),
        (&["saml", "configure", "--idp-metadata", "https://idp.example/metadata"],  2, "curl"),
        (&["saml", "configure", "--idp-metadata", &malformed],                      3, "not well-formed"),
        (&["saml", "configure", "--autocreate-domain", "@acme"],                    3, "example.com"),
        (&["saml", "configure", "--idp-metadata", &idp, "--autocreate-role", "No"], 2, "countersign role list"),
        (&["saml", "configure", "--enforce-mappings", "true"],                      3, "beside `--enforce-mappings true`"),
        (&["authn-mapping", "preview", "--assertion", unknown],                     3, "no assertion of this id"),
        (&["authn-mapping", "preview", "--saml-response", "/nonexistent/r"],        2, "can't read `/nonexistent/r`"),
        (&["authn-mapping", "preview", "--saml-response", &malformed],              3, "not base64"),
        (&["authn-mapping", "preview", "--saml-response", &encrypted],              3, "switch encryption off"),
        (&["authn-mapping", "preview", "a=b", "--all"],                             2, "cannot be used with"),
    ];
    for (args, code, words) in cases {
        assert_fails(&server.run(args), code, words);
    }
    let status = server.json(&["saml", "status"]);
    assert_eq!(status["next_step"], "upload_metadata", "none of it has changed anything");

    let both = ["saml", "configure", "--idp-metadata", &idp, "--strict", "true"];
    let all = [&both[..], &["--enforce-mappings", "true", "--output", "json"]].concat();
    let refused = server.run(&all);
    assert_fails(&refused, 3, "before that, the metadata is uploaded and the settings are changed");
    assert!(serde_json::from_slice::<Value>(&refused.stderr).unwrap()["error"].is_string());
    let off = ["saml", "configure", "--enabled", "false"];
    assert_fails(&server.run(&off), 3, "add `--strict false`");
}

#[test]
fn who_may_only_read_sees_the_status_and_changes_nothing() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    assert!(
        server
            .run(&["role", "create", "Reader", "--permission", "user_access_read"])
            .status
            .success()
    );
    let account = ["user", "create", "ci@acme.example", "--service-account", "--role", "Reader"];
    let account = server.json(&account);
    let key = server.run(&["key", "app", "create", "k", "--service-account", id(&account)]);
    let api_key = server.run(&["key", "api", "create", "k"]);
    let reader = server.with_keys(text(&api_key.stdout).trim(), text(&key.stdout).trim());
    reader.says(&["saml", "status"], "countersign saml metadata");
    for args in [
        &["saml", "configure", "--idp-initiated", "true"][..],
        &["saml", "configure", "--enforce-mappings", "true"],
        &["saml", "assertions"],
        &["authn-mapping", "preview", "--all"],
        &["user", "sign-out", "ann@acme.example"],
    ] {
        assert_fails(&reader.run(args), 3, "user_access_manage");
    }
}

#[test]
fn a_pasted_response_is_shown_and_so_is_why_it_is_not_believed() {
    let installation = Installation::new();
    let server = installation.serve(&installation.bootstrap());
    let preview = ["authn-mapping", "preview", "--saml-response"];
    let signed = vector("pysaml2-assertion-signed");
    let json = server.json(&[&preview[..], &[&signed]].concat());
    assert_eq!(json["verification"]["reason"], "not_enabled");
    assert_eq!(json["attributes"]["groups"][0], "engineering");

    let upload = ["saml", "configure", "--idp-metadata", &vector("pysaml2-metadata")];
    assert!(server.run(&upload).status.success());
    let new = ["authn-mapping", "create", "groups=engineering", "--role", "Datadog Admin Role"];
    let mapping = server.json(&new);
    for (name, reason) in [
        ("assertion-signed", "destination"),
        ("unsigned", "unsigned"),
        ("sha1-signature", "algorithm"),
    ] {
        let path = vector(&format!("pysaml2-{name}"));
        let json = server.json(&[&preview[..], &[&path]].concat());
        assert_eq!(json["verification"]["accepted"], false, "{name}");
        assert_eq!(json["verification"]["reason"], reason, "{name}");
        assert_eq!(json["then"][0]["mappings"][0]["id"], mapping["id"], "{name}");
        let said = text(&server.run(&[&preview[..], &[&path]].concat()).stdout);
        for words in ["✗ This response would not be believed", reason, "R&D <core>", "gives"] {
            assert!(said.contains(words), "{name}, {words}: {said}");
        }
    }
    let compared = [&preview[..], &[&signed, "--user", "ann@acme.example"]].concat();
    server.says(&compared, "keeps");

    let from_input = [&preview[..], &["-", "--output", "json"]].concat();
    let xml = std::fs::read(&signed).unwrap();
    let read = with_input(&server, &from_input, &xml);
    let read: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(read["verification"]["reason"], "destination");
    assert_fails(&with_input(&server, &from_input, &[0xff]), 2, "standard input is not text");

    server.says(&["authn-mapping", "preview", "--all"], "--keep-assertions true");
    assert_eq!(server.json(&["authn-mapping", "preview", "--all"]), json!([]));
    server.says(&["saml", "assertions"], "--keep-assertions true");
    assert_eq!(server.json(&["saml", "assertions"]), json!([]));
}

/// A server that knows one answer, and the commands that it is for.
fn answered(args: &[&str], answer: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = answer.to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        lines.map(Result::unwrap).take_while(|line| !line.is_empty()).for_each(drop);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    let mut command = countersign();
    command.args(args).env("DD_HOST", url).env("DD_API_KEY", "a").env("DD_APP_KEY", "b");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    server.join().unwrap();
    text(&output.stdout)
}

#[test]
fn what_was_seen_is_shown_without_what_would_move_the_cursor() {
    let role = |name: &str| json!({ "type": "roles", "id": name, "name": name, "mappings": [] });
    let preview = json!({
        "now": [role("Old")], "then": [role("New")], "gained": [role("New")], "kept": [], "lost": [role("Old")], "unmatched": [],
        "attributes": {}, "email": "ann@acme.example", "seen_at": "2026-11-26T12:00:00.000000+00:00",
    });
    let all = json!({ "data": [{ "id": "u1", "type": "authn_mapping_previews", "attributes": preview }] });
    let said = answered(&["authn-mapping", "preview", "--all"], &all);
    for words in ["ann@acme.example", "role Old", "role New", "gains", "loses", "enforced"] {
        assert!(said.contains(words), "{words}: {said}");
    }

    let kept = json!({
        "received_at": "2026-11-26T12:00:00.000000+00:00", "user_id": "u1", "email": "ann@acme.example", "issuer": "https://idp.example",
        "name_id": "n", "attributes": { "groups": ["ops", "\u{9b}31m\u{202e}x\ny"] },
    });
    let kept = json!({ "data": [{ "id": "k1", "type": "saml_assertions", "attributes": kept }] });
    let said = answered(&["saml", "assertions"], &kept);
    for words in ["2026-11-26 12:00:00Z", "groups = ops", "\u{fffd}31m\u{fffd}x\u{fffd}y", "k1"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
