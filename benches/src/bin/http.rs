//! The running server, measured from outside: start, memory, and what identical proofs cost STS (E1, E2, D9). Also prints the
//! CPU time of an exchange over HTTP, which has no peer here yet and therefore no ratio (D1 to D4).
//!
//! Needs `COUNTERSIGN_TEST_BIN`, which `cargo xtask bench --http` sets. Everything is on loopback and bounded in count; every
//! process that is started here is ended here.

use std::{
    collections::HashMap,
    error::Error,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use auth_model::{Clock as _, SystemClock, Timestamp};
use bench_suite::goals::{Goal, ROUNDS, say};
use sts_proof::{AwsCredentials, ClientStyle, Proof, SignOptions};

type Outcome<T> = Result<T, Box<dyn Error>>;

const TOGETHER: usize = 100;
const EXCHANGES: i64 = 500;

fn main() -> Outcome<()> {
    let binary = PathBuf::from(
        std::env::var_os("COUNTERSIGN_TEST_BIN").ok_or("COUNTERSIGN_TEST_BIN is not set")?,
    );
    let folder = tempfile::tempdir()?;
    start_and_memory(&binary, folder.path())?;
    exchanges(&binary, folder.path())?;
    let no_peer = "no pass-through, Go, RustyVault or oidc-provider peer is built here yet";
    for (id, at_most) in [("D1", 1.4), ("D2", 0.4), ("D3", 0.3), ("D4", 0.15)] {
        Goal { id, at_most, what: "CPU of an exchange over HTTP / peer" }.not_run(no_peer);
    }
    Goal { id: "D8", at_most: 0.01, what: "TLS handshakes to STS / exchanges" }
        .not_run("the local STS speaks plain HTTP");
    Ok(())
}

/// A process that is ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Spawn to first answer, and the memory then, beside moto's server.
fn start_and_memory(binary: &Path, folder: &Path) -> Outcome<()> {
    let moto = std::env::current_dir()?.join("target/clients-venv/bin/moto_server");
    let start = Goal { id: "E1", at_most: 0.05, what: "start to first answer / moto_server" };
    let memory = Goal { id: "E2", at_most: 0.25, what: "resident memory idle / moto_server" };
    if !moto.exists() {
        start.not_run("`cargo xtask test` makes the environment with moto");
        memory.not_run("`cargo xtask test` makes the environment with moto");
        return Ok(());
    }
    let ours = || {
        let port = free_port()?;
        let config = folder.join("bench.toml");
        std::fs::write(
            &config,
            format!(
                "listen = \"127.0.0.1:{port}\"\nstore = \"memory\"\n[log]\nfilter = \"error\"\n"
            ),
        )?;
        let mut command = Command::new(binary);
        command
            .args(["serve", "--config"])
            .arg(&config)
            .env("COUNTERSIGN_MASTER_KEY", "0123456789abcdef".repeat(4));
        first_answer(command, port, "/healthz")
    };
    let theirs = || {
        let port = free_port()?;
        let mut command = Command::new(&moto);
        command.args(["-p", &port.to_string()]);
        first_answer(command, port, "/moto-api/")
    };
    // Both sides are measured once a round; the memory is that of the same processes.
    let mut kept = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        kept.0.push(ours()?);
        kept.1.push(theirs()?);
    }
    let pick = |f: fn(&(f64, f64)) -> f64| {
        let (mut a, mut b) = (kept.0.iter().map(f), kept.1.iter().map(f));
        (move || a.next().unwrap_or(f64::NAN), move || b.next().unwrap_or(f64::NAN))
    };
    let (a, b) = pick(|(seconds, _)| *seconds * 1e3);
    start.compare(a, b);
    let (a, b) = pick(|(_, kib)| *kib);
    memory.compare(a, b);
    Ok(())
}

/// Seconds until the first answer, and KiB resident then.
fn first_answer(mut command: Command, port: u16, path: &str) -> Outcome<(f64, f64)> {
    let began = Instant::now();
    let running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    while request(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
    .is_err()
    {
        if began.elapsed() > Duration::from_secs(30) {
            return Err("no answer within 30 s".into());
        }
    }
    Ok((began.elapsed().as_secs_f64(), resident_kib(running.0.id())?))
}

fn resident_kib(pid: u32) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Ticks of CPU that a process has used: 100 a second.
fn cpu_ticks(pid: u32) -> Outcome<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').ok_or("no stat")?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || -> Outcome<f64> { Ok(fields.next().ok_or("short stat")?.parse()?) };
    Ok(next()? + next()?)
}

