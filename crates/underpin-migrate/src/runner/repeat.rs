//! Runs repeatable files: all in one transaction, so that nobody ever misses a view, and in whichever order works.

use super::Migrator;
use super::attempts::Attempts;
use super::failure::{Failure, Trouble};
use super::lock::Lock;
use super::script;
use super::step::{FRESH_SESSION, not_committed};
use crate::files::Repeatable;
use crate::progress::Event;
use crate::{Error, ledger};
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_pool::Transaction;

/// Runs the files, again when a lock was not to be had.
pub(super) async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    repeatables: &[Arc<Repeatable>],
) -> Result<(), Error> {
    if repeatables.is_empty() {
        return Ok(());
    }
    let mut attempts = Attempts::new(migrator);
    loop {
        let failed = match try_all(lock, migrator, repeatables).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Failure(failed)) => failed,
            Err(Trouble::Error(error)) => return Err(error),
        };
        if !attempts.may_help(failed.error.kind()) {
            return Err(failure(failed));
        }
        let statement = failed.statement;
        attempts.pause(statement.file(), statement.ordinal()).await;
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
                Err(Trouble::Failure(failure)) if may_work_later(&failure.error) => {
                    postponed.push(repeatable);
                    first_failure.get_or_insert(failure);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        if postponed.len() == open.len()
            && let Some(failure) = first_failure
        {
            return Err(failure.into());
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
    let script = &repeatable.script;
    let ran = script::run(&savepoint, "LOCAL", migrator, script, script.statements()?).await;
    match ran {
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

fn failure(failure: Failure<'_>) -> Error {
    let place = failure.place();
    let message = format!("{place}: the repeatable file failed in whichever order");
    let hint = match failure.error.hint() {
        Some(hint) => format!("{hint}; of the repeatable files none was run"),
        None => String::from("correct the file: of the repeatable files none was run"),
    };
    Error::caused_by(message, failure.error).with_hint(hint)
}

fn not_prepared(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not prepare the session for a repeatable file", error)
}
