//! `underpin migrate`

use crate::context::Context;
use crate::exit::Exit;

/// Options of `underpin migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) async fn run(_args: Args, _context: &Context) -> anyhow::Result<Exit> {
    anyhow::bail!("`underpin migrate` has not landed yet")
}
