//! The loop in virtual time, against an exchange that does what a test says.

mod fallback;
mod log;
mod nudges;
mod restarts;

use std::sync::{
    Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use auth_model::{RandomnessError, Timestamp};
use tokio::time::{Instant, advance, sleep};

use super::*;
use crate::{IntakeKey, Refusal};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const NOON: i64 = 1_784_894_400;

/// What an exchange does.
#[derive(Clone, Debug)]
enum Does {
    Gives(&'static str),
    Refuses(u16, &'static str),
    IsAway,
    Hangs,
    GivesSlowly(&'static str),
    FindsClockWrong,
}

/// Does the same until told otherwise, and remembers when it was asked.
#[derive(Debug)]
struct Script {
    does: Mutex<Does>,
    began: Instant,
    asked: Mutex<Vec<Duration>>,
    under_way: AtomicUsize,
    /// Since when it was told that a fallback is in use, each time.
    told: Mutex<Vec<Option<Timestamp>>>,
}

/// Counts down however an exchange ends.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Script {
    fn new(does: Does) -> Arc<Self> {
        Arc::new(Self {
            does: Mutex::new(does),
            began: Instant::now(),
            asked: Mutex::default(),
            under_way: AtomicUsize::new(0),
            told: Mutex::default(),
        })
    }

    fn now(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The waits between exchanges.
    fn waits(&self) -> Vec<Duration> {
        self.asked.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    async fn keeper(self: &Arc<Self>, settings: KeeperSettings) -> KeyKeeper {
        let clock = Arc::new(RuntimeClock(self.began));
        let randomness = Arc::new(Sequence(AtomicU64::new(1)));
        KeyKeeper::start(Arc::clone(self) as _, settings, clock, randomness).await
    }
}

#[async_trait]
impl KeyExchange for Script {
    async fn obtain(&self, fallback_since: Option<Timestamp>) -> Result<ObtainedKey, ClientError> {
        self.asked.lock().unwrap().push(self.began.elapsed());
        self.told.lock().unwrap().push(fallback_since);
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&self.under_way);
        let does = self.does.lock().unwrap().clone();
        let refusal = |status, text: &str| {
            Box::new(Refusal {
                status,
                messages: vec![text.to_owned()],
                retry_after: (status == 429).then_some(MINUTE * 10),
                credentials_from: Some("IMDS".to_owned()),
            })
        };
        if matches!(does, Does::GivesSlowly(_)) {
            sleep(Duration::from_secs(10)).await;
        }
        match does {
            Does::Gives(text) | Does::GivesSlowly(text) => Ok(ObtainedKey {
                key: IntakeKey { id: "m1".to_owned(), org_id: 7, key: text.into() },
                credentials_from: "environment variables".to_owned(),
            }),
            Does::Refuses(status, text) => Err(ClientError::Refused(refusal(status, text))),
            Does::IsAway => Err(ClientError::Unreachable {
                url: self.target().server,
                what: "connection refused".to_owned(),
            }),
            Does::Hangs => std::future::pending().await,
            Does::FindsClockWrong => Err(ClientError::ClockSkew {
                by: MINUTE * 10,
                ahead: true,
                refusal: refusal(401, "signature expired"),
            }),
        }
    }

    fn target(&self) -> KeyTarget {
        KeyTarget {
            server: "https://countersign.example".to_owned(),
            org: "3fa85f64-5717-4562-b3fc-2c963f66afa6".parse().unwrap(),
            region: Some("eu-west-1".to_owned()),
        }
    }
}

/// Goes as the runtime's does.
#[derive(Debug)]
struct RuntimeClock(Instant);

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(NOON).plus(self.0.elapsed())
    }
}

/// The same waits each time: multiples of the golden ratio, which are even.
#[derive(Debug)]
struct Sequence(AtomicU64);

impl Randomness for Sequence {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        let next = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bytes.copy_from_slice(&next.to_le_bytes());
        Ok(())
    }
}

fn text(keeper: &KeyKeeper) -> Option<String> {
    keeper.key().map(|key| key.expose().to_owned())
}

fn with_fallback() -> KeeperSettings {
    KeeperSettings { fallback: Some("fallback-key".into()), ..KeeperSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_there_after_the_start_and_is_asked_for_about_hourly() {
    let script = Script::new(Does::Gives("k1"));
    let keeper = script.keeper(KeeperSettings::default()).await;
    assert_eq!((text(&keeper).as_deref(), script.count()), (Some("k1"), 1));
    let mut keys = keeper.keys();
    keys.mark_unchanged();
    let status = keeper.status();
    assert_eq!(status.state, KeyState::Active);
    assert_eq!(status.credentials_from.as_deref(), Some("environment variables"));
    assert_eq!(status.target.region.as_deref(), Some("eu-west-1"));
    assert_eq!(status.last_refresh, Some(Timestamp::from_unix_seconds(NOON)));

    sleep(HOUR * 24).await;
    assert!(!keys.has_changed().unwrap(), "the same key again is no news");
    assert_eq!(keeper.key().unwrap().since(), Timestamp::from_unix_seconds(NOON));
    let waits = script.waits();
    assert!((21..=28).contains(&waits.len()), "{waits:?}");
    assert!(waits[0] <= MINUTE * 66, "the first is spread over the hour");
    for wait in &waits[1..] {
        assert!(wait.abs_diff(HOUR) <= MINUTE * 6, "{wait:?}");
    }
    let next = keeper.status().next_refresh.since(keeper.status().last_refresh.unwrap());
    assert!(next.abs_diff(HOUR) <= MINUTE * 6, "{next:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rotated_key_reaches_those_who_follow() {
    let script = Script::new(Does::Gives("k1"));
    let keeper = script.keeper(KeeperSettings::default()).await;
    let mut keys = keeper.keys();
    keys.mark_unchanged();
    sleep(HOUR * 5).await;
    script.now(Does::Gives("k2"));
    keys.changed().await.unwrap();
    let key = keys.borrow().clone().unwrap();
    assert_eq!((key.expose(), key.source()), ("k2", KeySource::Managed));
    assert!(script.began.elapsed() <= HOUR * 5 + MINUTE * 66);
    assert!(key.since() > Timestamp::from_unix_seconds(NOON));
    drop(keeper);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_at_the_start_is_waited_for() {
    let script = Script::new(Does::IsAway);
    let settings = KeeperSettings { refresh_interval: MINUTE, ..KeeperSettings::default() };
    let keeper = script.keeper(settings).await;
    assert_eq!((text(&keeper), keeper.status().state), (None, KeyState::Pending));
    assert_eq!(keeper.status().consecutive_failures, 1);
    assert!(keeper.status().last_error.unwrap().contains("connection refused"));

    sleep(HOUR * 6).await;
    let waits: Vec<_> = script.waits().iter().map(|wait| wait.as_secs_f64() / 60.0).collect();
    for (wait, mean) in waits.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]).skip(1) {
        assert!((mean * 0.9..=mean * 1.1).contains(wait), "{waits:?}");
    }
    script.now(Does::Gives("k1"));
    keeper.keys().changed().await.unwrap();
    let status = keeper.status();
    assert_eq!((text(&keeper).as_deref(), status.state), (Some("k1"), KeyState::Active));
    assert_eq!((status.consecutive_failures, status.last_error), (0, None));
}

#[tokio::test(start_paused = true)]
async fn the_last_good_key_stays_however_long_the_server_is_away() {
    let script = Script::new(Does::Gives("k1"));
    let keeper = script.keeper(with_fallback()).await;
    #[rustfmt::skip]
    let failures = [
        Does::IsAway,
        Does::Refuses(401, "token rejected"),
        Does::Refuses(403, "no identity mapping was found"),
        Does::Refuses(503, "STS is down"),
    ];
    for failure in failures {
        let before = script.count();
        script.now(failure.clone());
        sleep(HOUR * 48).await;
        let key = keeper.key().unwrap();
        assert_eq!((key.expose(), key.source()), ("k1", KeySource::Managed), "{failure:?}");
        assert_eq!(keeper.status().state, KeyState::Active);
        assert!((48..=54).contains(&(script.count() - before)), "{failure:?}");
    }
    assert_eq!(keeper.status().credentials_from.as_deref(), Some("IMDS"));
    assert!(keeper.status().consecutive_failures > 150);
    script.now(Does::Gives("k2"));
    sleep(HOUR).await;
    assert_eq!(text(&keeper).as_deref(), Some("k2"));
}

#[tokio::test(start_paused = true)]
async fn a_start_takes_no_longer_than_the_timeout() {
    let script = Script::new(Does::Hangs);
    let keeper = script.keeper(KeeperSettings::default()).await;
    assert_eq!(script.began.elapsed(), Duration::from_secs(30));
    let error = keeper.status().last_error.unwrap();
    assert!(error.contains("no key came within 30 s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_fallback_is_used_until_there_is_a_managed_key_and_never_after() {
    let script = Script::new(Does::Refuses(403, "no identity mapping was found"));
    let keeper = script.keeper(with_fallback()).await;
    let key = keeper.key().unwrap();
    assert_eq!((key.expose(), key.source()), ("fallback-key", KeySource::Fallback));
    assert_eq!(keeper.status().state, KeyState::Fallback);
    sleep(HOUR * 10).await;
    assert_eq!(keeper.key().unwrap().since(), key.since(), "it is one and the same");

    script.now(Does::Gives("k1"));
    sleep(HOUR).await;
    assert_eq!(keeper.key().unwrap().source(), KeySource::Managed);
    script.now(Does::IsAway);
    sleep(HOUR * 100).await;
    assert_eq!(text(&keeper).as_deref(), Some("k1"));
    assert_eq!(keeper.status().state, KeyState::Active);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_too_busy_is_left_alone_for_as_long_as_it_asks() {
    let script = Script::new(Does::Refuses(429, "too many requests"));
    let settings = KeeperSettings { refresh_interval: MINUTE, ..KeeperSettings::default() };
    let keeper = script.keeper(settings).await;
    keeper.nudge();
    sleep(MINUTE * 9).await;
    assert_eq!(script.count(), 1);
    sleep(MINUTE * 2).await;
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_named_and_no_error_holds_a_key() {
    let script = Script::new(Does::Gives("k1-secret"));
    let keeper = script.keeper(with_fallback()).await;
    script.now(Does::FindsClockWrong);
    sleep(MINUTE * 66).await;
    let skew = keeper.status().clock_skew;
    assert_eq!(skew, Some(ClockSkew { by: MINUTE * 10, ahead: true }));
    script.now(Does::Refuses(403, "not k1-secret and not fallback-key"));
    sleep(HOUR * 2).await;
    let shown = format!("{keeper:?} {:?} {:?} {script:?}", keeper.status(), keeper.key());
    assert!(shown.contains("not [redacted] and not [redacted]"), "{shown}");
    let shown = format!("{keeper:?} {:?} {:?}", keeper.status(), keeper.key());
    assert!(!shown.contains("k1-secret") && !shown.contains("fallback-key"), "{shown}");
    assert_eq!(keeper.status().clock_skew, None, "the clock is not the cause of this one");
}

#[tokio::test(start_paused = true)]
async fn no_task_outlives_its_keeper() {
    for (hangs, dropped) in [(false, false), (false, true), (true, false), (true, true)] {
        let script = Script::new(Does::Gives("k1"));
        let keeper = script.keeper(KeeperSettings::default()).await;
        let mut keys = keeper.keys();
        if hangs {
            script.now(Does::Hangs);
            keeper.nudge();
            sleep(Duration::from_secs(31)).await;
            assert_eq!(script.under_way.load(Ordering::SeqCst), 1);
        }
        let nudger = keeper.nudger();
        if dropped {
            drop(keeper)
        } else {
            keeper.stop().await
        }
        keys.mark_unchanged();
        assert!(keys.changed().await.is_err(), "the sender is gone, and the task with it");
        assert_eq!(script.under_way.load(Ordering::SeqCst), 0);
        assert_eq!(keys.borrow().as_ref().unwrap().expose(), "k1", "the last key stays");
        let asked = script.count();
        nudger.nudge();
        advance(HOUR * 10).await;
        assert_eq!(script.count(), asked);
        assert_eq!(Arc::strong_count(&script), 1);
    }
}
