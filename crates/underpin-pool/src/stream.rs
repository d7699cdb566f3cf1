//! Results larger than memory: rows as they come, no faster than they are used.

use crate::drive::DrivenStream;
use crate::unkept::Pinned;
use crate::wire::Wire;
use crate::{Error, Params, Row, Session, Transaction};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The rows of one statement, read as they are asked for.
///
/// While nobody asks, nothing is read: the server waits, so memory stays bounded however large the result is.
///
/// # Cancel safety
/// May be dropped before its end. The statement is then cancelled when the session is returned.
pub struct RowStream<'a> {
    rows: Pin<Box<DrivenStream<tokio_postgres::RowStream>>>,
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

    pub(crate) fn new(wire: Arc<Wire>, rows: tokio_postgres::RowStream) -> Self {
        Self {
            rows: Box::pin(DrivenStream::new(wire, rows)),
            _session: None,
            borrow: PhantomData,
        }
    }

    /// Lets the stream keep the session it reads from.
    pub(crate) fn owning(self, session: Session) -> RowStream<'static> {
        RowStream {
            rows: self.rows,
            _session: Some(session),
            borrow: PhantomData,
        }
    }
}

impl Stream for RowStream<'_> {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.as_mut().poll_next(cx).map_ok(Row::new)
    }
}

impl fmt::Debug for RowStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}

/// The data of `COPY … TO STDOUT`, in the pieces the server sends: a row each in text and CSV format.
///
/// # Cancel safety
/// May be dropped before its end. The statement is then cancelled when the session is returned.
pub struct CopyOut<'a> {
    data: Pin<Box<DrivenStream<tokio_postgres::CopyOutStream>>>,
    /// Dropped after the data: rolls back, since nothing was written.
    _pinned: Option<Pinned<Arc<Wire>>>,
    borrow: PhantomData<&'a Session>,
}

impl CopyOut<'_> {
    pub(crate) fn new(
        wire: Arc<Wire>,
        data: tokio_postgres::CopyOutStream,
        pinned: Option<Pinned<Arc<Wire>>>,
    ) -> Self {
        Self {
            data: Box::pin(DrivenStream::new(wire, data)),
            _pinned: pinned,
            borrow: PhantomData,
        }
    }

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
        self.data.as_mut().poll_next(cx)
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
        let rows = self.wire().stream(first, sql, params).await?;
        Ok(RowStream::new(self.wire().clone(), rows))
    }

    /// Runs `COPY … TO STDOUT` and hands out the data as it comes.
    ///
    /// # Errors
    /// Whatever the server reports before the first piece.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn copy_out(&self, copy: &str) -> Result<CopyOut<'_>, Error> {
        let wire = self.wire();
        let pinned = Pinned::open(wire.clone()).await?;
        let data = wire.copy_out(copy).await?;
        Ok(CopyOut::new(wire.clone(), data, pinned))
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
