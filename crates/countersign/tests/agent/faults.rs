//! Full disks, dead servers, two agents for one file.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::Value;

use crate::{
    common::{assert_fails, countersign, text},
    dev::Dev,
    process::{Agent, ORG, as_agent, folder, one, until},
};

const NOBODY: [&str; 6] = ["agent", "--url", "http://127.0.0.1:1", "--org", ORG, "--key-file"];

fn make_seal(folder: &Path) {
    let init = ["init", "--master-key-file", "seal"];
    assert!(countersign().args(init).current_dir(folder).output().unwrap().status.success());
}

/// Runs the agent's command so that no file of its can grow, as on a full disk.
fn on_a_full_disk(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.env_clear();
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\" 2>&1 | cat", "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell
}

#[test]
fn on_a_full_disk_the_old_key_stays_and_the_trouble_is_told() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    for file in ["key", "cache"] {
        fs::write(folder.path().join(file), "the old one").unwrap();
        fs::set_permissions(folder.path().join(file), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut command = as_agent(&dev);
    command.args([
        "agent",
        "--state-file",
        "state.json",
        "--key-file",
        "key",
        "--cache-file",
        "cache",
        "--once",
    ]);
    let output = on_a_full_disk(&command)
        .env("PATH", "/usr/bin:/bin")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = text(&output.stdout);
    for words in [
        "can't write `key`",
        "the next start will be without a cached key",
        "the state file could not be written",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for file in ["key", "cache"] {
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), "the old one");
        assert!(!folder.path().join(format!("{file}.new")).exists(), "nothing half-written stays");
    }
}

#[test]
fn two_agents_do_not_write_one_file() {
    let first = Agent::start(
        None,
        folder(),
        &["--url", "http://127.0.0.1:1", "--org", ORG, "--key-file", "key"],
    );
    first.until("it runs", |told| one(told)["consecutive_failures"] == 1);
    let second = |args: &[&str]| {
        let all = [&NOBODY[..], &["key", "--state-file", "other.json"], args].concat();
        countersign().args(all).current_dir(first.folder.path()).output().unwrap()
    };
    assert_fails(&second(&[]), 2, "another agent writes `key`");
    assert_fails(&second(&["--once"]), 2, "another agent writes `key`");
}

#[test]
fn an_instance_that_comes_by_a_reload_waits_for_its_file() {
    let folder = folder();
    let config = folder.path().join("agent.toml");
    let instance = |name: &str| {
        format!(
            "[[instance]]\nname = '{name}'\nurl = 'http://127.0.0.1:1'\norg = '{ORG}'\nkey_file = '{name}'\n"
        )
    };
    fs::write(&config, instance("a")).unwrap();
    let lock = private_file::Lock::take(&folder.path().join("b")).unwrap().unwrap();
    let agent = Agent::start(None, folder, &["--config", "agent.toml"]);
    agent.until("it runs", |told| one(told)["consecutive_failures"] == 1);
    fs::write(&config, instance("a") + &instance("b")).unwrap();
    agent.signal("HUP");
    let told = agent.until("the new one waits", |told| {
        told["instances"][1]["output_error"].as_str().is_some_and(|e| e.contains("another agent"))
    });
    assert!(told["instances"][1]["story"].as_str().unwrap().contains("waits for its files"));
    drop(lock);
}

