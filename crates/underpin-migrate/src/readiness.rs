//! May a program begin? What it requires of the schema, and what is there.

use crate::Error;
use crate::compare::{Compared, State, compare};
use crate::files::{Chain, Version};
use crate::ledger::Ledger;
use crate::plan::{outdated, refuse_conflict};
use serde::Serialize;
use std::fmt;
use underpin_core::ErrorKind;

/// How the schema stands to what a program requires of it.
///
/// Versions that the ledger has and the program does not know are no contradiction here: while a deploy rolls, an older
/// program is started again beside a newer one, which may have brought migrations of later versions and, after a merge,
/// of earlier ones. What the program itself knows must be applied, and as its files say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The version up to which everything must be applied; None when nothing is required.
    pub required: Option<Version>,
    /// The newest version that is wholly applied.
    pub found: Option<Version>,
    /// What is required and not wholly applied, oldest first.
    pub missing: Vec<Version>,
    /// What is neither required nor deferred, and not applied yet.
    pub pending: Vec<Version>,
    /// What may be applied while the program runs, and is not yet.
    pub deferred: Vec<Version>,
    /// Repeatable files that are to be run first, by name.
    pub repeatables: Vec<String>,
    /// What another version of the program applied and this one does not know.
    pub unknown: Vec<Version>,
}

impl Readiness {
    /// Compares; `required` is the newest migration that is not deferred when the caller names none.
    ///
    /// # Errors
    /// [`ErrorKind::HistoryConflict`] when an applied file was changed, [`ErrorKind::InvalidInput`] when a deferred
    /// migration is required.
    pub(crate) fn new(
        chain: &Chain,
        ledger: &Ledger,
        required: Option<Version>,
    ) -> Result<Self, Error> {
        let compared = compare(chain, ledger);
        let own: Vec<&Compared<'_>> = compared
            .iter()
            .filter(|it| it.migration.is_some())
            .collect();
        for it in &own {
            refuse_conflict(it)?;
        }
        let is_deferred = |version| {
            own.iter()
                .any(|it| it.is_deferred() && it.version == version)
        };
        if let Some(required) = required.filter(|it| is_deferred(*it)) {
            return Err(required_and_deferred(required));
        }
        let needed = own
            .iter()
            .filter(|it| !it.is_deferred())
            .map(|it| it.version);
        let required = required.or_else(|| needed.max());
        let open = own.iter().filter(|it| !it.state.is_whole());
        let (deferred, needed): (Vec<&Compared<'_>>, Vec<_>) =
            open.partition(|it| it.is_deferred());
        let (mut missing, pending): (Vec<_>, Vec<_>) = needed
            .into_iter()
            .map(|it| it.version)
            .partition(|version| Some(*version) <= required);
        let unknown = compared.iter().filter(|it| it.migration.is_none());
        let is_there = |version| compared.iter().any(|it| it.version == version);
        // A version of which neither the program nor the database has heard.
        missing.extend(required.filter(|required| !is_there(*required)));
        let whole = compared.iter().filter(|it| it.state.is_whole());
        Ok(Self {
            required,
            found: whole.map(|it| it.version).max(),
            missing,
            pending,
            deferred: deferred.into_iter().map(|it| it.version).collect(),
            repeatables: outdated(chain, ledger, true)
                .map(|it| it.name.clone())
                .collect(),
            unknown: unknown.map(|it| it.version).collect(),
        })
    }

    /// May the program begin?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.missing.is_empty() && self.repeatables.is_empty()
    }

    /// Is there nothing that a leader would apply before the program begins?
    pub(crate) fn is_complete(&self) -> bool {
        self.is_ready() && self.pending.is_empty()
    }

    /// The error of a program that may not begin.
    pub(crate) fn refusal(&self) -> Error {
        Error::new(ErrorKind::Unsupported, self.to_string()).with_hint(
            "run the migrations of this program: `underpin migrate up`, or start one instance that migrates",
        )
    }
}

/// `the program requires version 3, the database is at version 1: 2 migrations are missing`
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.required {
            Some(required) => write!(f, "the program requires schema version {required}, ")?,
            None => write!(f, "the program requires no schema version, ")?,
        }
        match self.found {
            Some(found) => write!(f, "the database is at {found}")?,
            None => write!(f, "the database has none")?,
        }
        match self.missing.as_slice() {
            [] => {}
            [one] => write!(f, ": migration {one} is missing")?,
            [first, .., last] => {
                let count = self.missing.len();
                write!(
                    f,
                    ": {count} migrations are missing, from {first} to {last}"
                )?;
            }
        }
        match self.repeatables.as_slice() {
            [] => Ok(()),
            names => write!(f, "; repeatable files are to be run: {}", names.join(", ")),
        }
    }
}

impl State {
    /// Is it applied from its first to its last statement?
    fn is_whole(self) -> bool {
        self.is_applied() && !matches!(self, Self::Partial | Self::Reverting)
    }
}

fn required_and_deferred(version: Version) -> Error {
    let message =
        format!("migration {version} is required at the start and deferred until after it");
    Error::new(ErrorKind::InvalidInput, message).with_hint(
        "require an earlier version, or take `deferred` out of the file when it was never applied",
    )
}
