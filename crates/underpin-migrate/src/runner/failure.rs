//! From the server's error to one that names file, line and next step.

use crate::Error;
use crate::files::Place;
use crate::plan::Step;
use crate::resume;
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

    /// `may_stay`: the statement may have kept a part of its work.
    pub(super) fn into_error(self, step: &Step, may_stay: bool) -> Error {
        let place = self.place();
        let Self { statement, error } = self;
        let count = step.statements().len();
        let message = format!(
            "{place}: statement {} of {count} failed",
            statement.ordinal()
        );
        let hint = if may_stay {
            kept(step, statement, &error)
        } else {
            hint(step, statement, &error)
        };
        let error = Error::caused_by(message, error);
        error.with_hint(hint)
    }
}

/// What to do about a statement that ends transactions as it goes.
fn kept(step: &Step, statement: &Statement, error: &underpin_pool::Error) -> String {
    let (version, ordinal) = (step.migration().version, statement.ordinal());
    let choices = resume::choices(step.direction(), version, ordinal);
    let what = if error.kind().is_unavailable() {
        "nobody saw how the statement ended"
    } else {
        "what the statement had committed before stays"
    };
    format!("{what}, so it is not run again by itself: {choices}")
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
            "a procedure that commits needs a statement outside any transaction, and so does a DO: write `DO $$ BEGIN \
             CALL name(); COMMIT; END $$`, which is run outside one because COMMIT stands in it; {again}"
        ),
        (kind, _) if kind.is_unavailable() => match statement.class() {
            Class::Alone => format!(
                "the connection ended, the file is not at fault: run `{command}` again, which asks the catalog how the \
                 statement ended"
            ),
            _ => format!("the connection ended, the file is not at fault: {again}"),
        },
        _ => match error.hint() {
            Some(hint) => format!("{hint}; {again}"),
            None => format!("correct the file; {again}"),
        },
    }
}
