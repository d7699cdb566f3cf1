//! `underpin migrate restore`

use super::source::Source;
use super::{confirm, show};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_migrate::{Kept, Restored};

/// Options of `underpin migrate restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Rows of a dropped table are inserted again, values of a dropped or changed column are written to the rows with the same primary key,
or, without one, to those that are equal otherwise. What comes back leaves the quarantine; what does not fit any more stays in it.
Apply the migration again first, with `underpin migrate up`. On a terminal it asks, elsewhere it needs --yes.")]
pub(super) struct Args {
    /// A table of the schema `underpin_quarantine`, or the version whose way back has kept some
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "list"])]
    names: Vec<String>,

    /// All that is kept
    #[arg(long, conflicts_with_all = ["names", "list"])]
    all: bool,

    /// Print what is kept, and bring nothing back
    #[arg(long, conflicts_with = "names")]
    list: bool,

    /// Print what would come back, and bring nothing back
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        names,
        all: _,
        list,
        dry_run,
        yes,
    } = args;
    let migrator = source.migrator(context).await?;
    let kept = migrator.quarantined(Duration::ZERO).await?;
    if *list {
        return super::purge::print("", &kept, context);
    }
    let wanted = wanted(names, kept)?;
    if !yes || *dry_run {
        let restored = migrator.restorable(&wanted).await?;
        if *dry_run || restored.is_empty() {
            return print("would restore", &restored, context);
        }
        let copies = match wanted.len() {
            1 => String::from("1 copy"),
            count => format!("{count} copies"),
        };
        let what = format!("restore {copies}");
        let loss = "Values that were written since are replaced as counted.";
        confirm::confirm(context, lines("", &restored), &what, loss).await?;
    }
    let restored = migrator.restore(&wanted).await?;
    print("restored", &restored, context)
}

/// Those that were named; all, without a name.
fn wanted(names: &[String], kept: Vec<Kept>) -> anyhow::Result<Vec<Kept>> {
    let is_called = |it: &Kept, name: &str| {
        let bare = |name: &str| {
            let name = name.strip_prefix("underpin_quarantine.").unwrap_or(name);
            name.replace('"', "")
        };
        it.version.to_string() == name || bare(&it.kept_as) == bare(name)
    };
    for name in names {
        if !kept.iter().any(|it| is_called(it, name)) {
            let message = format!("the quarantine keeps nothing called {name}");
            return Err(Error::new(ErrorKind::NotFound, message)
                .with_hint("`underpin migrate restore --list` says what it keeps")
                .into());
        }
    }
    let is_wanted = |it: &Kept| names.is_empty() || names.iter().any(|name| is_called(it, name));
    Ok(kept.into_iter().filter(is_wanted).collect())
}

fn print(verb: &str, restored: &[Restored], context: &Context) -> anyhow::Result<Exit> {
    if context.json {
        context.out_json(&restored)?;
    } else if restored.is_empty() {
        context.out("nothing to do")?;
    } else {
        context.out_lines(lines(verb, restored))?;
    }
    Ok(Exit::Done)
}

/// A line a copy.
fn lines(verb: &str, restored: &[Restored]) -> String {
    show::lines(verb, restored, |it| {
        let mut line = format!("{} of {}", count(it.restored), it.kept.object);
        if it.replaced > 0 {
            line += &format!(", {} with another value now", it.replaced);
        }
        if it.left > 0 {
            let reason = it.reason.as_deref();
            let reason = reason.unwrap_or("their rows are not there any more");
            let left = count(it.left);
            line += &format!("; {left} stay in {}: {reason}", it.kept.kept_as);
        }
        line
    })
}

fn count(rows: u64) -> String {
    show::count_u64(rows, "row")
}
