//! Servers: started on a core of their own, read from `/proc`, ended when dropped.

use std::{
    error::Error,
    ffi::OsStr,
    fs::File,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Servers have core 0 to themselves; whoever is started without [`on_servers_core`] stays with us.
pub(crate) fn keep_off_the_servers_core() {
    let both = sched_getaffinity(None).is_ok_and(|set| set.is_set(0) && set.is_set(1));
    let mut ours = CpuSet::new();
    ours.set(1);
    if !both || sched_setaffinity(None, &ours).is_err() {
        bench_suite::goals::say(format_args!("there are no two cores to keep apart"));
    }
}

/// A command that will run on the servers' core.
pub(crate) fn on_servers_core(program: impl AsRef<OsStr>) -> Command {
    let taskset = Command::new("taskset").args(["-c", "0", "true"]).status();
    if !taskset.is_ok_and(|status| status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}

/// A process that is ended when dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts it with its output in `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let file = File::create(log)?;
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn();
        let program = command.get_program().to_string_lossy().into_owned();
        Ok(Self(child.map_err(|cause| format!("cannot start `{program}`: {cause}"))?))
    }

    /// The same, and waits until somebody listens.
    pub(crate) fn listening(command: &mut Command, port: u16, log: &Path) -> Outcome<Self> {
        let mut running = Self::start(command, log)?;
        running.until(log, || TcpStream::connect(local(port)).is_ok())?;
        Ok(running)
    }

    /// Waits for something; fails with the end of the log if the process ends first.
    pub(crate) fn until(&mut self, log: &Path, mut ready: impl FnMut() -> bool) -> Outcome<()> {
        let began = Instant::now();
        while !ready() {
            if self.0.try_wait()?.is_some() || began.elapsed() > Duration::from_secs(60) {
                let text = std::fs::read_to_string(log).unwrap_or_default();
                let last = text.lines().rev().take(5).collect::<Vec<_>>().join(" / ");
                return Err(format!("a server did not start: {last}").into());
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Microseconds of CPU that it has used, in steps of ten thousand.
    pub(crate) fn cpu_micros(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let (_, rest) = stat.rsplit_once(')').ok_or("no stat")?;
        let mut fields = rest.split_whitespace().skip(11);
        let mut next = || -> Outcome<f64> { Ok(fields.next().ok_or("short stat")?.parse()?) };
        Ok((next()? + next()?) * 10_000.0)
    }

    /// KiB of memory that it has.
    pub(crate) fn resident_kib(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind(local(0))?.local_addr()?.port())
}

pub(crate) fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
