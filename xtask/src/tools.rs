//! The migration tools that `underpin migrate adopt` takes over from, for the tests that run them; in `target/tools`.

use crate::shell;
use std::path::PathBuf;

/// Options of `tools`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Build those of crates.io as well: sqlx, refinery, diesel, SeaORM; some 5 minutes
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    prepare()?;
    if !args.all {
        return Ok(());
    }
    let target = folder()?.join("migrators");
    let mut build = shell::cargo(["build", "--locked", "--target-dir"]);
    build
        .arg(target)
        .current_dir(shell::root().join("bench/migrators"));
    shell::step("build the tools of crates.io", &mut build)
}

/// Installs what takes seconds, where Python and npm are there. The tests say that they are skipped without, so that a
/// failure only costs them.
pub(crate) fn prepare() -> anyhow::Result<()> {
    let folder = folder()?;
    let python = folder.join("python");
    if !python.join("bin/alembic").is_file()
        && shell::timed("install alembic", || alembic(&python)).is_err()
    {
        shell::say("alembic could not be installed: its test will be skipped");
    }
    let npm = folder.join("npm");
    if !npm.join("node_modules/.bin/dbmate").exists()
        && shell::timed("install dbmate", || dbmate(&npm)).is_err()
    {
        shell::say("dbmate could not be installed: its test will be skipped");
    }
    Ok(())
}

fn alembic(folder: &PathBuf) -> anyhow::Result<()> {
    shell::run(shell::program("python3", ["-m", "venv"]).arg(folder))?;
    let install = [
        "install",
        "--quiet",
        "--retries",
        "1",
        "--timeout",
        "15",
        "alembic==1.20.*",
        "psycopg[binary]==3.*",
    ];
    shell::run(&mut shell::program(folder.join("bin/pip"), install))
}

fn dbmate(folder: &PathBuf) -> anyhow::Result<()> {
    let install = [
        "install",
        "--silent",
        "--no-fund",
        "--no-audit",
        "--fetch-retries=1",
        "dbmate@2",
        "--prefix",
    ];
    shell::run(shell::program("npm", install).arg(folder))
}

fn folder() -> anyhow::Result<PathBuf> {
    // Beside `debug`, where this program is.
    shell::built("../tools")
}
