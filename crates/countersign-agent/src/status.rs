//! How an agent stands: what the status file, the page and the metrics tell. No secret is in it.

use countersign_client::{KeeperStatus, KeyState};
use serde::{Deserialize, Serialize};

use crate::instance::Seen;

/// How an agent stands. Times are Unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AgentStatus {
    /// Its process.
    pub pid: u32,
    /// When it told this.
    pub written_at: i64,
    /// One for each key.
    pub instances: Vec<InstanceStatus>,
}

/// How it stands with one key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// What people call it.
    pub name: String,
    /// The organization's id.
    pub org: String,
    /// The server, without what may be secret in a URL.
    pub url: String,
    /// Whose credentials are exchanged: `aws`.
    pub provider: String,
    /// Of the STS that is asked; none for the global one.
    pub region: Option<String>,
    /// `active`, `pending` or `fallback`.
    pub state: String,
    /// Where the AWS credentials came from.
    pub credentials_from: Option<String>,
    /// Without jitter.
    pub refresh_interval_mins: u64,
    /// When a key was obtained last.
    pub last_refresh: Option<i64>,
    /// When the server is asked next.
    pub next_refresh: Option<i64>,
    /// Since the last success.
    pub consecutive_failures: u32,
    /// Exchanges that gave a key, in this run.
    pub refreshes: u64,
    /// Exchanges that gave none, in this run.
    pub failures: u64,
    /// How often another key came, in this run.
    pub key_changes: u64,
    /// Of the last refresh.
    pub last_error: Option<String>,
    /// This machine's clock minus the server's, if that is the cause of the last failure.
    pub clock_skew_seconds: Option<i64>,
    /// Why the next start would be without a key.
    pub cache_error: Option<String>,
    /// Why the key has not reached everybody.
    pub output_error: Option<String>,
    /// Whether its first exchange has ended, and the key is kept or can't be.
    #[serde(skip)]
    pub(crate) has_started: bool,
}

impl AgentStatus {
    /// Whether every first exchange has ended, and its key is kept or can't be.
    pub(crate) fn has_started(&self) -> bool {
        self.instances.iter().all(|one| one.has_started)
    }

    /// Whether all instances have managed keys, and have handed them over.
    pub fn is_well(&self) -> bool {
        self.instances.iter().all(|one| one.state == "active" && one.output_error.is_none())
    }
}

impl InstanceStatus {
    pub(crate) fn of(seen: &Seen) -> Self {
        let (instance, shown) = (seen.instance(), seen.shown());
        let mut told = Self {
            name: instance.name().to_owned(),
            org: instance.org.clone(),
            provider: "aws".to_owned(),
            region: instance.region.clone(),
            state: "pending".to_owned(),
            key_changes: shown.key_changes,
            output_error: shown.output_error.clone(),
            ..Self::default()
        };
        if let Some(status) = &shown.status {
            told.add(status);
            told.has_started =
                status.state == KeyState::Pending || shown.kept || shown.output_error.is_some();
        }
        told
    }

    fn add(&mut self, status: &KeeperStatus) {
        let state = match status.state {
            KeyState::Active => "active",
            KeyState::Pending => "pending",
            KeyState::Fallback => "fallback",
        };
        self.state = state.to_owned();
        self.url.clone_from(&status.target.server);
        self.region.clone_from(&status.target.region);
        self.credentials_from.clone_from(&status.credentials_from);
        self.refresh_interval_mins = status.refresh_interval.as_secs() / 60;
        self.last_refresh = status.last_refresh.map(|at| at.unix_seconds());
        self.next_refresh = Some(status.next_refresh.unix_seconds());
        self.consecutive_failures = status.consecutive_failures;
        (self.refreshes, self.failures) = (status.refreshes, status.failures);
        self.last_error.clone_from(&status.last_error);
        self.clock_skew_seconds = status.clock_skew.map(|skew| {
            let by = i64::try_from(skew.by.as_secs()).unwrap_or(i64::MAX);
            if skew.ahead { by } else { -by }
        });
        self.cache_error.clone_from(&status.cache_error);
    }

