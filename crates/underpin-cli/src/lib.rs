#![doc = include_str!("../README.md")]

mod args;
mod commands;
mod context;
mod error;
mod exit;
mod logging;
mod output;

use args::Cli;
use context::Context;
use exit::Exit;
use output::Output;
use std::process::ExitCode;

/// Runs the command line of this process to its end.
///
/// A program that calls it from its own `main` has every command of `underpin`, and its models are the `models` of
/// `migrate diff`, `migrate new` and `migrate check`:
///
/// ```no_run
/// // src/bin/manage.rs: `cargo run --bin manage -- migrate new add_notes`
/// fn main() -> std::process::ExitCode {
///     underpin_cli::main()
/// }
/// ```
///
/// A package is linked when something of it is used: when the models are in a library of their own, name it, as in
/// `use my_service as _;`. The ledger knows the folder `migrations` as `app`: a chain that the service embeds must have that
/// name, too.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::from_command_line() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let output = Output::new(&cli.global);
    let result = runtime().and_then(|runtime| runtime.block_on(run(cli, output)));
    match result {
        Ok(exit) => exit.into(),
        Err(error) if output::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            output.error(&error);
            exit::of(&error).into()
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| anyhow::Error::new(error).context("could not start the async runtime"))
}

/// Runs the command until it ends or Ctrl-C comes, then lets go of the embedded cluster whatever came out of it.
async fn run(cli: Cli, output: Output) -> anyhow::Result<Exit> {
    let context = Context::new(cli.global, output);
    let stops_itself = cli.command.stops_itself();
    let result = tokio::select! {
        result = commands::run(cli.command, &context) => result,
        _ = tokio::signal::ctrl_c(), if !stops_itself => Ok(Exit::Interrupted),
    };
    context.shutdown().await;
    result
}
