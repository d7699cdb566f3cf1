//! `cargo xtask soak`: the test kit's program that makes faults under writers.

use crate::{postgres, shell};

/// Options of `soak`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How long faults are made
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,

    /// The faults of an earlier run, which printed this [default: others each time]
    #[arg(long)]
    seed: Option<u64>,

    /// Build with optimisations
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let build = [
        "build",
        "--locked",
        "--bins",
        "--package",
        "underpin-cli",
        "--package",
        "underpin-testkit",
    ];
    let profile = args.release.then_some("--release");
    shell::step("build", &mut shell::cargo(build.into_iter().chain(profile)))?;
    let folder = if args.release { "../release/" } else { "" };
    postgres::prepare(&shell::built(&format!("{folder}underpin"))?)?;
    let mut soak = shell::program(
        shell::built(&format!("{folder}soak"))?,
        [args.minutes.to_string()],
    );
    soak.args(args.seed.map(|seed| seed.to_string()));
    shell::run(&mut soak)
}
