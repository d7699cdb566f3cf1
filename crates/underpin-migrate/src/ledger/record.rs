//! The ledger's rows.

use super::{Far, RepeatableRecord};
use crate::Hash;
use crate::files::{Direction, Slug, Version};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The rows of one chain.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The version of its tables; 0 when there are none.
    pub(crate) version: i32,
    pub(crate) migrations: BTreeMap<Version, Record>,
    /// By name; read for chains that have repeatable files.
    pub(crate) repeatables: BTreeMap<String, RepeatableRecord>,
    /// Migrations that stand here for those that they were squashed from, which the database still has.
    pub(crate) squashed: Vec<Version>,
}

/// A migration that was run, wholly or in part.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) version: Version,
    pub(crate) slug: Slug,
    pub(crate) state: RecordState,
    pub(crate) origin: String,
    /// How many statements the script had that was run last.
    pub(crate) statement_count: u32,
    pub(crate) raw: Hash,
    pub(crate) meaning: Hash,
    pub(crate) allows: serde_json::Value,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) run_by: String,
    pub(crate) run_from: String,
    pub(crate) program_version: String,
    /// How far it is, of a half-run migration in batches.
    pub(crate) far: Option<Far>,
    /// Its statements, when they were read: for a half-run migration always.
    pub(crate) statements: Vec<StatementRecord>,
}

/// Where a migration stands; see [the module](super) for the moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordState {
    Applying,
    Applied,
    Reverting,
    Reverted,
}

/// A statement that was run.
#[derive(Debug, Clone)]
pub(crate) struct StatementRecord {
    pub(crate) direction: Direction,
    pub(crate) ordinal: u32,
    pub(crate) class: String,
    pub(crate) hash: Hash,
    pub(crate) state: StatementState,
    pub(crate) sqlstate: Option<String>,
    pub(crate) rows: Option<i64>,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
}

/// How a statement ended, as far as the ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementState {
    /// Nobody saw the end.
    Started,
    Done,
    Failed,
}

impl Record {
    /// The statements of a direction, in order.
    pub(crate) fn of(&self, direction: Direction) -> impl Iterator<Item = &StatementRecord> {
        self.statements
            .iter()
            .filter(move |it| it.direction == direction)
    }

    /// How many statements of a direction are done, from the first without a gap.
    pub(crate) fn done(&self, direction: Direction) -> u32 {
        let done = self
            .of(direction)
            .filter(|it| it.state == StatementState::Done);
        done.zip(1..)
            .take_while(|(it, ordinal)| it.ordinal == *ordinal)
            .map(|(_, ordinal)| ordinal)
            .last()
            .unwrap_or(0)
    }

    /// Did any statement of the running direction take effect, or may have?
    pub(crate) fn has_effect(&self) -> bool {
        match self.state {
            RecordState::Applied | RecordState::Reverting => true,
            RecordState::Reverted => false,
            RecordState::Applying => self
                .of(Direction::Up)
                .any(|it| it.state != StatementState::Failed),
        }
    }
}

impl RecordState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Reverting => "reverting",
            Self::Reverted => "reverted",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Applying,
            Self::Applied,
            Self::Reverting,
            Self::Reverted,
        ]
        .into_iter()
        .find(|it| it.as_str() == text)
    }
}

impl StatementState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Started, Self::Done, Self::Failed]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}
