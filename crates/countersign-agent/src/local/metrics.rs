//! How the agent stands, for Prometheus.
//!
//! * **Source**: "Exposition formats", text format 0.0.4; "Metric and label naming" (Prometheus documentation).
//! * **Units**: times are Unix seconds.
//! * One label, `instance_name`, whose values the configuration names.

use std::fmt::Write;

use crate::status::{AgentStatus, InstanceStatus};

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All of them.
pub(super) fn render(status: &AgentStatus) -> String {
    let mut text = String::new();
    family(&mut text, "countersign_agent_info", "gauge", "The agent's version.");
    let _ = writeln!(text, "countersign_agent_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    for (name, kind, help, value) in FAMILIES {
        family(&mut text, name, kind, help);
        for one in &status.instances {
            if let Some(value) = value(one) {
                let _ =
                    writeln!(text, "{name}{{instance_name=\"{}\"}} {value}", escaped(&one.name));
            }
        }
    }
    states(&mut text, status);
    exchanges(&mut text, status);
    text
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn states(text: &mut String, status: &AgentStatus) {
    let name = "countersign_agent_state";
    family(text, name, "gauge", "1 for the state that the instance is in.");
    for one in &status.instances {
        for state in ["active", "pending", "fallback"] {
            let is = u8::from(one.state == state);
            let instance = escaped(&one.name);
            let _ = writeln!(text, "{name}{{instance_name=\"{instance}\",state=\"{state}\"}} {is}");
        }
    }
}

fn exchanges(text: &mut String, status: &AgentStatus) {
    let name = "countersign_agent_exchanges_total";
    family(text, name, "counter", "Exchanges with the server, by whether they gave a key.");
    for one in &status.instances {
        let instance = escaped(&one.name);
        for (outcome, count) in [("success", one.refreshes), ("failure", one.failures)] {
            let labels = format!("instance_name=\"{instance}\",outcome=\"{outcome}\"");
            let _ = writeln!(text, "{name}{{{labels}}} {count}");
        }
    }
}

/// A label's value (the format's own three escapes).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

type Family = (&'static str, &'static str, &'static str, fn(&InstanceStatus) -> Option<f64>);

#[rustfmt::skip]
#[expect(clippy::cast_precision_loss, reason = "seconds and counts are far below 2^53")]
const FAMILIES: &[Family] = &[
    ("countersign_agent_last_refresh_timestamp_seconds", "gauge", "When a key was obtained last.", |one| one.last_refresh.map(|at| at as f64)),
    ("countersign_agent_next_refresh_timestamp_seconds", "gauge", "When the server is asked next.", |one| one.next_refresh.map(|at| at as f64)),
    ("countersign_agent_consecutive_failures", "gauge", "Exchanges that failed since the last success.", |one| Some(f64::from(one.consecutive_failures))),
    ("countersign_agent_key_changes_total", "counter", "How often another key came.", |one| Some(one.key_changes as f64)),
    ("countersign_agent_undelivered", "gauge", "1 while the key has not reached everybody.", |one| Some(f64::from(u8::from(one.output_error.is_some())))),
    ("countersign_agent_cache_broken", "gauge", "1 while the cache can not be read or written.", |one| Some(f64::from(u8::from(one.cache_error.is_some())))),
    ("countersign_agent_clock_skew_seconds", "gauge", "The clock of this machine minus the server's, where it is why an exchange failed.", |one| Some(one.clock_skew_seconds.unwrap_or(0) as f64)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_described_and_every_sample_is_of_one() {
        let one = |name: &str, state: &str| InstanceStatus {
            name: name.to_owned(),
            state: state.to_owned(),
            refreshes: 3,
            last_refresh: Some(1_784_894_400),
            ..InstanceStatus::default()
        };
        let instances = vec![one("a", "active"), one("b \"q\\\n", "fallback")];
        let text = render(&AgentStatus { pid: 1, written_at: 0, instances });
        let mut described = "";
        for line in text.lines() {
            match line.strip_prefix("# ") {
                Some(rest) => described = rest.split(' ').nth(1).unwrap(),
                None => assert_eq!(line.split('{').next(), Some(described), "{line}"),
            }
        }
        for line in [
            "countersign_agent_state{instance_name=\"a\",state=\"active\"} 1",
            "countersign_agent_state{instance_name=\"b \\\"q\\\\\\n\",state=\"fallback\"} 1",
            "countersign_agent_last_refresh_timestamp_seconds{instance_name=\"a\"} 1784894400",
            "countersign_agent_exchanges_total{instance_name=\"a\",outcome=\"success\"} 3",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("next_refresh_timestamp_seconds{"), "what is unknown has no sample");
    }
}
