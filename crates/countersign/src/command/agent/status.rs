//! `countersign agent status`

use std::process::ExitCode;

use anyhow::Context;
use auth_model::{Clock, SystemClock};
use countersign_agent::{AgentStatus, InstanceStatus, moment, read_status};
use serde_json::Value;

use crate::{
    cli::{Output, StateFile},
    failure::Failure,
    output,
};

pub(super) fn run(file: &StateFile, form: Output) -> Result<ExitCode, Failure> {
    let (told, runs) = read_status(&super::state_file(file)?).map_err(anyhow::Error::from)?;
    let now = SystemClock.now().unix_seconds();
    match form {
        Output::Json => output::json(&as_json(&told, runs, now)?)?,
        _ => show(&told, runs, now),
    }
    Ok(if runs && told.is_well() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What the agent told, whether it runs, and each instance's story, which depends on when it is read.
fn as_json(told: &AgentStatus, runs: bool, now: i64) -> anyhow::Result<Value> {
    let mut value = serde_json::to_value(told)?;
    let status = value.as_object_mut().context("a status is an object")?;
    status.insert("running".to_owned(), runs.into());
    let instances = status.get_mut("instances").and_then(Value::as_array_mut);
    for (value, one) in instances.into_iter().flatten().zip(&told.instances) {
        if let Some(instance) = value.as_object_mut() {
            instance.insert("story".to_owned(), one.story(now).into());
        }
    }
    Ok(value)
}

fn show(told: &AgentStatus, runs: bool, now: i64) {
    if runs {
        output::line(&format!("The agent runs (process {}).", told.pid));
    } else {
        output::line(&format!(
            "The agent does not run; this is how it ended, {}.",
            moment(told.written_at, now)
        ));
    }
    let rows = told.instances.iter().map(|one| row(one, now)).collect();
    let headings =
        ["instance", "state", "last refresh", "next refresh", "provider", "credentials", "region"];
    output::table(&headings, rows, "It keeps no key.");
    for one in &told.instances {
        output::line(&format!("{}: {}.", output::plain(&one.name), one.story(now)));
        for problem in one.problems() {
            output::line(&format!("  - {}", output::plain(&problem)));
        }
    }
}

fn row(one: &InstanceStatus, now: i64) -> Vec<String> {
    let at = |time: Option<i64>| time.map_or_else(|| "-".to_owned(), |time| moment(time, now));
    vec![
        output::plain(&one.name),
        output::plain(&one.state),
        at(one.last_refresh),
        at(one.next_refresh),
        output::plain(&one.provider),
        output::plain(one.credentials_from.as_deref().unwrap_or("-")),
        output::plain(one.region.as_deref().unwrap_or("global")),
    ]
}
