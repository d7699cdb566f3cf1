//! Running one statement of a script, with the rows that follow it there.

use crate::sql::Statement;
use underpin_pool::{Error, Executor, Savepoint, Session, Transaction};

/// What a statement of a script can be run on: the rows of a COPY need a session of their own.
pub(crate) trait Runs: Executor {
    /// Runs a `COPY … FROM stdin` with its rows and counts them.
    fn copy(&self, sql: &str, rows: &str) -> impl Future<Output = Result<u64, Error>> + Send;
}

impl Runs for Session {
    async fn copy(&self, sql: &str, rows: &str) -> Result<u64, Error> {
        self.copy_text(sql, rows).await
    }
}

impl Runs for Transaction<'_> {
    async fn copy(&self, sql: &str, rows: &str) -> Result<u64, Error> {
        self.copy_text(sql, rows).await
    }
}

impl Runs for Savepoint<'_> {
    async fn copy(&self, sql: &str, rows: &str) -> Result<u64, Error> {
        self.copy_text(sql, rows).await
    }
}

/// Runs a statement and counts its rows.
pub(crate) async fn execute(db: &impl Runs, statement: &Statement) -> Result<u64, Error> {
    match statement.rows() {
        Some(rows) => db.copy(statement.text(), rows).await,
        None => db.execute(statement.text(), &[]).await,
    }
}
