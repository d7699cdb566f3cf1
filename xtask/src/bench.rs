//! `cargo xtask bench`: the programs of `bench/`, a workspace of its own, built with optimisations.

mod derive;
mod migrate;

use crate::{postgres, shell};
use std::time::Duration;

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Compare Underpin with its peers on one private PostgreSQL; `-- --help` lists what can be passed on
    Peers {
        /// Passed on: `--quick`, `--only point-32`, `--peers sqlx,deadpool`, `--write`, …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Compile 50 models, and the same as entities of sea-orm; some 5 minutes when what they depend on must be built
    Derive,
    /// `migrate diff` of a thousand tables, and `migrate up` with nothing to do; Linux
    Migrate(migrate::Args),
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.what {
        What::Peers { arguments } => peers(arguments),
        What::Derive => derive::run(),
        What::Migrate(args) => migrate::run(args),
    }
}

fn peers(arguments: &[String]) -> anyhow::Result<()> {
    let underpin = ["build", "--locked", "--package", "underpin-cli"];
    shell::step("build", &mut shell::cargo(underpin))?;
    postgres::prepare(&shell::built("underpin")?)?;
    let folder = shell::root().join("bench");
    let mut build = shell::cargo([
        "build",
        "--release",
        "--locked",
        "--bins",
        "--target-dir",
        "target",
    ]);
    shell::step("build the peers", build.current_dir(&folder))?;
    let program = folder.join("target/release/underpin-bench");
    shell::run(&mut shell::program(program, arguments))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
