//! `underpin migrate up`

use super::source::{Source, argument};
use super::{run as runner, show};
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::{Direction, Resume, Target, Version};

/// Options of `underpin migrate up`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A run that failed or was killed goes on where it ended. Exit code 0 when everything is applied, also when it was before;
5 when another process is still migrating, 6 when an applied file was changed or is missing. SQL in hooks/before_up.sql, before_each_up.sql,
after_each_up.sql and after_up.sql beside the migrations is run around them, and the same of _down by `underpin migrate down`. A file of more
than 16 MiB is not run: load such data with `psql -f FILE`, then record the file with `underpin migrate stamp --to VERSION`.")]
pub(super) struct Args {
    /// Apply up to this version, included [default: all]
    #[arg(long, value_name = "VERSION", value_parser = argument::<Version>)]
    to: Option<Version>,

    /// Apply what came late, or stands side by side in two branches, also when the order may matter
    #[arg(long)]
    out_of_order: bool,

    /// Print the statements that would run, and run nothing
    #[arg(long)]
    dry_run: bool,

    /// What to do about a statement that was interrupted and may have kept a part of its work, as in
    /// 20240501120000/3=done (it is all there: go on after it) or 20240501120000/3=again (run it again)
    #[arg(long, value_name = "VERSION/STATEMENT=DECISION", value_parser = argument::<Resume>)]
    resume: Option<Resume>,

    #[command(flatten)]
    options: runner::Options,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        to,
        out_of_order,
        dry_run,
        resume,
        options,
    } = args;
    let target = to.map_or(Target::All, Target::To);
    let migrator = source.migrator(context).await?;
    let migrator = options.apply(migrator, context, |settings| {
        settings.allow_out_of_order = out_of_order;
        settings.resume = resume;
    });
    if dry_run {
        let plan = migrator.plan(Direction::Up, target).await?;
        let settings = migrator.settings();
        show::print(
            &show::Script {
                plan: &plan,
                settings,
            },
            &[],
            context,
        )?;
    } else {
        let report = migrator.up(target).await?;
        drop(migrator);
        runner::print(&report, context)?;
    }
    Ok(Exit::Done)
}
