//! Where keys go, how configurations change, and what is told of both.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    common::{assert_fails, countersign, run, text},
    dev::Dev,
    process::{Agent, ORG, folder, one, status},
};

/// A program that says what it was told.
fn program(folder: &Path) -> String {
    let path = folder.join("told.sh");
    let line =
        "echo \"$DD_API_KEY $COUNTERSIGN_KEY_SOURCE $(cat \"$COUNTERSIGN_KEY_FILE\")\" >> told";
    fs::write(&path, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_key_reaches_a_file_and_a_program_and_the_status_tells_how_it_stands() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    let program = program(folder.path());
    let args = ["--key-file", "key", "--cache-file", "cache", "--on-change", &program];
    let mut agent = Agent::start(Some(&dev), folder, &args);

    let told = agent.until("a key", |told| one(told)["state"] == "active");
    assert_eq!((&told["running"], &told["pid"]), (&true.into(), &agent.child.id().into()));
    assert_eq!(one(&told)["credentials_from"], "environment variables");
    assert!(one(&told)["next_refresh"].as_i64() > one(&told)["last_refresh"].as_i64());
    let deadline = Instant::now() + Duration::from_secs(30);
    while agent.read("told").is_empty() {
        assert!(Instant::now() < deadline, "{}", agent.read("log"));
        thread::sleep(Duration::from_millis(50));
    }
    let key = agent.read("key");
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(agent.read("told"), format!("{key} managed {key}\n"));
    let keys = dev.json(&["key", "api", "list"]).to_string();
    assert!(keys.contains(key.split_at(28).1), "the server lists it by its last digits: {keys}");
    for file in ["key", "cache", "state.json"] {
        let mode = fs::metadata(agent.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let table = agent.status("table");
    assert_eq!(table.status.code(), Some(0));
    let shown = text(&table.stdout);
    assert!(shown.contains("The agent runs") && shown.contains("active"), "{shown}");

    assert_eq!(agent.stop().code(), Some(0));
    let ended = agent.status("table");
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stdout).contains("does not run"));
    for shown in [shown, agent.read("state.json"), agent.read("log")] {
        assert!(!shown.contains(&key), "{shown}");
    }
}

#[test]
fn sighup_reads_the_configuration_anew_and_one_that_is_wrong_changes_nothing() {
    let data = folder();
    let dev = Dev::start(data.path());
    let find = |name: &str| dev.environment.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let (url, org) = (find("DD_HOST"), find("DD_ORG_UUID"));
    let instance = |name: &str| {
        format!(
            "[[instance]]\nname = '{name}'\nurl = '{url}'\norg = '{org}'\nkey_file = 'key-{name}'\n"
        )
    };
    let folder = folder();
    let config = folder.path().join("agent.toml");
    fs::write(&config, instance("a")).unwrap();
    let mut agent = Agent::start(Some(&dev), folder, &["--config", "agent.toml"]);
    let names = |told: &Value| -> Vec<String> {
        let all = told["instances"].as_array().into_iter().flatten();
        let active = all.filter(|one| one["state"] == "active");
        active.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    agent.until("the first", |told| names(told) == ["a"]);

    fs::write(&config, instance("a") + &instance("b")).unwrap();
    agent.signal("HUP");
    agent.until("both", |told| names(told) == ["a", "b"]);

    fs::write(&config, "[[instance]]\nnonsense = 1\n").unwrap();
    let before = agent.until("both", |told| names(told) == ["a", "b"])["written_at"].as_i64();
    agent.signal("HUP");
    let same = agent.until("it is refused", |_| agent.read("log").contains("as before"));
    assert!(same["written_at"].as_i64() >= before && names(&same) == ["a", "b"]);

    fs::write(&config, instance("b")).unwrap();
    agent.signal("HUP");
    agent.until("the second alone", |told| names(told) == ["b"]);
    assert_eq!(agent.read("key-a"), agent.read("key-b"), "what was written stays");

    assert_eq!(agent.stop().code(), Some(0));
}

#[test]
fn without_a_server_the_fallback_is_handed_over_and_that_is_told() {
    let folder = folder();
    let fallback = folder.path().join("fallback");
    fs::write(&fallback, "fallback-key\n").unwrap();
    fs::set_permissions(&fallback, fs::Permissions::from_mode(0o600)).unwrap();
    let mut args = vec!["--url", "http://127.0.0.1:1", "--org", ORG, "--key-file", "key"];
    args.extend(["--fallback-key-file", "fallback", "--on-change", "false"]);
    let agent = Agent::start(None, folder, &args);
    let told = agent.until("the fallback", |told| {
        one(told)["state"] == "fallback" && one(told)["output_error"].is_string()
    });
    assert_eq!(one(&told)["consecutive_failures"], 1);
    assert!(one(&told)["output_error"].as_str().unwrap().contains("`false` failed"));
    assert_eq!(agent.read("key"), "fallback-key");
    assert_eq!(agent.status("table").status.code(), Some(1));
    assert!(agent.read("log").contains("fallback key is in use"), "{}", agent.read("log"));

    // The lock is the running agent's.
    let second = countersign()
        .args(["agent", "--org", ORG, "--key-file", "other", "--state-file", "state.json"])
        .current_dir(agent.folder.path())
        .output()
        .unwrap();
    assert_fails(&second, 2, "another agent");
}

#[test]
fn mistakes_are_told_before_anything_starts() {
    let folder = folder();
    let in_folder = |args: &[&str]| {
        countersign().arg("agent").args(args).current_dir(folder.path()).output().unwrap()
    };
    assert_fails(&run(&["agent", "--key-file", "k"]), 2, "DD_ORG_UUID");
    assert_fails(&run(&["agent", "--org", ORG]), 2, "reach nobody");
    assert_fails(&in_folder(&["--org", "x", "--key-file", "k"]), 2, "UUID");
    assert_fails(&in_folder(&["--config", "missing.toml"]), 2, "missing.toml");
    fs::write(folder.path().join("open"), "k").unwrap();
    fs::set_permissions(folder.path().join("open"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = ["--org", ORG, "--key-file", "k", "--fallback-key-file", "open"];
    assert_fails(&in_folder(&open), 2, "chmod 600");
    assert_fails(&status(folder.path(), "table"), 1, "has an agent been started");
    assert_fails(&in_folder(&["status"]), 1, "/nonexistent");
}

/// As the telemetry Agent runs its `secret_backend_command`.
#[test]
fn keys_are_told_by_the_protocol_of_secret_backends() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let instance = |name: &str, file: &str| {
        let file = path(file);
        format!(
            "[[instance]]\nname = '{name}'\nurl = 'https://c.example'\norg = '{ORG}'\nkey_file = '{}'\n",
            file.display()
        )
    };
    let open = format!(
        "{}{}{}[[instance]]\nname = 'told'\nurl = 'https://c.example'\norg = '{ORG}'\non_change = ['true']\n",
        instance("metrics", "key"),
        instance("logs", "not-yet"),
        instance("open", "open-key"),
    );
    fs::write(path("agent.toml"), open).unwrap();
    for (name, mode) in [("key", 0o600), ("open-key", 0o644)] {
        fs::write(path(name), "0123456789abcdef0123456789abcdef\n").unwrap();
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let ask = |asked: &str| {
        let mut child = countersign()
            .args(["agent", "secrets", "--config"])
            .arg(path("agent.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let asked = r#"{"version": "1.0", "secrets": ["metrics", "logs", "open", "told", "other"], "secret_backend_timeout": 30}"#;
    let output = ask(asked);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answers: Value = serde_json::from_slice(&output.stdout).unwrap();
    let metrics = serde_json::json!({"value": "0123456789abcdef0123456789abcdef", "error": null});
    assert_eq!(answers["metrics"], metrics);
    for (name, words) in [
        ("logs", "there is no key yet"),
        ("open", "chmod 600"),
        ("told", "no `key_file`"),
        ("other", "no instance"),
    ] {
        let answer = &answers[name];
        assert!(answer["value"].is_null(), "{name}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{name}: {answer}");
    }
    for wrong in ["", "{}", "[]", "{\"secrets\": [1]}"] {
        let output = ask(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_agent_alone_is_the_same_in_a_program_of_its_own() {
    let folder = folder();
    let alone = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign-agent"));
        command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true").current_dir(folder.path());
        command.args(args).output().unwrap()
    };
    let nobody = ["--url", "http://127.0.0.1:1", "--org", ORG, "--key-file", "key"];
    let once = alone(&[&nobody[..], &["--once", "--state-file", "s"]].concat());
    assert_eq!(once.status.code(), Some(1), "{}", text(&once.stderr));
    let told = alone(&["status", "--state-file", "s", "--output", "json"]);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(one(&told)["consecutive_failures"], 1);
    assert_fails(&alone(&["--state-file", "s"]), 2, "DD_ORG_UUID");
    assert_fails(&alone(&["--key-file", "k", "status"]), 2, "cannot be used with");
}
