//! Counts for Prometheus, and the listener that they are read from. Every replica counts for itself, from its start.
//!
//! Names follow Prometheus's naming guide, and labels have a closed list of values each: nothing that a caller sends becomes one.

mod listener;
mod text;

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

use crate::intake::IntakeCounts;

pub(crate) use listener::{Listening, listen};
use text::{Kind, Text};

/// What is counted beside telemetry, which counts itself. Counting takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Of a proof for an access token.
    pub(crate) token_exchanges: Exchanges,
    /// Of a proof for a managed key.
    pub(crate) key_exchanges: Exchanges,
    /// Questions of proxies.
    pub(crate) gate: Gate,
}

/// What became of exchanges of one kind.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    granted: AtomicU64,
    refused: AtomicU64,
    throttled: AtomicU64,
    failed: AtomicU64,
}

/// What became of questions to the gate.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    passed: AtomicU64,
    unauthenticated: AtomicU64,
    forbidden: AtomicU64,
    misconfigured: AtomicU64,
    failed: AtomicU64,
}

impl Exchanges {
    /// One more, which was answered so.
    pub(crate) fn count(&self, answered: StatusCode) {
        add(match answered.as_u16() {
            200..=299 => &self.granted,
            429 => &self.throttled,
            500.. => &self.failed,
            _ => &self.refused,
        });
    }

    fn outcomes(&self) -> [(&'static str, u64); 4] {
        [
            ("granted", read(&self.granted)),
            ("refused", read(&self.refused)),
            ("throttled", read(&self.throttled)),
            ("failed", read(&self.failed)),
        ]
    }
}

impl Gate {
    /// One more, which was answered so.
    pub(crate) fn count(&self, answered: StatusCode) {
        add(match answered {
            StatusCode::OK => &self.passed,
            StatusCode::UNAUTHORIZED => &self.unauthenticated,
            StatusCode::FORBIDDEN => &self.forbidden,
            StatusCode::BAD_REQUEST => &self.misconfigured,
            _ => &self.failed,
        });
    }

