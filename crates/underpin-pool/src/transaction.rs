//! Transactions that cannot be left open: rolled back on drop, on panic, on cancel.

use crate::executor::executor;
use crate::retry::Again;
use crate::rows::Sink;
use crate::savepoint::Savepoint;
use crate::wire::{Begin, Later, Standing, over};
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
/// BEGIN is not sent on its own: it travels in the packet of the first statement, both or neither. Statements of `&tx` may
/// be polled together, by several tasks too; they are then pipelined.
///
/// A statement of it runs inside it or is refused with [`ErrorKind::TransactionState`]: also after SQL of its user's own,
/// such as `COMMIT`, has ended it.
///
/// # Cancel safety
/// May be dropped at any point, in the middle of any statement: the session is rolled back before anybody uses it. A
/// statement whose future is dropped while the server works on it is cancelled (`cancel_on_drop`), which fails the
/// transaction, as any failed statement does; a savepoint around it can be rolled back to. What other tasks have sent
/// behind it by then fails with it.
#[derive(Debug)]
pub struct Transaction<'a> {
    session: Held<'a>,
    begin: Begin,
    finished: bool,
    retryable: AtomicBool,
    stale: AtomicBool,
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
            begin: Begin::new(options.begin()),
            finished: false,
            retryable: AtomicBool::new(false),
            stale: AtomicBool::new(false),
            savepoints: AtomicU32::new(0),
        }
    }

    /// Makes everything done in it visible and durable.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownOutcome`] when the connection broke after COMMIT was sent: look in the database before
    /// doing it again. [`ErrorKind::TransactionState`] when an earlier statement had failed, so that there was
    /// nothing to commit; it is rolled back. The same when the server has no transaction, because SQL of its own ended
    /// it: the connection is closed then. [`ErrorKind::Serialization`] when it must be run again.
    /// [`ErrorKind::Disconnected`] when the connection had ended before: nothing is committed.
    ///
    /// # Cancel safety
    /// Dropped before its first poll it rolls back; after that the outcome is unknown.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.begin.is_sent() {
            return Ok(());
        }
        let wire = self.session.get().wire().clone();
        wire.quiesce().await;
        // A connection that has ended meanwhile has committed nothing.
        let is_alive = wire.is_alive();
        match wire.standing() {
            Standing::Failed if is_alive => {
                self.roll_back().await?;
                return Err(failed());
            }
            Standing::Over { .. } if is_alive => {
                self.finished = true;
                wire.cut("its transaction was over before it was committed");
                return Err(over());
            }
            _ => {}
        }
        let ticket = wire.commit(&self.begin).await?;
        self.finished = true;
        match wire.finish(ticket, "statement failed").await {
            Ok(answer) if answer.has_rolled_back => Err(failed()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Disconnected && !was_idle(&error) => {
                Err(unknown(error))
            }
            Err(error) => {
                self.note(&error);
                Err(error)
            }
        }
    }

    /// Undoes everything done in it.
    ///
    /// # Errors
    /// When the connection is gone; the server then rolls back by itself. [`ErrorKind::TransactionState`] when SQL of
    /// its own has committed it, so that nothing can be undone.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn rollback(mut self) -> Result<(), Error> {
        if !self.begin.is_sent() {
            return Ok(());
        }
        let wire = self.session.get().wire().clone();
        wire.quiesce().await;
        match wire.standing() {
            Standing::Over { undone: true } => Ok(()),
            Standing::Over { undone: false } if !wire.has_ended() => Err(over()),
            _ => self.roll_back().await,
        }
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
    pub(crate) fn again(&self) -> Option<Again> {
        let when = |noted: &AtomicBool, again| noted.load(Ordering::Acquire).then_some(again);
        when(&self.retryable, Again::Rival).or_else(|| when(&self.stale, Again::Stale))
    }

    /// A name no other savepoint of this transaction has.
    pub(crate) fn savepoint_name(&self) -> String {
        format!("sp{}", self.savepoints.fetch_add(1, Ordering::AcqRel))
    }

    pub(crate) fn session(&self) -> &Session {
        self.session.get()
    }

    async fn roll_back(&mut self) -> Result<(), Error> {
        let wire = self.session.get().wire().clone();
        let ticket = wire.control(Some(&self.begin), "ROLLBACK").await?;
        self.finished = true;
        wire.finish(ticket, "could not roll back").await.map(drop)
    }

    pub(crate) fn begin(&self) -> &Begin {
        &self.begin
    }

    /// Runs what marks a point in the transaction; `queued` is told when that is certain to reach the server.
    pub(crate) async fn control(&self, sql: &str, queued: impl FnOnce()) -> Result<(), Error> {
        let wire = self.session().wire();
        let run = async {
            let ticket = wire.control(Some(&self.begin), sql).await?;
            queued();
            wire.finish(ticket, "statement failed").await.map(drop)
        };
        run.await.inspect_err(|error| self.note(error))
    }

    /// Remembers a failure that running all of it again may heal.
    pub(crate) fn note(&self, error: &Error) {
        match error.again() {
            Some(Again::Rival) => self.retryable.store(true, Ordering::Release),
            Some(Again::Stale) => self.stale.store(true, Ordering::Release),
            None => {}
        }
    }
}

impl Transaction<'_> {
    pub(crate) async fn fetch<S: Sink>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        let outcome = self.session().fetch_in::<S>(Some(&self.begin), sql, params);
        outcome.await.inspect_err(|error| self.note(error))
    }

    pub(crate) async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        let outcome = self.session().run_batch_in(Some(&self.begin), sql);
        outcome.await.inspect_err(|error| self.note(error))
    }
}

executor!(Transaction<'_>);

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        let wire = self.session.get().wire();
        if !self.finished && self.begin.is_sent() && !wire.is_clean() {
            wire.send_later(Later::Run(String::from("ROLLBACK")));
        }
    }
}

fn failed() -> Error {
    Error::new(
        ErrorKind::TransactionState,
        "the transaction was rolled back: one of its statements had failed",
    )
    .with_hint("handle the statement's error, or wrap the statement in a savepoint")
}

fn unknown(cause: Error) -> Error {
    Error::new(
        ErrorKind::UnknownOutcome,
        "the connection broke while committing: it may or may not have been committed",
    )
    .with_source(cause)
    .with_hint("look for the transaction's rows before doing it again")
}

/// Did the server end the session because nothing happened in it, and so before COMMIT came?
fn was_idle(error: &Error) -> bool {
    error.code() == Some("25P03")
}
