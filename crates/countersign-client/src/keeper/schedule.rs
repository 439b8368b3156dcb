//! When to ask for the key next: events in, a time out. Knows no clock, no runtime and no server.

use std::time::Duration;

/// The schedule of one key. Times are spans since it began; each event brings random bits of its own.
///
/// * After a success the next refresh is due in the interval, give or take a tenth.
/// * After failures it is due in the interval, then twice that, and so on to an hour, give or take a tenth too: were
///   these waits shorter than those after successes, a fleet whose server goes away would come back half as busy again.
/// * A nudge makes it due at once, but no sooner than 30 s after the last one ended, or than the server asks for.
/// * The first wait of all is any part of such a wait, but 30 s: hosts that begin together would otherwise go on
///   asking together for half a day, as a tenth of jitter tears them apart only slowly.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    interval: Duration,
    failures: u32,
    begun: bool,
    due: Duration,
    /// Before this no nudge is heeded.
    quiet_until: Duration,
}

impl Schedule {
    /// Due at once.
    pub(crate) fn new(interval: Duration) -> Self {
        let interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        Self {
            interval,
            failures: 0,
            begun: false,
            due: Duration::ZERO,
            quiet_until: Duration::ZERO,
        }
    }

    /// The interval that is really kept.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// When to refresh next.
    pub(crate) fn due(&self) -> Duration {
        self.due
    }

    /// Failures since the last success.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// A refresh gave a key. What was nudged for until now is answered by it.
    pub(crate) fn succeeded(&mut self, now: Duration, random: u64) {
        self.failures = 0;
        self.put(now, self.interval, random);
        self.quiet_until = now + NUDGES_APART;
    }

    /// A refresh gave none; `asked` is how long the server wants to be left alone.
    pub(crate) fn failed(&mut self, now: Duration, asked: Option<Duration>, random: u64) {
        self.failures = self.failures.saturating_add(1);
        let wait = backoff(self.interval, self.failures);
        let asked = asked.unwrap_or_default().min(MAX_BACKOFF);
        self.put(now, wait, random);
        self.due = self.due.max(now + asked);
        self.quiet_until = now + asked.max(NUDGES_APART);
    }

    /// Somebody's key was refused. Several nudges are one.
    pub(crate) fn nudged(&mut self, now: Duration) {
        self.due = self.due.min(self.quiet_until.max(now));
    }

    fn put(&mut self, now: Duration, wait: Duration, random: u64) {
        let mut wait = between(wait - wait / 10, wait + wait / 10, random);
        if !self.begun {
            // A part of a jittered wait, not of an even one: that is how much is left of a wait at any moment, so a
            // fleet is from the start as evenly spread as it will ever be. The low bits have decided next to nothing.
            wait = between(Duration::ZERO, wait, random.rotate_left(32)).max(NUDGES_APART);
        }
        self.begun = true;
        self.due = now + wait;
    }
}

/// The wait after so many failures, before jitter.
fn backoff(interval: Duration, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    interval.saturating_mul(1 << doublings).min(MAX_BACKOFF)
}

