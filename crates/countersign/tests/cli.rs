//! The command line, as its users meet it: what it prints, and its exit codes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic too"
)]

mod common;
mod dev;

use serde_json::Value;

use common::{assert_fails, countersign, run, text};
use dev::Dev;

#[test]
fn dev_once_checks_itself_writes_the_lines_and_keeps_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let once = |env_file: &str| {
        let file = folder.path().join(env_file);
        let output = countersign()
            .args(["dev", "--once", "--listen", "127.0.0.1:0", "--sts-listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(folder.path().join("data"))
            .arg("--env-file")
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lines = std::fs::read_to_string(file).unwrap();
        assert!(text(&output.stdout).contains(&lines), "the same lines are printed");
        lines
    };
    let (first, second) = (once("a"), once("b"));
    let names: Vec<_> = first
        .lines()
        .filter_map(|l| Some(l.split_once('=')?.0.strip_prefix("export ")?.to_owned()))
        .collect();
    for name in [
        "DD_HOST",
        "DD_API_KEY",
        "DD_APP_KEY",
        "DD_ORG_UUID",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_ENDPOINT_URL_STS",
        "AGENT_AWS_ACCESS_KEY_ID",
        "AGENT_AWS_SECRET_ACCESS_KEY",
        "AGENT_AWS_SESSION_TOKEN",
    ] {
        assert!(names.iter().any(|n| n == name), "{name}");
    }
    let secrets = |lines: &str| -> Vec<String> {
        let at = |l: &&str| l.contains("127.0.0.1");
        lines.lines().filter(|l| !at(l)).map(str::to_owned).collect()
    };
    assert_eq!(secrets(&first), secrets(&second), "the data folder keeps them");
    let other = tempfile::tempdir().unwrap();
    assert_ne!(
        Dev::start(other.path()).environment[0],
        Dev::start(&folder.path().join("data")).environment[0]
    );
}

#[test]
fn the_whole_tour_with_keys_and_with_aws_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Dev::start(folder.path());

    let login = dev.run(&["login", "--output", "token"]);
    assert_eq!(text(&login.stdout).trim().split('.').count(), 3);
    assert!(dev.json(&["login"])["expires_in"].as_u64().unwrap() > 700);
    assert!(
        text(&dev.run(&["login", "--output", "env"]).stdout).starts_with("export DD_BEARER_TOKEN=")
    );

    let child = dev.run(&[
        "exec",
        "--",
        "sh",
        "-c",
        "test -n \"$DD_BEARER_TOKEN\" -a -z \"$DD_API_KEY\" && exit 7",
    ]);
    assert_eq!(child.status.code(), Some(7));

    assert_eq!(dev.json(&["account", "list"]).as_array().unwrap().len(), 1);
    let pattern = "arn:aws:sts::123456789012:assumed-role/ci";
    let created = dev.run(&[
        "mapping",
        "persona",
        "create",
        "--arn-pattern",
        pattern,
        "--account",
        "terraform-service-account@myorg.com",
    ]);
    assert!(text(&created.stderr).contains("warning: "), "a bare role is warned of");
    let listed = dev.json(&["mapping", "persona", "list"]);
    let mapping = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["attributes"]["arn_pattern"] == pattern)
        .unwrap();
    let id = mapping["id"].as_str().unwrap();

    let explained = dev.json(&["explain", &format!("{pattern}/build-7")]);
    assert_eq!(explained["persona"]["winner"]["id"], id);
    let table = text(&dev.run(&["explain", &format!("{pattern}x/build-7")]).stdout);
    assert!(table.contains("nearly") && table.contains("would match"), "{table}");

    assert!(dev.run(&["mapping", "persona", "delete", id]).status.success());
    assert_fails(&dev.run(&["mapping", "persona", "delete", id]), 3, "404");
    let iam = "arn:aws:iam::123456789012:role/team/ci";
    assert_fails(
        &dev.run(&["mapping", "intake", "create", "--arn-pattern", iam]),
        3,
        "assumed-role/ci/*",
    );

    let proof = dev.json(&["proof", "make"])["authorization"].as_str().unwrap().to_owned();
    let inspected = dev.json(&["proof", "inspect", &proof]);
    assert!(inspected["verdict"].as_str().unwrap().starts_with("acceptable"));
    let (_, token) = dev.environment.iter().find(|(name, _)| name == "AWS_SESSION_TOKEN").unwrap();
    assert!(!inspected.to_string().contains(token.as_str()), "the session token is not shown");

    assert!(dev.run(&["account", "remove", "123456789012"]).status.success());
    assert_fails(&dev.run(&["login"]), 3, "no identity mapping was found");
    assert!(dev.run(&["account", "add", "123456789012"]).status.success());
    assert!(dev.run(&["login"]).status.success(), "at once");
}

#[test]
fn mistakes_end_with_their_code_and_say_what_to_do() {
    let org = "11111111-2222-4333-8444-555555555555";
    assert_fails(&run(&["login"]), 2, "DD_ORG_UUID");
    assert_fails(&run(&["login", "--org", "x"]), 2, "UUID");
    assert_fails(&run(&["account", "list", "--api-key", "x"]), 2, "DD_APP_KEY");
    assert_fails(&run(&["account", "list", "--output", "token"]), 2, "table");
    assert_fails(&run(&["no-such-command"]), 2, "no-such-command");
    // Nothing listens on port 1.
    let nobody =
        ["account", "list", "--url", "http://127.0.0.1:1", "--api-key", "x", "--app-key", "y"];
    assert_fails(&run(&nobody), 4, "did not answer");
    assert_fails(&run(&["login", "--org", org, "--url", "http://example.com"]), 1, "https");
    assert_fails(&run(&["proof", "inspect", "nonsense"]), 1, "no proof");

    let json = run(&["--output", "json", "login"]);
    let said: Value = serde_json::from_slice(&json.stderr).unwrap();
    assert_eq!(said["exit_code"], 2);
}

#[test]
fn init_makes_a_private_file_once_and_serve_checks_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("master.key");
    let key = key.to_str().unwrap();
    assert!(run(&["init", "--master-key-file", key]).status.success());
    let before = std::fs::read(key).unwrap();
    assert_fails(&run(&["init", "--master-key-file", key]), 1, "master.key");
    assert_eq!(std::fs::read(key).unwrap(), before, "left alone");

    let config = folder.path().join("countersign.toml");
    let config = config.to_str().unwrap();
    let check = || run(&["serve", "--check", "--config", config]);
    std::fs::write(config, format!("master_key_file = {key:?}\n")).unwrap();
    assert!(check().status.success());
    std::fs::write(config, format!("master_key_file = {key:?}\nlisten = \"0.0.0.0:8400\"\n"))
        .unwrap();
    assert_fails(&check(), 2, "tls.certificate");
    std::fs::write(config, "lisen = 1").unwrap();
    assert_fails(&check(), 2, "lisen");
    std::fs::write(config, "").unwrap();
    assert_fails(&check(), 2, "countersign init");
    let missing = run(&["serve", "--config", "/nonexistent/countersign.toml"]);
    assert_fails(&missing, 2, "/nonexistent/countersign.toml");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(key, PermissionsExt::from_mode(0o644)).unwrap();
        std::fs::write(config, format!("master_key_file = {key:?}\n")).unwrap();
        assert_fails(&check(), 2, "chmod 600");
    }
    let reference = text(&run(&["serve", "--reference"]).stdout);
    assert!(reference.contains("COUNTERSIGN_TOKENS_TTL_SECONDS"));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&run(&["completions", shell]).stdout).contains("explain"), "{shell}");
    }
}
