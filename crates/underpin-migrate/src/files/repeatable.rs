//! Files that are run again whenever their content changes: `repeatable/<name>.sql`, for views and functions.

use super::{Place, Script};
use crate::Error;
use crate::sql::Class;
use std::sync::Arc;

/// The folder beside the migrations that holds them. A folder, because sqlx and its like then leave them alone.
pub(super) const FOLDER: &str = "repeatable";

/// A file that is run again whenever its content changes.
#[derive(Debug)]
pub struct Repeatable {
    /// The file's name without `.sql`.
    pub name: String,
    /// What it does.
    pub script: Script,
}

impl Repeatable {
    /// Reads a file's bytes.
    pub(super) fn read(file_name: &str, file: Arc<str>, bytes: &[u8]) -> Result<Self, Error> {
        let name = file_name
            .rsplit_once('.')
            .map_or(file_name, |(name, _)| name);
        let place = Place::file(&file);
        let script = Script::read(file, bytes)?;
        let header = script.header();
        if header.deferred || !header.parents.is_empty() {
            return Err(Error::bad_input(
                &place,
                "a repeatable file has no parent and cannot be deferred",
            )
            .with_hint("it is run after all migrations, whenever its content changes"));
        }
        Ok(Self {
            name: String::from(name),
            script,
        })
    }

    /// Refuses what cannot be run in a transaction: all repeatable files share one.
    pub(crate) fn refuse_alone(&self) -> Result<(), Error> {
        let statements = self.script.statements()?;
        let Some(alone) = statements.iter().find(|it| it.class() == Class::Alone) else {
            return Ok(());
        };
        let what = "PostgreSQL does not run this in a transaction, as repeatable files are run";
        Err(Error::bad_input(&alone.place(), what)
            .with_hint("write it as a migration with a version"))
    }

    /// May running it take other objects along, which then have to be made again?
    pub(crate) fn drops(&self) -> bool {
        let statements = self.script.statements().unwrap_or_default();
        statements.iter().any(|it| it.drops())
    }
}
