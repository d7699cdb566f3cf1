//! The commands, one file each: its `Args` and an `async fn run(args, &Context)`.

mod config;
mod db;
mod health;
mod migrate;
mod openapi;
mod reference;
mod registry;
mod serve;
mod verify;

use crate::context::Context;
use crate::exit::Exit;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service: the registry of MCP servers, health and metrics over HTTP
    Serve(serve::Args),
    /// Check whether this database is ready for this program
    Verify(verify::Args),
    /// Say what /health says, without the server
    Health(health::Args),
    /// Write, apply and inspect migrations
    Migrate(migrate::Args),
    /// Import, export, list and check MCP servers
    Registry(registry::Args),
    /// Show every setting, its value and where it came from
    Config(config::Args),
    /// Start, stop and use the embedded PostgreSQL cluster
    Db(db::Args),
    /// Print the OpenAPI document of the service
    Openapi(openapi::Args),
    /// Print this command line's reference as Markdown
    #[command(hide = true)]
    Reference(reference::Args),
}

/// Runs one command.
pub(crate) async fn run(command: Command, context: &Context) -> anyhow::Result<Exit> {
    // Boxed: the largest command's future would otherwise be part of every caller's.
    match command {
        Command::Serve(args) => Box::pin(serve::run(args, context)).await,
        Command::Verify(args) => Box::pin(verify::run(args, context)).await,
        Command::Health(args) => Box::pin(health::run(args, context)).await,
        Command::Migrate(args) => Box::pin(migrate::run(args, context)).await,
        Command::Registry(args) => Box::pin(registry::run(args, context)).await,
        Command::Config(args) => Box::pin(config::run(args, context)).await,
        Command::Db(args) => Box::pin(db::run(args, context)).await,
        Command::Openapi(args) => Box::pin(openapi::run(args, context)).await,
        Command::Reference(args) => Box::pin(reference::run(args, context)).await,
    }
}
