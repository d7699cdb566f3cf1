//! `underpin migrate docs`

use super::dump::Facts;
use super::source::Source;
use super::written;
use crate::context::Context;
use crate::exit::Exit;
use std::path::PathBuf;
use underpin_migrate::docs::markdown;

/// Options of `underpin migrate docs`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The text depends on the schema alone. With --check nothing is written: exit code 4 when the file is not what would be written.")]
pub(super) struct Args {
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Only say whether the file is up to date
    #[arg(long, requires = "output")]
    check: bool,

    #[command(flatten)]
    facts: Facts,
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let Args {
        output,
        check,
        facts,
    } = args;
    let text = markdown(&facts.read(source, context).await?.schema);
    match output {
        Some(file) if check => written::check(&text, &file, context),
        output => {
            written::write(&text, output.as_deref(), context)?;
            Ok(Exit::Done)
        }
    }
}
