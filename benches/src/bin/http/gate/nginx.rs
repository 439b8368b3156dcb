//! A real nginx, by the example that we hand out: with ports of our own, and its one page under three paths.

use std::{fmt::Write as _, fs, os::unix::fs::PermissionsExt as _, path::Path};

use tempfile::TempDir;

use crate::process::{Outcome, Running, free_port, on_servers_core};

/// Behind the gate, which is asked each time.
pub(super) const GATE: &str = "/gate";
/// Behind the gate, whose answers nginx remembers for five seconds.
pub(super) const CACHED: &str = "/cached";
/// Behind nothing.
pub(super) const ALONE: &str = "/alone";

/// Ends with its folder when dropped.
pub(super) struct Nginx {
    pub(super) port: u16,
    _process: Running,
    _folder: TempDir,
}

impl Nginx {
    /// In front of Countersign at this port.
    pub(super) fn start(program: &Path, countersign: u16) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        // nginx gives its temporary files to a user who is not root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let (port, service) = (free_port()?, free_port()?);
        let ports = [("8400", countersign), ("8480", port), ("8481", service)];
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, configure(&fs::read_to_string(EXAMPLE)?, &ports, service)?)?;
        let mut command = on_servers_core(program);
        command.arg("-p").arg(folder.path()).arg("-c").arg(&configuration).args(["-e", "stderr"]);
        let process = Running::listening(&mut command, port, &folder.path().join("log"))?;
        Ok(Self { port, _process: process, _folder: folder })
    }
}

/// The example with these ports; in place of its page the same three times, and the service.
fn configure(example: &str, ports: &[(&str, u16)], service: u16) -> Outcome<String> {
    let mut text = example.to_owned();
    for (shown, port) in ports {
        let from = format!("127.0.0.1:{shown}");
        if !text.contains(&from) {
            return Err(format!("the example does not name {from}").into());
        }
        text = text.replace(&from, &format!("127.0.0.1:{port}"));
    }
    let (before, rest) = text.split_once(PAGE).ok_or("the example has no page")?;
    let (page, after) = rest.split_once("\n        }\n").ok_or("the page has no end")?;
    let cached = page.replace("auth_request /_gate;", "auth_request /_gate_cached;");
    let asking = |line: &&str| line.contains("auth_request") || line.contains("X-Countersign");
    let alone: Vec<&str> = page.lines().filter(|line| !asking(line)).collect();
    let mut pages = String::new();
    for (path, page) in [(GATE, page), (CACHED, &cached), (ALONE, &alone.join("\n"))] {
        write!(pages, "        location = {path} {{{page}\n        }}\n")?;
    }
    let before = before.replacen("http {", &format!("http {{\n{}", service_at(service)), 1);
    // One process, which ends when it is killed: the example's one worker would outlive its master.
    let before = before.replacen("daemon off;", "daemon off;\nmaster_process off;", 1);
    Ok(format!("{before}{pages}{after}"))
}

/// Answers at once. Connections are kept for a whole round, on both sides.
fn service_at(port: u16) -> String {
    format!(
        "    keepalive_requests 1000000;\n    \
         server {{ listen 127.0.0.1:{port}; location / {{ return 200 \"a page\\n\"; }} }}\n"
    )
}

const PAGE: &str = "        location / {";

const EXAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/countersign-server/examples/nginx.conf");
