//! One migration of a plan, and where in it to begin.

use crate::Error;
use crate::data::Work;
use crate::files::{Direction, Migration, Script};
use crate::ledger::{Far, Record, StatementRecord, StatementState};
use crate::resume::{self, Decision, Resume};
use crate::sql::{self, Statement, Subject};
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
    /// What an operator has decided about the statement that is ambiguous.
    decision: Option<Decision>,
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
        resume: Option<Resume>,
    ) -> Result<Self, Error> {
        let mut step = Self {
            migration: Arc::clone(migration),
            direction,
            done: 0,
            ambiguous: false,
            decision: None,
            far: None,
            began_at: None,
        };
        // Parsed here once, so that the accessors below cannot fail.
        step.script()?.statements()?;
        let ran = record.into_iter().flat_map(|it| it.of(direction));
        for earlier in ran.filter(|it| it.state != StatementState::Failed) {
            if earlier.state == StatementState::Started {
                step.ambiguous = true;
                step.decision = step.decide(earlier, resume)?;
                if step.decision.is_some() {
                    // Whoever decides may have corrected the statement: its text need not be the one that was run.
                    continue;
                }
            }
            let index = (earlier.ordinal as usize).checked_sub(1);
            let same = index.and_then(|it| step.statements().get(it));
            if same.is_none_or(|it| it.hash() != earlier.hash) {
                return Err(step.changed(earlier.ordinal));
            }
            if earlier.state == StatementState::Done {
                step.done = earlier.ordinal;
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

    /// What is to be said of lines that are not run: `pg_dump` writes them for psql.
    pub(super) fn skipped_lines(&self) -> Option<String> {
        let script = self.script().ok()?;
        sql::is_framed(script.text()).then(|| {
            format!(
                "{}: \\restrict and \\unrestrict, which pg_dump writes for psql, are skipped",
                script.file()
            )
        })
    }

    /// Did an earlier run begin the first remaining statement without recording its end?
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// What an operator has decided about that statement.
    pub(crate) fn decision(&self) -> Option<Decision> {
        self.decision
    }

    /// The decision about a statement that was interrupted; none when the catalog tells how it ended.
    fn decide(
        &self,
        interrupted: &StatementRecord,
        resume: Option<Resume>,
    ) -> Result<Option<Decision>, Error> {
        let (version, ordinal) = (self.migration.version, interrupted.ordinal);
        if let Some(resume) = resume.filter(|it| it.is_about(version, ordinal)) {
            return Ok(Some(resume.decision));
        }
        let index = (ordinal as usize).checked_sub(1);
        let statement = index.and_then(|it| self.statements().get(it));
        match statement {
            Some(statement) if self.work().is_none() && statement.needs_decision() => {
                Err(self.undecided(statement, interrupted.sqlstate.as_deref()))
            }
            _ => Ok(None),
        }
    }

    fn undecided(&self, statement: &Statement, sqlstate: Option<&str>) -> Error {
        let how = match sqlstate {
            Some(code) => format!("failed ({code}) after it may have committed a part of its work"),
            None => String::from("was interrupted, and nobody saw how it ended"),
        };
        let (place, ordinal) = (statement.place(), statement.ordinal());
        let message = format!("{place}: statement {ordinal} {how}; it is not run again by itself");
        let version = self.migration.version;
        Error::conflict(message).with_hint(resume::choices(self.direction, version, ordinal))
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
