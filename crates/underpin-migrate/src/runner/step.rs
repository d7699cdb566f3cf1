//! Runs one migration: its groups of statements in order, each recorded as [`Job`] says.

use super::boundary::{self, Boundary};
use super::data;
use super::failure::{Failure, Trouble};
use super::job::Job;
use super::lock::Lock;
use super::recover::{self, Found, Healed};
use super::{Migrator, clock::Clock};
use crate::Error;
use crate::execute::execute;
use crate::ledger::{StatementEntry, StatementState};
use crate::loss::{Guard, Stop};
use crate::plan::{Group, Limits, Step, groups};
use crate::progress::Event;
use crate::resume::Decision;
use crate::sql::{Class, Statement};
use std::time::Duration;
use underpin_pool::Session;

pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Undoes what an earlier migration set: the session is as it was opened.
///
/// Except for one trap: to a user called `underpin`, the default search path means the ledger's schema, and tables
/// without a schema would be made in there.
pub(super) const FRESH_SESSION: &str = "\
SET SESSION AUTHORIZATION DEFAULT;
RESET ALL;
SELECT set_config('search_path', regexp_replace(current_setting('search_path'), '\"\\$user\", *', ''), false)
WHERE current_schema() = 'underpin'";

/// The server ends a statement soon after its client is gone, so that a killed run lets go of its locks.
const NOTICE_OUR_DEATH: &str = "SET client_connection_check_interval = '500ms'";

/// Runs the statements of a step that are not done, and records them.
pub(super) async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    step: &Step,
    guard: Option<&mut Guard>,
) -> Result<(), Error> {
    let migration = step.migration();
    migrator.progress.tell(&Event::Migration {
        version: migration.version,
        slug: migration.slug.as_str(),
        direction: step.direction(),
        done: step.done(),
    });
    if let ([statement], Some(work)) = (step.remaining(), step.work()) {
        return data::run(lock, migrator, step, statement, work).await;
    }
    let clock = prepare(lock.session(), step).await?;
    let mut run = Run {
        lock,
        job: Job::new(migrator, step, clock),
        guard,
    };
    let mut remaining = step.remaining();
    if step.is_ambiguous()
        && let [first, rest @ ..] = remaining
        && run.settle(first).await? == Found::Done
    {
        remaining = rest;
    }
    let groups = groups(remaining);
    for (index, group) in groups.iter().enumerate() {
        let last = index + 1 == groups.len();
        match group {
            Group::Together(statements) => run.together(statements, last).await?,
            Group::Alone(statement) => run.alone(statement, last).await?,
        }
    }
    Ok(())
}

/// Undoes what a migration or a hook has set.
pub(super) async fn refresh(session: &Session) -> Result<(), Error> {
    let failed = |error| Error::caused_by("could not reset the session", error);
    session.batch(FRESH_SESSION).await.map_err(failed)?;
    if let Err(error) = session.batch(NOTICE_OUR_DEATH).await {
        // Servers on Windows cannot; they notice when the statement ends.
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "the server cannot watch its client"
        );
    }
    Ok(())
}

/// A fresh session with the settings that the done part of the file had made.
pub(super) async fn prepare(session: &Session, step: &Step) -> Result<Clock, Error> {
    let failed = |error| Error::caused_by("could not prepare the session for a migration", error);
    refresh(session).await?;
    let done = step.statements().iter().take(step.done() as usize);
    for setting in done.filter(|it| it.class() == Class::Setting) {
        session.batch(setting.text()).await.map_err(failed)?;
    }
    Clock::read(session).await
}

struct Run<'a> {
    lock: &'a mut Lock,
    job: Job<'a>,
    /// Watches what is destroyed, on a way back.
    guard: Option<&'a mut Guard>,
}

