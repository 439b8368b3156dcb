//! What people and programs see. The only place that prints.

use std::io::{IsTerminal, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use jsonapi_model::ListMeta;
use serde::Serialize;

use crate::cli::Output;

/// A line of the result. Once nobody reads it any more, as behind `| head`, there is nothing left to do.
pub(crate) fn line(text: &str) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// A line beside the result: progress, a hint.
#[expect(clippy::print_stderr, reason = "what is not the result goes to standard error")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A value as JSON on one line.
pub(crate) fn json_line(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// How far something is, on a terminal only, in place of what was said before; nothing takes it away.
pub(crate) fn progress(text: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\u{1b}[2K{text}");
        let _ = out.flush();
    }
}

/// How many more there are than were shown.
pub(crate) fn rest(shown: usize, meta: Option<&ListMeta>) {
    let all = meta.and_then(|meta| meta.page.as_ref()).and_then(|page| page.total_filtered_count);
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    if let Some(all) = all.filter(|all| *all > shown) {
        note(&format!("{shown} of {all}; a larger `--limit` shows more."));
    }
}

/// A time of the API as people read it: in UTC, to the second.
pub(crate) fn moment(text: &str) -> String {
    match text.split_once('T') {
        Some((date, time)) => format!("{date} {}Z", time.get(..8).unwrap_or(time)),
        None => text.to_owned(),
    }
}

/// Text that somebody else has written, on one line of a terminal: what would move the cursor or turn the direction of writing is marked.
pub(crate) fn plain(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

/// Rows under headings, as wide as the terminal allows; without rows, what `empty` says.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>, empty: &str) {
    if rows.is_empty() {
        line(empty);
        return;
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(headings.iter().copied());
    if let Some(width) = width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        // Ids are there to be copied: while there is room for them, other columns give way.
        let columns = table.column_iter_mut().zip(headings);
        for (column, _) in columns.filter(|(_, name)| **name == "id" && width >= ROOM_FOR_IDS) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.add_rows(rows);
    line(&table.to_string());
}

/// The outcome of a change: a sentence, or the value as JSON.
pub(crate) fn done(form: Output, sentence: &str, value: &impl Serialize) -> anyhow::Result<()> {
    match form {
        Output::Json => json(value),
        _ => {
            line(sentence);
            Ok(())
        }
    }
}

/// A failure: a sentence, or an object as JSON.
pub(crate) fn failed(form: Output, message: &str, code: u8) {
    let text = match form {
        Output::Json => serde_json::json!({ "error": message, "exit_code": code }).to_string(),
        _ => format!("{} {message}", paint(RED, "error:")),
    };
    note(&text);
}

/// A mark before a line: done, or not.
pub(crate) fn mark(good: bool) -> String {
    if good { paint(GREEN, "✓") } else { paint(RED, "✗") }
}

/// Colours on a terminal only, and not where `NO_COLOR` asks for none.
fn paint(colour: &str, text: &str) -> String {
    let wanted = std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none();
    if wanted { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The terminal's width, where there is one that says.
fn width() -> Option<u16> {
    let columns = std::env::var("COLUMNS").ok()?.parse().ok()?;
    std::io::stdout().is_terminal().then_some(columns)
}

/// Makes sure that what was printed is seen before a long wait.
pub(crate) fn flush() {
    // A closed pipe: nobody reads any more.
    let _ = std::io::stdout().flush();
}

/// The narrowest terminal whose lines are not all id.
const ROOM_FOR_IDS: u16 = 90;
const RED: &str = "31";
const GREEN: &str = "32";
