//! Files against ledger: where each migration stands.

use crate::data;
use crate::files::{Chain, Direction, Migration, Version};
use crate::ledger::{Ledger, Record, RecordState, StatementState};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Not applied.
    Pending,
    /// Tried; a statement failed and nothing was kept. Tried again by the next `up`.
    Failed,
    /// Applied in part; the next `up` goes on.
    Partial,
    /// Reverted in part; the next `down` goes on.
    Reverting,
    /// Applied.
    Applied,
    /// Applied; layout or comments of the file were changed since.
    Reformatted,
    /// Applied; the meaning of the file was changed since.
    Changed,
    /// Applied; the file is gone.
    Missing,
    /// Applied by a newer program than this one.
    Ahead,
    /// Applied by a program that has it in Rust, as this one does not.
    Program,
}

impl State {
    /// Does the database have it, wholly or in part?
    pub(crate) fn is_applied(self) -> bool {
        !matches!(self, Self::Pending | Self::Failed)
    }
}

/// One migration, from both sides.
#[derive(Debug)]
pub(crate) struct Compared<'a> {
    pub(crate) version: Version,
    pub(crate) migration: Option<&'a Arc<Migration>>,
    pub(crate) record: Option<&'a Record>,
    pub(crate) state: State,
}

impl Compared<'_> {
    /// Did an earlier run apply a part of it?
    pub(crate) fn is_begun(&self) -> bool {
        self.state == State::Partial
    }

    /// Is it one to be applied after the service is ready, as far as the files tell?
    pub(crate) fn is_deferred(&self) -> bool {
        self.migration.is_some_and(|it| it.is_deferred())
    }
}

/// All migrations that are in the files or in the database, oldest first.
pub(crate) fn compare<'a>(chain: &'a Chain, ledger: &'a Ledger) -> Vec<Compared<'a>> {
    let in_files = chain.migrations().iter().map(|it| it.version);
    let versions: BTreeSet<Version> = in_files.chain(ledger.migrations.keys().copied()).collect();
    let sides = versions.into_iter().filter_map(|version| {
        let migration = chain.get(version);
        let record = ledger.migrations.get(&version);
        let state = state(chain, migration, record)?;
        Some(Compared {
            version,
            migration,
            record,
            state,
        })
    });
    sides.collect()
}

/// None when neither files nor database have it: it was reverted, or never kept, and its file is gone.
fn state(
    chain: &Chain,
    migration: Option<&Arc<Migration>>,
    record: Option<&Record>,
) -> Option<State> {
    let Some(record) = record.filter(|it| it.has_effect() || it.state == RecordState::Applying)
    else {
        return migration.map(|_| State::Pending);
    };
    let Some(migration) = migration else {
        let newest = chain.migrations().last().map(|it| it.version);
        let ahead = chain.is_embedded() && newest.is_none_or(|newest| record.version > newest);
        let missing = if ahead {
            State::Ahead
        } else if data::is_recorded(record) {
            State::Program
        } else {
            State::Missing
        };
        return record.has_effect().then_some(missing);
    };
    Some(match record.state {
        RecordState::Applying if !record.has_effect() => State::Failed,
        RecordState::Applying => State::Partial,
        RecordState::Reverting => State::Reverting,
        RecordState::Applied | RecordState::Reverted => compare_text(migration, record),
    })
}

fn compare_text(migration: &Migration, record: &Record) -> State {
    if migration.up.raw_hash() == record.raw {
        return State::Applied;
    }
    match migration.up.meaning_hash() == record.meaning {
        true => State::Reformatted,
        false => State::Changed,
    }
}

/// The first statement of a script that differs from what was run, counted from 1.
pub(crate) fn first_difference(
    migration: &Migration,
    record: &Record,
    direction: Direction,
) -> Option<u32> {
    let statements = migration.script(direction)?.statements().ok()?;
    let ran = record
        .of(direction)
        .filter(|it| it.state != StatementState::Failed);
    let mut ran = ran.peekable();
    ran.peek()?;
    for (statement, ordinal) in statements.iter().zip(1..) {
        match ran.next() {
            Some(it) if it.ordinal == ordinal && it.hash == statement.hash() => {}
            _ => return Some(ordinal),
        }
    }
    ran.next().map(|it| it.ordinal)
}
