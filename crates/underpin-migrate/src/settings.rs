//! How the runner waits and how long it lets statements take.

use crate::{DataLoss, Error, Resume};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_core::config::MigrateSettings;

/// The runner's limits. All have defaults that suit a live database; the settings `migrate.*` change them, and so does a
/// file at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long to wait for another process that is migrating. Default 60 s; then
    /// [`LockDeadline`](ErrorKind::LockDeadline).
    pub lock_deadline: Duration,
    /// How long a statement may wait for a table lock. Default 2 s: everybody who comes after it waits behind it.
    pub lock_timeout: Duration,
    /// How often a statement that did not get its lock is tried in all. Default 10, with growing random pauses.
    pub lock_attempts: u32,
    /// How long a schema change may take under its lock. Default 30 s: enough on a loaded machine, short enough to
    /// stop a table rewrite at noon.
    pub schema_timeout: Duration,
    /// How long a statement may take that reads a whole table under a weak lock: a concurrent index build, VALIDATE,
    /// VACUUM. Default 20 min.
    pub scan_timeout: Duration,
    /// How long a statement may take that reads or writes rows. Default 20 min.
    pub data_timeout: Duration,
    /// Apply what came late, or stands beside another head, when both touch the same objects? Default no: the order would
    /// differ from one database to the next. What touches different objects needs no leave.
    pub allow_out_of_order: bool,
    /// Apply only what a program needs in order to begin: not what is marked `deferred`, and not a repeatable file whose
    /// content was replaced since, by a newer program most likely? Default no. [`Migrator::ensure`] does.
    ///
    /// [`Migrator::ensure`]: crate::Migrator::ensure
    pub for_start: bool,
    /// What to do when a way back would destroy data. Default: refuse, with the numbers.
    pub data_loss: DataLoss,
    /// What was decided about a statement that was interrupted and that no catalog tells about. Default: nothing, and a
    /// run that meets one stops.
    pub resume: Option<Resume>,
}

const LOCK_ATTEMPTS_MAX: u32 = 1000;

impl Default for Settings {
    fn default() -> Self {
        Self::from(&MigrateSettings::default())
    }
}

impl From<&MigrateSettings> for Settings {
    fn from(settings: &MigrateSettings) -> Self {
        let MigrateSettings {
            lock_deadline,
            lock_timeout,
            lock_attempts,
            schema_timeout,
            scan_timeout,
            data_timeout,
        } = *settings;
        Self {
            lock_deadline,
            lock_timeout,
            lock_attempts: u32::try_from(lock_attempts).unwrap_or(u32::MAX),
            schema_timeout,
            scan_timeout,
            data_timeout,
            allow_out_of_order: false,
            for_start: false,
            data_loss: DataLoss::Refuse,
            resume: None,
        }
    }
}

impl Settings {
    /// Rejects what cannot work; corrects nothing.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let Self {
            lock_deadline: _,
            lock_timeout,
            lock_attempts,
            schema_timeout,
            scan_timeout,
            data_timeout,
            allow_out_of_order: _,
            for_start: _,
            data_loss: _,
            resume: _,
        } = self;
        let timeouts = [
            ("lock_timeout", lock_timeout),
            ("schema_timeout", schema_timeout),
            ("scan_timeout", scan_timeout),
            ("data_timeout", data_timeout),
        ];
        for (name, timeout) in timeouts {
            // PostgreSQL counts milliseconds in 32 bits, and 0 means for ever.
            if timeout.as_millis() == 0 || i32::try_from(timeout.as_millis()).is_err() {
                let message = format!("{name} of migrations is {timeout:?}");
                return Err(Error::new(ErrorKind::Config, message).with_hint("use 1 ms to 24 days"));
            }
        }
        if !(1..=LOCK_ATTEMPTS_MAX).contains(lock_attempts) {
            let message = format!("lock_attempts of migrations is {lock_attempts}");
            return Err(Error::new(ErrorKind::Config, message).with_hint("use 1 to 1000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_timeouts_without_a_limit_are_not() {
        assert!(Settings::default().validate().is_ok());
        let endless = Settings {
            lock_timeout: Duration::ZERO,
            ..Settings::default()
        };
        assert!(endless.validate().is_err());
        let endless = Settings {
            scan_timeout: Duration::from_secs(1 << 40),
            ..Settings::default()
        };
        assert!(endless.validate().is_err());
        let never = Settings {
            lock_attempts: 0,
            ..Settings::default()
        };
        assert!(never.validate().is_err());
    }
}
