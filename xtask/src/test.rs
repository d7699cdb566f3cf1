//! `cargo xtask test`: every test, on one private cluster that lives as long as the run.

use crate::cluster::SharedCluster;
use crate::{postgres, shell};
use std::process::Command;

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Major version of PostgreSQL to run on [default: what the machine has]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: Option<u32>,

    /// Only the tests of these crates
    #[arg(long, short, value_name = "CRATE")]
    package: Vec<String>,

    /// Only tests whose name contains one of these
    filters: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let bins = [
        "build",
        "--locked",
        "--bins",
        "--package",
        "underpin-cli",
        "--package",
        "underpin-testkit",
    ];
    shell::step("build", &mut shell::cargo(bins))?;
    postgres::prepare(&shell::built("underpin")?)?;
    // Stopped when dropped: after the tests, whatever came out of them.
    let _cluster = shell::timed("cluster", || SharedCluster::hold(args.postgres))?;
    if args.filters.is_empty() {
        // nextest runs no doctests, and the runner's summary is to be the last line: so these come first.
        let mut doctests = on(args.postgres, shell::cargo(["test", "--doc", "--locked"]));
        shell::step("doctests", doctests.args(selected(&args.package)))?;
    }
    // Prints nothing of its own after the run, because the last line belongs to the runner.
    shell::say("== tests");
    shell::run(&mut on(args.postgres, runner(args)))
}

fn runner(args: &Args) -> Command {
    if shell::succeeds(&mut shell::cargo(["nextest", "--version"])) {
        let mut nextest = shell::cargo(["nextest", "run", "--locked"]);
        nextest.args(selected(&args.package)).args(&args.filters);
        return nextest;
    }
    shell::say("cargo-nextest is not installed; using cargo test");
    let mut test = shell::cargo(["test", "--locked", "--lib", "--bins", "--tests"]);
    test.args(selected(&args.package))
        .arg("--")
        .args(&args.filters);
    test
}

/// The crates to test, as cargo wants them named.
fn selected(packages: &[String]) -> Vec<String> {
    if packages.is_empty() {
        return vec![String::from("--workspace")];
    }
    packages
        .iter()
        .map(|package| format!("--package={package}"))
        .collect()
}

/// Tells the test kit which major version to run on.
pub(crate) fn on(major: Option<u32>, mut command: Command) -> Command {
    if let Some(major) = major {
        command.env("UNDERPIN_TEST_POSTGRES", major.to_string());
    }
    command
}