/// A point between the two; all 64 bits set are the end, none the beginning.
fn between(low: Duration, high: Duration, random: u64) -> Duration {
    let span = high.saturating_sub(low).as_nanos();
    let nanos = (span * u128::from(random)) >> u64::BITS;
    low + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Between the end of one refresh and another that is nudged for.
pub(crate) const NUDGES_APART: Duration = Duration::from_secs(30);
/// The longest wait after failures, before jitter.
pub(crate) const MAX_BACKOFF: Duration = Duration::from_secs(3_600);
const MIN_INTERVAL: Duration = Duration::from_secs(60);
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 3_600);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Nudged,
        Succeeded,
        Failed(Option<u64>),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => Just(Event::Nudged),
            2 => Just(Event::Succeeded),
            2 => proptest::option::of(0_u64..10_000).prop_map(Event::Failed),
        ]
    }

    /// A schedule past its first wait, just refreshed at zero.
    fn begun(interval: Duration) -> Schedule {
        let mut schedule = Schedule::new(interval);
        schedule.succeeded(Duration::ZERO, 0);
        schedule.succeeded(Duration::ZERO, 0);
        schedule
    }

    #[test]
    fn waits_after_failures_double_from_the_interval_to_an_hour() {
        #[rustfmt::skip]
        let cases = [
            // minutes   waits of the first failures, in minutes
            (1,          [1, 2, 4, 8, 16, 32, 60, 60]),
            (5,          [5, 10, 20, 40, 60, 60, 60, 60]),
            (60,         [60; 8]),
            (120,        [60; 8]),
        ];
        for (minutes, waits) in cases {
            let mut schedule = begun(MINUTE * minutes);
            let seen = waits.map(|_| {
                schedule.failed(Duration::ZERO, None, u64::MAX / 2);
                schedule.due().as_secs_f64() / 60.0
            });
            assert_eq!(seen.map(f64::round), waits.map(f64::from), "{minutes}");
            schedule.succeeded(Duration::ZERO, 0);
            schedule.failed(Duration::ZERO, None, u64::MAX);
            assert_eq!(schedule.failures(), 1, "a success resets");
        }
    }

    #[test]
    fn the_first_wait_is_any_part_of_one_also_after_a_failure() {
        #[rustfmt::skip]
        let cases = [
            // random                 minutes
            (0x0000_0000_0000_0000,   0.5),
            (0x8000_0000_0000_0000,   0.5),
            (0x8000_0000_8000_0000,   30.0),
            (0x0000_0000_ffff_ffff,   54.0),
            (u64::MAX,                66.0),
        ];
        for (random, minutes) in cases {
            let mut schedule = Schedule::new(MINUTE * 60);
            assert_eq!(schedule.due(), Duration::ZERO);
            schedule.succeeded(Duration::ZERO, random);
            assert!(schedule.due().abs_diff(MINUTE.mul_f64(minutes)) < MINUTE / 60, "{random:x}");
            let mut schedule = Schedule::new(MINUTE * 60);
            schedule.failed(Duration::ZERO, None, random);
            assert!(schedule.due().abs_diff(MINUTE.mul_f64(minutes)) < MINUTE / 60, "{random:x}");
        }
    }

    #[test]
    fn many_nudges_are_one_and_it_waits_for_the_quiet_to_end() {
        let mut schedule = begun(MINUTE * 60);
        for second in [1, 2, 29] {
            schedule.nudged(Duration::from_secs(second));
            assert_eq!(schedule.due(), NUDGES_APART);
        }
        let mut schedule = begun(MINUTE * 60);
        schedule.nudged(MINUTE);
        assert_eq!(schedule.due(), MINUTE, "at once, where the last refresh is long ago");
        schedule.succeeded(MINUTE, 0);
        assert_eq!(schedule.due(), MINUTE * 55, "and the nudge is answered");
    }

    #[test]
    fn a_server_that_asks_to_be_left_alone_is_for_an_hour_at_most() {
        let mut schedule = begun(MINUTE);
        schedule.failed(Duration::ZERO, Some(MINUTE * 5), 0);
        schedule.nudged(MINUTE);
        assert_eq!(schedule.due(), MINUTE * 5);
        schedule.failed(Duration::ZERO, Some(MINUTE * 500), 0);
        assert_eq!(schedule.due(), MAX_BACKOFF);
    }

    #[test]
    fn intervals_that_make_no_sense_are_bounded() {
        assert_eq!(Schedule::new(Duration::ZERO).interval(), MINUTE);
        assert_eq!(Schedule::new(Duration::MAX).interval(), MAX_INTERVAL);
    }

    proptest! {
        /// Whatever happens in whatever order, refreshes being made when they are due or later.
        #[test]
        fn the_bounds_hold(
            minutes in 0_u32..2_000,
            events in proptest::collection::vec((event(), any::<u64>(), 0_u64..5_000), 1..60),
        ) {
            let mut schedule = Schedule::new(MINUTE * minutes);
            let interval = schedule.interval();
            let (mut now, mut ended) = (Duration::ZERO, None);
            for (event, random, later) in events {
                let later = Duration::from_secs(later);
                match event {
                    Event::Nudged => {
                        now = (now + later).min(schedule.due().max(now));
                        let before = schedule.due();
                        schedule.nudged(now);
                        prop_assert!(schedule.due() <= before.max(now), "a nudge puts nothing off");
                        prop_assert!(schedule.due() >= now.min(before));
                    }
                    Event::Succeeded => {
                        now = now.max(schedule.due());
                        schedule.succeeded(now, random);
                        prop_assert_eq!(schedule.failures(), 0);
                        prop_assert!(schedule.due() <= now + interval + interval / 10);
                        prop_assert!(
                            ended.is_none() || schedule.due() >= now + interval - interval / 10
                        );
                        ended = Some(now);
                    }
                    Event::Failed(asked) => {
                        now = now.max(schedule.due());
                        schedule.failed(now, asked.map(Duration::from_secs), random);
                        prop_assert!(schedule.due() <= now + MAX_BACKOFF + MAX_BACKOFF / 10);
                        ended = Some(now);
                    }
                }
                if let Some(ended) = ended {
                    prop_assert!(schedule.due() >= ended + NUDGES_APART, "never sooner");
                }
            }
        }

        #[test]
        fn waits_grow_with_failures(minutes in 1_u32..2_000, failures in 1_u32..200) {
            let interval = Schedule::new(MINUTE * minutes).interval();
            prop_assert!(backoff(interval, failures) <= backoff(interval, failures + 1));
            prop_assert!(backoff(interval, failures) <= MAX_BACKOFF);
        }
    }
}
