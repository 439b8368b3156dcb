//! What an agent costs a host that it waits on (H1, H2): ten instances, every output that needs no cluster, and the page.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use bench_suite::goals::{Goal, median, say};

use crate::process::{Outcome, Running};

const INSTANCES: usize = 10;
const ROUNDS: usize = 3;
/// One hundredth of a second of CPU time, the kernel's smallest step, is then a fifth of the goal.
const IDLE: Duration = Duration::from_secs(50);

const MEMORY: Goal =
    Goal { id: "H1", at_most: 1.0, what: "resident memory of an idle agent / 15 MiB" };
const CPU: Goal = Goal { id: "H2", at_most: 1.0, what: "CPU of an idle agent / 0.1 % of a core" };

pub(crate) fn measure(product: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (_dev, exports) = dev(product, folder.path())?;
    let (mut kib, mut shares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let agent = agent(product, folder.path(), &exports)?;
        // What the first exchanges used is no idling.
        sleep(Duration::from_secs(2));
        let (before, began) = (agent.cpu_micros()?, Instant::now());
        sleep(IDLE);
        shares.push((agent.cpu_micros()? - before) / began.elapsed().as_micros() as f64);
        kib.push(agent.resident_kib()?);
    }
    say(format_args!(
        "an idle agent with {INSTANCES} instances, {} rounds of {} s",
        ROUNDS,
        IDLE.as_secs()
    ));
    MEMORY.single(median(&kib) / (15.0 * 1024.0), &format!("{:.1} MiB", median(&kib) / 1024.0));
    CPU.single(median(&shares) / 0.001, &format!("{:.3} %", median(&shares) * 100.0));
    Ok(())
}

/// A server to ask, and what it says its callers need.
fn dev(product: &Path, folder: &Path) -> Outcome<(Running, BTreeMap<String, String>)> {
    let (file, log) = (folder.join("env"), folder.join("dev.log"));
    let mut command = Command::new(product);
    command
        .args(["dev", "--listen", "127.0.0.1:0", "--sts-listen", "127.0.0.1:0", "--env-file"])
        .arg(&file)
        .arg("--data")
        .arg(folder.join("data"));
    let mut running = Running::start(&mut command, &log)?;
    running.until(&log, || file.exists())?;
    let text = fs::read_to_string(&file)?;
    let pairs = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    let unquoted = |text: &str| text.trim_matches(['\'', '"']).to_owned();
    Ok((running, pairs.map(|(name, value)| (name.to_owned(), unquoted(value))).collect()))
}

/// An agent whose keys are all there.
fn agent(product: &Path, folder: &Path, exports: &BTreeMap<String, String>) -> Outcome<Running> {
    let find = |name: &str| exports.get(name).ok_or(format!("`dev` did not export {name}"));
    let (url, org) = (find("DD_HOST")?, find("DD_ORG_UUID")?);
    let mut text = "listen = \"127.0.0.1:0\"\nsocket = \"agent.sock\"\n".to_owned();
    for number in 0..INSTANCES {
        let _ = fs::remove_file(folder.join(format!("key-{number}")));
        write!(
            text,
            "[[instance]]\nname = \"i{number}\"\nurl = \"{url}\"\norg = \"{org}\"\n\
             key_file = \"key-{number}\"\ncache_file = \"cache-{number}\"\n"
        )?;
    }
    fs::write(folder.join("agent.toml"), text)?;
    let mut command = Command::new(product.with_file_name("countersign-agent"));
    command
        .args(["--config", "agent.toml", "--state-file", "agent.json"])
        .current_dir(folder)
        .envs(exports.iter().filter(|(name, _)| name.starts_with("AWS_")));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env(name, find(&format!("AGENT_{name}"))?);
    }
    let log = folder.join("agent.log");
    let mut running = Running::start(&mut command, &log)?;
    running.until(&log, || (0..INSTANCES).all(|n| folder.join(format!("key-{n}")).exists()))?;
    Ok(running)
}
