//! `underpin migrate squash`

use super::confirm::confirm;
use super::scratch::Place;
use super::show::count;
use super::source::{Source, argument};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;
use underpin_migrate::squash::{Squash, squash};
use underpin_migrate::{Chain, Slug, Version};

/// Options of `underpin migrate squash`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The one file is proven on a scratch server to make what the many make before anything is written. A database that has all of them has
it, and the next `up` records that; one that has only some of them is refused: bring it up with the old files first.")]
pub(super) struct Args {
    /// The first and the last version, as in 20240501120000..20240601120000
    #[arg(value_name = "FROM..TO", value_parser = range, required_unless_present = "to")]
    range: Option<(Version, Version)>,

    /// From the first migration to this version
    #[arg(long, value_name = "VERSION", value_parser = argument::<Version>, conflicts_with = "range")]
    to: Option<Version>,

    /// Its name, in lower-case words
    #[arg(long, value_name = "NAME", value_parser = argument::<Slug>, default_value = "squashed")]
    name: Slug,

    /// Do not ask before the old files are removed
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    scratch: Place,
}

#[derive(Serialize)]
struct Shown<'a> {
    replaces: &'a [Version],
    rewritten: bool,
    written: &'a [PathBuf],
    removed: &'a [PathBuf],
}

pub(super) async fn run(args: Args, source: &Source, context: &Context) -> anyhow::Result<Exit> {
    let folder = source.folder()?;
    let chain = source.chain(context)?;
    let range = ends(&args, &chain)?;
    let work = args.scratch.work(context, async |scratch| {
        Ok(squash(scratch, &chain, range, args.name).await?)
    });
    let squashed = work.await?;
    if !args.yes {
        let files = count(squashed.old_files.len(), "file");
        let what = format!("remove {files} for the one that was proven to make the same");
        let loss = "Databases that have only some of these migrations need the old files.";
        confirm(context, describe(&squashed, folder), &what, loss).await?;
    }
    let written = squashed.write(folder)?;
    if context.json {
        context.out_json(&Shown {
            replaces: &squashed.replaces,
            rewritten: squashed.rewritten,
            written: &written,
            removed: &squashed.old_files,
        })?;
    } else {
        for path in &written {
            context.out(path.display())?;
        }
        let removed = count(squashed.old_files.len(), "file");
        context.note(format_args!("removed {removed}"));
    }
    Ok(Exit::Done)
}

/// The ends that were named, or the beginning and one end.
fn ends(args: &Args, chain: &Chain) -> anyhow::Result<(Version, Version)> {
    if let Some(range) = args.range {
        return Ok(range);
    }
    let first = chain.migrations().first().map(|it| it.version);
    first.zip(args.to).ok_or_else(|| {
        let message = format!("there are no migrations in {}", chain.place());
        Error::new(ErrorKind::NotFound, message)
            .with_hint("name the folder with --dir")
            .into()
    })
}

fn describe(squashed: &Squash, folder: &Path) -> String {
    let how = match squashed.rewritten {
        true => "written anew from what they make",
        false => "one after the other, as they do more than the catalog tells",
    };
    let (version, name) = (squashed.version, &squashed.slug);
    let file = folder.join(format!("{version}_{name}.up.sql"));
    let mut text = format!("{} would be {how}, instead of", file.display());
    for old in &squashed.old_files {
        let _ = write!(text, "\n  {}", old.display());
    }
    text
}

fn range(text: &str) -> Result<(Version, Version), String> {
    let Some((first, last)) = text.split_once("..") else {
        return Err(String::from(
            "two versions with .. between them, as in 20240501120000..20240601120000",
        ));
    };
    let (first, last) = (argument(first)?, argument(last)?);
    if first > last {
        return Err(format!("{first} is newer than {last}"));
    }
    Ok((first, last))
}
