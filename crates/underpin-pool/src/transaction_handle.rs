//! What the body of a retried transaction gets.

use crate::{Error, Executor, Params, Row, Transaction};
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

impl Executor for TransactionHandle {
    async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        self.0.query(sql, params).await
    }

    async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        self.0.execute(sql, params).await
    }

    async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.0.batch(sql).await
    }
}
