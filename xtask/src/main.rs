#![doc = include_str!("../README.md")]

mod bench;
mod check_deps;
mod ci;
mod cluster;
mod r#gen;
mod postgres;
mod shell;
mod soak;
mod test;
mod tools;
mod up;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The project's own commands
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service on the embedded PostgreSQL cluster
    Up(up::Args),
    /// Run every test
    Test(test::Args),
    /// Install the migration tools that the tests of `migrate adopt` run
    Tools(tools::Args),
    /// Check formatting, lints, documentation, arrows, generated pages and licences
    Ci,
    /// Write the generated pages in docs/
    Gen(r#gen::Args),
    /// Check the arrows between the crates
    CheckDeps,
    /// Measure, with optimisations
    Bench(bench::Args),
    /// Make random faults under writers, and prove that nothing acknowledged is lost and nothing written twice
    Soak(soak::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Up(args) => up::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Tools(args) => tools::run(&args),
        Command::Ci => ci::run(),
        Command::Gen(args) => r#gen::run(&args),
        Command::CheckDeps => check_deps::run(),
        Command::Bench(args) => bench::run(&args),
        Command::Soak(args) => soak::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