    fn outcomes(&self) -> [(&'static str, u64); 5] {
        [
            ("passed", read(&self.passed)),
            ("unauthenticated", read(&self.unauthenticated)),
            ("forbidden", read(&self.forbidden)),
            ("misconfigured", read(&self.misconfigured)),
            ("failed", read(&self.failed)),
        ]
    }
}

impl Metrics {
    /// All of it in Prometheus's text format.
    fn render(&self, intake: IntakeCounts) -> String {
        let mut text = Text::default();
        text.family(BUILD_INFO, Kind::Gauge, "Always 1; the label says which version this is.");
        text.sample(BUILD_INFO, &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.family(EXCHANGES, Kind::Counter, "Proofs that were exchanged, or not.");
        for (kind, exchanges) in [("token", &self.token_exchanges), ("key", &self.key_exchanges)] {
            for (outcome, count) in exchanges.outcomes() {
                text.sample(EXCHANGES, &[("kind", kind), ("outcome", outcome)], count);
            }
        }
        text.family(GATE, Kind::Counter, "Requests that a proxy asked the gate about.");
        for (outcome, count) in self.gate.outcomes() {
            text.sample(GATE, &[("outcome", outcome)], count);
        }
        text.family(INTAKE, Kind::Counter, "Submissions of telemetry.");
        let IntakeCounts { forwarded, dropped, refused, failed } = intake;
        let outcomes = [
            ("forwarded", forwarded),
            ("dropped", dropped),
            ("refused", refused),
            ("failed", failed),
        ];
        for (outcome, count) in outcomes {
            text.sample(INTAKE, &[("outcome", outcome)], count);
        }
        text.finish()
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

const BUILD_INFO: &str = "countersign_build_info";
const EXCHANGES: &str = "countersign_exchanges_total";
const GATE: &str = "countersign_gate_verifications_total";
const INTAKE: &str = "countersign_intake_requests_total";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_what_they_mean() {
        let metrics = Metrics::default();
        #[rustfmt::skip]
        let cases = [
            (200, "granted",   "passed"),
            (400, "refused",   "misconfigured"),
            (401, "refused",   "unauthenticated"),
            (403, "refused",   "forbidden"),
            (429, "throttled", "failed"),
            (431, "refused",   "failed"),
            (500, "failed",    "failed"),
            (503, "failed",    "failed"),
        ];
        for (status, exchange, gate) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            let count = |outcomes: &[(&str, u64)], name| {
                outcomes.iter().find(|(outcome, _)| *outcome == name).unwrap().1
            };
            let total = |outcomes: &[(&str, u64)]| outcomes.iter().map(|(_, n)| n).sum::<u64>();
            let (exchanges, gates) = (metrics.key_exchanges.outcomes(), metrics.gate.outcomes());
            metrics.key_exchanges.count(status);
            metrics.gate.count(status);
            let (after, gates_after) = (metrics.key_exchanges.outcomes(), metrics.gate.outcomes());
            assert_eq!(count(&after, exchange), count(&exchanges, exchange) + 1, "{status}");
            assert_eq!(total(&after), total(&exchanges) + 1, "{status}");
            assert_eq!(count(&gates_after, gate), count(&gates, gate) + 1, "{status}");
            assert_eq!(total(&gates_after), total(&gates) + 1, "{status}");
        }
        assert!(metrics.token_exchanges.outcomes().iter().all(|(_, n)| *n == 0));
    }

    #[test]
    fn all_is_said_from_the_start_and_in_the_format_s_own_form() {
        let metrics = Metrics::default();
        metrics.token_exchanges.count(StatusCode::OK);
        let intake = IntakeCounts { forwarded: u64::MAX, ..IntakeCounts::default() };
        let expected = format!(
            "# HELP countersign_build_info Always 1; the label says which version this is.\n\
             # TYPE countersign_build_info gauge\n\
             countersign_build_info{{version=\"{}\"}} 1\n\
             # HELP countersign_exchanges_total Proofs that were exchanged, or not.\n\
             # TYPE countersign_exchanges_total counter\n\
             countersign_exchanges_total{{kind=\"token\",outcome=\"granted\"}} 1\n\
             countersign_exchanges_total{{kind=\"token\",outcome=\"refused\"}} 0\n\
             countersign_exchanges_total{{kind=\"token\",outcome=\"throttled\"}} 0\n\
             countersign_exchanges_total{{kind=\"token\",outcome=\"failed\"}} 0\n\
             countersign_exchanges_total{{kind=\"key\",outcome=\"granted\"}} 0\n\
             countersign_exchanges_total{{kind=\"key\",outcome=\"refused\"}} 0\n\
             countersign_exchanges_total{{kind=\"key\",outcome=\"throttled\"}} 0\n\
             countersign_exchanges_total{{kind=\"key\",outcome=\"failed\"}} 0\n\
             # HELP countersign_gate_verifications_total Requests that a proxy asked the gate about.\n\
             # TYPE countersign_gate_verifications_total counter\n\
             countersign_gate_verifications_total{{outcome=\"passed\"}} 0\n\
             countersign_gate_verifications_total{{outcome=\"unauthenticated\"}} 0\n\
             countersign_gate_verifications_total{{outcome=\"forbidden\"}} 0\n\
             countersign_gate_verifications_total{{outcome=\"misconfigured\"}} 0\n\
             countersign_gate_verifications_total{{outcome=\"failed\"}} 0\n\
             # HELP countersign_intake_requests_total Submissions of telemetry.\n\
             # TYPE countersign_intake_requests_total counter\n\
             countersign_intake_requests_total{{outcome=\"forwarded\"}} 18446744073709551615\n\
             countersign_intake_requests_total{{outcome=\"dropped\"}} 0\n\
             countersign_intake_requests_total{{outcome=\"refused\"}} 0\n\
             countersign_intake_requests_total{{outcome=\"failed\"}} 0\n",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(metrics.render(intake), expected);
    }
}
