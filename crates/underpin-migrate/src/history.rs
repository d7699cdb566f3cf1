//! What was run, to be printed.

use crate::files::{Allow, Direction, Slug, Version};
use crate::ledger::{Archived, Ledger, Record, StatementRecord};
use jiff::Timestamp;
use serde::Serialize;

/// A migration that was run here.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// Which.
    pub version: Version,
    /// Its name.
    pub slug: Slug,
    /// `applying`, `applied`, `reverting` or `reverted`.
    pub state: &'static str,
    /// `run`, `stamp`, `adopt` or `squash`: how it came to be applied.
    pub origin: String,
    /// When the last run of it began, by the server's clock.
    pub started_at: Timestamp,
    /// When it ended, if it did.
    pub finished_at: Option<Timestamp>,
    /// The database user.
    pub run_by: String,
    /// The client's address.
    pub run_from: String,
    /// The program.
    pub program_version: String,
    /// The unsafe operations that were allowed, with reasons.
    pub allows: Vec<Allow>,
    /// What overwrote this entry; None for how the migration stands now.
    pub replaced: Option<Replaced>,
    /// Its statements, up before down.
    pub statements: Vec<HistoryStatement>,
}

/// What became of an entry of the history.
#[derive(Debug, Clone, Serialize)]
pub struct Replaced {
    /// `up`, `down`, `stamp` or `rebless`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The database user.
    pub user: String,
    /// Why, where a reason has to be given.
    pub reason: Option<String>,
}

/// A statement that was run.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryStatement {
    /// Forward or back.
    pub direction: Direction,
    /// Its number in the file.
    pub ordinal: u32,
    /// `transactional`, `setting` or `alone`.
    pub class: String,
    /// `started`, `done` or `failed`.
    pub state: &'static str,
    /// The server's error code.
    pub sqlstate: Option<String>,
    /// How many rows it affected.
    pub rows: Option<i64>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: Option<i64>,
}

/// By version, and within one in the order in which it was run.
pub(crate) fn entries(ledger: &Ledger, archive: Vec<Archived>) -> Vec<HistoryEntry> {
    let current = ledger.migrations.values().map(|it| entry(it, None));
    let earlier = archive.into_iter().map(|it| {
        let replaced = Replaced {
            by: it.replaced_by,
            at: it.replaced_at,
            user: it.replaced_by_user,
            reason: it.reason,
        };
        entry(&it.record, Some(replaced))
    });
    let mut entries: Vec<_> = earlier.chain(current).collect();
    // Stable: what was overwritten stays in its order and before what stands now.
    entries.sort_by_key(|it| it.version);
    entries
}

fn entry(record: &Record, replaced: Option<Replaced>) -> HistoryEntry {
    HistoryEntry {
        version: record.version,
        slug: record.slug.clone(),
        state: record.state.as_str(),
        origin: record.origin.clone(),
        started_at: record.started_at,
        finished_at: record.finished_at,
        run_by: record.run_by.clone(),
        run_from: record.run_from.clone(),
        program_version: record.program_version.clone(),
        allows: serde_json::from_value(record.allows.clone()).unwrap_or_default(),
        replaced,
        statements: [Direction::Up, Direction::Down]
            .into_iter()
            .flat_map(|direction| record.of(direction).map(statement))
            .collect(),
    }
}

fn statement(record: &StatementRecord) -> HistoryStatement {
    let duration =
        |end: Timestamp| i64::try_from(end.duration_since(record.started_at).as_millis()).ok();
    HistoryStatement {
        direction: record.direction,
        ordinal: record.ordinal,
        class: record.class.clone(),
        state: record.state.as_str(),
        sqlstate: record.sqlstate.clone(),
        rows: record.rows,
        started_at: record.started_at,
        duration_ms: record.finished_at.and_then(duration),
    }
}
