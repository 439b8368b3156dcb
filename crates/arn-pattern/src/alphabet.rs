//! Which bytes may stand in names, and how long names may be ("IAM and AWS STS quotas",
//! IAM User Guide; `roleSessionNameType` and `pathType` of the service models).

use crate::error::{Field, ParseError};

/// Longest role name, role session name, user name and federated user name, in bytes.
pub(crate) const MAX_NAME: usize = 64;

/// Longest IAM path in bytes, counted with its first and its last slash.
pub(crate) const MAX_PATH: usize = 512;

/// Checks a role, session, user or federated user name: 1 to 64 of `A-Z a-z 0-9 _ + = , . @ -`.
pub(crate) fn check_name(name: &[u8], field: Field) -> Result<(), ParseError> {
    // Without an early exit the loop is vectorised; names are nearly always legal.
    let legal = name.iter().fold(true, |legal, byte| legal & is_name_byte(*byte));
    if legal && !name.is_empty() && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(refuse_name(name, field, MAX_NAME, is_name_byte))
}

/// Checks an IAM user path without its first and last slash: segments of `!` to `~`, none empty.
/// The empty path is legal.
pub(crate) fn check_path(path: &[u8]) -> Result<(), ParseError> {
    let legal = path.iter().fold(true, |legal, byte| legal & is_path_byte(*byte));
    let empty_segment = !path.is_empty() && path.split(|byte| *byte == b'/').any(<[u8]>::is_empty);
    if legal && !empty_segment && path.len() + 2 <= MAX_PATH {
        return Ok(());
    }
    if empty_segment {
        return Err(ParseError::EmptySegment { field: Field::UserPath });
    }
    Err(refuse_name(path, Field::UserPath, MAX_PATH - 2, is_path_byte))
}

/// True for the alphabet that IAM and STS give to names.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-')
}

/// True for the alphabet of IAM paths, slashes included.
pub(crate) const fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

/// Says what is wrong with a name that was refused.
fn refuse_name(name: &[u8], field: Field, max: usize, legal: fn(u8) -> bool) -> ParseError {
    if name.is_empty() {
        return ParseError::EmptySegment { field };
    }
    match name.iter().find(|byte| !legal(**byte)) {
        Some(byte) => ParseError::Name {
            field,
            name: String::from_utf8_lossy(name).into_owned(),
            byte: char::from(*byte),
        },
        None => ParseError::NameTooLong { field, len: name.len(), max },
    }
}
