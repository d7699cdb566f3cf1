#![doc = include_str!("../README.md")]

mod args;
mod commands;
mod context;
mod error;
mod exit;
mod logging;
mod output;
mod signals;

use args::Cli;
use context::{Context, Extend};
use exit::Exit;
use output::Output;
use signals::{Listener, Signals};
use std::process::ExitCode;
use underpin_migrate::Chain;

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
    main_with(Ok)
}

/// The same with migrations in Rust, which `extend` adds to those of the folder `migrations`.
///
/// ```no_run
/// use underpin_migrate::{Batches, Chain, DataMigration, Error};
///
/// # fn fill_lower_names() -> impl Batches { Nothing }
/// # struct Nothing;
/// # impl Batches for Nothing {
/// #     type Cursor = ();
/// #     fn revision(&self) -> u32 { 1 }
/// #     async fn batch(&self, _: &underpin_pool::Transaction<'_>, _: Option<()>) -> Result<underpin_migrate::Batch<()>, underpin_migrate::BoxError> {
/// #         Ok(underpin_migrate::Batch { rows: 0, next: None })
/// #     }
/// # }
/// fn migrations(chain: Chain) -> Result<Chain, Error> {
///     let (version, slug) = ("20240601090000".parse()?, "fill_lower_names".parse()?);
///     chain.with_data_migration(DataMigration::new(version, slug, fill_lower_names()))
/// }
///
/// fn main() -> std::process::ExitCode {
///     underpin_cli::main_with(migrations)
/// }
/// ```
#[must_use]
pub fn main_with(extend: fn(Chain) -> Result<Chain, underpin_migrate::Error>) -> ExitCode {
    let cli = match Cli::from_command_line() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let output = Output::new(&cli.global);
    match run_to_the_end(cli, output, extend) {
        Ok(exit) => exit.into(),
        Err(error) if output::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            output.error(&error);
            exit::of(&error).into()
        }
    }
}

fn run_to_the_end(cli: Cli, output: Output, extend: Extend) -> anyhow::Result<Exit> {
    let runtime = runtime()?;
    let signals = Signals::new();
    let result = runtime.block_on(run(cli, output, extend, &signals));
    if signals.first().is_some() {
        // What still blocks a thread, such as a read of standard input, must not hold up the end.
        runtime.shutdown_background();
    }
    result
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| anyhow::Error::new(error).context("could not start the async runtime"))
}

/// Runs the command until it ends or is told to, then lets go of the embedded cluster whatever came out of it.
async fn run(cli: Cli, output: Output, extend: Extend, signals: &Signals) -> anyhow::Result<Exit> {
    let mut listener = Listener::install()?;
    let context = Context::new(cli.global, output, extend, signals.clone());
    let mut listening = std::pin::pin!(listener.forward(signals));
    let result = tokio::select! {
        result = commands::run(cli.command, &context) => result,
        () = signals.must_end() => Err(exit::told_to_end()),
        never = &mut listening => match never {},
    };
    tokio::select! {
        () = context.shutdown() => {}
        () = signals.at_once() => {}
        never = &mut listening => match never {},
    }
    match (result, signals.first()) {
        (Err(error), Some(signal)) if exit::was_told_to_end(&error) => Ok(signal.into()),
        (result, _) => result,
    }
}
