//! What a service manager hears (`sd_notify(3)`).

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixDatagram},
    path::Path,
    time::Duration,
};

use crate::{
    dev::Dev,
    process::{Agent, ORG, as_agent, folder, until},
};

/// Everything that comes until a message has this in it.
fn hear(socket: &UnixDatagram, words: &str) -> Vec<String> {
    let mut heard = Vec::new();
    until(words, || {
        let mut bytes = [0; 4096];
        let message = socket.recv(&mut bytes).ok()?;
        heard.push(String::from_utf8(bytes[..message].to_vec()).unwrap());
        heard.last().unwrap().contains(words).then_some(())
    });
    heard
}

/// It must end when its folder goes: nobody else ends it.
fn program(path: &Path, line: &str) {
    fs::write(path, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn manager(path: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(path).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    socket
}

#[test]
fn it_is_ready_with_its_first_key_and_shows_that_it_lives() {
    let data = folder();
    let dev = Dev::start(data.path());
    let folder = folder();
    let socket = manager(&folder.path().join("notify"));
    let mut command = as_agent(&dev);
    command
        .args(["agent", "--state-file", "state.json", "--key-file", "key"])
        // As one that restarts what waits for the agent.
        .args(["--on-change", "./wait"])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("WATCHDOG_USEC", "400000");
    program(&folder.path().join("wait"), "until [ -e ready ] || ! [ -e wait ]; do sleep 0.1; done");
    let (key, ready) = (folder.path().join("key"), folder.path().join("ready"));
    let mut agent = Agent::spawn(command, folder);
    let heard = hear(&socket, "READY=1");
    assert!(
        heard.iter().any(|line| line.contains("STATUS=1 active, 0 without a key")),
        "{heard:?}"
    );
    fs::write(ready, "").unwrap();
    assert_eq!(fs::read(&key).unwrap().len(), 32, "what starts next finds the key");
    hear(&socket, "WATCHDOG=1");
    agent.signal("HUP");
    let heard = hear(&socket, "RELOADING=1").pop().unwrap();
    assert!(heard.contains("MONOTONIC_USEC="), "{heard}");
    hear(&socket, "READY=1");
    assert_eq!(agent.stop().code(), Some(0));
    hear(&socket, "STOPPING=1");
}

/// A reload waits for the programs of instances that end; that is no reason to take the agent for dead.
#[test]
fn it_shows_that_it_lives_while_a_reload_waits() {
    let data = folder();
    let dev = Dev::start(data.path());
    let find = |name: &str| dev.environment.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let folder = folder();
    let socket = manager(&folder.path().join("notify"));
    program(
        &folder.path().join("wait"),
        "touch started; until [ -e ready ] || ! [ -e started ]; do sleep 0.1; done",
    );
    let instance = |name: &str, more: &str| {
        let (url, org) = (find("DD_HOST"), find("DD_ORG_UUID"));
        format!("[[instance]]\nname = '{name}'\nurl = '{url}'\norg = '{org}'\n{more}\n")
    };
    let config = folder.path().join("agent.toml");
    fs::write(&config, instance("a", "on_change = ['./wait']")).unwrap();
    let mut command = as_agent(&dev);
    command
        .args(["agent", "--state-file", "state.json", "--config", "agent.toml"])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("WATCHDOG_USEC", "400000");
    let (started, ready) = (folder.path().join("started"), folder.path().join("ready"));
    let mut agent = Agent::spawn(command, folder);
    until("the program runs", || started.exists().then_some(()));
    fs::write(&config, instance("b", "key_file = 'b'")).unwrap();
    agent.signal("HUP");
    hear(&socket, "RELOADING=1");
    for _ in 0..3 {
        hear(&socket, "WATCHDOG=1");
    }
    assert!(!agent.read("log").contains("read anew"), "it still waits");
    fs::write(ready, "").unwrap();
    hear(&socket, "STATUS=1 active");
    assert_eq!(agent.stop().code(), Some(0));
}

#[test]
fn a_server_that_is_away_holds_nobody_up() {
    let folder = folder();
    let socket = manager(&folder.path().join("notify"));
    let mut command = crate::common::countersign();
    command
        .args(["agent", "--state-file", "state.json", "--key-file", "key"])
        .args(["--url", "http://127.0.0.1:1", "--org", ORG])
        .env("NOTIFY_SOCKET", folder.path().join("notify"));
    let _agent = Agent::spawn(command, folder);
    let heard = hear(&socket, "READY=1");
    assert!(heard.iter().any(|line| line.contains("1 without a key")), "{heard:?}");
}
