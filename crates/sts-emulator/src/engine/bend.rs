//! How faults bend an answer: first what it means, then how it is written, then how it travels.

use std::time::Duration;

use super::{Answer, CONTENT_TYPE, Delivery, Meaning, Transport, gzip};
use crate::{action::identity, error::StsError, fault::FaultKind, mint::Mint, render::Style};

/// Faults of meaning and style.
pub(super) fn meaning(
    mut meaning: Meaning,
    mut style: Style,
    struck: &[FaultKind],
) -> (Meaning, Style) {
    for kind in struck {
        match kind {
            FaultKind::Throttle { .. } => meaning = Meaning::Error(StsError::throttled()),
            FaultKind::ServerError { status } => meaning = Meaning::Error(server_error(*status)),
            FaultKind::Error { status, code, message } => {
                meaning = Meaning::Error(StsError::new(*status, code, message.as_str()));
            }
            FaultKind::OtherPrincipal { arn, user_id, account_id } => {
                if let Meaning::Success { action, result } = &mut meaning
                    && action == "GetCallerIdentity"
                {
                    *result = identity(arn.clone(), user_id.clone(), account_id.clone());
                }
            }
            FaultKind::DuplicateFields {} => style.duplicate = true,
            FaultKind::WrongNamespace { namespace } => style.namespace.clone_from(namespace),
            _ => {}
        }
    }
    (meaning, style)
}

/// Faults of the written answer and of its way.
pub(super) fn delivery(
    mut answer: Answer,
    stale: Option<Answer>,
    struck: &[FaultKind],
    mint: &Mint,
) -> Delivery {
    let mut delay = Duration::ZERO;
    let mut transport = Transport::Whole;
    let mut stale = stale;
    for kind in struck {
        match kind {
            FaultKind::Latency { millis, jitter_millis } => {
                let jitter = mint.below(jitter_millis.saturating_add(1));
                delay = delay.saturating_add(Duration::from_millis(millis.saturating_add(jitter)));
            }
            FaultKind::Reset {} => transport = Transport::Reset,
            FaultKind::Truncate { after_bytes } => {
                transport = Transport::Truncate { after_bytes: *after_bytes };
            }
            FaultKind::Drip { pause_millis, bytes } => {
                let pause = Duration::from_millis(*pause_millis);
                transport = Transport::Drip { pause, bytes: (*bytes).max(1) };
            }
            FaultKind::Stale {} => answer = stale.take().unwrap_or(answer),
            other => rewrite(&mut answer, other),
        }
    }
    Delivery { answer, delay, transport }
}

fn rewrite(answer: &mut Answer, kind: &FaultKind) {
    match kind {
        FaultKind::Redirect { location, status } => {
            answer.status = *status;
            answer.headers.push(("Location", location.clone()));
            answer.body.clear();
        }
        FaultKind::ContentType { value } => set_type(answer, value),
        FaultKind::Html { status } => {
            answer.status = *status;
            answer.body = HTML.to_vec();
            set_type(answer, "text/html; charset=utf-8");
        }
        FaultKind::Oversized { bytes } => {
            answer.body.resize(answer.body.len().max(*bytes), b' ');
        }
        FaultKind::Gzip {} => {
            answer.body = gzip::stored(&answer.body);
            answer.headers.push(("Content-Encoding", "gzip".to_owned()));
        }
        FaultKind::Answer { status, content_type, body } => {
            answer.status = *status;
            answer.body = body.clone().into_bytes();
            set_type(answer, content_type);
        }
        _ => {}
    }
}

fn set_type(answer: &mut Answer, value: &str) {
    answer.headers.retain(|(name, _)| *name != CONTENT_TYPE);
    answer.headers.push((CONTENT_TYPE, value.to_owned()));
}

/// The texts of real server errors are not known.
fn server_error(status: u16) -> StsError {
    let (code, message) = match status {
        503 => ("ServiceUnavailable", "The service is unavailable. Please try again shortly."),
        _ => ("InternalFailure", "We encountered an internal error. Please try again."),
    };
    StsError::new(status, code, message)
}

/// The kind as JSON names it.
pub(super) fn name(kind: &FaultKind) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned()
}

const HTML: &[u8] = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head>\
    <body><h1>Sign in to the network</h1></body></html>\n";
