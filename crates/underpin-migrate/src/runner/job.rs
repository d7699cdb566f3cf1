//! What is known of a migration while it runs, and what the ledger is told of it.

use super::Migrator;
use super::attempts::Attempts;
use super::clock::Clock;
use super::failure::Failure;
use super::watch::Watch;
use crate::Error;
use crate::files::Direction;
use crate::ledger::{self, Cause, Entry, Origin, RecordState, StatementEntry, StatementState};
use crate::loss::Keeper;
use crate::plan::{Limits, Step};
use crate::progress::{Event, Progress};
use crate::sql::{ROLE, Statement};
use jiff::Timestamp;
use std::time::Instant;
use underpin_pool::{Executor, Session};

/// The ledger belongs to the user who connected, whatever role the file has taken on; it has it back after the commit.
const OWN_ROLE: &str = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE";

/// One migration on its way.
pub(super) struct Job<'a> {
    migrator: &'a Migrator,
    step: &'a Step,
    clock: Clock,
    began_at: Timestamp,
    /// Is nothing of this run in the ledger yet?
    first: bool,
    changes_role: bool,
}

impl<'a> Job<'a> {
    pub(super) fn new(migrator: &'a Migrator, step: &'a Step, clock: Clock) -> Self {
        let sets_role = |it: &Statement| it.nature().sets.as_deref() == Some(ROLE);
        Self {
            migrator,
            step,
            clock,
            began_at: step.began_at().unwrap_or_else(|| clock.now()),
            first: step.began_at().is_none(),
            changes_role: step.statements().iter().any(sets_role),
        }
    }

    pub(super) fn step(&self) -> &'a Step {
        self.step
    }

    pub(super) fn file(&self) -> &'a str {
        self.step.file()
    }

    pub(super) fn progress(&self) -> &'a dyn Progress {
        self.migrator.progress.as_ref()
    }

    pub(super) fn attempts(&self) -> Attempts<'a> {
        Attempts::new(self.migrator)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The timeouts of a statement.
    pub(super) fn limits(&self, statement: &Statement) -> Limits {
        self.step.limits(statement, &self.migrator.settings)
    }

    /// What tells how far a statement is.
    pub(super) fn watch<'s>(&'s self, session: &Session, statement: &'s Statement) -> Watch<'s> {
        Watch::new(
            &self.migrator.options,
            session.backend_pid(),
            statement,
            self.progress(),
        )
    }

    /// What is recorded with the copies of what a way back destroys.
    pub(super) fn keeper(&self) -> Keeper<'a> {
        Keeper {
            chain: self.chain(),
            version: self.step.migration().version,
            allowed: self.migrator.settings.data_loss,
            progress: self.progress(),
        }
    }

    /// Tells that a statement begins.
    pub(super) fn begin(&self, statement: &Statement) -> Instant {
        self.progress().tell(&Event::Statement {
            file: self.file(),
            line: statement.line(),
            ordinal: statement.ordinal(),
            sql: statement.text(),
        });
        Instant::now()
    }

    /// Tells that a statement is done, and completes its row.
    pub(super) fn done(&self, entry: StatementEntry, began: Instant, rows: u64) -> StatementEntry {
        self.progress().tell(&Event::StatementDone {
            file: self.file(),
            ordinal: entry.ordinal,
            duration: began.elapsed(),
            rows,
        });
        let mut entry = entry.ended(StatementState::Done, self.now());
        entry.rows = i64::try_from(rows).ok();
        entry
    }

    /// Writes rows of statements and the migration's own row, which says that it is finished with the `last` ones.
    pub(super) async fn record(
        &self,
        tx: &impl Executor,
        last: bool,
        entries: &[StatementEntry],
    ) -> Result<(), Error> {
        if self.changes_role {
            tx.batch(OWN_ROLE).await.map_err(|error| {
                Error::caused_by("could not take the connection's own role back", error)
            })?;
        }
        let state = match (self.step.direction(), last) {
            (Direction::Up, false) => RecordState::Applying,
            (Direction::Up, true) => RecordState::Applied,
            (Direction::Down, false) => RecordState::Reverting,
            (Direction::Down, true) => RecordState::Reverted,
        };
        let (chain, migration) = (self.chain(), self.step.migration());
        if self.first {
            let cause = match self.step.direction() {
                Direction::Up => Cause::Up,
                Direction::Down => Cause::Down,
            };
            ledger::archive(tx, chain, migration.version, cause, None).await?;
        }
        ledger::write_migration(
            tx,
            &Entry {
                chain,
                migration,
                state,
                statement_count: self.step.statements().len(),
                started_at: self.began_at,
                finished_at: last.then(|| self.now()),
                first: self.first,
                origin: Origin::Run,
            },
        )
        .await?;
        self.record_statements(tx, entries).await
    }

    /// What was recorded is committed.
    pub(super) fn recorded(&mut self) {
        self.first = false;
    }

    /// Records that a statement failed. Best effort: the failure itself is what the caller must hear of.
    ///
    /// One of which a part `may_stay` is left `started`, with the error beside it: the next run must not take it for one
    /// that has kept nothing.
    pub(super) async fn record_failure(
        &self,
        session: &mut Session,
        failure: &Failure<'_>,
        may_stay: bool,
    ) {
        if !failure.leaves_connection() {
            return;
        }
        let began = self.now();
        let state = if may_stay {
            StatementState::Started
        } else {
            StatementState::Failed
        };
        let mut entry = StatementEntry::started(failure.statement, began).ended(state, began);
        entry.sqlstate = failure.error.code().map(String::from);
        let tx = session.begin();
        let recorded = async {
            // A migration whose first transaction failed is not half reverted: it stays applied.
            if self.first && self.step.direction() == Direction::Up {
                self.record(&tx, false, &[entry]).await?;
            } else {
                self.record_statements(&tx, &[entry]).await?;
            }
            tx.commit().await.map_err(|error| {
                Error::caused_by("could not commit the record of a failure", error)
            })
        };
        if let Err(error) = recorded.await {
            let cause = underpin_core::Chain(&error).to_string();
            tracing::warn!(
                cause,
                file = self.file(),
                "the ledger could not be told of a failed statement"
            );
        }
    }

    async fn record_statements(
        &self,
        tx: &impl Executor,
        entries: &[StatementEntry],
    ) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let (migration, direction) = (self.step.migration(), self.step.direction());
        ledger::write_statements(tx, self.chain(), migration, direction, entries).await
    }

    fn chain(&self) -> &'a str {
        self.migrator.chain.name()
    }
}
