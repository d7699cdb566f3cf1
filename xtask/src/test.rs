//! `cargo xtask test`: every test, on one private cluster.

use crate::{postgres, shell};

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Major version of PostgreSQL to run on [default: what the machine has]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: Option<u32>,

    /// Only tests whose name contains one of these
    filters: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    shell::step(
        "build",
        &mut shell::cargo(["build", "--package", "underpin-cli", "--locked"]),
    )?;
    let underpin = shell::root().join("target/debug/underpin");
    postgres::prepare(&underpin)?;
    let _ = (args, postgres::install_portable);
    Ok(())
}
