//! The `Date` of an answer: what the server's clock shows.

use auth_model::Timestamp;
use reqwest::header::{DATE, HeaderMap};
use time::{PrimitiveDateTime, macros::format_description};

/// Reads `Date` (RFC 9110 §5.6.7, the fixed-length form that servers must send). Nothing else is understood.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = headers.get(DATE)?.to_str().ok()?;
    let moment = PrimitiveDateTime::parse(text, form).ok()?;
    Some(Timestamp::from_unix_seconds(moment.assume_utc().unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_date_is_read() {
        #[rustfmt::skip]
        let cases = [
            ("the example of rfc 9110", "Sun, 06 Nov 1994 08:49:37 GMT",  Some(784_111_777)),
            ("the obsolete form",       "Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("nonsense",                "yesterday",                      None),
        ];
        for (rule, text, expected) in cases {
            let headers = HeaderMap::from_iter([(DATE, text.parse().unwrap())]);
            let found = server_time(&headers).map(Timestamp::unix_seconds);
            assert_eq!(found, expected, "{rule}");
        }
        assert_eq!(server_time(&HeaderMap::new()), None);
    }
}
