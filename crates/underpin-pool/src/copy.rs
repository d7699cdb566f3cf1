//! Bulk loading: binary COPY, the fastest way into a table.

use crate::encode::{misfit, write_value};
use crate::wire::{Nature, Ticket, Wire};
use crate::{Error, Params, Session, Transaction};
use bytes::{BufMut, BytesMut};
use postgres_types::{IsNull, ToSql, Type};
use std::fmt;
use std::sync::Arc;
use underpin_core::{ErrorKind, counted};

/// Rows are sent in pieces of about this size.
const PIECE_BYTES: usize = 64 * 1024;
/// The start of the binary format: signature, flags, length of the header's extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Writes rows into a table by binary COPY.
///
/// Rows arrive all together when [`finish`](Self::finish) returns, or not at all. Meanwhile the session runs nothing else:
/// statements of it are refused with [`ErrorKind::TransactionState`].
///
/// # Cancel safety
/// Dropping it before `finish` has returned aborts the copy: no row stays.
pub struct CopyIn<'a> {
    ticket: Ticket<Arc<Wire>>,
    types: Vec<Type>,
    piece: BytesMut,
    finished: bool,
    /// Hears of failures that running it again may heal.
    transaction: Option<&'a Transaction<'a>>,
}

impl CopyIn<'_> {
    /// Adds a row; sends a piece when enough has come together.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the number or types of values do not fit the columns: nothing of that row is
    /// written, and the copy goes on without it. Otherwise whatever the server reports.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: once polled, the row is written.
    pub async fn write(&mut self, row: Params<'_>) -> Result<(), Error> {
        self.encode(row)?;
        if self.piece.len() >= PIECE_BYTES {
            self.send().await?;
        }
        Ok(())
    }

    /// Ends the copy and counts its rows.
    ///
    /// # Errors
    /// Whatever the server reports, such as a violated constraint; no row stays then.
    ///
    /// # Cancel safety
    /// Dropped midway, the rows are there or not.
    pub async fn finish(mut self) -> Result<u64, Error> {
        self.piece.put_i16(-1);
        self.send().await?;
        self.finished = true;
        self.ticket.end_data();
        let answer = self.ticket.done().await?;
        match answer.error {
            Some(report) => {
                let error = Wire::refused("COPY failed", report);
                if let Some(tx) = self.transaction {
                    tx.note(&error);
                }
                Err(error)
            }
            None => Ok(answer.affected),
        }
    }

    async fn send(&mut self) -> Result<(), Error> {
        self.ticket.send_data(&mut self.piece).await
    }

    fn encode(&mut self, row: Params<'_>) -> Result<(), Error> {
        if row.len() != self.types.len() {
            let message = format!(
                "a row of {} for {}",
                counted(row.len(), "value"),
                counted(self.types.len(), "column")
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let count = i16::try_from(row.len()).map_err(too_large)?;
        let start = self.piece.len();
        self.piece.put_i16(count);
        let encoded = self.encode_values(row);
        if encoded.is_err() {
            self.piece.truncate(start);
        }
        encoded
    }

    fn encode_values(&mut self, row: Params<'_>) -> Result<(), Error> {
        for (column, (value, r#type)) in row.iter().zip(&self.types).enumerate() {
            encode_value(*value, r#type, &mut self.piece)
                .map_err(|cause| misfit("for column ", column + 1, r#type, cause))?;
        }
        Ok(())
    }
}

fn encode_value(
    value: &(dyn ToSql + Sync),
    r#type: &Type,
    piece: &mut BytesMut,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let at = piece.len();
    piece.put_i32(-1);
    if let IsNull::No = write_value(value, r#type, piece)? {
        let length = i32::try_from(piece.len() - at - 4)?;
        piece[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

fn too_large(cause: std::num::TryFromIntError) -> Error {
    Error::new(ErrorKind::InvalidInput, "a row has too many columns").with_source(cause)
}

impl Drop for CopyIn<'_> {
    fn drop(&mut self) {
        self.ticket.leave_data(self.finished);
    }
}

impl fmt::Debug for CopyIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyIn")
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

impl<'a> CopyIn<'a> {
    async fn begin(
        wire: &Arc<Wire>,
        transaction: Option<&'a Transaction<'a>>,
        table: &str,
        columns: &[&str],
    ) -> Result<Self, Error> {
        let table = table
            .split('.')
            .map(quote_identifier)
            .collect::<Vec<_>>()
            .join(".");
        let columns = columns
            .iter()
            .map(|name| quote_identifier(name))
            .collect::<Vec<_>>()
            .join(", ");
        let begin = transaction.map(Transaction::begin);
        let types = wire
            .column_types(begin, &format!("SELECT {columns} FROM {table}"))
            .await?;
        let copy = format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)");
        let ticket = wire.copy(Nature::CopyIn, begin, &copy).await?;
        let mut piece = BytesMut::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        piece.put_slice(HEADER);
        Ok(Self {
            ticket,
            types,
            piece,
            finished: false,
            transaction,
        })
    }
}

impl Session {
    /// Begins a binary COPY into columns of a table, given as `table` or `schema.table`.
    ///
    /// Two round trips: the columns' types, the COPY itself. Not for upserts: COPY knows no ON CONFLICT.
    ///
    /// # Errors
    /// Whatever the server reports, such as an unknown column.
    ///
    /// # Locks
    /// ROW EXCLUSIVE on the table, as INSERT.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn copy_in(&self, table: &str, columns: &[&str]) -> Result<CopyIn<'_>, Error> {
        CopyIn::begin(self.wire(), None, table, columns).await
    }
}

impl Transaction<'_> {
    /// Begins a binary COPY as a part of the transaction: see [`Session::copy_in`].
    ///
    /// # Errors
    /// Whatever the server reports, such as an unknown column.
    ///
    /// # Locks
    /// ROW EXCLUSIVE on the table, as INSERT.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn copy_in(&self, table: &str, columns: &[&str]) -> Result<CopyIn<'_>, Error> {
        let wire = self.session().wire();
        let begun = CopyIn::begin(wire, Some(self), table, columns).await;
        begun.inspect_err(|error| self.note(error))
    }
}

/// Quotes an identifier for use in SQL text.
///
/// ```
/// assert_eq!(underpin_pool::quote_identifier(r#"we"ird"#), r#""we""ird""#);
/// ```
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
