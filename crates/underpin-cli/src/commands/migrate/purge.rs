//! `underpin migrate purge`

use super::source::Source;
use super::{confirm, show};
use crate::context::Context;
use crate::exit::Exit;
use jiff::{Span, SpanRelativeTo};
use std::fmt::{self, Display};
use std::time::Duration;
use underpin_migrate::Kept;

/// Options of `underpin migrate purge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Drops tables of the schema underpin_quarantine, where `underpin migrate down --quarantine` keeps what it would have
destroyed. On a terminal it asks first, elsewhere it needs --yes.")]
pub(super) struct Args {
    /// Only what has been kept for longer, as in 30d or 12h
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = age)]
    older_than: Duration,

    /// Print what would be dropped, and drop nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        older_than,
        dry_run,
        yes,
    } = args;
    let migrator = source.migrator(context).await?;
    if !yes || *dry_run {
        let kept = migrator.quarantined(*older_than).await?;
        if *dry_run || kept.is_empty() {
            return print("would drop", &kept, context);
        }
        let what = format!("drop {}", show::count(kept.len(), "table"));
        confirm::confirm(
            context,
            List("", &kept),
            &what,
            "What they keep is gone then.",
        )
        .await?;
    }
    let dropped = migrator.purge(*older_than).await?;
    print("dropped", &dropped, context)
}

pub(super) fn print(verb: &str, kept: &[Kept], context: &Context) -> anyhow::Result<Exit> {
    if context.json {
        context.out_json(&kept)?;
    } else if kept.is_empty() {
        context.out("nothing to do")?;
    } else {
        context.out(List(verb, kept))?;
    }
    Ok(Exit::Done)
}

/// A line a table.
struct List<'a>(&'a str, &'a [Kept]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(verb, kept) = self;
        for (index, it) in kept.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            let space = if verb.is_empty() { "" } else { " " };
            write!(
                f,
                "{line}{verb}{space}{}: {} of {}, kept since {:.0} from {}",
                it.kept_as,
                show::count(usize::try_from(it.rows).unwrap_or(0), "row"),
                it.object,
                it.kept_at,
                it.version
            )?;
        }
        Ok(())
    }
}

/// A time of which a day has 24 hours.
fn age(text: &str) -> Result<Duration, String> {
    let span: Option<Span> = text.parse().ok();
    let duration = span.and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    duration
        .and_then(|it| Duration::try_from(it).ok())
        .ok_or_else(|| String::from("not a time, as in 30d or 12h"))
}
