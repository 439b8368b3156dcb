//! Which bytes may stand in names, and how long names may be ("IAM and AWS STS quotas",
//! IAM User Guide; `roleSessionNameType` and `pathType` of the service models).

use crate::error::{Field, ParseError};

/// Longest role name, role session name, user name and federated user name, in bytes.
pub(crate) const MAX_NAME: usize = 64;

/// Longest IAM path in bytes, counted with its first and its last slash.
pub(crate) const MAX_PATH: usize = 512;

/// Checks a role, session, user or federated user name: 1 to 64 of `A-Z a-z 0-9 _ + = , . @ -`.
#[inline]
pub(crate) fn check_name(name: &[u8], field: Field) -> Result<(), ParseError> {
    if (1..=MAX_NAME).contains(&name.len()) && all_name_bytes(name) {
        return Ok(());
    }
    Err(refuse_name(name, field, MAX_NAME, is_name_byte))
}

/// Tests the first and the last bytes of a name at once: two ends of 8, 16 or 32, which may overlap, cover
/// every name from that length to twice as much, and so up to [`MAX_NAME`].
#[inline]
fn all_name_bytes(name: &[u8]) -> bool {
    if let (Some(first), Some(last)) = (name.first_chunk::<32>(), name.last_chunk::<32>()) {
        legal_ends(first, last)
    } else if let (Some(first), Some(last)) = (name.first_chunk::<16>(), name.last_chunk::<16>()) {
        legal_ends(first, last)
    } else if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        legal_ends(first, last)
    } else {
        name.iter().all(|byte| is_name_byte(*byte))
    }
}

// Inlined into a larger function, the loop is not vectorised and takes four times as long.
#[inline(never)]
fn legal_ends<const N: usize>(first: &[u8; N], last: &[u8; N]) -> bool {
    const { assert!(N <= MAX_NAME / 2) };
    first.iter().zip(last).fold(true, |legal, (a, b)| legal & is_name_byte(*a) & is_name_byte(*b))
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

/// Splits at the first slash, eight bytes at a time: names are too short for the general search.
#[inline]
pub(crate) fn split_at_slash(names: &str) -> Option<(&str, &str)> {
    let (words, rest) = names.as_bytes().as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let slashes = zero_bytes(u64::from_le_bytes(*word) ^ 0x2F2F_2F2F_2F2F_2F2F);
        if slashes != 0 {
            at += slashes.trailing_zeros() as usize / 8;
            return Some((names.get(..at)?, names.get(at + 1..)?));
        }
        at += 8;
    }
    at += rest.iter().position(|byte| *byte == b'/')?;
    Some((names.get(..at)?, names.get(at + 1..)?))
}

/// The upper bit of the lowest byte that is zero, and perhaps of some above it.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080
}

/// True for the alphabet that IAM and STS give to names. Written without branches, so that the
/// compiler can test many bytes at once.
#[inline]
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    // `+`, `,`, `-` and `.` are neighbours.
    let sign = byte.wrapping_sub(b'+') < 4;
    letter | digit | sign | (byte == b'=') | (byte == b'@') | (byte == b'_')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_of_names_is_that_of_iam() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
            assert_eq!(is_name_byte(byte), listed, "{byte}");
        }
    }

    #[test]
    fn names_are_split_at_the_first_slash_wherever_it_is() {
        for len in 0..50 {
            let text = "x".repeat(len);
            assert_eq!(split_at_slash(&text), None);
            let both = format!("{text}/{text}/");
            assert_eq!(split_at_slash(&both), both.split_once('/'));
        }
        assert_eq!(split_at_slash("\u{e9}\u{e9}/x"), Some(("\u{e9}\u{e9}", "x")));
    }

    #[test]
    fn a_strange_byte_is_found_at_every_place_of_every_length() {
        for len in 1..=MAX_NAME {
            let mut name = vec![b'x'; len];
            assert!(check_name(&name, Field::Role).is_ok());
            for place in 0..len {
                name[place] = b'/';
                assert!(check_name(&name, Field::Role).is_err(), "{place} of {len}");
                name[place] = b'x';
            }
        }
    }
}
