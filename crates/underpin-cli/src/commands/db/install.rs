//! `underpin db install`

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use serde::Serialize;
use std::path::Path;
use underpin_core::ErrorKind;
use underpin_local::install::{DEFAULT_MAJOR, portable};
use underpin_local::{Binaries, default_cache_dir};

/// Options of `underpin db install`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Major version of PostgreSQL: 14, 16, 17 or 18
    #[arg(long, value_name = "MAJOR", default_value_t = DEFAULT_MAJOR)]
    version: u32,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Installed<'a> {
    installed: bool,
    version: &'a str,
    folder: &'a Path,
}

/// Fetches and unpacks, unless that was done before.
pub(crate) async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let cache_dir = default_cache_dir().ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            "there is no home folder to unpack PostgreSQL into",
        )
        .with_hint("set HOME, or install PostgreSQL with the system's package manager")
    })?;
    context.note(format_args!(
        "looking for PostgreSQL {}; fetching it takes 25 MB",
        args.version
    ));
    let done = portable(&cache_dir, args.version).await?;
    let (version, folder) = (done.binaries.version(), done.binaries.folder());
    if context.json {
        context.out_json(&Installed {
            installed: done.is_new,
            version,
            folder,
        })?;
        return Ok(Exit::Done);
    }
    let verb = if done.is_new {
        "unpacked into"
    } else {
        "is there already:"
    };
    context.out(format_args!(
        "PostgreSQL {version} {verb} {}",
        folder.display()
    ))?;
    if Binaries::find(None).is_ok_and(|first| first.folder() != folder) {
        let advice = "note: this machine has another PostgreSQL, which is found first; to use this one set UNDERPIN_POSTGRES_BIN=";
        context.note(format_args!("{advice}{}", folder.display()));
    }
    Ok(Exit::Done)
}
