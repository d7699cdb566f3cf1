//! What the body of a retried transaction gets.

use crate::executor::executor;
use crate::rows::Sink;
use crate::{Error, Params, Transaction};
use std::ops::Deref;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// The transaction that [`Database::transaction`](crate::Database::transaction) runs its closure in.
///
/// It derefs to [`Transaction`]. It is handed over by value, because a closure that takes a reference cannot yet be
/// used in a spawned task (Rust cannot say that its future is `Send` for every lifetime). A clone that outlives the
/// closure makes the transaction roll back.
#[derive(Debug, Clone)]
pub struct TransactionHandle(Arc<Transaction<'static>>);

impl TransactionHandle {
    pub(crate) fn new(transaction: Transaction<'static>) -> Self {
        Self(Arc::new(transaction))
    }

    /// Commits, unless somebody else still holds the transaction.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let transaction = Arc::try_unwrap(self.0).map_err(|_| {
            Error::new(
                ErrorKind::TransactionState,
                "the transaction's handle outlived its closure",
            )
            .with_hint("await everything that uses the handle before the closure returns")
        })?;
        transaction.commit().await
    }
}

impl Deref for TransactionHandle {
    type Target = Transaction<'static>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl TransactionHandle {
    async fn fetch<S: Sink>(&self, sql: &str, params: Params<'_>) -> Result<S::Output, Error> {
        self.0.fetch::<S>(sql, params).await
    }

    async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        self.0.run_batch(sql).await
    }
}

executor!(TransactionHandle);
