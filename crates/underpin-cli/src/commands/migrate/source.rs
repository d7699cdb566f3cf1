//! Where the migrations come from.

use crate::context::Context;
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use underpin_core::{Diagnose, ErrorKind};
use underpin_migrate::{Chain, Migrator, diff, files};

/// The folder that is taken when none is named.
const DEFAULT_FOLDER: &str = "migrations";

/// The name by which the ledger knows a user's folder.
pub(super) const USERS_CHAIN: &str = "app";

/// A folder, or the migrations compiled into the program.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// Folder of the migrations [default: ./migrations]
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "builtin")]
    dir: Option<PathBuf>,

    /// Instead of a folder, the migrations of Underpin's own tables (the registry's), compiled into this program;
    /// `underpin serve` applies them at its start
    #[arg(long, global = true)]
    builtin: bool,
}

impl Source {
    /// Reads the migrations: those of the folder, unless the built-in ones are asked for. Without a folder there are none:
    /// Underpin's own tables are nothing that a database gets unasked.
    pub(super) fn chain(&self, context: &Context) -> anyhow::Result<Chain> {
        if self.is_built_in() {
            return Ok(underpin_server::migrations()?);
        }
        Ok(users(self.existing_folder()?, context)?)
    }

    /// Are they those of Underpin's own tables?
    pub(super) fn is_built_in(&self) -> bool {
        self.builtin
    }

    /// Where they lie, built-in ones apart.
    fn place(&self) -> &Path {
        self.dir.as_deref().unwrap_or(Path::new(DEFAULT_FOLDER))
    }

    /// The chains that a database may have besides.
    pub(super) fn others(&self, context: &Context) -> anyhow::Result<Vec<Chain>> {
        if !self.is_built_in() {
            return Ok(vec![underpin_server::migrations()?]);
        }
        Ok(of_this_folder(context)?.into_iter().collect())
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
        Ok(self.place())
    }

    /// The folder whose files are looked at.
    ///
    /// # Errors
    /// For the built-in ones, which are no files here, and without a folder.
    pub(super) fn existing_folder(&self) -> Result<&Path, Error> {
        if self.builtin {
            return Err(
                Error::new(ErrorKind::Config, "built-in migrations are no files here")
                    .with_hint("name a folder with --dir, or leave --builtin out for ./migrations"),
            );
        }
        let folder = self.place();
        match folder.exists() {
            true => Ok(folder),
            false => Err(no_folder(folder)),
        }
    }

    /// The flag that names the folder, as a command that is suggested needs it; nothing for ./migrations.
    pub(super) fn flag(&self) -> String {
        match (&self.dir, self.builtin) {
            (Some(folder), _) => format!(" --dir {}", folder.display()),
            (None, true) => String::from(" --builtin"),
            (None, false) => String::new(),
        }
    }
}

/// The migrations of the default folder, when it is there.
pub(crate) fn of_this_folder(context: &Context) -> anyhow::Result<Option<Chain>> {
    let folder = Path::new(DEFAULT_FOLDER);
    match folder.is_dir() {
        true => Ok(Some(users(folder, context)?)),
        false => Ok(None),
    }
}

/// The migrations of a folder, with those in Rust that the program adds.
fn users(folder: &Path, context: &Context) -> Result<Chain, underpin_migrate::Error> {
    let chain = (context.extend)(Chain::from_dir(USERS_CHAIN, folder)?)?;
    tell_unread(&files::unread_folders(folder), context);
    Ok(chain)
}

/// Names folders of SQL that are not looked into.
pub(super) fn tell_unread(folders: &[PathBuf], context: &Context) {
    let names = folders.iter().map(|it| it.display().to_string());
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        context.note(format_args!(
            "note: SQL in sub-folders is not looked at: {}",
            names.join(", ")
        ));
    }
}

/// Where was looked, in full: a command is often started in another folder than was meant.
fn no_folder(folder: &Path) -> Error {
    let shown = std::path::absolute(folder);
    let shown = shown.as_deref().unwrap_or(folder).display();
    let message = format!("there is no folder {shown}: no migrations were looked at");
    Error::new(ErrorKind::Config, message).with_hint(
        "write the first migration with `underpin migrate new NAME`, which makes the folder, name another with --dir, or add \
         --builtin for Underpin's own tables",
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
