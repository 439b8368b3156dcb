//! From the bytes of an answer to its fields, or to what the error means.
//!
//! The parser is chosen by `Content-Type` alone. What is inside one format is never looked for in another.

mod json;
mod xml;

use auth_model::Timestamp;

use crate::{
    ClockSkew, MAX_ANSWER_BYTES, StsAnswer, StsRefusal, StsRequest, date::parse_http_date,
};

/// The three fields of a GetCallerIdentity result.
pub(crate) struct Fields {
    pub(crate) arn: String,
    pub(crate) user_id: String,
    pub(crate) account: String,
}

/// The part of an error that is used; the message only to tell errors of one code apart.
struct ErrorFields {
    code: String,
    message: String,
}

pub(crate) fn read(
    request: &StsRequest,
    answer: &StsAnswer,
    now: Timestamp,
) -> Result<Fields, StsRefusal> {
    if answer.body.len() > MAX_ANSWER_BYTES {
        return Err(StsRefusal::Malformed { what: "it is too long" });
    }
    if answer.status != 200 {
        return Err(refusal(request, answer, now));
    }
    let body = text(answer).map_err(malformed)?;
    match format(answer).map_err(malformed)? {
        Format::Json => json::identity(body).map_err(malformed),
        Format::Xml => xml::identity(body).map_err(malformed),
    }
}

enum Format {
    Json,
    Xml,
}

/// By the media type; a charset parameter may only say UTF-8.
fn format(answer: &StsAnswer) -> Result<Format, &'static str> {
    let content_type = answer.content_type.as_deref().ok_or("it has no content type")?;
    let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let parameters = parameters.trim();
    if !parameters.is_empty()
        && !["charset=utf-8", "charset=\"utf-8\""]
            .iter()
            .any(|utf8| utf8.eq_ignore_ascii_case(parameters))
    {
        return Err("its character set is not utf-8");
    }
    let is = |name: &str| media.trim().eq_ignore_ascii_case(name);
    match () {
        () if is("application/json") => Ok(Format::Json),
        () if is("text/xml") || is("application/xml") => Ok(Format::Xml),
        () => Err("its content type is neither json nor xml"),
    }
}

fn text(answer: &StsAnswer) -> Result<&str, &'static str> {
    std::str::from_utf8(&answer.body).map_err(|_| "it is not utf-8")
}

fn malformed(what: &'static str) -> StsRefusal {
    StsRefusal::Malformed { what }
}

fn refusal(request: &StsRequest, answer: &StsAnswer, now: Timestamp) -> StsRefusal {
    let status = answer.status;
    let error = match (format(answer), text(answer)) {
        (Ok(Format::Json), Ok(body)) => json::error(body),
        (Ok(Format::Xml), Ok(body)) => xml::error(body),
        (Err(what), _) | (_, Err(what)) => Err(what),
    };
    match error {
        Ok(error) => meaning(request, answer, &error, now),
        // A load balancer in front of STS answers these in its own words.
        Err(_) if status >= 500 => StsRefusal::Unavailable { status },
        Err(_) if status == 429 => StsRefusal::Throttled,
        Err(what) if status >= 400 => malformed(what),
        Err(_) => malformed("its status is neither success nor error"),
    }
}

/// One code stands for three faults, told apart by how the message begins (AWS gives no other sign).
fn meaning(
    request: &StsRequest,
    answer: &StsAnswer,
    error: &ErrorFields,
    now: Timestamp,
) -> StsRefusal {
    let begins = |prefix| error.message.starts_with(prefix);
    match error.code.as_str() {
        "SignatureDoesNotMatch"
            if begins("Signature expired") || begins("Signature not yet current") =>
        {
            StsRefusal::ClockSkew(skew(request, answer, now))
        }
        "SignatureDoesNotMatch" if begins("Credential should be scoped to a valid region") => {
            StsRefusal::RegionMismatch
        }
        "SignatureDoesNotMatch" => StsRefusal::BadSignature,
        "RegionDisabledException" => StsRefusal::RegionMismatch,
        "InvalidClientTokenId" => StsRefusal::InvalidToken,
        "ExpiredToken" | "ExpiredTokenException" => StsRefusal::ExpiredToken,
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => StsRefusal::Throttled,
        _ if answer.status >= 500 => StsRefusal::Unavailable { status: answer.status },
        _ if answer.status == 429 => StsRefusal::Throttled,
        code if is_code(code) => StsRefusal::Other { status: answer.status, code: code.to_owned() },
        _ => malformed("its error code is not a word"),
    }
}

fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
}

fn skew(request: &StsRequest, answer: &StsAnswer, now: Timestamp) -> ClockSkew {
    let sts = answer.date.as_deref().and_then(parse_http_date);
    let seconds =
        |time: Timestamp, from: Timestamp| time.unix_seconds().saturating_sub(from.unix_seconds());
    ClockSkew {
        signer_seconds: seconds(request.signed_at(), sts.unwrap_or(now)),
        server_seconds: sts.map(|sts| seconds(now, sts)),
    }
}

impl StsAnswer {
    /// The request id, if it is fit to be logged.
    pub fn clean_request_id(&self) -> Option<&str> {
        let legal = |id: &&str| {
            (1..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        self.request_id.as_deref().filter(legal)
    }
}
