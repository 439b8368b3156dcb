//! What a service manager is told: `sd_notify(3)`, over the socket that it named. Without one, nothing is.

use std::time::Duration;

use sd_notify::NotifyState;

/// Tells it how the agent stands.
#[derive(Debug, Default)]
pub(crate) struct ServiceManager {
    ready: bool,
    said: String,
}

impl ServiceManager {
    /// The first keys are there, or as good as it gets: what starts after the agent may start. Once.
    pub(crate) fn ready(&mut self) {
        if !std::mem::replace(&mut self.ready, true) {
            tell(&[NotifyState::Ready]);
        }
    }

    /// One line for `systemctl status`, if it is another than before.
    pub(crate) fn status(&mut self, line: String) {
        if self.said != line {
            tell(&[NotifyState::Status(&line)]);
            self.said = line;
        }
    }

    /// The configuration is being read anew; [`ServiceManager::reloaded`] follows.
    pub(crate) fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    pub(crate) fn reloaded() {
        tell(&[NotifyState::Ready]);
    }

    pub(crate) fn stopping() {
        tell(&[NotifyState::Stopping]);
    }

    pub(crate) fn alive() {
        tell(&[NotifyState::Watchdog]);
    }

    /// How often it wants a sign of life: twice in the time after which it would act (`sd_watchdog_enabled(3)`).
    pub(crate) fn wants_signs_every() -> Option<Duration> {
        sd_notify::watchdog_enabled().map(|limit| limit / 2)
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
