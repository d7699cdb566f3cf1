//! `underpin migrate down`

use super::source::{Source, argument};
use super::{run as runner, show};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use anyhow::Context as _;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use tokio::io::{AsyncBufReadExt, BufReader};
use underpin_core::ErrorKind;
use underpin_migrate::{Direction, Plan, Target, Version};

/// Options of `underpin migrate down`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs the .down.sql files, newest first. What they drop is gone: on a terminal it asks, elsewhere it needs --yes.")]
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

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    options: runner::Options,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        to,
        steps,
        all,
        yes,
        options,
    } = args;
    let target = match to {
        Some(version) => Target::To(version),
        None if all => Target::All,
        None => Target::Steps(steps),
    };
    let migrator = options.apply(source.migrator(context).await?, context, |_| {});
    let plan = migrator.plan(Direction::Down, target).await?;
    if options.dry_run {
        show::print(&plan, context)?;
        return Ok(Exit::Done);
    }
    if !yes && !plan.is_empty() {
        confirm(&plan, context).await?;
    }
    let report = migrator.apply(&plan).await?;
    drop(migrator);
    runner::print(&report, context)?;
    Ok(Exit::Done)
}

/// Shows what will run and asks; without a terminal it refuses.
async fn confirm(plan: &Plan, context: &Context) -> anyhow::Result<()> {
    context.note(show::Script(plan));
    let files: Vec<_> = plan.steps().iter().map(|step| step.file()).collect();
    let what = format!(
        "would run {}: {}",
        show::count(files.len(), "file"),
        files.join(", ")
    );
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let error = Error::new(
            ErrorKind::Refused,
            format!("reverting may lose data, and nobody can be asked: {what}"),
        );
        return Err(error
            .with_hint(
                "add --yes to go ahead; `underpin migrate down --dry-run` prints the statements",
            )
            .into());
    }
    let mut stderr = io::stderr();
    write!(
        stderr,
        "This {what}.\nWhat it drops is gone. Type yes to go ahead: "
    )
    .and_then(|()| stderr.flush())
    .context("could not ask")?;
    let mut answer = String::new();
    let mut stdin = BufReader::new(tokio::io::stdin());
    stdin
        .read_line(&mut answer)
        .await
        .context("could not read the answer")?;
    if answer.trim() == "yes" {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Refused, "not confirmed; nothing was reverted");
    Err(error.with_hint("type yes, or add --yes").into())
}
