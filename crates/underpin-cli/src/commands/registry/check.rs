//! `underpin registry check`: documents, or a whole registry over HTTP.

mod client;
mod remote;
mod rules;

use super::{import, report};
use crate::context::Context;
use crate::exit::Exit;
use std::path::PathBuf;
use underpin_stores::registry::{self, Report};

/// Options of `underpin registry check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Needs no database. Exit code 0 when every document is valid, or the registry passes every check, else 1.
A registry is asked as VS Code and Copilot ask it: one line a check, `ok`, `warn`, `fail` or `skip`.")]
pub(crate) struct Args {
    /// A file, a folder (all *.json below it), - for standard input, or the http(s):// address of a registry, without /v0.1
    #[arg(value_name = "PATH|URL")]
    path: PathBuf,
}

pub(crate) async fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let url = args
        .path
        .to_str()
        .filter(|text| text.starts_with("http://") || text.starts_with("https://"));
    match url {
        Some(url) => remote::run(url, context).await,
        None => files(args, context).await,
    }
}

async fn files(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let mut report = Report::default();
    for input in import::inputs(&import::paths(&args.path)?) {
        let source = import::read(input, context).await?;
        report.add(registry::check(&source));
    }
    report::print(context, &report, "check")?;
    Ok(if report.is_clean() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
