//! `underpin migrate stamp`

use super::source::{Source, argument};
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::{Target, Version};

/// Options of `underpin migrate stamp`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
For a database whose tables were made in another way, and for a half-applied migration that was finished by hand.")]
pub(super) struct Args {
    /// Up to this version, included [default: all]
    #[arg(long, value_name = "VERSION", value_parser = argument::<Version>)]
    to: Option<Version>,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let target = args.to.map_or(Target::All, Target::To);
    let report = source.migrator(context).await?.stamp(target).await?;
    if context.json {
        context.out_json(&report)?;
        return Ok(Exit::Done);
    }
    for it in &report.migrations {
        context.out(format_args!("stamped {} {}", it.version, it.slug))?;
    }
    if report.migrations.is_empty() {
        context.out("nothing to do")?;
    }
    Ok(Exit::Done)
}
