//! `underpin migrate new`

use super::source::{Source, argument};
use crate::context::Context;
use crate::exit::Exit;
use underpin_migrate::{Slug, files};

/// Options of `underpin migrate new`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What it does, in lower-case words, as in `add_users`
    #[arg(value_name = "NAME", value_parser = argument::<Slug>)]
    name: Slug,

    /// Write empty files, to be filled by hand
    #[arg(long)]
    empty: bool,
}

pub(super) fn run(args: &Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    // Until migrations are generated from models, all files begin empty.
    let Args { name, empty: _ } = args;
    let created = files::create(source.folder()?, name)?;
    if context.json {
        context.out_json(&created)?;
    } else {
        context.out(created.up.display())?;
        context.out(created.down.display())?;
    }
    Ok(Exit::Done)
}
