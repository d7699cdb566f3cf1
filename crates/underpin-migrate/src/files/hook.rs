//! SQL that is run around migrations: `hooks/<before|after>[_each]_<up|down>.sql`.

use super::{Direction, Place, Script};
use crate::Error;
use std::sync::Arc;

/// The folder beside the migrations that holds them.
pub(super) const FOLDER: &str = "hooks";

/// When the files are run: around a run, and around each of its migrations.
const NAMES: [&str; 8] = [
    "before_up",
    "before_each_up",
    "after_each_up",
    "after_up",
    "before_down",
    "before_each_down",
    "after_each_down",
    "after_down",
];

/// A file that is run around migrations; its name says when.
///
/// As with a [`Hook`](crate::Hook), only when there is something to apply or to revert. Its statements run as those of a
/// migration do, after or before its transactions and never in them; the ledger does not list them.
#[derive(Debug)]
pub struct SqlHook {
    /// The file's name without `.sql`.
    pub name: &'static str,
    /// What it does.
    pub script: Script,
}

impl SqlHook {
    /// Reads a file's bytes.
    pub(super) fn read(file_name: &str, file: Arc<str>, bytes: &[u8]) -> Result<Self, Error> {
        let place = Place::file(&file);
        let name = NAMES
            .iter()
            .find(|name| file_name.strip_suffix(".sql") == Some(name));
        let Some(name) = name else {
            return Err(Error::bad_input(&place, "not the name of a hook")
                .with_hint(format!("a hook is called {}.sql", NAMES.join(".sql, "))));
        };
        let script = Script::read(file, bytes)?;
        let header = script.header();
        if header.deferred || !header.parents.is_empty() || !header.replaces.is_empty() {
            return Err(
                Error::bad_input(&place, "a hook has no parent and cannot be deferred").with_hint(
                    "it is run around migrations; timeouts are the options that it knows",
                ),
            );
        }
        Ok(Self { name, script })
    }

    /// Is it run on the way there, or on the way back?
    pub(crate) fn direction(&self) -> Direction {
        match self.name.ends_with(Direction::Up.as_str()) {
            true => Direction::Up,
            false => Direction::Down,
        }
    }

    /// Is it run around each migration?
    #[must_use]
    pub fn is_each(&self) -> bool {
        self.name.contains("_each_")
    }
}
