//! `cargo xtask test`: every test, on one private cluster that lives as long as the run.

use crate::cluster::{Server, SharedCluster};
use crate::{postgres, shell, tools};
use std::process::Command;

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Major version of PostgreSQL to run on [default: what the machine has]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: Option<u32>,

    /// Run on the newest minor version that apt-get offers, unpacked beside the installed one
    #[arg(long, conflicts_with = "postgres")]
    newest_minor: bool,

    /// Skip the run, saying why, when that version is not here and cannot be installed
    #[arg(long, requires = "postgres")]
    if_available: bool,

    /// All cases of the suites of which otherwise every third is tried; some ten minutes more
    #[arg(long)]
    full: bool,

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
    let server = match args.newest_minor {
        true => Server::In(postgres::newest_minor()?),
        false => args.postgres.map_or(Server::Default, Server::Major),
    };
    let cluster = shell::timed("cluster", || SharedCluster::hold(&server));
    if let (true, Some(major), Err(error)) = (args.if_available, args.postgres, &cluster) {
        shell::say(format_args!(
            "== tests on PostgreSQL {major}: skipped: {error:#}"
        ));
        return Ok(());
    }
    // Stopped when dropped: after the tests, whatever came out of them.
    let _cluster = cluster?;
    if args.filters.is_empty() && args.package.is_empty() {
        tools::prepare()?;
        // nextest runs no doctests, and the runner's summary is to be the last line: so these come first.
        let doctests = shell::cargo(["test", "--doc", "--workspace", "--locked"]);
        shell::step("doctests", &mut server.told_to(doctests))?;
    }
    // Prints nothing of its own after the run, because the last line belongs to the runner.
    shell::say("== tests");
    let mut runner = server.told_to(runner(args));
    if args.full {
        runner.env("UNDERPIN_TEST_FULL", "1");
    }
    shell::run(&mut runner)
}

/// Always builds the whole workspace: other features for a part of it would mean other builds of its dependencies.
fn runner(args: &Args) -> Command {
    if shell::succeeds(&mut shell::cargo(["nextest", "--version"])) {
        let mut nextest = shell::cargo(["nextest", "run", "--workspace", "--locked"]);
        let crates: Vec<_> = args
            .package
            .iter()
            .map(|name| format!("package(={name})"))
            .collect();
        if !crates.is_empty() {
            nextest.args(["-E", &crates.join(" | ")]);
        }
        nextest.args(&args.filters);
        return nextest;
    }
    shell::say("cargo-nextest is not installed; using cargo test");
    let mut test = shell::cargo(["test", "--locked", "--lib", "--bins", "--tests"]);
    if args.package.is_empty() {
        test.arg("--workspace");
    }
    test.args(args.package.iter().map(|name| format!("--package={name}")));
    test.arg("--").args(&args.filters);
    test
}
