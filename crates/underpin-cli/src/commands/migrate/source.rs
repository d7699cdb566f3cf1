//! Where the migrations come from.

use super::models;
use crate::context::Context;
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use underpin_core::{Diagnose, ErrorKind};
use underpin_migrate::{Chain, Migrator, diff};

/// The folder that is taken when none is named.
const DEFAULT_FOLDER: &str = "migrations";

/// The name by which the ledger knows a user's folder.
pub(super) const USERS_CHAIN: &str = "app";

/// A folder, or the migrations compiled into the program.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// Folder of the migrations [default: ./migrations when it is there, else the built-in ones]
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "builtin")]
    dir: Option<PathBuf>,

    /// The migrations of Underpin's own tables, compiled into this program
    #[arg(long, global = true)]
    builtin: bool,
}

impl Source {
    /// Reads the migrations.
    pub(super) fn chain(&self, context: &Context) -> anyhow::Result<Chain> {
        if self.is_built_in() {
            if !self.builtin && models::are_own() {
                return Err(no_folder().into());
            }
            return Ok(underpin_server::migrations()?);
        }
        let folder = self.dir.as_deref().unwrap_or(Path::new(DEFAULT_FOLDER));
        Ok(users(folder, context)?)
    }

    /// Are they those of Underpin's own tables?
    pub(super) fn is_built_in(&self) -> bool {
        self.dir.is_none() && (self.builtin || !Path::new(DEFAULT_FOLDER).is_dir())
    }

    /// The chains that a database may have besides.
    pub(super) fn others(&self, context: &Context) -> anyhow::Result<Vec<Chain>> {
        if !self.is_built_in() {
            return Ok(vec![underpin_server::migrations()?]);
        }
        let folder = Path::new(DEFAULT_FOLDER);
        Ok(match folder.is_dir() {
            true => vec![users(folder, context)?],
            false => Vec::new(),
        })
    }

    /// What runs and inspects them. The files are read first: a mistake in them needs no database to be found.
    pub(super) async fn migrator(&self, context: &Context) -> anyhow::Result<Migrator> {
        let chain = self.chain(context)?;
        context.migrator(chain).await
    }

    /// What the files of the folder make; nothing when there is no folder yet.
    pub(super) fn written(&self, context: &Context) -> anyhow::Result<diff::Source> {
        let folder = self.folder()?;
        if !folder.exists() {
            return Ok(diff::Source::Files(Vec::new()));
        }
        let chain = users(folder, context)?;
        Ok(diff::Source::Migrations(chain))
    }

    /// The folder that new migrations are written into.
    pub(super) fn folder(&self) -> Result<&Path, Error> {
        if self.builtin {
            return Err(
                Error::new(ErrorKind::Config, "built-in migrations cannot be written")
                    .with_hint("name a folder with --dir, or leave --builtin out for ./migrations"),
            );
        }
        Ok(self.dir.as_deref().unwrap_or(Path::new(DEFAULT_FOLDER)))
    }
}

/// The migrations of a folder, with those in Rust that the program adds.
fn users(folder: &Path, context: &Context) -> Result<Chain, underpin_migrate::Error> {
    (context.extend)(Chain::from_dir(USERS_CHAIN, folder)?)
}

fn no_folder() -> Error {
    let message = format!("there is no folder {DEFAULT_FOLDER}");
    Error::new(ErrorKind::Config, message).with_hint(
        "write the first migration with `migrate new NAME`, name another folder with --dir, or add --builtin for Underpin's own tables",
    )
}

/// Parses an argument of the command line; the error is a sentence with its hint, as clap prints it.
pub(super) fn argument<T>(text: &str) -> Result<T, String>
where
    T: FromStr,
    T::Err: Diagnose,
{
    text.parse().map_err(|error: T::Err| match error.hint() {
        Some(hint) => format!("{error}: {hint}"),
        None => format!("{error}"),
    })
}
