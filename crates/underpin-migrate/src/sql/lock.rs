//! The table lock that a statement takes, as PostgreSQL's documentation has it.

mod statement;

use super::tree::ask;
use serde::{Serialize, Serializer};
use std::fmt;

/// A table lock, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TableLock {
    /// Reads.
    AccessShare,
    /// Locks rows that it reads.
    RowShare,
    /// Writes rows.
    RowExclusive,
    /// Lets others read and write, but not change the schema.
    ShareUpdateExclusive,
    /// Lets others read.
    Share,
    /// Lets others read; not shared with itself.
    ShareRowExclusive,
    /// Lets others read, and not lock rows.
    Exclusive,
    /// Lets nobody in.
    AccessExclusive,
}

impl TableLock {
    const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// As `pg_locks.mode` spells it: `AccessExclusiveLock`.
    pub(crate) fn of_mode(mode: &str) -> Option<Self> {
        let is_mode = |lock: &Self| mode == format!("{lock:?}Lock");
        Self::ALL.into_iter().find(is_mode)
    }

    /// As SQL spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// What others can do with the table meanwhile.
    #[must_use]
    pub fn leaves(self) -> &'static str {
        match self {
            Self::AccessShare
            | Self::RowShare
            | Self::RowExclusive
            | Self::ShareUpdateExclusive => "others read and write",
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "others only read",
            Self::AccessExclusive => "nobody else reads or writes",
        }
    }
}

impl fmt::Display for TableLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for TableLock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The strongest lock of a statement on a table that was there before, or on its indexes.
pub(super) fn of(text: &str) -> Option<TableLock> {
    ask(text, statement::lock).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most statements are compared with PostgreSQL's own locks in `tests/it/table_locks.rs`; these cannot run there.
    #[test]
    fn locks_of_what_runs_alone_are_those_of_the_documentation() {
        let check = |text: &str, expected: &str| {
            let lock = of(text).map_or("none", TableLock::as_str);
            assert_eq!(lock, expected, "{text}");
        };
        let weak = "SHARE UPDATE EXCLUSIVE";
        check("CREATE INDEX CONCURRENTLY i ON t (a)", weak);
        check("DROP INDEX CONCURRENTLY i", weak);
        check("REINDEX TABLE CONCURRENTLY t", weak);
        check("ALTER TABLE p DETACH PARTITION c CONCURRENTLY", weak);
        check("VACUUM t", weak);
        check("VACUUM FULL t", "ACCESS EXCLUSIVE");
        check("ALTER INDEX i SET TABLESPACE fast", "ACCESS EXCLUSIVE");
        check("no sql at all", "none");
    }
}
