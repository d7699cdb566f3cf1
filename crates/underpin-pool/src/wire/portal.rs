//! Rows that are read as they are asked for.
//!
//! Outside a transaction all of them come in one answer; what is not read stays in the socket. When a statement waits behind
//! them they must be read out of its way: [`KEPT_MAX`](super::KEPT_MAX) of them are kept; when there are more the
//! stream is cancelled and ends with an error. In a transaction the server hands them out so many at a time through a named
//! portal, so that other statements find room between, none is kept for long, and a stream that is left costs the
//! transaction nothing.

use super::gate::{Begin, Nature, over};
use super::{Answer, Columns, Ticket, Wire};
use crate::{Error, Params};
use bytes::{Bytes, BytesMut};
use postgres_protocol::message::frontend;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use underpin_core::ErrorKind;

/// How many rows the server sends at first before it waits to be asked for more, in a transaction.
const ROWS_FIRST: i32 = 16;
/// How many at most.
const ROWS_MAX: i32 = 8192;
/// Then as many as are about this large together, going by those before.
const BYTES: usize = 1024 * 1024;

type Asking = Pin<Box<dyn Future<Output = Result<Ticket<Arc<Wire>>, Error>> + Send + Sync>>;

/// The rows, or the data of a COPY, of one statement.
pub(crate) struct Portal {
    wire: Arc<Wire>,
    /// None when all comes in one answer.
    name: Option<String>,
    /// How many rows were asked for, and how many bytes of them have come.
    asked: i32,
    came: usize,
    state: State,
}

enum State {
    Reading(Ticket<Arc<Wire>>),
    Asking(Asking),
    Ended,
}

/// What an answer has to say next.
enum Next {
    Rows(Bytes),
    Cut,
    End(Answer),
}

impl Next {
    fn of(answer: &mut Answer) -> Option<Self> {
        match answer.next_rows() {
            Some(block) => Some(Self::Rows(block)),
            None if answer.is_cut => Some(Self::Cut),
            None => answer.done.then(|| Self::End(answer.take())),
        }
    }
}

impl Portal {
    /// Starts a statement; `begin` is that of the transaction it belongs to.
    pub(crate) async fn open(
        wire: &Arc<Wire>,
        begin: Option<&Begin>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<(Self, Arc<Columns>), Error> {
        // A portal with a name lives as long as its transaction.
        let name = begin.map(|_| wire.statements().portal_name());
        let place = name.as_deref().map_or(("", 0), |name| (name, ROWS_FIRST));
        let (ticket, columns) = wire.open(begin, place, sql, params).await?;
        let portal = Self {
            wire: wire.clone(),
            name,
            asked: ROWS_FIRST,
            came: 0,
            state: State::Reading(ticket),
        };
        Ok((portal, columns))
    }

    /// Starts `COPY … TO STDOUT`.
    pub(crate) async fn copy_out(wire: &Arc<Wire>, copy: &str) -> Result<Self, Error> {
        Ok(Self {
            wire: wire.clone(),
            name: None,
            asked: 0,
            came: 0,
            state: State::Reading(wire.copy(Nature::CopyOut, None, copy).await?),
        })
    }

    /// The next messages that came together; None after the last ones, and after an error.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            let next = match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Asking(asking) => match ready!(asking.as_mut().poll(cx)) {
                    Ok(ticket) => {
                        self.state = State::Reading(ticket);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                State::Reading(ticket) => ready!(ticket.poll(cx, Next::of)),
            };
            let error = match next {
                Ok(Next::Rows(block)) => {
                    self.came += block.len();
                    return Poll::Ready(Some(Ok(block)));
                }
                Ok(Next::End(answer)) => match (answer.error, &self.name) {
                    (Some(report), _) => Wire::refused("statement failed", report),
                    (None, Some(name)) if answer.is_suspended => {
                        self.asked = next_rows(self.asked, self.came);
                        self.came = 0;
                        let more = more(self.wire.clone(), name.clone(), self.asked);
                        self.state = State::Asking(Box::pin(more));
                        continue;
                    }
                    (None, _) => {
                        self.state = State::Ended;
                        return Poll::Ready(None);
                    }
                },
                Ok(Next::Cut) => cut(),
                Err(error) => error,
            };
            self.state = State::Ended;
            return Poll::Ready(Some(Err(error)));
        }
    }
}

/// How many rows to ask for after so many that were so large.
fn next_rows(asked: i32, came: usize) -> i32 {
    let row = came / usize::try_from(asked).unwrap_or(1).max(1);
    let rows = i32::try_from(BYTES / row.max(1)).unwrap_or(ROWS_MAX);
    rows.clamp(1, asked.saturating_mul(8).clamp(1, ROWS_MAX))
}

/// Asks for more rows of a portal.
async fn more(wire: Arc<Wire>, portal: String, rows: i32) -> Result<Ticket<Arc<Wire>>, Error> {
    if wire.line().has_ended_transaction() {
        return Err(over());
    }
    let encode = |out: &mut BytesMut| {
        frontend::execute(&portal, rows, out).map_err(Error::unsendable)?;
        frontend::sync(out);
        Ok(())
    };
    wire.send_shared(Nature::Stream, None, encode).await
}

fn cut() -> Error {
    Error::new(
        ErrorKind::TransactionState,
        format!(
            "a stream was not read while a statement waited behind it: its rows beyond {} MiB are lost",
            super::KEPT_MAX / (1024 * 1024)
        ),
    )
    .with_hint("read the stream to its end first, open it in a transaction, or use another session for the statement")
}

impl Drop for Portal {
    fn drop(&mut self) {
        // The server forgets the portal with the next request, or with its transaction.
        if let Some(name) = &self.name {
            // A name of ours has no zero byte, the only thing that could go wrong.
            let close = |out: &mut BytesMut| drop(frontend::close(b'P', name, out));
            self.wire.line().forget(close);
        }
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_rows_come_in_smaller_numbers() {
        for (asked, came, expected) in [
            (16, 16 * 100, 128),
            (8000, 8000 * 100, ROWS_MAX),
            (1024, 1024 * 1024, 1024),
            (1024, 1024 * 1024 * 1024, 1),
            (1, 0, 8),
        ] {
            assert_eq!(next_rows(asked, came), expected, "{asked} of {came} bytes");
        }
    }
}