/// Identical proofs at once, then distinct ones in a row.
fn exchanges(binary: &Path, folder: &Path) -> Outcome<()> {
    let environment = folder.join("env");
    let mut command = Command::new(binary);
    command.args(["dev", "--listen", "127.0.0.1:0", "--sts-listen", "127.0.0.1:0", "--data"]);
    command.arg(folder.join("data")).arg("--env-file").arg(&environment);
    let running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    let began = Instant::now();
    while !environment.exists() {
        if began.elapsed() > Duration::from_secs(30) {
            return Err("`dev` was not ready within 30 s".into());
        }
        std::thread::yield_now();
    }
    let lines = std::fs::read_to_string(&environment)?;
    let pairs = lines.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    let environment: HashMap<&str, &str> = pairs.collect();
    let get = |name: &str| environment.get(name).copied().ok_or_else(|| format!("no {name}"));
    let port = port_of(get("DD_HOST")?)?;
    let sts = port_of(get("AWS_ENDPOINT_URL_STS")?)?;
    let credentials = AwsCredentials {
        access_key_id: get("AWS_ACCESS_KEY_ID")?.to_owned(),
        secret_access_key: get("AWS_SECRET_ACCESS_KEY")?.to_owned().into(),
        session_token: Some(get("AWS_SESSION_TOKEN")?.to_owned().into()),
    };
    let org = get("DD_ORG_UUID")?.parse()?;
    let exchange = |at: Timestamp| -> Outcome<String> {
        let options =
            SignOptions { org, region: None, style: ClientStyle::Go, user_agent: "bench", at };
        let proof = Proof::sign(&credentials, &options)?;
        Ok(format!(
            "POST /api/v2/delegated-token HTTP/1.1\r\nHost: localhost\r\nAuthorization: Delegated {}\r\nContent-Length: 0\r\n\r\n",
            proof.expose()
        ))
    };

    let before = sts_calls(sts)?;
    let now = SystemClock.now();
    let same = exchange(now)?;
    let threads: Vec<_> = (0..TOGETHER)
        .map(|_| {
            let same = same.clone();
            std::thread::spawn(move || {
                request(port, &same).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
            })
        })
        .collect();
    let granted =
        threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|fine| *fine).count();
    if granted != TOGETHER {
        return Err(format!("{granted} of {TOGETHER} identical proofs were granted").into());
    }
    let calls = sts_calls(sts)? - before;
    Goal { id: "D9", at_most: 1.0, what: "STS calls for 100 equal proofs at once" }.single(
        calls,
        "(clients connect one after the other, so some come after the first answer)",
    );

    let ticks = cpu_ticks(running.0.id())?;
    for n in 1..=EXCHANGES {
        // Distinct proofs: the date is part of what is signed. Within the five minutes that one may be old.
        let at = Timestamp::from_unix_seconds(now.unix_seconds() - n % 200);
        request(port, &exchange(at)?)?;
    }
    let micros = (cpu_ticks(running.0.id())? - ticks) * 10_000.0 / EXCHANGES as f64;
    say(format_args!(
        "an exchange over HTTP takes {micros:.0} µs of CPU, with a new connection, audit on SQLite, and the local STS in the same process"
    ));
    Ok(())
}

fn sts_calls(port: u16) -> Outcome<f64> {
    let answer = request(
        port,
        &format!(
            "GET /_control/requests HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        ),
    )?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
    let (_, count) = body.split_once("\"count\":").ok_or("no count")?;
    let digits: String = count.trim_start().chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// The whole answer, once the server closes the connection.
fn request(port: u16, text: &str) -> Outcome<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if answer.is_empty() {
        return Err("an empty answer".into());
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn port_of(url: &str) -> Outcome<u16> {
    Ok(url.rsplit(':').next().ok_or("no port")?.parse()?)
}
