//! The socket, the page and the metrics.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::{
    common::{assert_fails, countersign, text},
    dev::Dev,
    process::{Agent, ORG, as_agent, folder, one, until},
};

/// Status and body of one answer.
fn ask(mut stream: impl Read + Write, method: &str, path: &str) -> (u16, String) {
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn in_folder(mut command: Command, folder: &Path, args: &[&str]) -> Output {
    command.current_dir(folder).args(args).env("PATH", "/usr/bin:/bin").output().unwrap()
}

#[test]
fn the_socket_answers_with_the_key_for_its_owner_alone() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    // What a killed agent leaves.
    drop(std::os::unix::net::UnixListener::bind(folder.path().join("s")).unwrap());
    let mut agent = Agent::start(Some(&dev), folder, &["--socket", "s"]);
    let told = agent.until("a key", |told| one(told)["state"] == "active");
    let name = one(&told)["name"].as_str().unwrap();
    let socket = agent.path("s");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);

    let connect = || UnixStream::connect(&socket).unwrap();
    let (status, key) = ask(connect(), "GET", &format!("/keys/{name}"));
    assert_eq!((status, key.len()), (200, 32), "{key}");
    assert_eq!(ask(connect(), "GET", "/keys/other").0, 404);

    let run = in_folder(
        as_agent(&dev),
        agent.folder.path(),
        &["exec", "--managed-key", "--agent", "s", "--", "sh", "-c", "echo $DD_API_KEY$DD_APP_KEY"],
    );
    assert_eq!(text(&run.stdout), format!("{key}\n"), "{}", text(&run.stderr));
    let run = in_folder(
        as_agent(&dev),
        agent.folder.path(),
        &["exec", "--managed-key", "--", "sh", "-c", "echo $DD_API_KEY"],
    );
    assert_eq!(text(&run.stdout), format!("{key}\n"), "by an exchange of its own it is the same");
    assert_eq!(secrets(agent.folder.path(), name)[name]["value"], key.as_str());
    assert!(
        secrets(agent.folder.path(), "x")["x"]["error"].as_str().unwrap().contains("no instance")
    );

    let next = one(&told)["next_refresh"].as_i64().unwrap();
    let refused = ["agent", "refused", "--socket", "s", name];
    let run = in_folder(countersign(), agent.folder.path(), &refused);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let last = one(&told)["last_refresh"].as_i64().unwrap();
    agent.until("the next refresh comes sooner", |told| {
        let sooner = one(told)["next_refresh"].as_i64().unwrap();
        // Unless chance had put it there.
        (sooner < next || next <= last + 31) && sooner >= last + 29
    });

    assert_eq!(agent.stop().code(), Some(0));
    assert!(!socket.exists(), "it takes its socket away");
    let run = in_folder(countersign(), agent.folder.path(), &refused);
    assert_fails(&run, 1, "no agent answers");
}

fn secrets(folder: &Path, name: &str) -> Value {
    let mut child = countersign()
        .args(["agent", "secrets", "--socket", "s"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = serde_json::json!({"version": "1.0", "secrets": [name]});
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn a_socket_is_not_taken_from_another_and_replaces_no_file() {
    let folder = folder();
    let other = |args: &[&str]| {
        let all = [
            &["agent", "--url", "http://127.0.0.1:1", "--org", ORG, "--state-file", "other.json"],
            args,
        ];
        in_folder(countersign(), folder.path(), &all.concat())
    };
    fs::write(folder.path().join("file"), "precious").unwrap();
    assert_fails(&other(&["--socket", "file"]), 1, "something else of that name");
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "precious");
    assert_fails(&other(&["--socket", "s", "--socket-owner", "no-such-user"]), 1, "no user");
    let _lock = private_file::Lock::take(&folder.path().join("s")).unwrap().unwrap();
    assert_fails(&other(&["--socket", "s"]), 1, "another agent answers there");
}

#[test]
fn the_page_and_the_metrics_tell_how_it_stands_and_hold_no_key() {
    let data = folder();
    let dev = Dev::start(data.path());
    let agent =
        Agent::start(Some(&dev), folder(), &["--key-file", "key", "--listen", "127.0.0.1:0"]);
    agent.until("a key", |told| one(told)["state"] == "active");
    let address = until("the log names the address", || {
        let log = agent.read("log");
        let (_, rest) = log.split_once("the status page is http://")?;
        Some(rest.split_once('/')?.0.to_owned())
    });
    until("the key file", || Some(agent.read("key")).filter(|key| !key.is_empty()));
    let get = |path: &str| ask(TcpStream::connect(&address).unwrap(), "GET", path);
    let (page, metrics, status) = (get("/"), get("/metrics"), get("/status"));
    assert!(page.1.contains("1 of 1 active"), "{}", page.1);
    assert!(metrics.1.contains(",state=\"active\"} 1"), "{}", metrics.1);
    assert!(status.1.contains("\"environment variables\""), "{}", status.1);
    for (code, body) in [page, metrics, status, get("/style.css")] {
        assert_eq!(code, 200);
        assert!(!body.contains(&agent.read("key")));
    }
    assert_eq!(get("/keys/x").0, 404);

    let taken = in_folder(
        countersign(),
        agent.folder.path(),
        &["agent", "--org", ORG, "--key-file", "k2", "--state-file", "s2", "--listen", &address],
    );
    assert_fails(&taken, 1, "is another program there?");
}
