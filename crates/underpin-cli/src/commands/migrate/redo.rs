//! `underpin migrate redo`

use super::run as runner;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;

/// Options of `underpin migrate redo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs the .down.sql file of the newest applied migration, then its .up.sql file again, as it is now.")]
pub(super) struct Args {
    #[command(flatten)]
    options: runner::Options,

    #[command(flatten)]
    loss: runner::Loss,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args { options, loss } = args;
    let migrator = options.apply(source.migrator(context).await?, context, |settings| {
        loss.apply(settings);
    });
    let report = migrator.redo().await?;
    drop(migrator);
    runner::print(&report, context)?;
    Ok(Exit::Done)
}
