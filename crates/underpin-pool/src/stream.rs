//! Results larger than memory: rows as they come, no faster than they are used.

use crate::wire::{Bodies, Columns, Ticket, Wire};
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
/// # Cancel safety
/// May be dropped before its end. The statement is then cancelled when the session is returned.
pub struct RowStream<'a> {
    messages: Messages,
    columns: Arc<Columns>,
    /// Held until the stream is dropped, when the stream began with a checkout of its own.
    _session: Option<Session>,
    borrow: PhantomData<&'a Session>,
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
        first: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Self, Error> {
        let (ticket, columns) = wire.open(first, sql, params).await?;
        Ok(Self {
            messages: Messages::of(ticket),
            columns,
            _session: None,
            borrow: PhantomData,
        })
    }

    /// Lets the stream keep the session it reads from.
    pub(crate) fn owning(self, session: Session) -> RowStream<'static> {
        RowStream {
            messages: self.messages,
            columns: self.columns,
            _session: Some(session),
            borrow: PhantomData,
        }
    }
}

impl Stream for RowStream<'_> {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.messages.poll_next(cx);
        next.map_ok(|body| Row::new(self.columns.clone(), body))
    }
}

impl fmt::Debug for RowStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}

/// The bodies of an answer's rows or pieces of data, one by one.
struct Messages {
    ticket: Ticket<Arc<Wire>>,
    block: Bytes,
    ended: bool,
}

impl Messages {
    fn of(ticket: Ticket<Arc<Wire>>) -> Self {
        Self {
            ticket,
            block: Bytes::new(),
            ended: false,
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
            if self.ended {
                return Poll::Ready(None);
            }
            let next = self
                .ticket
                .poll(cx, |answer| match answer.blocks.pop_front() {
                    Some(block) => Some(Ok(Some(block))),
                    None => answer
                        .done
                        .then(|| answer.error.take().map_or(Ok(None), Err)),
                });
            match ready!(next) {
                Ok(Ok(Some(block))) => self.block = block,
                Ok(Ok(None)) => self.ended = true,
                Ok(Err(report)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(Wire::refused("statement failed", report))));
                }
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

/// The data of `COPY … TO STDOUT`, in the pieces the server sends: a row each in text and CSV format.
///
/// # Cancel safety
/// May be dropped before its end. The statement is then cancelled when the session is returned.
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
        self.stream_after(None, sql, params).await
    }

    pub(crate) async fn stream_after(
        &self,
        first: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<RowStream<'_>, Error> {
        RowStream::open(self.wire(), first, sql, params).await
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
            messages: Messages::of(self.wire().copy(copy).await?),
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
        self.session().stream_after(self.first(), sql, params).await
    }
}
