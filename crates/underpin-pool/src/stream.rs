//! Results larger than memory: rows as they come, no faster than they are used.

use crate::wire::{Begin, Bodies, Columns, Portal, Wire};
use crate::{Error, Params, Row, Session, Transaction};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The rows of one statement, read as they are asked for.
///
/// While nobody asks, nothing is read: the server waits, so memory stays bounded however large the result is.
///
/// Statements of the same transaction may run while it is open: in a transaction the server hands rows out about 1 MiB at
/// a time. A statement of the same *session*, outside a transaction of this crate, waits for all rows of the stream: at
/// most 16 MiB of them are kept, and when there are more the stream is cancelled and ends with
/// [`ErrorKind::TransactionState`].
///
/// [`ErrorKind::TransactionState`]: crate::ErrorKind::TransactionState
///
/// # Cancel safety
/// May be dropped before its end. What the server still works on is then cancelled; in a transaction that is only the case
/// when it has not finished what was last asked for, and fails the transaction.
pub struct RowStream<'a> {
    messages: Messages,
    columns: Arc<Columns>,
    /// Held until the stream is dropped, when the stream began with a checkout of its own.
    _session: Option<Session>,
    /// Hears of failures that running it again may heal.
    transaction: Option<&'a Transaction<'a>>,
}

impl RowStream<'_> {
    /// The next row; None after the last one.
    ///
    /// # Errors
    /// Whatever the server reports while the statement runs.
    ///
    /// # Cancel safety
    /// Dropping the future loses no row.
    pub async fn next(&mut self) -> Option<Result<Row, Error>> {
        StreamExt::next(self).await
    }

    pub(crate) async fn open(
        wire: &Arc<Wire>,
        begin: Option<&Begin>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Self, Error> {
        let (portal, columns) = Portal::open(wire, begin, sql, params).await?;
        Ok(Self {
            messages: Messages::of(portal),
            columns,
            _session: None,
            transaction: None,
        })
    }

    /// Lets the stream keep the session it reads from.
    pub(crate) fn owning(self, session: Session) -> RowStream<'static> {
        RowStream {
            messages: self.messages,
            columns: self.columns,
            _session: Some(session),
            transaction: None,
        }
    }
}

impl Stream for RowStream<'_> {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.messages.poll_next(cx));
        if let (Some(Err(error)), Some(transaction)) = (&next, self.transaction) {
            transaction.note(error);
        }
        Poll::Ready(next.map(|next| next.map(|body| Row::new(self.columns.clone(), body))))
    }
}

impl fmt::Debug for RowStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}

/// The bodies of an answer's rows or pieces of data, one by one.
struct Messages {
    portal: Portal,
    block: Bytes,
}

impl Messages {
    fn of(portal: Portal) -> Self {
        Self {
            portal,
            block: Bytes::new(),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            let mut bodies = Bodies(&self.block);
            if let Some(body) = bodies.next() {
                let (body, rest) = (self.block.slice_ref(body), self.block.slice_ref(bodies.0));
                self.block = rest;
                return Poll::Ready(Some(Ok(body)));
            }
            match ready!(self.portal.poll_next(cx)) {
                Some(Ok(block)) => self.block = block,
                other => return Poll::Ready(other),
            }
        }
    }
}

/// The data of `COPY … TO STDOUT`, in the pieces the server sends: a row each in text and CSV format.
///
/// Statements of the same session wait until all of it is read, or kept: see [`RowStream`].
///
/// # Cancel safety
/// May be dropped before its end. The statement is then cancelled.
pub struct CopyOut<'a> {
    messages: Messages,
    borrow: PhantomData<&'a Session>,
}

impl CopyOut<'_> {
    /// The next piece; None after the last one.
    ///
    /// # Errors
    /// Whatever the server reports while it copies.
    ///
    /// # Cancel safety
    /// Dropping the future loses no piece.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        StreamExt::next(self).await
    }
}

impl Stream for CopyOut<'_> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages.poll_next(cx)
    }
}

impl fmt::Debug for CopyOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyOut").finish_non_exhaustive()
    }
}

impl Session {
    /// Runs a statement and hands out its rows as they come.
    ///
    /// # Errors
    /// Whatever the server reports before the first row.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn stream(&self, sql: &str, params: Params<'_>) -> Result<RowStream<'_>, Error> {
        RowStream::open(self.wire(), None, sql, params).await
    }

    /// Runs `COPY … TO STDOUT` and hands out the data as it comes.
    ///
    /// # Errors
    /// Whatever the server reports before the first piece.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn copy_out(&self, copy: &str) -> Result<CopyOut<'_>, Error> {
        Ok(CopyOut {
            messages: Messages::of(Portal::copy_out(self.wire(), copy).await?),
            borrow: PhantomData,
        })
    }
}

impl Transaction<'_> {
    /// Runs a statement and hands out its rows as they come.
    ///
    /// # Errors
    /// Whatever the server reports before the first row.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn stream(&self, sql: &str, params: Params<'_>) -> Result<RowStream<'_>, Error> {
        let wire = self.session().wire();
        let opened = RowStream::open(wire, Some(self.begin()), sql, params).await;
        let rows = opened.inspect_err(|error| self.note(error))?;
        Ok(RowStream {
            transaction: Some(self),
            ..rows
        })
    }
}
