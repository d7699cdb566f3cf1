//! `underpin registry export`

use crate::context::Context;
use crate::exit::Exit;
use anyhow::Context as _;
use clap::ValueEnum;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use underpin_core::counted;
use underpin_core::file::Unfinished;
use underpin_pool::Database;
use underpin_stores::registry;

/// Options of `underpin registry export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Documents are written byte for byte as they were published; importing an export changes nothing.")]
pub(crate) struct Args {
    /// v0.1: with status and times, deleted versions too; documents: the bare server.json documents
    #[arg(long, value_enum, default_value_t = Format::V01)]
    format: Format,

    /// Write to a file instead of standard output; it appears when it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    #[value(name = "v0.1")]
    V01,
    Documents,
}

pub(crate) async fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let format = match args.format {
        Format::V01 => registry::Format::V01,
        Format::Documents => registry::Format::Documents,
    };
    let db = context.database().await?;
    let count = match &args.output {
        Some(path) => to_file(&db, format, path).await,
        None => Ok(registry::export(&db, format, &mut BufWriter::new(std::io::stdout())).await?),
    };
    db.close().await;
    let count = count?;
    context.note(format_args!("{} exported", counted(count, "version")));
    Ok(Exit::Done)
}

/// A failure leaves the file of before.
async fn to_file(db: &Database, format: registry::Format, path: &Path) -> anyhow::Result<usize> {
    let failed = || format!("could not write {}", path.display());
    let mut output = BufWriter::new(Unfinished::begin(path).with_context(failed)?);
    let count = registry::export(db, format, &mut output).await?;
    let file = output
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .with_context(failed)?;
    file.finish().with_context(failed)?;
    Ok(count)
}