#[test]
fn a_restart_without_a_server_begins_with_the_sealed_key() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    make_seal(folder.path());
    let args = ["--key-file", "key", "--cache-file", "cache", "--cache-key-file", "seal"];
    let mut agent = Agent::start(Some(&dev), folder, &args);
    let told = agent.until("a key", |told| one(told)["state"] == "active");
    let key = until("the key", || Some(agent.read("key")).filter(|key| !key.is_empty()));
    until("the cache", || Some(agent.read("cache")).filter(|text| !text.is_empty()));
    assert_eq!(agent.stop().code(), Some(0));
    assert!(!agent.read("cache").contains(&key), "the file alone is worth nothing");
    let url = dev.environment.iter().find(|(name, _)| name == "DD_HOST").unwrap().1.clone();
    let org = one(&told)["org"].as_str().unwrap().to_owned();
    drop(dev);

    fs::remove_file(agent.path("key")).unwrap();
    let mut again = countersign();
    again.args(["agent", "--state-file", "state.json", "--url", &url, "--org", &org]).args(args);
    let folder = std::mem::replace(&mut agent.folder, crate::process::folder());
    let mut agent = Agent::spawn(again, folder);
    let told = agent.until("it tried", |told| one(told)["consecutive_failures"] == 1);
    assert_eq!(one(&told)["state"], "active");
    let story = one(&told)["story"].as_str().unwrap();
    assert!(story.contains("the last good one") && story.contains("stays in use"), "{story}");
    assert_eq!(until("the key", || Some(agent.read("key")).filter(|key| !key.is_empty())), key);
    agent.stop();

    fs::remove_file(agent.path("seal")).unwrap();
    make_seal(agent.folder.path());
    let mut again = countersign();
    again.args(["agent", "--state-file", "state.json", "--url", &url, "--org", &org]).args(args);
    let folder = std::mem::replace(&mut agent.folder, crate::process::folder());
    let agent = Agent::spawn(again, folder);
    let told = agent.until("it says so", |told| one(told)["cache_error"].is_string());
    assert!(one(&told)["cache_error"].as_str().unwrap().contains("sealed under another key"));
}

/// One that never had a key is told apart from one whose server is away.
#[test]
fn once_hands_over_what_there_is_and_says_by_its_code_whether_it_is_managed() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    let mut command = as_agent(&dev);
    command
        .args(["agent", "--once", "--key-file", "key", "--state-file", "s"])
        .current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("key")).unwrap().len(), 32);

    let output = countersign()
        .args(NOBODY)
        .args(["k2", "--once", "--state-file", "s"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let status = ["agent", "status", "--state-file", "s", "--output", "json"];
    let told = countersign().args(status).current_dir(folder.path()).output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["running"], &one(&told)["state"]), (&false.into(), &"pending".into()));
    assert!(!folder.path().join("k2").exists());
}

/// Good keys that reach nobody help nobody.
#[test]
fn a_key_that_could_not_be_handed_over_is_not_well() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    let mut command = as_agent(&dev);
    command.args(["agent", "--once", "--key-file", "missing/key", "--state-file", "s"]);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let mut command = as_agent(&dev);
    command.args([
        "agent",
        "--once",
        "--key-file",
        "key",
        "--on-change",
        "false",
        "--state-file",
        "s",
    ]);
    command.env("PATH", "/usr/bin:/bin").current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let mut agent =
        Agent::start(Some(&dev), folder, &["--key-file", "key", "--on-change", "false"]);
    agent.until("it could not", |told| one(told)["output_error"].is_string());
    assert_eq!(agent.status("table").status.code(), Some(1));
    agent.stop();
}

/// Whatever goes wrong, no secret is in what is written for people.
#[test]
fn no_secret_reaches_a_log_or_a_status() {
    let folder = folder();
    fs::write(folder.path().join("fallback"), "fallback-key-text\n").unwrap();
    fs::set_permissions(folder.path().join("fallback"), fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = countersign();
    command
        .args(NOBODY)
        .args([
            "key",
            "--state-file",
            "state.json",
            "--fallback-key-file",
            "fallback",
            "--log",
            "trace",
        ])
        .args(["--listen", "127.0.0.1:0", "--socket", "s", "--cache-file", "cache"])
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret-access-key-text")
        .env("AWS_SESSION_TOKEN", "session-token-text");
    let mut agent = Agent::spawn(command, folder);
    agent.until("the fallback", |told| one(told)["state"] == "fallback");
    until("the key", || Some(agent.read("key")).filter(|key| key == "fallback-key-text"));
    agent.signal("HUP");
    until("it was read anew", || agent.read("log").contains("read anew").then_some(()));
    let table = text(&agent.status("table").stdout);
    assert!(table.contains("THE FALLBACK KEY IS IN USE"), "{table}");
    agent.stop();
    for shown in [agent.read("log"), agent.read("state.json"), table] {
        for secret in ["fallback-key-text", "secret-access-key-text", "session-token-text"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
