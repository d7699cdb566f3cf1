//! `cargo xtask gen`: the pages in `docs/` that the program writes about itself.

use crate::shell;
use anyhow::{Context, bail};
use std::fs;
use std::path::Path;

/// Each page, and the arguments that make `underpin` print it.
const PAGES: [(&str, &[&str]); 3] = [
    ("docs/cli.md", &["reference"]),
    ("docs/configuration.md", &["config", "reference"]),
    ("docs/openapi.json", &["openapi"]),
];

/// The folder of the pages of lint rules.
const LINT_PAGES: &str = "docs/lint";

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
    let mut pages = Vec::new();
    for (page, arguments) in PAGES {
        pages.push((String::from(page), text(&underpin, arguments)?));
    }
    pages.extend(lint_pages(&underpin)?);
    let mut stale = Vec::new();
    for (page, text) in &pages {
        let path = shell::root().join(page);
        if fs::read_to_string(&path).is_ok_and(|current| current == *text) {
            continue;
        }
        stale.push(page.clone());
        if !args.check {
            let folder = path.parent().context("a page lies in a folder")?;
            fs::create_dir_all(folder)
                .with_context(|| format!("could not make the folder of {page}"))?;
            fs::write(&path, text).with_context(|| format!("could not write {page}"))?;
            shell::say(format_args!("wrote {page}"));
        }
    }
    for page in orphans(&pages)? {
        if !args.check {
            fs::remove_file(shell::root().join(&page))
                .with_context(|| format!("could not remove {page}"))?;
            shell::say(format_args!("removed {page}"));
        }
        stale.push(page);
    }
    if args.check && !stale.is_empty() {
        bail!(
            "out of date: {}; run `cargo xtask gen` and commit the result",
            stale.join(", ")
        );
    }
    Ok(())
}

/// What the program prints; no settings of this machine may reach it.
fn text(underpin: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    shell::output(shell::program(underpin, arguments).env_clear())
}

/// A page for every lint rule, and the index.
fn lint_pages(underpin: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let list = text(underpin, &["migrate", "lint", "--list-rules", "--json"])?;
    let list: serde_json::Value =
        serde_json::from_str(&list).context("the list of rules is not JSON")?;
    let text = |value: &serde_json::Value| {
        value
            .as_str()
            .map(String::from)
            .context("a rule without text")
    };
    let mut pages = vec![(format!("{LINT_PAGES}/README.md"), text(&list["index"])?)];
    for rule in list["rules"].as_array().context("a list without rules")? {
        pages.push((
            format!("{LINT_PAGES}/{}.md", text(&rule["name"])?),
            text(&rule["page"])?,
        ));
    }
    Ok(pages)
}

/// Pages of rules that are no more.
fn orphans(pages: &[(String, String)]) -> anyhow::Result<Vec<String>> {
    let Ok(entries) = fs::read_dir(shell::root().join(LINT_PAGES)) else {
        return Ok(Vec::new());
    };
    let mut orphans = Vec::new();
    for entry in entries {
        let name = entry
            .context("could not read the folder of lint pages")?
            .file_name();
        let page = format!("{LINT_PAGES}/{}", name.to_string_lossy());
        if !pages.iter().any(|(known, _)| *known == page) {
            orphans.push(page);
        }
    }
    Ok(orphans)
}
