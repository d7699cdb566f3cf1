//! `cargo xtask up`: from a fresh clone to a running service.

use crate::{postgres, shell};
use anyhow::Context;
use std::os::unix::process::CommandExt;

/// Options of `up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Build with optimisations
    #[arg(long)]
    release: bool,

    /// Passed on to `underpin serve`, e.g. `-- --listen 127.0.0.1:9000`
    #[arg(last = true)]
    serve: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let profile = args.release.then_some("--release");
    let build = ["build", "--package", "underpin-cli"]
        .into_iter()
        .chain(profile);
    shell::step("build", &mut shell::cargo(build))?;
    let underpin = shell::built(if args.release {
        "../release/underpin"
    } else {
        "underpin"
    })?;
    postgres::prepare(&underpin)?;
    shell::say("$ underpin serve (Ctrl-C stops it)");
    // Takes this process's place: Ctrl-C and SIGTERM then reach the service and nobody else.
    let error = shell::program(&underpin, ["serve"])
        .args(&args.serve)
        .exec();
    Err(error).with_context(|| format!("could not run {}", underpin.display()))
}
