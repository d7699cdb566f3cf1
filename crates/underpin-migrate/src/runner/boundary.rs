//! Whether a statement that runs alone may have kept a part of its work when it failed.
//!
//! A `DO` that commits as it goes keeps what it has committed. PostgreSQL numbers the transactions of a session one after
//! the other, savepoints aside, so the number tells: sent whole, a statement takes one, and more when it has ended one
//! itself. One that took one has kept nothing, and may be run again.

use crate::Error;
use crate::execute::execute;
use crate::sql::Statement;
use underpin_pool::Session;

const NUMBER: &str = "\
SELECT split_part(virtualtransaction, '/', 2)::bigint FROM pg_locks WHERE pid = pg_backend_pid() LIMIT 1";

/// Where the transactions of a session stand before a statement.
pub(super) enum Boundary {
    /// The statement keeps nothing when it fails, or the catalog tells what.
    None,
    /// The statement ends transactions as it goes.
    At {
        number: i64,
        /// How many numbers a question for the number takes itself.
        question: i64,
    },
    /// As `At`, and the server does not count as expected: nothing can be proven.
    Unknown,
}

impl Boundary {
    /// Looks before the statement runs.
    pub(super) async fn before(session: &Session, statement: &Statement) -> Result<Self, Error> {
        if !statement.may_keep_a_part() {
            return Ok(Self::None);
        }
        let failed =
            |error| Error::caused_by("could not ask for the session's transactions", error);
        let first = number(session).await.map_err(failed)?;
        let second = number(session).await.map_err(failed)?;
        let third = number(session).await.map_err(failed)?;
        let question = third - second;
        if question > 0 && second - first == question {
            return Ok(Self::At {
                number: third,
                question,
            });
        }
        Ok(Self::Unknown)
    }

    /// Looks after the statement has failed: may a part of its work stay?
    pub(super) async fn may_be_crossed(&self, session: &Session) -> bool {
        match self {
            Self::None => false,
            Self::Unknown => true,
            Self::At {
                number: at,
                question,
            } => {
                // When the connection has ended nobody can tell.
                let now = number(session).await.ok();
                now != Some(at + 1 + question)
            }
        }
    }
}

async fn number(session: &Session) -> Result<i64, underpin_pool::Error> {
    session.query_one(NUMBER, &[]).await?.get(0)
}

/// Runs a statement outside any transaction and counts its rows.
pub(super) async fn run(
    session: &Session,
    statement: &Statement,
) -> Result<u64, underpin_pool::Error> {
    if statement.may_keep_a_part() {
        // Whole, not prepared first: it then takes one transaction, as `Boundary` counts. `DO` affects no rows.
        return session.batch(statement.text()).await.map(|()| 0);
    }
    execute(session, statement).await
}
