//! What people and programs see. The only place that prints.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use crate::cli::Output;

/// A line of the result.
#[expect(clippy::print_stdout, reason = "a command line's result goes to standard output")]
pub(crate) fn line(text: &str) {
    println!("{text}");
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

const RED: &str = "31";
const GREEN: &str = "32";
