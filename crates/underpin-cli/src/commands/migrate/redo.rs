//! `underpin migrate redo`

use super::source::Source;
use super::{loss, run as runner};
use crate::context::Context;
use crate::exit::Exit;
use std::num::NonZeroUsize;
use underpin_migrate::{Direction, Target};

/// Options of `underpin migrate redo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs the .down.sql file of the newest applied migration, then its .up.sql file again. Data that the way back would destroy
is counted and refused as `underpin migrate down` does.")]
pub(super) struct Args {
    #[command(flatten)]
    loss: loss::DataOptions,

    #[command(flatten)]
    options: runner::Options,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args { loss, options } = args;
    let migrator = source.migrator(context).await?;
    let migrator = options.apply(migrator, context, |settings| loss.apply(settings));
    let newest = Target::Steps(NonZeroUsize::MIN);
    let plan = migrator.plan(Direction::Down, newest).await?;
    loss.confirm(&migrator, &plan, context).await?;
    let report = migrator.redo(&plan).await?;
    drop(migrator);
    runner::print(&report, context)?;
    Ok(Exit::Done)
}
