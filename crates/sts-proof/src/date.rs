//! The two date forms met here: `X-Amz-Date` (ISO 8601 basic) and HTTP's `Date` (RFC 9110 §5.6.7).

use auth_model::Timestamp;

/// Reads `YYYYMMDDTHHMMSSZ`: 16 bytes, UTC, no leap second. `None` for any other text.
pub(crate) fn parse_amz_date(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = *bytes else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let civil = Civil {
        year,
        month: number(&[m1, m2])?,
        day: number(&[d1, d2])?,
        second: second_of_day(number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?)?,
    };
    civil.timestamp()
}

/// Reads the IMF-fixdate form, `Sun, 06 Nov 1994 08:49:37 GMT`; the day's name is not compared.
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = number(words.next()?.as_bytes())?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)?;
    let year = number(words.next()?.as_bytes())?;
    let mut clock = words.next()?.splitn(3, ':').map(|part| number(part.as_bytes()));
    let second = second_of_day(clock.next()??, clock.next()??, clock.next()??)?;
    if words.next() != Some("GMT") || words.next().is_some() {
        return None;
    }
    Civil { year, month: i64::try_from(month).ok()? + 1, day, second }.timestamp()
}

/// A date and a second of it, not yet known to exist.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second: i64,
}

impl Civil {
    fn timestamp(&self) -> Option<Timestamp> {
        let days = days_from_civil(self.year, self.month, self.day);
        let exists = (1..=12).contains(&self.month)
            && self.day >= 1
            && civil_from_days(days) == (self.year, self.month, self.day);
        exists.then(|| Timestamp::from_unix_seconds(days * 86_400 + self.second))
    }
}

fn second_of_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// One to four decimal digits and nothing else.
fn number(digits: &[u8]) -> Option<i64> {
    if !(1..=4).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that
/// the leap day is the last of its year; an era is 400 years, 146,097 days.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    fn print_amz_date(time: Timestamp) -> String {
        let (year, month, day) = civil_from_days(time.unix_seconds().div_euclid(86_400));
        let rest = time.unix_seconds().rem_euclid(86_400);
        let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }

    #[test]
    fn amz_dates() {
        #[rustfmt::skip]
        let cases = [
            ("epoch",               "19700101T000000Z", Some(0)),
            ("leap day",            "20240229T000000Z", Some(1_709_164_800)),
            ("last second",         "20260805T235959Z", Some(1_785_974_399)),
            ("no such leap day",    "20260229T000000Z", None),
            ("century without one", "21000229T000000Z", None),
            ("month 13",            "20261301T000000Z", None),
            ("month 0",             "20260001T000000Z", None),
            ("day 0",               "20260100T000000Z", None),
            ("hour 24",             "20260101T240000Z", None),
            ("leap second",         "20261231T235960Z", None),
            ("lower case",          "20260101t000000z", None),
            ("offset",              "20260101T000000+", None),
            ("sign",                "+0260101T000000Z", None),
            ("space",               " 0260101T000000Z", None),
            ("extended form",       "2026-01-01T00:00", None),
            ("empty",               "",                 None),
        ];
        for (rule, text, expected) in cases {
            assert_eq!(parse_amz_date(text).map(Timestamp::unix_seconds), expected, "{rule}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_reads_as_it_is_written() {
        for day in -150_000..150_000 {
            let time = Timestamp::from_unix_seconds(day * 86_400 + 3_723);
            assert_eq!(parse_amz_date(&print_amz_date(time)), Some(time));
        }
    }

    #[test]
    fn http_dates() {
        let read = |text| parse_http_date(text).map(Timestamp::unix_seconds);
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        for text in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 31 Feb 1994 08:49:37 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
