//! Runs repeatable files: all in one transaction, so that nobody ever misses a view, and in whichever order works.

use super::Migrator;
use super::backoff::{Backoff, pause};
use super::lock::Lock;
use super::step::{FIRST_PAUSE, FRESH_SESSION, LONGEST_PAUSE, not_committed, not_limited};
use crate::files::Repeatable;
use crate::plan::Limits;
use crate::progress::Event;
use crate::sql::Statement;
use crate::{Error, ledger};
use std::sync::Arc;
use std::time::Instant;
use underpin_core::ErrorKind;
use underpin_pool::{Savepoint, Transaction};

/// Why the files were not all run.
enum Trouble<'a> {
    /// This statement failed, and no order of the files would help.
    Statement(&'a Statement, underpin_pool::Error),
    /// Anything else.
    Error(Error),
}

impl From<Error> for Trouble<'_> {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Runs the files, again when a lock was not to be had.
pub(super) async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    repeatables: &[Arc<Repeatable>],
) -> Result<(), Error> {
    if repeatables.is_empty() {
        return Ok(());
    }
    let attempts = migrator.settings.lock_attempts;
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut attempt = 1;
    loop {
        let (statement, error) = match try_all(lock, migrator, repeatables).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Statement(statement, error)) => (statement, error),
            Err(Trouble::Error(error)) => return Err(error),
        };
        if attempt >= attempts || !is_worth_another_try(&error) {
            return Err(failure(statement, error));
        }
        let wait = backoff.next();
        migrator.progress.tell(&Event::Retrying {
            file: statement.file(),
            ordinal: statement.ordinal(),
            attempt,
            attempts,
            pause: wait,
        });
        pause(wait).await;
        attempt += 1;
    }
}

async fn try_all<'a>(
    lock: &mut Lock,
    migrator: &Migrator,
    repeatables: &'a [Arc<Repeatable>],
) -> Result<(), Trouble<'a>> {
    let held = lock.held();
    let tx = lock.session().begin();
    held.check(&tx).await?;
    let mut open: Vec<&'a Repeatable> = repeatables.iter().map(Arc::as_ref).collect();
    // Each round runs at least one file, or is the last.
    while !open.is_empty() {
        let mut postponed = Vec::new();
        let mut first_failure = None;
        for repeatable in open.iter().copied() {
            match try_one(&tx, migrator, repeatable).await {
                Ok(()) => {}
                Err(Trouble::Statement(statement, error)) if may_work_later(&error) => {
                    postponed.push(repeatable);
                    first_failure.get_or_insert((statement, error));
                }
                Err(trouble) => return Err(trouble),
            }
        }
        if postponed.len() == open.len()
            && let Some((statement, error)) = first_failure
        {
            return Err(Trouble::Statement(statement, error));
        }
        open = postponed;
    }
    tx.commit().await.map_err(not_committed)?;
    for repeatable in repeatables {
        migrator.progress.tell(&Event::RepeatableDone {
            file: repeatable.script.file(),
        });
    }
    Ok(())
}

async fn try_one<'a>(
    tx: &Transaction<'_>,
    migrator: &Migrator,
    repeatable: &'a Repeatable,
) -> Result<(), Trouble<'a>> {
    let savepoint = tx.savepoint().await.map_err(not_prepared)?;
    savepoint.batch(FRESH_SESSION).await.map_err(not_prepared)?;
    match run_statements(&savepoint, migrator, repeatable).await {
        Ok(()) => {
            // The file may have taken on another role; the ledger is the connection's own.
            savepoint.batch(FRESH_SESSION).await.map_err(not_prepared)?;
            ledger::write_repeatable(&savepoint, migrator.chain.name(), repeatable).await?;
            savepoint.release().await.map_err(not_prepared)?;
            Ok(())
        }
        Err(trouble) => {
            savepoint.rollback().await.map_err(not_prepared)?;
            Err(trouble)
        }
    }
}

async fn run_statements<'a>(
    savepoint: &Savepoint<'_>,
    migrator: &Migrator,
    repeatable: &'a Repeatable,
) -> Result<(), Trouble<'a>> {
    let script = &repeatable.script;
    let statements = script.statements()?;
    for statement in statements {
        let limits = Limits::of(statement, statements, script.header(), &migrator.settings);
        if let Some(set) = limits.sql("LOCAL") {
            savepoint.batch(&set).await.map_err(not_limited)?;
        }
        migrator.progress.tell(&Event::Statement {
            file: statement.file(),
            line: statement.line(),
            ordinal: statement.ordinal(),
            sql: statement.text(),
        });
        let began = Instant::now();
        let rows = savepoint
            .execute(statement.text(), &[])
            .await
            .map_err(|error| Trouble::Statement(statement, error))?;
        migrator.progress.tell(&Event::StatementDone {
            file: statement.file(),
            ordinal: statement.ordinal(),
            duration: began.elapsed(),
            rows,
        });
    }
    Ok(())
}

/// What a file needs may be made, and what is in its way be changed, by one that comes after it.
fn may_work_later(error: &underpin_pool::Error) -> bool {
    const DEPENDENT_OBJECTS: &str = "2BP01";
    const FEATURE_NOT_SUPPORTED: &str = "0A000";
    error.kind() == ErrorKind::Sql
        || matches!(
            error.code(),
            Some(DEPENDENT_OBJECTS | FEATURE_NOT_SUPPORTED)
        )
}

fn is_worth_another_try(error: &underpin_pool::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::LockTimeout | ErrorKind::Serialization
    )
}

fn failure(statement: &Statement, error: underpin_pool::Error) -> Error {
    let place = match error.position() {
        Some(position) => statement.place_of(position),
        None => statement.place(),
    };
    let message = format!("{place}: the repeatable file failed in whichever order");
    let hint = match error.hint() {
        Some(hint) => format!("{hint}; of the repeatable files none was run"),
        None => String::from("correct the file: of the repeatable files none was run"),
    };
    Error::caused_by(message, error).with_hint(hint)
}

fn not_prepared(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not prepare the session for a repeatable file", error)
}
