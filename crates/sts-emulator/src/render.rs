//! Answers on the wire: one tree of fields, written as XML or as JSON.

use auth_model::Timestamp;

use crate::{error::StsError, instant};

/// Fields in the order in which they are written.
pub(crate) type Tree = Vec<(&'static str, Value)>;

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// ISO 8601 in XML, seconds since the epoch in JSON.
    Time(Timestamp),
    Tree(Tree),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Which of the two languages is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

impl Format {
    /// JSON if `Accept` asks for exactly that, XML otherwise.
    pub(crate) fn of(headers: &http::HeaderMap) -> Self {
        let accepted = headers.get_all(http::header::ACCEPT).iter();
        let json = accepted.filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').any(|range| {
                let kind = range.split(';').next().unwrap_or_default().trim();
                kind.eq_ignore_ascii_case("application/json")
            })
        });
        if json { Self::Json } else { Self::Xml }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml",
            Self::Json => "application/json",
        }
    }
}

/// How an answer is written; faults bend it.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub(crate) format: Format,
    pub(crate) namespace: String,
    /// Every field of the result appears twice.
    pub(crate) duplicate: bool,
}

impl Style {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, namespace: NAMESPACE.to_owned(), duplicate: false }
    }

    /// `<ActionResponse>` around `<ActionResult>` and `<ResponseMetadata>`.
    pub(crate) fn success(&self, action: &str, result: &Tree, request_id: &str) -> String {
        let metadata = vec![("RequestId", Value::Text(request_id.to_owned()))];
        let result: Tree = match self.duplicate {
            true => result.iter().flat_map(|field| [field.clone(), field.clone()]).collect(),
            false => result.clone(),
        };
        let fields = [
            (format!("{action}Result"), Value::Tree(result)),
            ("ResponseMetadata".to_owned(), Value::Tree(metadata)),
        ];
        let name = format!("{action}Response");
        match self.format {
            Format::Xml => self.document(&name, &fields),
            Format::Json => format!("{{{}:{}}}", quote(&name), object(&fields)),
        }
    }

    /// `<ErrorResponse>` around `<Error>` and `<RequestId>`; in JSON without the outermost name.
    pub(crate) fn error(&self, error: &StsError, request_id: &str) -> String {
        let detail: Tree = vec![
            ("Type", Value::Text(error.kind().to_owned())),
            ("Code", Value::Text(error.code.clone())),
            ("Message", Value::Text(error.message.clone())),
        ];
        let fields = [
            ("Error".to_owned(), Value::Tree(detail)),
            ("RequestId".to_owned(), Value::Text(request_id.to_owned())),
        ];
        match self.format {
            Format::Xml => self.document("ErrorResponse", &fields),
            Format::Json => object(&fields),
        }
    }

    fn document(&self, root: &str, fields: &[(String, Value)]) -> String {
        let mut out = format!("<{root} xmlns=\"{}\">\n", escape(&self.namespace));
        for (name, value) in fields {
            element(name, value, 1, &mut out);
        }
        out.push_str(&format!("</{root}>\n"));
        out
    }
}

fn element(name: &str, value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let text = match value {
        Value::Text(text) => escape(text),
        Value::Time(time) => instant::extended(*time),
        Value::Tree(tree) => {
            out.push_str(&format!("{indent}<{name}>\n"));
            for (name, value) in tree {
                element(name, value, depth + 1, out);
            }
            out.push_str(&format!("{indent}</{name}>\n"));
            return;
        }
    };
    out.push_str(&format!("{indent}<{name}>{text}</{name}>\n"));
}

fn object<N: AsRef<str>>(fields: &[(N, Value)]) -> String {
    let members: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => quote(text),
                Value::Time(time) => time.unix_seconds().to_string(),
                Value::Tree(tree) => object(tree),
            };
            format!("{}:{value}", quote(name.as_ref()))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Escapes for XML; characters that XML 1.0 cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
        out
    })
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
