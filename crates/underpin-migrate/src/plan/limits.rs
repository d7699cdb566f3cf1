//! Which timeouts a statement runs under.

use crate::Settings;
use crate::files::Header;
use crate::sql::{Statement, Work};
use std::time::Duration;

/// The timeouts to set before a statement. None: leave what the file itself has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    pub(crate) lock: Option<Duration>,
    pub(crate) statement: Option<Duration>,
}

impl Limits {
    /// The limits of `statement`: the file's own `SET` before it, else the header's, else by the kind of work.
    pub(crate) fn of(statement: &Statement, header: &Header, settings: &Settings) -> Self {
        let own = statement.own_timeouts();
        let work = statement.nature().work;
        let lock = header.lock_timeout.unwrap_or(match work {
            Work::Concurrent => Duration::ZERO,
            Work::Schema | Work::Scan | Work::Data => settings.lock_timeout,
        });
        let time = header.statement_timeout.unwrap_or(match work {
            Work::Schema => settings.schema_timeout,
            Work::Scan | Work::Concurrent => settings.scan_timeout,
            Work::Data => settings.data_timeout,
        });
        Self {
            lock: (!own.lock).then_some(lock),
            statement: (!own.statement).then_some(time),
        }
    }

    /// The commands that put them in force; None when there is nothing to set.
    pub(crate) fn sql(self, scope: &str) -> Option<String> {
        let set = |name: &str, limit: Option<Duration>| {
            limit.map(|limit| format!("SET {scope} {name} = {};", limit.as_millis()))
        };
        let lock = set("lock_timeout", self.lock);
        let statement = set("statement_timeout", self.statement);
        (lock.is_some() || statement.is_some()).then(|| {
            format!(
                "{}{}",
                lock.unwrap_or_default(),
                statement.unwrap_or_default()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql;
    use std::sync::Arc;

    fn limits(text: &str, ordinal: usize) -> Limits {
        let file = Arc::from("m.up.sql");
        let header = sql::read_header(&file, text).expect(text);
        let all = sql::parse(&file, text).expect(text);
        Limits::of(&all[ordinal - 1], &header, &Settings::default())
    }

    fn seconds(limit: Option<Duration>) -> Option<u64> {
        limit.map(|it| it.as_secs())
    }

    #[test]
    fn limits_follow_the_kind_of_work() {
        let check = |text: &str, lock, statement| {
            let limits = limits(text, 1);
            assert_eq!(
                (seconds(limits.lock), seconds(limits.statement)),
                (Some(lock), Some(statement)),
                "{text}"
            );
        };
        check("ALTER TABLE t ADD COLUMN a int", 2, 30);
        check("ALTER TABLE t VALIDATE CONSTRAINT c", 2, 1200);
        check("CREATE INDEX CONCURRENTLY i ON t (a)", 0, 1200);
        check("UPDATE t SET a = 1", 2, 1200);
        check("VACUUM t", 2, 1200);
    }

    #[test]
    fn the_header_wins_over_defaults_and_the_file_over_both() {
        let text = "-- underpin: lock_timeout=7s\nSELECT 1; SET lock_timeout = '9s'; SELECT 2";
        assert_eq!(seconds(limits(text, 1).lock), Some(7));
        assert_eq!(seconds(limits(text, 2).lock), Some(7));
        assert_eq!(limits(text, 3).lock, None);
        assert_eq!(seconds(limits(text, 3).statement), Some(1200));
    }

    #[test]
    fn limits_become_commands_in_milliseconds() {
        let limits = Limits {
            lock: Some(Duration::from_secs(2)),
            statement: None,
        };
        assert_eq!(
            limits.sql("LOCAL").as_deref(),
            Some("SET LOCAL lock_timeout = 2000;")
        );
        assert_eq!(Limits::default().sql("LOCAL"), None);
    }
}
