//! `migrate.*`: how migrations wait, and how long they may take.

use super::kind::{Count, Span};
use super::reader::Reader;
use super::setting::Setting;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// `migrate.*`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrateSettings {
    /// How long to wait for another process that is migrating.
    pub lock_deadline: Duration,
    /// How long a statement may wait for a table lock.
    pub lock_timeout: Duration,
    /// How often a statement that did not get its lock is tried in all.
    pub lock_attempts: usize,
    /// How long a schema change may take under its lock.
    pub schema_timeout: Duration,
    /// How long a statement may take that reads a whole table under a weak lock.
    pub scan_timeout: Duration,
    /// How long a statement may take that reads or writes rows.
    pub data_timeout: Duration,
}

impl Default for MigrateSettings {
    fn default() -> Self {
        Self {
            lock_deadline: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(2),
            lock_attempts: 10,
            schema_timeout: Duration::from_secs(30),
            scan_timeout: Duration::from_secs(20 * 60),
            data_timeout: Duration::from_secs(20 * 60),
        }
    }
}

impl MigrateSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let Self {
            lock_deadline,
            lock_timeout,
            lock_attempts,
            schema_timeout,
            scan_timeout,
            data_timeout,
        } = Self::default();
        let limit = Span(MS..=HOUR * 24);
        Self {
            lock_deadline: reader.get(
                Setting {
                    key: "migrate.lock_deadline",
                    variable: "UNDERPIN_MIGRATE_LOCK_DEADLINE",
                    about: "How long to wait for another process that is migrating; `--wait` says it for one run.",
                },
                &Span(Duration::ZERO..=HOUR * 24),
                lock_deadline,
            ),
            lock_timeout: reader.get(
                Setting {
                    key: "migrate.lock_timeout",
                    variable: "UNDERPIN_MIGRATE_LOCK_TIMEOUT",
                    about: "How long a statement waits for a table lock, while everybody who comes after it waits behind it. \
                            A file may say otherwise at its top, and a `SET` in it.",
                },
                &limit,
                lock_timeout,
            ),
            lock_attempts: reader.get(
                Setting {
                    key: "migrate.lock_attempts",
                    variable: "UNDERPIN_MIGRATE_LOCK_ATTEMPTS",
                    about: "How often a statement that did not get its lock is tried in all, after pauses that grow from 0.2 s \
                            to 5 s, up to half of each drawn at random.",
                },
                &Count(1..=1000),
                lock_attempts,
            ),
            schema_timeout: reader.get(
                Setting {
                    key: "migrate.schema_timeout",
                    variable: "UNDERPIN_MIGRATE_SCHEMA_TIMEOUT",
                    about: "How long a schema change may take under its lock.",
                },
                &limit,
                schema_timeout,
            ),
            scan_timeout: reader.get(
                Setting {
                    key: "migrate.scan_timeout",
                    variable: "UNDERPIN_MIGRATE_SCAN_TIMEOUT",
                    about: "How long a statement may take that reads a whole table and lets others write: a concurrent index \
                            build, VALIDATE, VACUUM.",
                },
                &limit,
                scan_timeout,
            ),
            data_timeout: reader.get(
                Setting {
                    key: "migrate.data_timeout",
                    variable: "UNDERPIN_MIGRATE_DATA_TIMEOUT",
                    about: "How long a statement may take that reads or writes rows.",
                },
                &limit,
                data_timeout,
            ),
        }
    }
}
