//! One migration of a plan, and where in it to begin.

use crate::Error;
use crate::data::Work;
use crate::files::{Direction, Migration, Script};
use crate::ledger::{Far, Record, StatementState};
use crate::sql::{Statement, Subject};
use jiff::Timestamp;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// A migration to be applied or reverted, from its first statement or from where an earlier run ended.
#[derive(Debug, Clone)]
pub struct Step {
    migration: Arc<Migration>,
    direction: Direction,
    done: u32,
    ambiguous: bool,
    /// How far an earlier run came, of a migration in batches.
    far: Option<Far>,
    /// When the earlier run began, when there was one that kept something.
    began_at: Option<Timestamp>,
}

impl Step {
    /// Checks that what an earlier run did is still what the file says.
    pub(super) fn new(
        migration: &Arc<Migration>,
        direction: Direction,
        record: Option<&Record>,
    ) -> Result<Self, Error> {
        let mut step = Self {
            migration: Arc::clone(migration),
            direction,
            done: 0,
            ambiguous: false,
            far: None,
            began_at: None,
        };
        // Parsed here once, so that the accessors below cannot fail.
        step.script()?.statements()?;
        let ran = record.into_iter().flat_map(|it| it.of(direction));
        for earlier in ran.filter(|it| it.state != StatementState::Failed) {
            let index = (earlier.ordinal as usize).checked_sub(1);
            let same = index.and_then(|it| step.statements().get(it));
            if same.is_none_or(|it| it.hash() != earlier.hash) {
                return Err(step.changed(earlier.ordinal));
            }
            match earlier.state {
                StatementState::Done => step.done = earlier.ordinal,
                _ => step.ambiguous = true,
            }
        }
        if step.done > 0 || step.ambiguous {
            step.began_at = record.map(|it| it.started_at);
            step.far = record.and_then(|it| it.far.clone());
        }
        step.refuse_nameless_index()?;
        Ok(step)
    }

    /// The migration.
    #[must_use]
    pub fn migration(&self) -> &Migration {
        &self.migration
    }

    /// Forward or back.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// How many of its statements an earlier run has done.
    #[must_use]
    pub fn done(&self) -> u32 {
        self.done
    }

    /// The file that will be run.
    #[must_use]
    pub fn file(&self) -> &str {
        self.script().map_or("", Script::file)
    }

    /// All its statements, those that are done included.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        self.script()
            .and_then(Script::statements)
            .unwrap_or_default()
    }

    /// The statements that will be run.
    #[must_use]
    pub fn remaining(&self) -> &[Statement] {
        self.statements()
            .get(self.done as usize..)
            .unwrap_or_default()
    }

    /// What is to be said of a file that does nothing: it may have been left empty by mistake.
    pub(super) fn without_statements(&self) -> Option<String> {
        let (file, up) = (self.file(), &self.migration.up);
        let is_merge = up.header().parents.len() > 1;
        if !self.statements().is_empty() || is_merge {
            return None;
        }
        match self.direction {
            Direction::Up => Some(format!("{file} has no statement")),
            Direction::Down if up.statements().is_ok_and(<[_]>::is_empty) => None,
            Direction::Down => Some(format!(
                "{file} has no statement: what {} has done stays",
                up.file()
            )),
        }
    }

    /// Did an earlier run begin the first remaining statement without recording its end?
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// The work that is done in Rust instead of its one statement.
    pub(crate) fn work(&self) -> Option<&Work> {
        self.script().ok().and_then(Script::work)
    }

    /// Where the work goes on; None when it begins.
    pub(crate) fn far(&self) -> Option<&Far> {
        self.far.as_ref()
    }

    pub(crate) fn began_at(&self) -> Option<Timestamp> {
        self.began_at
    }

    pub(crate) fn script(&self) -> Result<&Script, Error> {
        self.migration
            .script(self.direction)
            .ok_or_else(|| crate::files::no_way_back(&self.migration))
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let hashes =
            |step: &Self| -> Vec<_> { step.remaining().iter().map(Statement::hash).collect() };
        self.migration.version == other.migration.version
            && self.done == other.done
            && hashes(self) == hashes(other)
    }

    fn changed(&self, ordinal: u32) -> Error {
        let message = format!(
            "{}: statement {ordinal} was changed after it had run",
            self.file()
        );
        Error::conflict(message).with_hint(
            "restore it; only the statements from the one that failed on may be corrected",
        )
    }

    /// An interrupted build could not be found again, nor its INVALID remains removed.
    fn refuse_nameless_index(&self) -> Result<(), Error> {
        for statement in self.remaining() {
            if let Subject::CreateIndex { index: None, .. } = statement.nature().subject {
                let message = format!("{}: the index has no name", statement.place());
                return Err(Error::new(ErrorKind::InvalidInput, message).with_hint(
                    "write CREATE INDEX CONCURRENTLY name ON …: an interrupted build is found again by its name",
                ));
            }
        }
        Ok(())
    }
}
