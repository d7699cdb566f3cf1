//! `underpin migrate check`

use super::models;
use super::not_compared;
use super::scratch::Place;
use super::source::Source;
use crate::context::Context;
use crate::exit::Exit;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use underpin_core::Chain;
use underpin_migrate::check::{Checked, Comparison, Outcome, Side, Sides, check};
use underpin_migrate::diff::{NotCompared, Route, Step};
use underpin_migrate::{Chain as Migrations, Standing, State, Version};
use underpin_pool::{Options, ServerVersion};

/// Options of `underpin migrate check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 0 when all say the same, 4 when something differs or is pending. Without a configured database that of the embedded cluster
is taken, if the migrations were applied there, else only models and migrations are compared, and it says so. The database is only read; it is held against the migrations that its ledger calls applied.")]
pub(super) struct Args {
    #[command(flatten)]
    scratch: Place,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let chain = source.chain(context)?;
    let tables = models::of(source);
    let database = match context.config()?.database.url {
        Some(_) => Some(context.options().await?),
        None if args.scratch.is_embedded() => in_embedded(&chain, context).await?,
        None => None,
    };
    let sides = Sides {
        others: source.others(context)?,
        chain,
        models: (!tables.is_empty()).then(|| models::source_of(&tables)),
        database,
    };
    let packages = models::by_package(&tables);
    tell_sides(&sides, &packages, context);
    let work = args.scratch.work(context, async |scratch| {
        let checked = Box::pin(check(scratch, &sides)).await?;
        warn_of_versions(scratch.server_version(), checked.server_version, context);
        Ok(checked)
    });
    let checked = work.await?;
    for chain in &checked.unknown_chains {
        context.note(format_args!(
            "warning: the files of chain {chain} are not here; what it made counts as made by hand"
        ));
    }
    not_compared::tell(&checked.unknown_options, context);
    if context.json {
        context.out_json(&Shown::new(&checked, packages))?;
    } else {
        print(&checked, context)?;
    }
    Ok(if checked.is_equal() {
        Exit::Done
    } else {
        Exit::Differences
    })
}

/// The database of the embedded cluster, when these migrations were applied there.
async fn in_embedded(chain: &Migrations, context: &Context) -> anyhow::Result<Option<Options>> {
    let status = context.migrator(chain.clone()).await?.status().await?;
    let is_missing = |it: &Standing| it.state == State::Missing;
    let is_ours = status.current.is_some() && !status.migrations.iter().any(is_missing);
    Ok(match is_ours {
        true => Some(context.options().await?),
        false => None,
    })
}

/// Says what is compared, and what is not.
fn tell_sides(sides: &Sides, packages: &BTreeMap<&str, usize>, context: &Context) {
    if packages.is_empty() {
        context.note("no models are linked: only migrations and database are compared");
    }
    models::tell(packages, context);
    if sides.database.is_none() {
        context.note("no database is known: only models and migrations are compared");
    }
}

/// Two versions may write one expression in two ways, which then looks like a difference.
fn warn_of_versions(scratch: ServerVersion, live: Option<ServerVersion>, context: &Context) {
    if let Some(live) = live.filter(|live| live.major != scratch.major) {
        context.note(format_args!(
            "warning: the scratch server is PostgreSQL {}, the database {}: name one of its version with --scratch",
            scratch.major, live.major
        ));
    }
}

fn print(checked: &Checked, context: &Context) -> anyhow::Result<()> {
    let is_behind = !checked.pending.is_empty();
    for it in &checked.comparisons {
        print_comparison(it, is_behind, context)?;
    }
    for version in &checked.pending {
        context.out(format_args!("-- pending in the database: {version}"))?;
    }
    if checked.comparisons.is_empty() {
        context.out("-- nothing to compare")?;
    }
    Ok(())
}

fn print_comparison(it: &Comparison, is_behind: bool, context: &Context) -> anyhow::Result<()> {
    let Comparison {
        from,
        to,
        outcome,
        not_compared,
    } = it;
    let only = match (from, to) {
        (Side::Migrations, Side::Database) if is_behind => "applied ",
        _ => "",
    };
    match outcome {
        Outcome::Equal if it.is_equal() => {
            context.out(format_args!("-- {only}{from} and {to} are the same"))
        }
        Outcome::Equal => context.out(format_args!(
            "-- {only}{from} and {to} differ in what no plan changes"
        )),
        Outcome::NoWay(error) => {
            let reason = Chain(error).to_string().replace('\n', "\n--   ");
            context.out_lines(format_args!("-- {only}{from} and {to} differ: {reason}"))
        }
        Outcome::Differ(found) => {
            let there = match to {
                Side::Database => "by hand was done:",
                _ => "it takes:",
            };
            context.out(format_args!("-- {only}{from} and {to} differ; {there}"))?;
            print_route(&found.up, context)?;
            if *to == Side::Database {
                context.out("-- to undo it:")?;
                print_route(&found.down, context)?;
            }
            Ok(())
        }
    }?;
    let (from, to) = (format!("the {from}"), format!("the {to}"));
    for it in not_compared {
        context.out(format_args!("-- {}", it.told(&from, &to)))?;
    }
    Ok(())
}

fn print_route(route: &Route, context: &Context) -> anyhow::Result<()> {
    context.out_text(format_args!("{}\n", route.to_string().trim_end()))
}

#[derive(Serialize)]
struct Shown<'a> {
    equal: bool,
    models: BTreeMap<&'a str, usize>,
    pending: &'a [Version],
    unknown_chains: &'a [String],
    unknown_options: &'a BTreeSet<String>,
    comparisons: Vec<ShownComparison<'a>>,
}

#[derive(Serialize)]
struct ShownComparison<'a> {
    from: Side,
    to: Side,
    equal: bool,
    statements: &'a [Step],
    undo: &'a [Step],
    /// Why there are no statements although they differ.
    reason: Option<String>,
    not_compared: &'a [NotCompared],
}

impl<'a> Shown<'a> {
    fn new(checked: &'a Checked, models: BTreeMap<&'a str, usize>) -> Self {
        Self {
            equal: checked.is_equal(),
            models,
            pending: &checked.pending,
            unknown_chains: &checked.unknown_chains,
            unknown_options: &checked.unknown_options,
            comparisons: checked
                .comparisons
                .iter()
                .map(ShownComparison::new)
                .collect(),
        }
    }
}

impl<'a> ShownComparison<'a> {
    fn new(it: &'a Comparison) -> Self {
        let (statements, undo, reason) = match &it.outcome {
            Outcome::Differ(found) => (&*found.up.steps, &*found.down.steps, None),
            Outcome::NoWay(error) => (&[][..], &[][..], Some(Chain(error).to_string())),
            Outcome::Equal => (&[][..], &[][..], None),
        };
        Self {
            from: it.from,
            to: it.to,
            equal: it.is_equal(),
            statements,
            undo,
            reason,
            not_compared: &it.not_compared,
        }
    }
}
