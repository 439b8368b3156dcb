//! What of a stranger's text may be repeated in an error. The text may be a key in the wrong place.

/// Longest word that is repeated, in bytes.
const WORD: usize = 40;

/// The text, if it is a word such as a name of a setting, and nothing that could be a key.
pub(crate) fn word(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!text.is_empty() && text.len() <= WORD && text.bytes().all(plain) && !like_a_key(text))
        .then_some(text)
}

/// Long, and with the digits of a random text; or nothing but hexadecimal.
fn like_a_key(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= 16 && (digits >= 4 || text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Marks of the template languages that such files are made with: begin, end. These are no YAML.
const NO_YAML: [(&str, &str); 2] = [("{{", "}}"), ("%%", "%%")];

/// And these are text to YAML.
const TEXT: [(&str, &str); 2] = [("${", "}"), ("<", ">")];

/// The first placeholder that nobody has filled in, such as `{{ .OrgUUID }}` or `<YOUR_ORG_UUID>`.
///
/// Of what stands inside only a name is repeated: `${KEY:-text}` becomes `${KEY…}`.
pub(crate) fn placeholder(text: &str) -> Option<String> {
    let variable = text.strip_prefix('$').filter(|name| {
        named(name) && name.len() <= WORD && name.bytes().all(|b| is_name(b) && b != b' ')
    });
    variable
        .map(|name| format!("${name}"))
        .or_else(|| no_yaml(text))
        .or_else(|| TEXT.iter().find_map(|(begin, end)| between(text, begin, end)))
}

/// The first placeholder of those that may be why a text is no YAML.
pub(crate) fn no_yaml(text: &str) -> Option<String> {
    NO_YAML.iter().find_map(|(begin, end)| between(text, begin, end))
}

fn between(text: &str, begin: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(begin)?;
    let (inside, _) = rest.split_once(end)?;
    let name = inside.trim_matches(['-', ' ']);
    let length = name.bytes().take_while(|byte| is_name(*byte)).count();
    let head = name.get(..length.min(WORD)).filter(|head| named(head));
    // A lone `<` may be anything; with a name behind it is a request to fill something in.
    let head = if begin == "<" { head? } else { head.unwrap_or_default() };
    let cut = if head.len() < name.len() { "…" } else { "" };
    let space = if begin == "{{" { " " } else { "" };
    Some(format!("{begin}{space}{head}{cut}{space}{end}"))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b' ' | b'$')
}

/// A name begins with a letter, perhaps after a dot, and is nothing that could be a key.
fn named(head: &str) -> bool {
    let first = head.trim_start_matches(['.', '$', '_']).bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphabetic()) && !like_a_key(head)
}

/// The known word that is at most two edits away, and fewer than half of its letters.
pub(crate) fn nearest(text: &str, known: &[&'static str]) -> Option<&'static str> {
    let text = word(text)?.to_ascii_lowercase();
    known
        .iter()
        .map(|word| (edits(&text, word), *word))
        .filter(|(edits, word)| *edits <= 2 && edits * 2 < word.len())
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's distance, in bytes.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in (1..).zip(from.bytes()) {
        let mut corner = above - 1;
        let mut left = above;
        let cells = std::mem::take(&mut row);
        row.push(left);
        for (up, b) in cells.iter().skip(1).zip(to.bytes()) {
            left = (corner + usize::from(a != b)).min(up + 1).min(left + 1);
            corner = *up;
            row.push(left);
        }
    }
    row.last().copied().unwrap_or_default()
}
