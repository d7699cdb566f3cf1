//! `underpin health`

use crate::context::Context;
use crate::exit::Exit;
use underpin_pool::Database;
use underpin_server::health::{Level, Report, Snapshot};

/// Options of `underpin health`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One line a check: `pass`, `warn` or `fail`, its name, what was found. With --json the same document as GET /health of
the running service. Exit code 0 when nothing failed, else 1.")]
pub(crate) struct Args {}

/// Looks at the database and the migrations once.
pub(crate) async fn run(_args: Args, context: &Context) -> anyhow::Result<Exit> {
    let options = context.options().await?;
    let database = Database::lazy(options)?;
    let snapshot = Snapshot::take(&database, &underpin_server::migrations()?).await;
    database.close().await;
    let report = Report::new(&snapshot, None);
    if context.json {
        context.out_json(&report)?;
    } else {
        for line in report.lines() {
            context.out(line)?;
        }
    }
    // The report is written for everybody; who runs a command on this machine may know the cause.
    if snapshot.database.level == Level::Fail {
        context.database().await?;
    } else if let Some(cause) = &snapshot.schema.cause {
        context.note(format_args!("migrations: {cause}"));
    }
    Ok(if report.is_healthy() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
