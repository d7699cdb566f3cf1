//! From the server's error to one that names file, line and next step.

use crate::Error;
use crate::files::Place;
use crate::plan::Step;
use crate::sql::{Class, Statement};
use underpin_core::ErrorKind;

/// A statement that failed.
#[derive(Debug)]
pub(super) struct Failure<'a> {
    pub(super) statement: &'a Statement,
    pub(super) error: underpin_pool::Error,
}

/// Why a group of statements did not end well.
#[derive(Debug)]
pub(super) enum Trouble<'a> {
    /// A statement failed.
    Failure(Failure<'a>),
    /// Anything else.
    Error(Error),
}

impl<'a> From<Failure<'a>> for Trouble<'a> {
    fn from(failure: Failure<'a>) -> Self {
        Self::Failure(failure)
    }
}

impl From<Error> for Trouble<'_> {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure<'_> {
    /// Where it failed: where the server says, or where the statement begins.
    pub(super) fn place(&self) -> Place {
        match self.error.position() {
            Some(position) => self.statement.place_of(position),
            None => self.statement.place(),
        }
    }

    /// Is the connection still good for recording it?
    pub(super) fn leaves_connection(&self) -> bool {
        !self.error.kind().is_unavailable()
    }

    pub(super) fn into_error(self, step: &Step) -> Error {
        let place = self.place();
        let Self { statement, error } = self;
        let count = step.statements().len();
        let message = format!(
            "{place}: statement {} of {count} failed",
            statement.ordinal()
        );
        let hint = hint(step, statement, &error);
        let error = Error::caused_by(message, error);
        error.with_hint(hint)
    }
}

fn hint(step: &Step, statement: &Statement, error: &underpin_pool::Error) -> String {
    let command = match step.direction() {
        crate::Direction::Up => "underpin migrate up",
        crate::Direction::Down => "underpin migrate down",
    };
    let again = if statement.ordinal() > 1 && (step.done() > 0 || statement.class() == Class::Alone)
    {
        format!("`{command}` then goes on after the statements that are done")
    } else {
        format!("nothing of its transaction was kept; then run `{command}` again")
    };
    match (error.kind(), error.code()) {
        (ErrorKind::LockTimeout, _) => format!(
            "another session holds the table: see pg_blocking_pids() and pg_stat_activity, or wait longer with \
             `-- underpin: lock_timeout=10s` at the top of the file; {again}"
        ),
        (ErrorKind::Cancelled, _) => format!(
            "if it is to take that long, put `-- underpin: statement_timeout=30min` at the top of the file; {again}"
        ),
        (_, Some("25001")) => format!(
            "PostgreSQL runs this statement outside transactions only; put it into a migration of its own and report \
             it: Underpin should have known; {again}"
        ),
        (_, Some("2D000")) => format!(
            "COMMIT and ROLLBACK inside DO or CALL need a statement outside any transaction, which a migration does \
             not give: do it in batches from a program; {again}"
        ),
        _ => match error.hint() {
            Some(hint) => format!("{hint}; {again}"),
            None => format!("correct the file; {again}"),
        },
    }
}
