//! Where each migration stands, to be printed.

use crate::compare::{Compared, State, compare};
use crate::files::{Chain, Direction, Graph, Repeatable, Slug, Version};
use crate::ledger::{Far, Ledger, Record, StatementState};
use crate::plan::RepeatableState;
use crate::sql::Statement;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The state of a chain in a database.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The chain's name.
    pub chain: String,
    /// The folder, or `<built in>`.
    pub place: String,
    /// Was any migration ever run in this database?
    pub ledger: bool,
    /// The newest applied version.
    pub current: Option<Version>,
    /// The applied versions that no other applied one follows: several after two branches were merged.
    pub applied_heads: Vec<Version>,
    /// The versions that no other one follows.
    pub heads: Vec<Version>,
    /// All migrations in files or database, oldest first.
    pub migrations: Vec<Standing>,
    /// All repeatable files, and what was run of others, by name.
    pub repeatables: Vec<RepeatableStanding>,
}

/// Where one migration stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Which.
    pub version: Version,
    /// Its name.
    pub slug: Slug,
    /// The up file, when it is there.
    pub file: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Has it a way back?
    pub reversible: bool,
    /// Is it to be applied after the service is ready?
    pub deferred: bool,
    /// How many statements are done, of a half-run migration.
    pub done: Option<u32>,
    /// How many statements there are, of a half-run migration.
    pub of: Option<u32>,
    /// How far it is, of a half-run migration of data.
    pub data: Option<DataProgress>,
    /// The statement that failed last, if one did.
    pub failed: Option<Failed>,
    /// The statement that was interrupted, if one was: nobody saw how it ended.
    pub interrupted: Option<Interrupted>,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
    /// The database user who applied it.
    pub applied_by: Option<String>,
}

/// Where a repeatable file stands.
#[derive(Debug, Clone, Serialize)]
pub struct RepeatableStanding {
    /// Its name.
    pub name: String,
    /// The file, when it is there.
    pub file: Option<String>,
    /// Where it stands.
    pub state: RepeatableState,
    /// When it was run last.
    pub applied_at: Option<Timestamp>,
    /// The database user who ran it.
    pub applied_by: Option<String>,
}

/// How far a migration of data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DataProgress {
    /// How many batches are done.
    pub batches: u64,
    /// How many rows are done.
    pub done: u64,
    /// How many rows there are, when that is known.
    pub total: Option<u64>,
}

/// The statement that failed last.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// Its number in the file.
    pub statement: u32,
    /// The server's error code.
    pub sqlstate: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A statement that was begun and of which nobody saw the end, or that failed and may have kept a part of its work.
#[derive(Debug, Clone, Serialize)]
pub struct Interrupted {
    /// Its number in the file.
    pub statement: u32,
    /// The server's error code, when it failed.
    pub sqlstate: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// Does the next run stop until somebody decides? Otherwise it asks the catalog and goes on.
    pub needs_decision: bool,
}

impl Status {
    /// `ledger` is None when no migration was ever run.
    pub(crate) fn new(chain: &Chain, ledger: Option<Ledger>) -> Self {
        let exists = ledger.is_some();
        let ledger = ledger.unwrap_or_default();
        let compared = compare(chain, &ledger);
        let applied = compared.iter().filter(|it| it.state.is_applied());
        let applied: BTreeSet<Version> = applied.map(|it| it.version).collect();
        let graph = Graph::new(chain.migrations());
        let mut applied_heads = graph.heads(|it| applied.contains(&it));
        // What has no file here follows nothing that is known.
        applied_heads.extend(applied.iter().filter(|it| chain.get(**it).is_none()));
        applied_heads.sort_unstable();
        Self {
            chain: String::from(chain.name()),
            place: String::from(chain.place()),
            ledger: exists,
            current: applied.last().copied(),
            applied_heads,
            heads: graph.heads(|_| true),
            migrations: compared.iter().filter_map(standing).collect(),
            repeatables: repeatables(chain, &ledger),
        }
    }

