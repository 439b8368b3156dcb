//! How soon a server answers and how much memory it then has, beside moto's and one of Go's (E1, E2).

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use bench_suite::goals::Goal;

use crate::{
    peers::{self, Peers},
    process::{Outcome, Running, free_port, local, on_servers_core},
};

const ROUNDS: usize = 5;

/// Milliseconds and KiB, each round.
#[derive(Default)]
struct Figures(Vec<f64>, Vec<f64>);

pub(crate) fn measure(product: &Path, peers: &Peers) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let hello = peers.go.as_ref().map_err(Clone::clone).and_then(|go| {
        peers::go::build(go, folder.path(), "hello").map_err(|cause| cause.to_string())
    });
    let (mut ours, mut go, mut moto) = (Figures::default(), Figures::default(), Figures::default());
    for round in 0..=ROUNDS {
        // The first round only warms up.
        let keep = |figures: &mut Figures, (millis, kib)| {
            if round > 0 {
                figures.0.push(millis);
                figures.1.push(kib);
            }
        };
        let (command, port) = empty(product, folder.path())?;
        keep(&mut ours, first_answer(command, port, "/healthz", &log)?);
        if let Ok(hello) = &hello {
            let port = free_port()?;
            let mut command = on_servers_core(hello);
            command.arg(format!("127.0.0.1:{port}"));
            keep(&mut go, first_answer(command, port, "/", &log)?);
        }
        if let Ok(server) = &peers.moto {
            let port = free_port()?;
            let mut command = on_servers_core(server);
            command.args(["-p", &port.to_string()]);
            keep(&mut moto, first_answer(command, port, "/moto-api/", &log)?);
        }
    }
    let start = "start to first answer";
    let memory = "resident memory when idle";
    let peers = [
        (hello.as_ref().err(), &go, "E1b", "E2", 2.0, 2.0, "Go hello"),
        (peers.moto.as_ref().err(), &moto, "E1", "E2m", 0.05, 0.25, "moto_server"),
    ];
    for (why, theirs, first, second, soon, small, name) in peers {
        let goals = [
            (Goal { id: first, at_most: soon, what: start }, &ours.0, &theirs.0, "ms"),
            (Goal { id: second, at_most: small, what: memory }, &ours.1, &theirs.1, "KiB"),
        ];
        for (goal, mine, theirs, unit) in goals {
            match why {
                None => goal.rounds(mine, theirs, &format!("{unit}, / {name}")),
                Some(why) => goal.not_run(why),
            }
        }
    }
    Ok(())
}

/// Ours on an empty store.
fn empty(product: &Path, folder: &Path) -> Outcome<(Command, u16)> {
    let port = free_port()?;
    let config = folder.join("empty.toml");
    let text =
        format!("listen = \"127.0.0.1:{port}\"\nstore = \"memory\"\n[log]\nfilter = \"error\"\n");
    fs::write(&config, text)?;
    let mut command = on_servers_core(product);
    command.args(["serve", "--config"]).arg(&config);
    command.env("COUNTERSIGN_MASTER_KEY", "0123456789abcdef".repeat(4));
    Ok((command, port))
}

/// Milliseconds until the first good answer, and KiB resident then.
pub(crate) fn first_answer(
    mut command: Command,
    port: u16,
    path: &str,
    log: &Path,
) -> Outcome<(f64, f64)> {
    let began = Instant::now();
    let running = Running::start(&mut command, log)?;
    while !answers(port, path).unwrap_or(false) {
        if began.elapsed() > Duration::from_secs(60) {
            let text = fs::read_to_string(log).unwrap_or_default();
            return Err(format!("no answer within 60 s: {text}").into());
        }
        // Short beside what is measured, and the servers' core is not ours.
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok((began.elapsed().as_secs_f64() * 1e3, running.resident_kib()?))
}

fn answers(port: u16, path: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(local(port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 200") || answer.starts_with(b"HTTP/1.0 200"))
}