impl Run<'_> {
    /// Finds out how the interrupted statement ended.
    async fn settle(&mut self, statement: &Statement) -> Result<Found, Error> {
        let progress = self.job.progress();
        let session = self.lock.session();
        let found = match self.job.step().decision() {
            Some(Decision::Done) => Found::Done,
            Some(Decision::Again) => Found::NotDone,
            None => recover::find_out(session, statement, progress).await?,
        };
        if found == Found::Done {
            self.found_done(statement, false).await?;
        }
        Ok(found)
    }

    /// Records that an earlier run, or another session, had brought a statement to its end.
    async fn found_done(&mut self, statement: &Statement, last: bool) -> Result<(), Error> {
        let now = self.job.now();
        let entry = StatementEntry::started(statement, now).ended(StatementState::Done, now);
        self.ended(entry, last).await?;
        self.job.progress().tell(&Event::FoundDone {
            file: self.job.file(),
            ordinal: statement.ordinal(),
        });
        Ok(())
    }

    /// Runs statements in one transaction with their rows, again when a lock was not to be had.
    async fn together(&mut self, statements: &[Statement], last: bool) -> Result<(), Error> {
        let mut attempts = self.job.attempts();
        loop {
            let failure = match self.try_together(statements, last).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Failure(failure)) => failure,
                Err(Trouble::Error(error)) => return Err(error),
            };
            if !attempts.may_help(failure.error.kind()) {
                self.job
                    .record_failure(self.lock.session(), &failure, false)
                    .await;
                return Err(failure.into_error(self.job.step(), false));
            }
            let ordinal = failure.statement.ordinal();
            attempts.pause(self.job.file(), ordinal).await;
        }
    }

    async fn try_together<'s>(
        &mut self,
        statements: &'s [Statement],
        last: bool,
    ) -> Result<(), Trouble<'s>> {
        let held = self.lock.held();
        let tx = self.lock.session().begin();
        held.check(&tx).await?;
        let mut limits = Limits::default();
        let mut entries = Vec::with_capacity(statements.len());
        for statement in statements {
            let wanted = self.job.limits(statement);
            if wanted != limits {
                limits = wanted;
                if let Some(set) = limits.sql("LOCAL") {
                    tx.batch(&set).await.map_err(not_limited)?;
                }
            }
            let entry = StatementEntry::started(statement, self.job.now());
            let began = self.job.begin(statement);
            let outcome = match self.guard.as_deref_mut() {
                Some(guard) => guard.run(&tx, statement, &self.job.keeper()).await,
                None => execute(&tx, statement).await.map_err(Stop::from),
            };
            match outcome {
                Ok(rows) => entries.push(self.job.done(entry, began, rows)),
                Err(Stop::Refused(error)) => {
                    // A transaction that is dropped is rolled back, too.
                    let _ = tx.rollback().await;
                    return Err(error.into());
                }
                Err(Stop::Failed(error)) => {
                    // The server has rolled back already; this only tells the session.
                    let _ = tx.rollback().await;
                    return Err(Failure { statement, error }.into());
                }
            }
        }
        self.job.record(&tx, last, &entries).await?;
        tx.commit().await.map_err(not_committed)?;
        self.job.recorded();
        Ok(())
    }

    /// Runs a statement outside any transaction, recorded before and after.
    async fn alone(&mut self, statement: &Statement, last: bool) -> Result<(), Error> {
        let held = self.lock.held();
        let session = self.lock.session();
        held.check(session).await?;
        let healed = recover::heal(session, statement, self.job.progress()).await?;
        if healed == Healed::Finished {
            return self.found_done(statement, last).await;
        }
        let entry = StatementEntry::started(statement, self.job.now());
        let tx = session.begin();
        self.job
            .record(&tx, false, std::slice::from_ref(&entry))
            .await?;
        tx.commit().await.map_err(not_committed)?;
        self.job.recorded();
        let mut attempts = self.job.attempts();
        loop {
            let session = self.lock.session();
            if let Some(set) = self.job.limits(statement).sql("SESSION") {
                session.batch(&set).await.map_err(not_limited)?;
            }
            let boundary = Boundary::before(session, statement).await?;
            let began = self.job.begin(statement);
            let session = &*session;
            let watch = self.job.watch(session, statement);
            let outcome = watch.until(boundary::run(session, statement)).await;
            let error = match outcome {
                Ok(rows) => {
                    let entry = self.job.done(entry, began, rows);
                    return self.ended(entry, last).await;
                }
                Err(error) => error,
            };
            let failure = Failure { statement, error };
            let may_stay = boundary.may_be_crossed(session).await;
            let session = self.lock.session();
            if may_stay || !attempts.may_help(failure.error.kind()) {
                self.job.record_failure(session, &failure, may_stay).await;
                return Err(failure.into_error(self.job.step(), may_stay));
            }
            let healed = recover::heal(session, statement, self.job.progress()).await?;
            if healed == Healed::Finished {
                return self.found_done(statement, last).await;
            }
            attempts.pause(self.job.file(), statement.ordinal()).await;
        }
    }

    /// Records that a statement that ran alone is done.
    async fn ended(&mut self, entry: StatementEntry, last: bool) -> Result<(), Error> {
        let tx = self.lock.session().begin();
        self.job.record(&tx, last, &[entry]).await?;
        tx.commit().await.map_err(not_committed)?;
        self.job.recorded();
        Ok(())
    }
}

pub(super) fn not_committed(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not commit a part of the migration", error)
        .with_hint("run the command again: the ledger knows whether it was committed, and the run goes on from there")
}

pub(super) fn not_limited(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not set the timeouts of a statement", error)
}
