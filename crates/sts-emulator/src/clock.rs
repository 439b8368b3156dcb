//! The emulator's clock: the real one, shifted, or standing still.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use auth_model::{Clock, Timestamp};

/// What the emulator takes for the present time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSetting {
    /// The clock that it was started with.
    #[default]
    Real,
    /// Always this time.
    Fixed(Timestamp),
    /// That clock and so many seconds more, or fewer where negative.
    Offset(i64),
}

#[derive(Debug)]
pub(crate) struct AdjustableClock {
    base: Arc<dyn Clock>,
    setting: Mutex<ClockSetting>,
}

impl AdjustableClock {
    pub(crate) fn new(base: Arc<dyn Clock>, setting: ClockSetting) -> Self {
        Self { base, setting: Mutex::new(setting) }
    }

    pub(crate) fn set(&self, setting: ClockSetting) {
        *self.setting.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }
}

impl Clock for AdjustableClock {
    fn now(&self) -> Timestamp {
        let setting = *self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        match setting {
            ClockSetting::Real => self.base.now(),
            ClockSetting::Fixed(time) => time,
            ClockSetting::Offset(seconds) => {
                let span = Duration::from_secs(seconds.unsigned_abs());
                let now = self.base.now();
                if seconds < 0 { now.minus(span) } else { now.plus(span) }
            }
        }
    }
}
