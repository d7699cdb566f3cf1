//! `underpin migrate purge`

use super::source::Source;
use super::{confirm, show};
use crate::context::Context;
use crate::exit::Exit;
use jiff::{Span, SpanRelativeTo};
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
            lines("", &kept),
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
        context.out_lines(lines(verb, kept))?;
    }
    Ok(Exit::Done)
}

/// A line a table.
fn lines(verb: &str, kept: &[Kept]) -> String {
    show::lines(verb, kept, |it| {
        let rows = show::count(usize::try_from(it.rows).unwrap_or(0), "row");
        let Kept {
            kept_as,
            object,
            kept_at,
            version,
            ..
        } = it;
        format!("{kept_as}: {rows} of {object}, kept since {kept_at:.0} from {version}")
    })
}

/// A time of which a day has 24 hours.
fn age(text: &str) -> Result<Duration, String> {
    let span: Option<Span> = text.parse().ok();
    let duration = span.and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    duration
        .and_then(|it| Duration::try_from(it).ok())
        .ok_or_else(|| String::from("not a time, as in 30d or 12h"))
}
