//! Calls what is to be done around migrations: SQL hooks first, then those of the program.

use super::Migrator;
use super::attempts::Attempts;
use super::failure::{Failure, Trouble};
use super::lock::Lock;
use super::{script, step};
use crate::Error;
use crate::data::{BoxError, kind_of};
use crate::files::SqlHook;
use crate::hook::Moment;
use crate::plan::{Group, groups};

/// Calls all hooks of a moment, each on a fresh session.
pub(super) async fn call(
    lock: &mut Lock,
    migrator: &Migrator,
    moment: Moment<'_>,
) -> Result<(), Error> {
    if let Some(hook) = migrator.chain.hook(moment.hook_name()) {
        step::refresh(lock.session()).await?;
        run(lock, migrator, hook, moment).await?;
    }
    if migrator.hooks.is_empty() {
        return Ok(());
    }
    step::refresh(lock.session()).await?;
    let called = migrator.hooks.call(moment, lock.session()).await;
    called.map_err(|error| program_failed(moment, error))
}

/// Runs the statements of a file as those of a migration, but not in the ledger: a failed hook begins anew.
async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    hook: &SqlHook,
    moment: Moment<'_>,
) -> Result<(), Error> {
    for group in groups(hook.script.statements()?) {
        let mut attempts = Attempts::new(migrator);
        loop {
            let Failure { statement, error } = match attempt(lock, migrator, hook, &group).await {
                Ok(()) => break,
                Err(Trouble::Failure(failure)) => failure,
                Err(Trouble::Error(error)) => return Err(error),
            };
            if statement.may_keep_a_part() || !attempts.may_help(error.kind()) {
                return Err(file_failed(moment, Failure { statement, error }));
            }
            attempts.pause(statement.file(), statement.ordinal()).await;
        }
    }
    Ok(())
}

async fn attempt<'a>(
    lock: &mut Lock,
    migrator: &Migrator,
    hook: &SqlHook,
    group: &Group<'a>,
) -> Result<(), Trouble<'a>> {
    let held = lock.held();
    let session = lock.session();
    match *group {
        Group::Together(statements) => {
            let tx = session.begin();
            held.check(&tx).await?;
            match script::run(&tx, "LOCAL", migrator, &hook.script, statements).await {
                Ok(()) => Ok(tx.commit().await.map_err(step::not_committed)?),
                Err(trouble) => {
                    // The server has rolled back already; this only tells the session.
                    let _ = tx.rollback().await;
                    Err(trouble)
                }
            }
        }
        Group::Alone(statement) => {
            held.check(session).await?;
            let statements = std::slice::from_ref(statement);
            script::run(session, "SESSION", migrator, &hook.script, statements).await
        }
    }
}

fn file_failed(moment: Moment<'_>, failure: Failure<'_>) -> Error {
    let message = format!("{}: the hook {moment} failed", failure.place());
    let hint = match failure.error.hint() {
        Some(hint) => format!("{hint}; {}", what_stays(moment)),
        None => String::from(what_stays(moment)),
    };
    Error::caused_by(message, failure.error).with_hint(hint)
}

fn program_failed(moment: Moment<'_>, error: BoxError) -> Error {
    Error::new(kind_of(&error), format!("the hook {moment} failed"))
        .with_source(error)
        .with_hint(what_stays(moment))
}

fn what_stays(moment: Moment<'_>) -> &'static str {
    match moment {
        Moment::AfterMigration { .. } | Moment::AfterRun { .. } => {
            "what was migrated is recorded and stays; the hook is not called for it again"
        }
        Moment::BeforeRun { .. } | Moment::BeforeMigration { .. } => {
            "the migrations before it are recorded and stay; the next run goes on with this one"
        }
    }
}
