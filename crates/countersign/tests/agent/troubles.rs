//! What goes wrong between a host with a good key and its server: the key stays, and the status says what it is.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use serde_json::Value;

use crate::{
    common::{countersign, text},
    dev::Dev,
    process::{Agent, ORG, as_agent, folder, one, until},
};

/// The secrets of the host's AWS credentials.
fn secrets(dev: &Dev) -> Vec<&str> {
    let is_secret =
        |name: &str| name.ends_with("SECRET_ACCESS_KEY") || name.ends_with("SESSION_TOKEN");
    dev.environment.iter().filter(|(name, _)| is_secret(name)).map(|(_, v)| v.as_str()).collect()
}

fn find(dev: &Dev, name: &str) -> String {
    dev.environment.iter().find(|(n, _)| n == name).unwrap().1.clone()
}

/// One run, as after a restart: its log, and what it then says of itself.
fn once(mut command: Command, folder: &Path) -> (String, Value) {
    command.args([
        "agent",
        "--once",
        "--state-file",
        "s",
        "--key-file",
        "key",
        "--cache-file",
        "cache",
    ]);
    let output = command.current_dir(folder).output().unwrap();
    let state: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("s")).unwrap()).unwrap();
    (text(&output.stderr), one(&state).clone())
}

/// Makes the local STS do this to all who ask.
fn sts(dev: &Dev, faults: &str) {
    let url = find(dev, "AWS_ENDPOINT_URL_STS");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let body = format!("{{\"faults\": [{faults}]}}");
    let length = body.len();
    write!(
        stream,
        "PUT /_control/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_host_with_a_good_key_keeps_it_and_says_what_is_wrong() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    let (_, first) = once(as_agent(&dev), folder.path());
    assert_eq!(first["state"], "active", "{first}");
    let key = fs::read_to_string(folder.path().join("key")).unwrap();
    let mut seen = Vec::new();
    let mut check = |trouble: &str, change: &dyn Fn(&mut Command), words: &str| {
        fs::remove_file(folder.path().join("key")).unwrap();
        let mut command = as_agent(&dev);
        change(&mut command);
        let (log, told) = once(command, folder.path());
        let error = told["last_error"].as_str().unwrap_or_default();
        assert!(error.contains(words), "{trouble}: {told}");
        assert_eq!(
            (&told["state"], &told["consecutive_failures"]),
            (&"active".into(), &1.into()),
            "{trouble}"
        );
        assert_eq!(fs::read_to_string(folder.path().join("key")).unwrap(), key, "{trouble}");
        seen.extend([log, told.to_string()]);
    };
    let nothing: &dyn Fn(&mut Command) = &|_| ();
    sts(&dev, r#"{"kind": "server_error", "status": 503}"#);
    check("STS is down", nothing, "sts is unavailable");
    sts(&dev, r#"{"kind": "reset"}"#);
    check("STS hangs up", nothing, "the connection to sts broke");
    sts(&dev, r#"{"kind": "throttle"}"#);
    check("STS has enough", nothing, "sts is throttling");
    sts(&dev, "");
    check(
        "a wrong secret",
        &|c| {
            c.env("AWS_SECRET_ACCESS_KEY", "not-that-secret");
        },
        "signature",
    );
    check(
        "another role",
        &|c| {
            for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
                c.env(name, find(&dev, name));
            }
        },
        "no identity mapping",
    );
    check(
        "no credentials",
        &|c| {
            c.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        },
        "no aws credentials",
    );
    let mapping = dev.json(&["mapping", "intake", "list"])[0]["id"].as_str().unwrap().to_owned();
    assert!(dev.run(&["mapping", "intake", "delete", &mapping]).status.success());
    check("the mapping is gone, and the key with it", nothing, "no identity mapping");
    for shown in seen {
        for secret in secrets(&dev).into_iter().chain([key.as_str(), "not-that-secret"]) {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn the_key_of_one_organization_is_not_used_for_another() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    once(as_agent(&dev), folder.path());
    fs::remove_file(folder.path().join("key")).unwrap();
    let mut command = as_agent(&dev);
    command.env("DD_ORG_UUID", ORG);
    let (_, told) = once(command, folder.path());
    assert_eq!(told["state"], "pending", "{told}");
    assert!(!folder.path().join("key").exists());
}

/// From the first failure to the server's audit log.
#[test]
fn a_fallback_ends_with_the_first_managed_key_and_the_server_hears_of_it() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    fs::write(folder.path().join("fallback"), "fallback-key-text").unwrap();
    fs::set_permissions(folder.path().join("fallback"), fs::Permissions::from_mode(0o600)).unwrap();
    sts(&dev, r#"{"kind": "server_error", "status": 503}"#);
    let args = ["--key-file", "key", "--fallback-key-file", "fallback", "--socket", "s"];
    let mut agent = Agent::start(Some(&dev), folder, &args);
    let told = agent.until("the fallback", |told| one(told)["state"] == "fallback");
    until("the fallback", || Some(agent.read("key")).filter(|key| key == "fallback-key-text"));
    sts(&dev, "");
    // The next is at least half a minute away.
    let name = one(&told)["name"].as_str().unwrap();
    let refused = ["agent", "refused", "--socket", "s", name];
    let run = countersign().args(refused).current_dir(agent.folder.path()).output().unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(45);
    while agent.read("key") == "fallback-key-text" {
        assert!(std::time::Instant::now() < patience, "{}", agent.read("log"));
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    agent.until("a managed key", |told| one(told)["state"] == "active");
    let events = dev.json(&["audit", "tail", "--query", "reason:fallback_reported"]).to_string();
    assert!(events.contains("a fallback key was in use since"), "{events}");
    agent.stop();
}
