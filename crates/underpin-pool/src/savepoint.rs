//! A point inside a transaction that can be rolled back to.

use crate::executor::executor;
use crate::rows::Sink;
use crate::wire::Later;
use crate::{Error, Params, Transaction};
use std::ops::Deref;

/// A point inside a transaction. Dropping it without [`release`](Self::release) rolls back to it.
///
/// # Cancel safety
/// May be dropped at any point.
#[derive(Debug)]
pub struct Savepoint<'a> {
    transaction: &'a Transaction<'a>,
    name: String,
    end: End,
}

/// How far the end of a savepoint has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// RELEASE is on its way; it fails when a statement has failed.
    Releasing,
    Over,
}

impl<'a> Savepoint<'a> {
    pub(crate) async fn set(transaction: &'a Transaction<'a>) -> Result<Self, Error> {
        let name = transaction.savepoint_name();
        transaction
            .control(&format!("SAVEPOINT {name}"), || ())
            .await?;
        Ok(Self {
            transaction,
            name,
            end: End::Open,
        })
    }

    /// Sets a savepoint inside this one.
    ///
    /// # Errors
    /// As any statement.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn savepoint(&self) -> Result<Savepoint<'_>, Error> {
        Savepoint::set(self.transaction).await
    }

    /// Keeps what was done since, as part of the transaction.
    ///
    /// # Errors
    /// As any statement; a savepoint in which a statement had failed cannot be released.
    ///
    /// # Cancel safety
    /// Dropped before its first poll it is rolled back to; after that it is released, or rolled back to when a statement
    /// in it had failed.
    pub async fn release(mut self) -> Result<(), Error> {
        let release = format!("RELEASE {}", self.name);
        let end = &mut self.end;
        let released = self.transaction.control(&release, || *end = End::Releasing);
        released.await?;
        self.end = End::Over;
        Ok(())
    }

    /// Undoes what was done since.
    ///
    /// # Errors
    /// When the connection is gone.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn rollback(mut self) -> Result<(), Error> {
        let undo = self.undo();
        let end = &mut self.end;
        self.transaction.control(&undo, || *end = End::Over).await
    }

    fn undo(&self) -> String {
        format!("ROLLBACK TO {0}; RELEASE {0}", self.name)
    }
}

/// The transaction it is in: what that runs counts as inside the savepoint.
impl<'a> Deref for Savepoint<'a> {
    type Target = Transaction<'a>;

    fn deref(&self) -> &Self::Target {
        self.transaction
    }
}

impl Savepoint<'_> {
    async fn fetch<S: Sink>(&self, sql: &str, params: Params<'_>) -> Result<S::Output, Error> {
        self.transaction.fetch::<S>(sql, params).await
    }

    async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        self.transaction.run_batch(sql).await
    }
}

executor!(Savepoint<'_>);

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        let later = match self.end {
            End::Over => return,
            End::Open => Later::Run(self.undo()),
            End::Releasing => Later::RunIfFailed(self.undo()),
        };
        self.transaction.session().wire().send_later(later);
    }
}
