//! `underpin openapi`

use crate::context::Context;
use crate::exit::Exit;

/// Options of `underpin openapi`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The same document as GET /openapi.json of the running service.")]
pub(crate) struct Args {}

/// Prints the document; it is JSON with and without `--json`.
pub(crate) async fn run(_args: Args, context: &Context) -> anyhow::Result<Exit> {
    context.out_text(underpin_server::openapi())?;
    Ok(Exit::Done)
}
