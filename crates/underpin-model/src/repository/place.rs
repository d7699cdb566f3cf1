//! Where a repository runs its statements.

use underpin_pool::{Database, Executor, Savepoint, Transaction, TransactionHandle};

/// What a repository runs on: a database, a transaction, a savepoint, or a reference to one.
pub trait Place: Send + Sync {
    /// What runs the statements.
    type Executor: Executor + Send;

    /// What runs the statements.
    fn executor(&self) -> &Self::Executor;

    /// The database, when each statement commits by itself: several that belong together then open a transaction.
    fn database(&self) -> Option<&Database> {
        None
    }

    /// The transaction, when there is one: bulk data go into it by COPY.
    fn transaction(&self) -> Option<&Transaction<'_>> {
        None
    }
}

impl Place for Database {
    type Executor = Self;

    fn executor(&self) -> &Self {
        self
    }

    fn database(&self) -> Option<&Database> {
        Some(self)
    }
}

macro_rules! places {
    ($($type:ty),+) => {$(
        impl Place for $type {
            type Executor = Self;

            fn executor(&self) -> &Self {
                self
            }

            fn transaction(&self) -> Option<&Transaction<'_>> {
                Some(self)
            }
        }
    )+};
}

places!(Transaction<'_>, TransactionHandle, Savepoint<'_>);

/// A place inside a transaction: where rows can be locked.
#[diagnostic::on_unimplemented(
    message = "rows can be locked only inside a transaction",
    note = "use `repository.on(&tx)` inside `db.transaction(async |tx| …)`"
)]
pub trait Transactional: Place {}

impl Transactional for Transaction<'_> {}
impl Transactional for TransactionHandle {}
impl Transactional for Savepoint<'_> {}
impl<P: Transactional> Transactional for &P {}

impl<P: Place> Place for &P {
    type Executor = P::Executor;

    fn executor(&self) -> &P::Executor {
        (*self).executor()
    }

    fn database(&self) -> Option<&Database> {
        (*self).database()
    }

    fn transaction(&self) -> Option<&Transaction<'_>> {
        (*self).transaction()
    }
}
