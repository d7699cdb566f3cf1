//! Tries a plan: runs its statements in a transaction that is rolled back, and counts what they would destroy.

use super::Migrator;
use super::attempts::Attempts;
use super::step::FRESH_SESSION;
use crate::Error;
use crate::loss::{Loss, Trial};
use crate::plan::{Group, Plan, Step, groups};
use crate::sql::{Class, Statement};
use underpin_pool::{Error as PoolError, Session, Transaction};

/// A group of statements would be committed here.
const END_OF_GROUP: &str = "SET CONSTRAINTS ALL IMMEDIATE";

/// The losses of all statements of a plan, tried again while others hold a table.
pub(super) async fn losses(
    session: &mut Session,
    migrator: &Migrator,
    plan: &Plan,
) -> Result<Vec<Loss>, Error> {
    let mut attempts = Attempts::new(migrator);
    loop {
        let error = match attempt(session, migrator, plan).await {
            Ok(losses) => return Ok(losses),
            Err(error) => error,
        };
        let first = plan.steps().first().map_or("", Step::file);
        if !attempts.may_help(error.kind()) {
            let message = "could not count what reverting would destroy";
            return Err(Error::caused_by(message, error));
        }
        attempts.pause(first, 1).await;
    }
}

async fn attempt(
    session: &mut Session,
    migrator: &Migrator,
    plan: &Plan,
) -> Result<Vec<Loss>, PoolError> {
    let settings = migrator.settings();
    let mut trial = Trial::new(settings.data_timeout);
    let tx = session.begin();
    for step in plan.steps() {
        try_step(&tx, migrator, step, &mut trial).await?;
    }
    tx.rollback().await?;
    let tx = session.begin();
    tx.batch(&format!(
        "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        settings.data_timeout.as_millis(),
        settings.lock_timeout.as_millis()
    ))
    .await?;
    let losses = trial.count(&tx).await?;
    tx.rollback().await?;
    Ok(losses)
}

async fn try_step(
    tx: &Transaction<'_>,
    migrator: &Migrator,
    step: &Step,
    trial: &mut Trial,
) -> Result<(), PoolError> {
    tx.batch(FRESH_SESSION).await?;
    if let ([statement], Some(_)) = (step.remaining(), step.work()) {
        trial.unknown(statement, "it is written in Rust");
        return Ok(());
    }
    let done = step.statements().iter().take(step.done() as usize);
    for setting in done.filter(|it| it.class() == Class::Setting) {
        tx.batch(setting.text()).await?;
    }
    for group in groups(step.remaining()) {
        match group {
            Group::Alone(statement) => trial.alone(statement),
            Group::Together(statements) => {
                for statement in statements {
                    limit(tx, migrator, step, statement).await?;
                    trial.run(tx, statement).await?;
                }
                end_group(tx).await?;
            }
        }
    }
    Ok(())
}

async fn limit(
    tx: &Transaction<'_>,
    migrator: &Migrator,
    step: &Step,
    statement: &Statement,
) -> Result<(), PoolError> {
    match step.limits(statement, migrator.settings()).sql("LOCAL") {
        Some(set) => tx.batch(&set).await,
        None => Ok(()),
    }
}

/// Runs what would run at the commit. When it fails there, it does so in the run, too.
async fn end_group(tx: &Transaction<'_>) -> Result<(), PoolError> {
    let attempt = tx.savepoint().await?;
    match attempt.batch(END_OF_GROUP).await {
        Ok(()) => attempt.release().await,
        Err(_) => attempt.rollback().await,
    }
}
