//! Runs a migration that works in batches: one transaction a batch, which also records where the next one begins.

use super::Migrator;
use super::backoff::pause;
use super::job::Job;
use super::lock::Lock;
use super::step::{not_committed, not_limited, prepare};
use crate::data::{Batch, BoxError, Work, kind_of};
use crate::ledger::{self, Far, StatementEntry};
use crate::plan::Step;
use crate::progress::Event;
use crate::sql::Statement;
use crate::{Error, Version};
use serde_json::Value;
use std::time::{Duration, Instant};
use underpin_core::ErrorKind;
use underpin_pool::Transaction;

/// How often the progress is told, beside the first and the last batch.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What the ledger says of a statement that stands for work in batches.
const CLASS: &str = "alone";

/// Does the batches that are not done.
pub(super) async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    step: &Step,
    statement: &Statement,
    work: &Work,
) -> Result<(), Error> {
    let clock = prepare(lock.session(), step).await?;
    let job = Job::new(migrator, step, clock);
    let began = job.begin(statement);
    let entry = StatementEntry {
        class: CLASS,
        ..StatementEntry::started(statement, job.now())
    };
    let mut run = Run {
        lock,
        job,
        chain: migrator.chain().name(),
        version: step.migration().version,
        statement,
        work,
        entry,
        began,
    };
    let mut far = step.far().cloned().unwrap_or_default();
    let mut told: Option<Instant> = None;
    loop {
        let began = Instant::now();
        let is_last = run.batch(&mut far).await?;
        if is_last || told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            told = Some(Instant::now());
            run.job.progress().tell(&Event::Batch {
                file: run.job.file(),
                batches: far.batches,
                done: far.rows,
                total: far.place.total,
            });
        }
        if is_last {
            return Ok(());
        }
        pause(work.pause(began.elapsed())).await;
    }
}

struct Run<'a> {
    lock: &'a mut Lock,
    job: Job<'a>,
    chain: &'a str,
    version: Version,
    statement: &'a Statement,
    work: &'a Work,
    entry: StatementEntry,
    began: Instant,
}

/// Why a batch was not done.
enum Trouble {
    /// The migration's own error, or the database's under it.
    Work(BoxError),
    /// Anything else.
    Error(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Run<'_> {
    /// Does one batch, again when a lock was not to be had; true after the last one.
    async fn batch(&mut self, far: &mut Far) -> Result<bool, Error> {
        let mut attempts = self.job.attempts();
        loop {
            let error = match self.try_batch(far).await {
                Ok(is_last) => return Ok(is_last),
                Err(Trouble::Error(error)) => return Err(error),
                Err(Trouble::Work(error)) => error,
            };
            if !attempts.may_help(kind_of(&error)) {
                let what = format!("batch {} failed", far.batches + 1);
                return Err(failure(self.job.file(), &what, error));
            }
            attempts.pause(self.job.file(), self.entry.ordinal).await;
        }
    }

    async fn try_batch(&mut self, far: &mut Far) -> Result<bool, Trouble> {
        let held = self.lock.held();
        let tx = self.lock.session().begin();
        held.check(&tx).await?;
        set_limits(&tx, &self.job, self.statement).await?;
        let mut done = far.clone();
        let (is_first, after) = (far.batches == 0, far.place.after.as_ref());
        let work = async {
            if is_first {
                done.place.total = self.work.total(&tx).await?;
            }
            self.work.batch(&tx, after).await
        };
        let Batch { rows, next } = match work.await {
            Ok(batch) => batch,
            Err(error) => {
                // Its end is not waited for by anybody: a transaction that is dropped is rolled back, too.
                let _ = tx.rollback().await;
                return Err(Trouble::Work(error));
            }
        };
        if rows == 0 && next.is_some() && next.as_ref() == after {
            return Err(stuck(self.job.file(), next.as_ref()).into());
        }
        done.batches += 1;
        done.rows += rows;
        let is_last = next.is_none();
        if is_last {
            let entry = self.job.done(self.entry.clone(), self.began, done.rows);
            self.job.record(&tx, true, &[entry]).await?;
            ledger::forget_batches(&tx, self.chain, self.version).await?;
        } else {
            done.place.after = next;
            if is_first {
                let entries = std::slice::from_ref(&self.entry);
                self.job.record(&tx, false, entries).await?;
            }
            ledger::write_batches(&tx, self.chain, self.version, &done).await?;
        }
        tx.commit().await.map_err(not_committed)?;
        self.job.recorded();
        *far = done;
        Ok(is_last)
    }
}

async fn set_limits(
    tx: &Transaction<'_>,
    job: &Job<'_>,
    statement: &Statement,
) -> Result<(), Error> {
    match job.limits(statement).sql("LOCAL") {
        Some(set) => tx.batch(&set).await.map_err(not_limited),
        None => Ok(()),
    }
}

fn failure(file: &str, what: &str, error: BoxError) -> Error {
    Error::new(kind_of(&error), format!("{file}: {what}")).with_source(error).with_hint(
        "the batches before it are kept: correct the program, then migrate again, and it goes on after them",
    )
}

/// A loop without an end.
fn stuck(file: &str, cursor: Option<&Value>) -> Error {
    let cursor = cursor.map(Value::to_string).unwrap_or_default();
    let message = format!("{file}: a batch of no rows ended where it began, at {cursor}");
    Error::new(ErrorKind::InvalidInput, message)
        .with_hint("return `next: None` when nothing is left, or a cursor further on")
}
