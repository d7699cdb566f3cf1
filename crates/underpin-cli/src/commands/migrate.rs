//! `underpin migrate`: write, apply, revert and inspect migrations.

mod adopt;
mod allow;
mod check;
mod confirm;
mod current;
mod diff;
mod docs;
mod down;
mod dump;
mod history;
mod lint;
mod loss;
mod models;
mod new;
mod not_compared;
mod purge;
mod rebless;
mod redo;
mod restore;
mod run;
mod schema_source;
mod scratch;
mod show;
mod source;
mod squash;
mod stamp;
mod status;
mod sum;
mod up;
mod verify;
mod written;

use crate::context::Context;
use crate::exit::Exit;
use clap::Subcommand;
use source::Source;
pub(crate) use source::of_this_folder;

/// Options of `underpin migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    source: Source,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write what the migrations lack of the models, as a new migration
    New(new::Args),
    /// Print the SQL that turns one schema into another
    Diff(diff::Args),
    /// Apply pending migrations
    Up(up::Args),
    /// Revert applied migrations
    Down(down::Args),
    /// Revert the newest applied migration and apply it again
    Redo(redo::Args),
    /// Record migrations as applied without running them
    Stamp(stamp::Args),
    /// Accept the changed file of an applied migration, for a reason that the history keeps
    Rebless(rebless::Args),
    /// Bring back what `down --quarantine` has kept
    Restore(restore::Args),
    /// Drop what `down --quarantine` has kept long enough
    Purge(purge::Args),
    /// Say where each migration stands
    Status(status::Args),
    /// Say what was run here, when, by whom, statement by statement
    History,
    /// Print the newest applied version; several when branches stand side by side
    Current,
    /// Take over from another migration tool, which may go on beside
    Adopt(adopt::Args),
    /// Say whether models, migrations and the live database are the same, with the SQL of each difference
    Check(check::Args),
    /// Replay all migrations up, down and up on a scratch server
    Verify(verify::Args),
    /// Make one migration of a range of them, proven to make the same
    Squash(squash::Args),
    /// Write down what each file means, so that what is edited or merged later is noticed
    Sum(sum::Args),
    /// Print the schema of the database as SQL that is always the same
    Dump(dump::Args),
    /// Print the schema of the database as Markdown with a diagram
    Docs(docs::Args),
    /// Say what is unsafe in SQL files, why, and what to do instead
    Lint(lint::Args),
}

/// Runs it.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let Args { source, command } = args;
    match command {
        Command::New(args) => new::run(args, &source, context).await,
        Command::Diff(args) => diff::run(args, &source, context).await,
        Command::Up(args) => up::run(args, &source, context).await,
        Command::Down(args) => down::run(args, &source, context).await,
        Command::Redo(args) => redo::run(args, &source, context).await,
        Command::Stamp(args) => stamp::run(args, &source, context).await,
        Command::Rebless(args) => rebless::run(&args, &source, context).await,
        Command::Restore(args) => restore::run(&args, &source, context).await,
        Command::Purge(args) => purge::run(&args, &source, context).await,
        Command::Status(args) => status::run(&args, &source, context).await,
        Command::History => history::run(&source, context).await,
        Command::Current => current::run(&source, context).await,
        Command::Adopt(args) => adopt::run(args, &source, context).await,
        Command::Check(args) => check::run(args, &source, context).await,
        Command::Verify(args) => verify::run(args, &source, context).await,
        Command::Squash(args) => squash::run(args, &source, context).await,
        Command::Sum(args) => sum::run(&args, &source, context),
        Command::Dump(args) => dump::run(args, &source, context).await,
        Command::Docs(args) => docs::run(args, &source, context).await,
        Command::Lint(args) => lint::run(args, &source, context).await,
    }
}
