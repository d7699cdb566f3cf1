//! `underpin migrate down`

use super::source::{Source, argument};
use super::{loss, run as runner, show};
use crate::context::Context;
use crate::exit::Exit;
use std::num::NonZeroUsize;
use underpin_migrate::{Direction, Resume, Target, Version};

/// Options of `underpin migrate down`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs the .down.sql files, newest first. First they are tried in a transaction that is rolled back, which takes their locks, and
what they would destroy is counted: rows, values of columns, values that a new type does not keep, rows that are deleted or
overwritten. What only running it would tell, such as DO, CALL or SELECT of a function that may change anything, is named with
its reason. When there is any of this, nothing runs and it is printed, with exit code 3, unless --quarantine or
--allow-data-loss is given. The run itself counts again under its locks, and stops when it finds more. On a terminal it asks before it runs, elsewhere it needs --yes.")]
pub(super) struct Args {
    /// Revert all that is newer than this version
    #[arg(long, value_name = "VERSION", value_parser = argument::<Version>, conflicts_with_all = ["steps", "all"])]
    to: Option<Version>,

    /// Revert so many migrations
    #[arg(
        long,
        value_name = "COUNT",
        default_value = "1",
        conflicts_with = "all"
    )]
    steps: NonZeroUsize,

    /// Revert all
    #[arg(long)]
    all: bool,

    /// Print the statements that would run and what they would destroy, and run nothing
    #[arg(long)]
    dry_run: bool,

    /// What to do about a statement that was interrupted and may have kept a part of its work, as in
    /// 20240501120000/3=done (it is all there: go on after it) or 20240501120000/3=again (run it again)
    #[arg(long, value_name = "VERSION/STATEMENT=DECISION", value_parser = argument::<Resume>)]
    resume: Option<Resume>,

    #[command(flatten)]
    loss: loss::DataOptions,

    #[command(flatten)]
    options: runner::Options,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        to,
        steps,
        all,
        dry_run,
        resume,
        loss,
        options,
    } = args;
    let target = match to {
        Some(version) => Target::To(version),
        None if all => Target::All,
        None => Target::Steps(steps),
    };
    let migrator = source.migrator(context).await?;
    let migrator = options.apply(migrator, context, |settings| {
        loss.apply(settings);
        settings.resume = resume;
    });
    let plan = migrator.plan(Direction::Down, target).await?;
    if dry_run {
        let losses = migrator.losses(&plan).await?;
        let settings = migrator.settings();
        show::print(
            &show::Script {
                plan: &plan,
                settings,
            },
            &losses,
            context,
        )?;
        return Ok(Exit::Done);
    }
    loss.confirm(&migrator, &plan, context).await?;
    let report = migrator.apply(&plan).await?;
    drop(migrator);
    runner::print(&report, context)?;
    Ok(Exit::Done)
}
