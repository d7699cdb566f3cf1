//! `underpin migrate dump`

use super::not_compared;
use super::schema_source::SchemaSource;
use super::scratch::Place;
use super::source::Source;
use super::written;
use crate::context::Context;
use crate::exit::Exit;
use std::path::PathBuf;
use underpin_migrate::diff::{self, catalog};
use underpin_schema::Catalog;

/// Options of `underpin migrate dump`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The text depends on the schema alone: no dates, no versions, no names of servers. Loaded into an empty database and dumped again it
is the same byte for byte. pg_dump is not needed. The ledger of migrations is left out. What no plan makes, such as an event trigger
or a publication, is named in comments at the top.")]
pub(super) struct Args {
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    facts: Facts,
}

/// Which schema is told.
#[derive(Debug, clap::Args)]
pub(super) struct Facts {
    /// Take another SOURCE than the configured database, as `migrate diff` does
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    #[command(flatten)]
    scratch: Place,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args { output, facts } = args;
    let catalog = facts.read(source, context).await?;
    not_compared::tell(&catalog.unknown_options, context);
    not_compared::tell_left_out(&catalog.schema, context);
    let script = catalog.script();
    written::write(&script, output.as_deref(), context)?;
    Ok(Exit::Done)
}

impl Facts {
    /// Reads the schema; a server for scratch work is used only for what is not in a database yet.
    pub(super) async fn read(self, source: &Source, context: &Context) -> anyhow::Result<Catalog> {
        let Self { from, scratch } = self;
        let Some(from) = from else {
            let live = diff::read(&context.options().await?).await?;
            return Ok(scratch.of_database(live));
        };
        let from = SchemaSource::parse("--from", &from)?.open(source, context)?;
        if let diff::Source::Database(options) = &from {
            return Ok(scratch.of_database(diff::read(options).await?));
        }
        let work = scratch.work(context, async |scratch| Ok(catalog(scratch, &from).await?));
        work.await
    }
}
