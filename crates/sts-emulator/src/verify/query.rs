//! Query strings and form bodies: `name=value` joined by `&`, percent-encoded.

/// A decoded name and value. Bytes, because decoding can give any.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Splits and decodes. `+` is a space, a stray `%` stands for itself, empty pieces are dropped.
///
/// The signature and the action both read through this, so they cannot see different parameters.
pub(crate) fn pairs(text: &[u8]) -> Vec<Pair> {
    text.split(|byte| *byte == b'&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let mut sides = piece.splitn(2, |byte| *byte == b'=');
            let name = sides.next().unwrap_or_default();
            (decode(name), decode(sides.next().unwrap_or_default()))
        })
        .collect()
}

/// The canonical form: RFC 3986 unreserved bytes as they are, all else `%XX` in upper case.
pub(super) fn encode(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(*byte));
            }
            other => {
                out.push('%');
                out.push(hex(other >> 4));
                out.push(hex(other & 15));
            }
        }
    }
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return out,
            [b'%', high, low, tail @ ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    tail
                }
                _ => {
                    out.push(b'%');
                    rest.get(1..).unwrap_or_default()
                }
            },
            [b'+', tail @ ..] => {
                out.push(b' ');
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
