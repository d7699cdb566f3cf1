//! From a process that listens to one that is ready: the migrations, as soon as the database lets them run.

use crate::app::App;
use std::time::Duration;
use underpin_core::{Chain as ErrorChain, ErrorKind};
use underpin_migrate::{Chain, Ensured, Migrator};

/// The first pause before the next attempt.
const PAUSE: Duration = Duration::from_millis(100);

/// Pauses double up to this.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The migrations of the tables that the routes read: the chain `underpin`.
///
/// # Errors
/// Never in a released program: the files are compiled in, and a test reads them.
pub fn migrations() -> Result<Chain, underpin_migrate::Error> {
    Chain::embedded("underpin", &underpin_stores::MIGRATIONS)
}

/// Makes sure of the schema: applies what is missing, or waits for the process that does, deferred migrations left out.
///
/// While the database is away it tries again, for as long as it takes; `waiting` is told once, when the first attempt fails for a reason that passes by itself.
///
/// # Errors
/// What waiting does not heal: a wrong password, a file that fails, a history that contradicts.
///
/// # Cancel safety
/// As `Migrator::ensure`: what was applied stays applied and recorded, the rest is applied by the next run.
pub async fn migrate(
    app: &App,
    migrator: &Migrator,
    waiting: impl FnOnce(&underpin_migrate::Error),
) -> Result<Ensured, underpin_migrate::Error> {
    let ensured = until_it_works(async || migrator.ensure(None).await, waiting).await?;
    app.health().probed().await;
    Ok(ensured)
}

/// Applies the deferred migrations, once the service answers; `/health` tells how far they are.
///
/// # Errors
/// As [`migrate`]. The service goes on without them.
///
/// # Cancel safety
/// As [`migrate`].
pub async fn run_deferred(app: &App, migrator: &Migrator) -> Result<(), underpin_migrate::Error> {
    let report = until_it_works(async || migrator.run_deferred().await, |_| ()).await?;
    if !report.migrations.is_empty() {
        app.health().probed().await;
    }
    Ok(())
}

/// Tries again while the database is away or another process is at work; tells once, at the first failure.
async fn until_it_works<T>(
    attempt: impl AsyncFn() -> Result<T, underpin_migrate::Error>,
    waiting: impl FnOnce(&underpin_migrate::Error),
) -> Result<T, underpin_migrate::Error> {
    let mut waiting = Some(waiting);
    let mut pause = PAUSE;
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) if passes_by_itself(error.kind()) => error,
            Err(error) => return Err(error),
        };
        if let Some(waiting) = waiting.take() {
            tracing::warn!(
                "could not migrate yet, trying again until it works: {}",
                ErrorChain(&error)
            );
            waiting(&error);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the pause between two attempts, which shutdown cuts short"
        )]
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Will the same attempt work later, without anybody changing the program or its settings?
fn passes_by_itself(kind: ErrorKind) -> bool {
    kind.is_unavailable()
        || matches!(
            kind,
            ErrorKind::Timeout
                | ErrorKind::Cancelled
                | ErrorKind::LockTimeout
                | ErrorKind::LockDeadline
                | ErrorKind::Serialization
                | ErrorKind::UnknownOutcome
                | ErrorKind::ReadOnly
                | ErrorKind::OutOfResources
        )
}
