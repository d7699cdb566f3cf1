//! `underpin registry`: fill the registry of MCP servers, look into it, take it elsewhere.

mod check;
mod export;
mod import;
mod list;
mod report;

use crate::context::Context;
use crate::exit::Exit;
use clap::Subcommand;

/// Options of `underpin registry`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Store servers: a server.json, a list of them, a registry's answer, the 2025-05 format, or a folder of these
    Import(import::Args),
    /// Print the servers
    List(list::Args),
    /// Write all servers, as `import` reads them
    Export(export::Args),
    /// Check files without storing them, or another registry over HTTP
    Check(check::Args),
}

/// Runs it.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.command {
        Command::Import(args) => import::run(&args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Export(args) => export::run(&args, context).await,
        Command::Check(args) => check::run(&args, context).await,
    }
}
