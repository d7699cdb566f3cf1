//! `cargo xtask gen`: the pages in `docs/` that the program writes about itself.

use crate::shell;
use anyhow::{Context, bail};
use std::fs;

/// Each page, and the arguments that make `underpin` print it.
const PAGES: [(&str, &[&str]); 3] = [
    ("docs/cli.md", &["reference"]),
    ("docs/configuration.md", &["config", "reference"]),
    ("docs/openapi.json", &["openapi"]),
];

/// Options of `gen`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Compare only; fail when a page is out of date
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    shell::run(&mut shell::cargo([
        "build",
        "--quiet",
        "--package",
        "underpin-cli",
    ]))?;
    let underpin = shell::built("underpin")?;
    let mut stale = Vec::new();
    for (page, arguments) in PAGES {
        // No settings of this machine may reach the page.
        let text = shell::output(shell::program(&underpin, arguments).env_clear())?;
        let path = shell::root().join(page);
        if fs::read_to_string(&path).is_ok_and(|current| current == text) {
            continue;
        }
        stale.push(page);
        if !args.check {
            fs::create_dir_all(shell::root().join("docs")).context("could not make docs/")?;
            fs::write(&path, text).with_context(|| format!("could not write {page}"))?;
            shell::say(format_args!("wrote {page}"));
        }
    }
    if args.check && !stale.is_empty() {
        bail!(
            "out of date: {}; run `cargo xtask gen` and commit the result",
            stale.join(", ")
        );
    }
    Ok(())
}
