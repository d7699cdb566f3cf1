//! `underpin migrate diff`

use super::allow::Allow;
use super::not_compared;
use super::schema_source::SchemaSource;
use super::scratch;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::one_line;
use clap::ValueEnum;
use serde::Serialize;
use std::collections::BTreeSet;
use underpin_migrate::Direction;
use underpin_migrate::diff::{NotCompared, Route, Step, difference};

/// Options of `underpin migrate diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A SOURCE is models (of this program), migrations (as --dir or --builtin name them), file:PATH (one .sql file, or a folder of
them in the order of their names) or postgres://…, which is only read.

Both are written into databases that are made for a while, the way between them is gone there and back, and only when both ends are
reached it is printed: as SQL for psql, to be run statement by statement, without a transaction around all. Nothing when both are
the same. What differs and no plan changes, such as an event trigger or a publication, is named, with exit code 4. Exit code 3 when something would be lost that was not allowed, when something looks like a rename, or when there is
no way.")]
pub(super) struct Args {
    /// The schema to begin with
    #[arg(long, value_name = "SOURCE")]
    from: String,

    /// The schema to end with
    #[arg(long, value_name = "SOURCE")]
    to: String,

    /// How to print [default: sql, or json with --json]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// Print the way back instead: what it loses is said in comments, and refused by `migrate down` when it is not empty
    #[arg(long)]
    down: bool,

    #[command(flatten)]
    allow: Allow,

    /// Exit with code 4 when they differ
    #[arg(long)]
    exit_code: bool,

    #[command(flatten)]
    scratch: scratch::Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Sql,
    Json,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        from,
        to,
        format,
        down,
        allow,
        exit_code,
        scratch,
    } = args;
    let from = SchemaSource::parse("--from", &from)?.open(source, context)?;
    let to = SchemaSource::parse("--to", &to)?.open(source, context)?;
    let allowed = allow.allowed();
    let work = scratch.work(context, async |scratch| {
        Ok(difference(scratch, &from, &to, &allowed).await?)
    });
    let found = work.await?;
    not_compared::tell(&found.unknown_options, context);
    for index in &found.invalid_indexes {
        context.note(format_args!(
            "warning: index {index} is INVALID after a failed CREATE INDEX CONCURRENTLY: REINDEX INDEX CONCURRENTLY {index} builds it again"
        ));
    }
    let is_equal = found.is_empty();
    not_compared::tell_beyond(&found.not_compared, context);
    let by_hand = found.not_compared.iter().any(NotCompared::is_difference);
    let (direction, route) = if down {
        (Direction::Down, found.down)
    } else {
        found.up.check(&allowed)?;
        (Direction::Up, found.up)
    };
    let shown = Shown {
        direction,
        statements: &route.steps,
        unknown_options: &found.unknown_options,
        invalid_indexes: found
            .invalid_indexes
            .iter()
            .map(ToString::to_string)
            .collect(),
        not_compared: &found.not_compared,
    };
    print(format, &shown, &route, context)?;
    Ok(if by_hand || exit_code && !is_equal {
        Exit::Differences
    } else {
        Exit::Done
    })
}

#[derive(Serialize)]
struct Shown<'a> {
    direction: Direction,
    statements: &'a [Step],
    unknown_options: &'a BTreeSet<String>,
    invalid_indexes: Vec<String>,
    not_compared: &'a [NotCompared],
}

fn print(
    format: Option<Format>,
    shown: &Shown<'_>,
    route: &Route,
    context: &Context,
) -> anyhow::Result<()> {
    let default = if context.json {
        Format::Json
    } else {
        Format::Sql
    };
    match format.unwrap_or(default) {
        Format::Json => context.out_json(shown),
        Format::Sql => {
            let by_hand = shown.not_compared.iter().filter(|it| it.is_difference());
            let by_hand = by_hand.map(|it| format!("-- {}\n", one_line(it)));
            let text = by_hand.collect::<String>() + &route.to_string();
            match text.trim_end() {
                "" => Ok(()),
                text => context.out_text(text),
            }
        }
    }
}
