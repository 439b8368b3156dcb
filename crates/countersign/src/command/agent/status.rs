//! `countersign agent status`

use std::process::ExitCode;

use auth_model::{Clock, SystemClock};

use super::state::{self, Told, ToldInstance};
use crate::{
    cli::{Output, StateFile},
    failure::Failure,
    output,
};

pub(super) fn run(file: &StateFile, form: Output) -> Result<ExitCode, Failure> {
    let (told, runs) = state::read(file)?;
    let well = runs && told.instances.iter().all(|one| one.state == "active");
    match form {
        Output::Json => output::json(&serde_json::json!({
            "running": runs,
            "pid": told.pid,
            "written_at": told.written_at,
            "instances": told.instances,
        }))?,
        _ => show(&told, runs, SystemClock.now().unix_seconds()),
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn show(told: &Told, runs: bool, now: i64) {
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
        ["instance", "state", "last refresh", "next refresh", "credentials", "region", "problem"];
    output::table(&headings, rows, "It keeps no key.");
}

fn row(one: &ToldInstance, now: i64) -> Vec<String> {
    let at = |time: Option<i64>| time.map_or_else(|| "-".to_owned(), |time| moment(time, now));
    vec![
        output::plain(&one.name),
        one.state.clone(),
        at(one.last_refresh),
        at(one.next_refresh),
        output::plain(one.credentials_from.as_deref().unwrap_or("-")),
        output::plain(one.region.as_deref().unwrap_or("global")),
        output::plain(&problems(one)),
    ]
}

fn problems(one: &ToldInstance) -> String {
    let refresh = one.last_error.as_ref().map(|error| match one.consecutive_failures {
        1 => format!("1 failure: {error}"),
        failures => format!("{failures} failures in a row, the last: {error}"),
    });
    let all = [refresh, one.output_error.clone(), one.cache_error.clone()];
    all.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// How long ago, or in how long.
fn moment(time: i64, now: i64) -> String {
    let seconds = time.saturating_sub(now);
    let span = match seconds.unsigned_abs() {
        span @ 0..120 => format!("{span} s"),
        span @ 120..7_200 => format!("{} min", span / 60),
        span => format!("{} h", span / 3_600),
    };
    if seconds > 0 { format!("in {span}") } else { format!("{span} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        for (time, words) in
            [(100, "0 s ago"), (70, "30 s ago"), (3_700, "in 60 min"), (-86_300, "24 h ago")]
        {
            assert_eq!(moment(time, 100), words);
        }
    }

    #[test]
    fn problems_stand_one_after_the_other() {
        let mut one = ToldInstance::default();
        assert_eq!(problems(&one), "");
        one.consecutive_failures = 3;
        one.last_error = Some("a".to_owned());
        one.cache_error = Some("c".to_owned());
        assert_eq!(problems(&one), "3 failures in a row, the last: a; c");
    }
}
