//! What a command is given in a file, or on standard input.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, anyhow};

use crate::failure::Failure;

/// All of a file; of standard input if it is called `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let outcome = match is_stdin(path) {
        true => stdin().take(MAX_BYTES + 1).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)),
    };
    let place = place(path);
    outcome.with_context(|| format!("can't read {place}")).map_err(Failure::usage)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(Failure::usage(anyhow!(
            "{place} has more than {MAX_BYTES} bytes, which no server takes; is it the right file?"
        )));
    }
    Ok(bytes)
}

/// The same, of text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::usage(anyhow!("{} is not text in UTF-8", place(path))))
}

fn place(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { format!("`{}`", path.display()) }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// More than a server takes of anything, so that a wrong file is refused before it fills the memory.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