    /// How many migrations stand so.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.migrations
            .iter()
            .filter(|it| it.state == state)
            .count()
    }

    /// How many migrations are not applied, or not as their files say.
    #[must_use]
    pub fn behind(&self) -> usize {
        let fine = |it: &&Standing| {
            matches!(
                it.state,
                State::Applied | State::Reformatted | State::Ahead | State::Program
            )
        };
        self.migrations.len() - self.migrations.iter().filter(fine).count()
    }

    /// How many of those that are [`behind`](Self::behind) may be applied after the service is ready.
    #[must_use]
    pub fn deferred(&self) -> usize {
        let open = |it: &&Standing| {
            it.deferred && matches!(it.state, State::Pending | State::Failed | State::Partial)
        };
        self.migrations.iter().filter(open).count()
    }

    /// How many repeatable files the next `up` runs because their content is not what was run last.
    #[must_use]
    pub fn outdated(&self) -> usize {
        let fine = |it: &&RepeatableStanding| {
            matches!(
                it.state,
                RepeatableState::Applied | RepeatableState::Missing
            )
        };
        self.repeatables.len() - self.repeatables.iter().filter(fine).count()
    }

    /// Is everything applied and as it was?
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.behind() == 0 && self.outdated() == 0
    }
}

fn repeatables(chain: &Chain, ledger: &Ledger) -> Vec<RepeatableStanding> {
    let files = chain.repeatables().iter().map(|it| (it.name.as_str(), it));
    let files: BTreeMap<&str, &Arc<Repeatable>> = files.collect();
    let recorded = ledger.repeatables.keys().map(String::as_str);
    let names: BTreeSet<&str> = files.keys().copied().chain(recorded).collect();
    let standing = names.into_iter().map(|name| {
        let (file, record) = (files.get(name), ledger.repeatables.get(name));
        RepeatableStanding {
            name: String::from(name),
            file: file.map(|it| String::from(it.script.file())),
            state: file.map_or(RepeatableState::Missing, |it| {
                RepeatableState::of(it, record)
            }),
            applied_at: record.map(|it| it.applied_at),
            applied_by: record.map(|it| it.run_by.clone()),
        }
    });
    standing.collect()
}

fn standing(it: &Compared<'_>) -> Option<Standing> {
    let slug = it
        .migration
        .map(|it| &it.slug)
        .or(it.record.map(|it| &it.slug))?;
    let direction = match it.state {
        State::Partial | State::Failed => Some(Direction::Up),
        State::Reverting => Some(Direction::Down),
        _ => None,
    };
    let half = direction.zip(it.record);
    let applied = it.record.filter(|_| it.state.is_applied());
    Some(Standing {
        version: it.version,
        slug: slug.clone(),
        file: it.migration.map(|it| String::from(it.up.file())),
        state: it.state,
        reversible: it.migration.is_some_and(|it| it.down.is_some()),
        deferred: it.is_deferred(),
        done: half.map(|(direction, record)| record.done(direction)),
        of: half.map(|(_, record)| record.statement_count),
        data: half.and_then(|(_, record)| record.far.as_ref().map(data_progress)),
        failed: half.and_then(|(direction, record)| failed(record, direction)),
        interrupted: half.and_then(|(direction, record)| interrupted(it, record, direction)),
        applied_at: applied.and_then(|it| it.finished_at),
        applied_by: applied.map(|it| it.run_by.clone()),
    })
}

fn data_progress(far: &Far) -> DataProgress {
    DataProgress {
        batches: far.batches,
        done: far.rows,
        total: far.place.total,
    }
}

fn failed(record: &Record, direction: Direction) -> Option<Failed> {
    let mut failed = record
        .of(direction)
        .filter(|it| it.state == StatementState::Failed);
    failed.next().map(|it| Failed {
        statement: it.ordinal,
        sqlstate: it.sqlstate.clone(),
        at: it.finished_at,
    })
}

fn interrupted(it: &Compared<'_>, record: &Record, direction: Direction) -> Option<Interrupted> {
    let script = it.migration.and_then(|it| it.script(direction));
    if script.is_some_and(|it| it.work().is_some()) {
        // Work in batches goes on after the last one by itself.
        return None;
    }
    let mut started = record
        .of(direction)
        .filter(|it| it.state == StatementState::Started);
    let started = started.next()?;
    let statements = script.and_then(|it| it.statements().ok());
    let index = (started.ordinal as usize).checked_sub(1);
    let statement = statements
        .zip(index)
        .and_then(|(all, index)| all.get(index));
    Some(Interrupted {
        statement: started.ordinal,
        sqlstate: started.sqlstate.clone(),
        at: started.started_at,
        needs_decision: statement.is_none_or(Statement::needs_decision),
    })
}
