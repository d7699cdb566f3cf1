//! Transactions that cannot be left open: rolled back on drop, on panic, on cancel.

use crate::executor::executor;
use crate::rows::Sink;
use crate::savepoint::Savepoint;
use crate::wire::TransactionStatus;
use crate::{Error, Params, Session};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use underpin_core::ErrorKind;

/// How a transaction isolates itself from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// PostgreSQL's default: each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see one snapshot; a conflicting write fails with [`ErrorKind::Serialization`].
    RepeatableRead,
    /// As if transactions ran one after another; conflicts fail with [`ErrorKind::Serialization`].
    Serializable,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TransactionOptions {
    /// None: the server's default.
    pub isolation: Option<Isolation>,
    /// Refuses writes.
    pub read_only: bool,
    /// With `Serializable` and `read_only`: waits for a snapshot that needs no retry.
    pub deferrable: bool,
}

impl TransactionOptions {
    fn begin(self) -> String {
        let Self {
            isolation,
            read_only,
            deferrable,
        } = self;
        let mut begin = String::from("BEGIN");
        match isolation {
            None => {}
            Some(Isolation::ReadCommitted) => begin.push_str(" ISOLATION LEVEL READ COMMITTED"),
            Some(Isolation::RepeatableRead) => begin.push_str(" ISOLATION LEVEL REPEATABLE READ"),
            Some(Isolation::Serializable) => begin.push_str(" ISOLATION LEVEL SERIALIZABLE"),
        }
        if read_only {
            begin.push_str(" READ ONLY");
        }
        if deferrable {
            begin.push_str(" DEFERRABLE");
        }
        begin
    }
}

/// An open transaction. Dropping it without [`commit`](Self::commit) rolls it back.
///
/// BEGIN is not sent on its own: it travels in the packet of the first statement. Statements of `&tx` may be polled
/// together; they are then pipelined.
///
/// # Cancel safety
/// May be dropped at any point, in the middle of any statement: the session is rolled back before anybody uses it.
#[derive(Debug)]
pub struct Transaction<'a> {
    session: Held<'a>,
    begin: String,
    begun: AtomicBool,
    finished: bool,
    retryable: AtomicBool,
    savepoints: AtomicU32,
}

#[derive(Debug)]
enum Held<'a> {
    Lent(&'a mut Session),
    Owned(Session),
}

impl Held<'_> {
    fn get(&self) -> &Session {
        match self {
            Self::Lent(session) => session,
            Self::Owned(session) => session,
        }
    }
}

impl<'a> Transaction<'a> {
    pub(crate) fn on(session: &'a mut Session, options: TransactionOptions) -> Self {
        Self::new(Held::Lent(session), options)
    }

    fn new(session: Held<'a>, options: TransactionOptions) -> Self {
        Self {
            session,
            begin: options.begin(),
            begun: AtomicBool::new(false),
            finished: false,
            retryable: AtomicBool::new(false),
            savepoints: AtomicU32::new(0),
        }
    }

    /// Makes everything done in it visible and durable.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOutcome`] when the connection broke after COMMIT was sent: look in the database before
    /// doing it again. [`ErrorKind::TransactionState`] when an earlier statement had failed, so that there was
    /// nothing to commit; it is rolled back. [`ErrorKind::Serialization`] when it must be run again.
    ///
    /// # Cancel safety
    /// Dropped before its first poll it rolls back; after that the outcome is unknown.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.begun.load(Ordering::Acquire) {
            self.finished = true;
            return Ok(());
        }
        let wire = self.session.get().wire();
        wire.quiesce().await;
        if wire.transaction_status() == TransactionStatus::Failed {
            self.finish("ROLLBACK").await?;
            return Err(Error::new(
                ErrorKind::TransactionState,
                "the transaction was rolled back: one of its statements had failed",
            )
            .with_hint("handle the statement's error, or wrap the statement in a savepoint"));
        }
        self.finish("COMMIT").await.map_err(|error| {
            if error.kind() == ErrorKind::Disconnected {
                Error::new(
                    ErrorKind::UnknownOutcome,
                    "the connection broke while committing: it may or may not have been committed",
                )
                .with_source(error)
                .with_hint("look for the transaction's rows before doing it again")
            } else {
                self.note(&error);
                error
            }
        })
    }

    /// Undoes everything done in it.
    ///
    /// # Errors
    /// When the connection is gone; the server then rolls back by itself.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn rollback(mut self) -> Result<(), Error> {
        if !self.begun.load(Ordering::Acquire) {
            self.finished = true;
            return Ok(());
        }
        self.finish("ROLLBACK").await
    }

    /// Sets a point inside the transaction that can be rolled back to.
    ///
    /// Until it ends, statements of the transaction itself count as inside the savepoint too.
    ///
    /// # Errors
    /// As any statement.
    ///
    /// # Cancel safety
    /// May be dropped at any point; a savepoint that was set nevertheless ends with the transaction.
    pub async fn savepoint(&self) -> Result<Savepoint<'_>, Error> {
        Savepoint::set(self).await
    }

    pub(crate) fn owning(session: Session, options: TransactionOptions) -> Transaction<'static> {
        Transaction::new(Held::Owned(session), options)
    }

    /// Did a statement of this transaction fail in a way that running all of it again may heal?
    pub(crate) fn is_retryable(&self) -> bool {
        self.retryable.load(Ordering::Acquire)
    }

    /// A name no other savepoint of this transaction has.
    pub(crate) fn savepoint_name(&self) -> String {
        format!("sp{}", self.savepoints.fetch_add(1, Ordering::AcqRel))
    }

    pub(crate) fn session(&self) -> &Session {
        self.session.get()
    }

    async fn finish(&mut self, end: &'static str) -> Result<(), Error> {
        let outcome = self.session.get().batch(end).await;
        self.finished = outcome.is_ok() || self.session.get().wire().is_clean();
        outcome
    }

    /// The BEGIN to send ahead, for the first statement only.
    pub(crate) fn first(&self) -> Option<&str> {
        (!self.begun.swap(true, Ordering::AcqRel)).then_some(self.begin.as_str())
    }

    /// Remembers a failure that running all of it again may heal.
    pub(crate) fn note(&self, error: &Error) {
        if error.is_retryable() {
            self.retryable.store(true, Ordering::Release);
        }
    }
}

impl Transaction<'_> {
    pub(crate) async fn fetch<S: Sink>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        let outcome = self.session().fetch_after::<S>(self.first(), sql, params);
        outcome.await.inspect_err(|error| self.note(error))
    }

    pub(crate) async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        let run = async {
            if let Some(begin) = self.first() {
                self.session().batch(begin).await?;
            }
            self.session().batch(sql).await
        };
        run.await.inspect_err(|error| self.note(error))
    }
}

executor!(Transaction<'_>);

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.finished && *self.begun.get_mut() {
            self.session.get().wire().batch_unattended("ROLLBACK");
        }
    }
}
