//! When a token holds, to the microsecond.

use std::time::Duration;

use auth_model::{OsRandomness, SigningAlgorithm, Timestamp};
use serde_json::json;
use token_issuer::{IssueError, TokenError};

use crate::support::{LEEWAY, START, installation};

const MICRO: Duration = Duration::from_micros(1);

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn j_05_a_token_holds_from_nbf_to_exp_with_the_leeway_and_no_microsecond_more() {
    let home = installation(SigningAlgorithm::EdDsa);
    let token = home.token();
    let end = START.plus(seconds(900));
    #[rustfmt::skip]
    let cases = [
        ("at once",                           START,                                 Ok(())),
        ("a second before, within leeway",    START.minus(seconds(1)),               Ok(())),
        ("leeway before",                     START.minus(LEEWAY),                   Ok(())),
        ("more than leeway before",           START.minus(LEEWAY).minus(MICRO),      Err(TokenError::NotYetValid)),
        ("a second before the end",           end.minus(seconds(1)),                 Ok(())),
        ("at the end, within leeway",         end,                                   Ok(())),
        ("just within leeway",                end.plus(LEEWAY).minus(MICRO),         Ok(())),
        ("leeway after the end",              end.plus(LEEWAY),                      Err(TokenError::Expired)),
        ("a second later",                    end.plus(LEEWAY).plus(seconds(1)),     Err(TokenError::Expired)),
        ("at the end of time",                Timestamp::from_unix_micros(i64::MAX), Err(TokenError::Expired)),
        ("at the beginning of time",          Timestamp::from_unix_micros(i64::MIN), Err(TokenError::NotYetValid)),
    ];
    for (rule, now, expected) in cases {
        assert_eq!(home.verifier.verify(&home.ring, &token, now).map(drop), expected, "{rule}");
    }
}

#[test]
fn j_05_times_that_do_not_fit_together_are_refused() {
    let home = installation(SigningAlgorithm::EdDsa);
    let now = 1_800_000_000_u64;
    #[rustfmt::skip]
    let cases = [
        // rule                          iat         nbf         exp                  expected
        ("15 minutes",                   now,        now,        now + 900,           Ok(())),
        ("a second more",                now,        now,        now + 901,           Err(TokenError::Lifetime)),
        ("a second in all",              now,        now,        now + 1,             Ok(())),
        ("no time at all",               now,        now,        now,                 Err(TokenError::Lifetime)),
        ("ends before it begins",        now + 5,    now,        now + 4,             Err(TokenError::Lifetime)),
        ("issued within leeway",         now + 10,   now,        now + 60,            Ok(())),
        ("issued in the future",         now + 11,   now,        now + 60,            Err(TokenError::IssuedInFuture)),
        ("begins within leeway",         now,        now + 10,   now + 60,            Ok(())),
        ("begins in the future",         now,        now + 11,   now + 60,            Err(TokenError::NotYetValid)),
        ("long ago",                     now - 1000, now - 1000, now - 100,           Err(TokenError::Expired)),
        ("milliseconds for seconds",     now,        now,        now * 1000,          Err(TokenError::Lifetime)),
        ("all in milliseconds",          now * 1000, now * 1000, now * 1000 + 60,     Err(TokenError::NotYetValid)),
        ("beyond any calendar",          now,        now,        u64::MAX,            Err(TokenError::Claims)),
        ("beyond microseconds",          now,        now,        i64::MAX as u64,     Err(TokenError::Lifetime)),
        ("issued in 1970, ends in 1970", 0,          0,          1,                   Err(TokenError::Expired)),
    ];
    for (rule, iat, nbf, exp, expected) in cases {
        let mut claims = home.claims();
        claims["iat"] = json!(iat);
        claims["nbf"] = json!(nbf);
        claims["exp"] = json!(exp);
        let token = home.forge(&home.header(), &claims);
        assert_eq!(home.verify(&token).map(drop), expected, "{rule}");
    }
}

#[test]
fn j_05_nobody_gets_more_time_than_the_caller_allows() {
    let home = installation(SigningAlgorithm::EdDsa);
    let issue = |at, not_after| {
        let issued = home.issuer.issue(&home.ring, &home.subject, at, not_after, &OsRandomness);
        issued.map(|token| token.expires_at())
    };
    let end = START.plus(seconds(900));
    #[rustfmt::skip]
    let cases = [
        ("no limit",                         None,                                    Ok(end)),
        ("a limit later than the lifetime",  Some(end.plus(seconds(1))),              Ok(end)),
        ("a limit earlier",                  Some(START.plus(seconds(60))),           Ok(START.plus(seconds(60)))),
        ("rounded down to a second",         Some(START.plus(seconds(61)).minus(MICRO)), Ok(START.plus(seconds(60)))),
        ("one second left",                  Some(START.plus(seconds(1))),            Ok(START.plus(seconds(1)))),
        ("less than a second left",          Some(START.plus(seconds(1)).minus(MICRO)), Err(IssueError::NothingLeft)),
        ("nothing left",                     Some(START),                             Err(IssueError::NothingLeft)),
        ("long over",                        Some(Timestamp::from_unix_seconds(-5)),  Err(IssueError::NothingLeft)),
    ];
    for (rule, limit, expected) in cases {
        assert_eq!(issue(START, limit), expected, "{rule}");
    }

    // The same proof again, five minutes later: the end stays where it was.
    let first = issue(START, None).unwrap();
    assert_eq!(issue(START.plus(seconds(300)), Some(first)), Ok(first));
}

#[test]
fn a_token_issued_within_a_second_begins_with_that_second() {
    let home = installation(SigningAlgorithm::EdDsa);
    let at = START.plus(Duration::from_millis(700));
    let token = home.issuer.issue(&home.ring, &home.subject, at, None, &OsRandomness).unwrap();
    let claims = home.verifier.verify(&home.ring, token.expose(), at).unwrap();
    assert_eq!((claims.iat, claims.nbf), (START, START));
    assert_eq!(claims.exp, START.plus(seconds(900)));
}