    /// What is wrong, one thing after the other.
    pub fn problems(&self) -> Vec<String> {
        let refresh = self.last_error.as_ref().map(|error| match self.consecutive_failures {
            1 => format!("1 failure: {error}"),
            failures => format!("{failures} failures in a row, the last: {error}"),
        });
        let skew = self.clock_skew_seconds.map(|seconds| match seconds {
            ahead @ 0.. => {
                format!("this machine's clock is {ahead} s ahead of the server's: set it (NTP)")
            }
            behind => {
                format!("this machine's clock is {} s behind the server's: set it (NTP)", -behind)
            }
        });
        let all = [skew, refresh, self.output_error.clone(), self.cache_error.clone()];
        all.into_iter().flatten().collect()
    }

    /// Which key is in use, why, and what comes next, in a sentence. `now` is in Unix seconds.
    pub fn story(&self, now: i64) -> String {
        let at = |time: Option<i64>| time.map(|time| moment(time, now)).unwrap_or_default();
        let (got, next) = (at(self.last_refresh), at(self.next_refresh));
        match (self.state.as_str(), &self.last_error) {
            ("active", None) => format!("the managed key of {got} is in use; asks again {next}"),
            ("active", Some(_)) => format!(
                "no fresh key can be had; the last good one, of {got}, stays in use (a fallback is for hosts that never had one); asks again {next}"
            ),
            ("fallback", _) => format!(
                "no managed key was ever obtained: THE FALLBACK KEY IS IN USE, which does not rotate; asks again {next}"
            ),
            (_, Some(_)) => format!("there is no key yet, and no fallback; asks again {next}"),
            (_, None) if self.output_error.is_some() => "waits for its files".to_owned(),
            (_, None) => "asks for its first key".to_owned(),
        }
    }
}

/// How long ago, or in how long.
pub fn moment(time: i64, now: i64) -> String {
    let seconds = time.saturating_sub(now);
    let span = match seconds.unsigned_abs() {
        span @ 0..120 => format!("{span} s"),
        span @ 120..7_200 => format!("{} min", span / 60),
        span => format!("{} h", span / 3_600),
    };
    if seconds > 0 { format!("in {span}") } else { format!("{span} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        for (time, words) in
            [(100, "0 s ago"), (70, "30 s ago"), (3_700, "in 60 min"), (-86_300, "24 h ago")]
        {
            assert_eq!(moment(time, 100), words);
        }
    }

    #[test]
    fn problems_stand_one_after_the_other_the_clock_first() {
        let mut one = InstanceStatus::default();
        assert!(one.problems().is_empty());
        one.consecutive_failures = 3;
        one.last_error = Some("a".to_owned());
        one.cache_error = Some("c".to_owned());
        assert_eq!(one.problems(), ["3 failures in a row, the last: a", "c"]);
        one.clock_skew_seconds = Some(-400);
        assert!(one.problems()[0].contains("400 s behind"), "{:?}", one.problems());
    }

    #[test]
    fn the_story_says_which_key_is_in_use_and_why() {
        let told = |state: &str, error: Option<&str>| InstanceStatus {
            state: state.to_owned(),
            last_error: error.map(ToOwned::to_owned),
            last_refresh: Some(40),
            next_refresh: Some(160),
            ..InstanceStatus::default()
        };
        #[rustfmt::skip]
        let cases = [
            ("active",   None,       "the managed key of 60 s ago is in use; asks again in 60 s"),
            ("active",   Some("e"),  "the last good one, of 60 s ago, stays in use"),
            ("fallback", Some("e"),  "THE FALLBACK KEY IS IN USE"),
            ("pending",  Some("e"),  "no key yet, and no fallback"),
            ("pending",  None,       "asks for its first key"),
        ];
        for (state, error, words) in cases {
            let said = told(state, error).story(100);
            assert!(said.contains(words), "{state} {error:?}: {said}");
        }
    }
}
