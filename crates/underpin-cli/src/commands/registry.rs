//! `underpin registry`

use crate::context::Context;
use crate::exit::Exit;

/// Options of `underpin registry`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(_args: Args, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`underpin registry` has not landed yet")
}
