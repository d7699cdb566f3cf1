//! COPY with data that are there as text already: those of a dump, a CSV file.

use crate::wire::{Nature, Ticket, Wire};
use crate::{Error, Session, Transaction};
use bytes::BytesMut;
use std::sync::Arc;

/// Data are sent in pieces of about this size.
const PIECE_BYTES: usize = 64 * 1024;

impl Session {
    /// Runs a `COPY … FROM STDIN` with all its data, in the format that the statement names, and counts the rows.
    ///
    /// For values of Rust types [`copy_in`](Self::copy_in) is faster and needs no quoting.
    ///
    /// # Errors
    /// Whatever the server reports, such as data that do not fit; [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput)
    /// when the statement takes no data.
    ///
    /// # Locks
    /// ROW EXCLUSIVE on the table, as INSERT.
    ///
    /// # Cancel safety
    /// Dropped before the data are sent no row stays; after that they are there or not.
    pub async fn copy_text(&self, sql: &str, data: &str) -> Result<u64, Error> {
        let ticket = self.wire().copy(Nature::CopyIn, None, sql).await?;
        Sending::new(ticket).all(data).await
    }
}

impl Transaction<'_> {
    /// Runs a `COPY … FROM STDIN` as a part of the transaction: see [`Session::copy_text`].
    ///
    /// # Errors
    /// As [`Session::copy_text`].
    ///
    /// # Locks
    /// ROW EXCLUSIVE on the table, as INSERT.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn copy_text(&self, sql: &str, data: &str) -> Result<u64, Error> {
        let wire = self.session().wire();
        let copied = async {
            let ticket = wire.copy(Nature::CopyIn, Some(self.begin()), sql).await?;
            Sending::new(ticket).all(data).await
        };
        copied.await.inspect_err(|error| self.note(error))
    }
}

/// A COPY under way; dropped, what was sent does not count.
struct Sending {
    ticket: Ticket<Arc<Wire>>,
    is_complete: bool,
}

impl Sending {
    fn new(ticket: Ticket<Arc<Wire>>) -> Self {
        Self {
            ticket,
            is_complete: false,
        }
    }

    async fn all(mut self, data: &str) -> Result<u64, Error> {
        for piece in data.as_bytes().chunks(PIECE_BYTES) {
            self.ticket.send_data(&mut BytesMut::from(piece)).await?;
        }
        self.is_complete = true;
        self.ticket.end_data();
        let answer = self.ticket.done().await?;
        match answer.error {
            Some(report) => Err(Wire::refused("COPY failed", report)),
            None => Ok(answer.affected),
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.ticket.leave_data(self.is_complete);
    }
}
