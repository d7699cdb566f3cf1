//! COPY: bulk data in either direction, by the simple protocol.

use super::{Ticket, Wire};
use crate::{Error, ErrorKind};
use bytes::BytesMut;
use postgres_protocol::message::frontend::{self, CopyData};
use std::future::poll_fn;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Poll;

impl Wire {
    /// Starts a COPY; ready when the server takes its data, or sends it.
    pub(crate) async fn copy(self: &Arc<Self>, sql: &str) -> Result<Ticket<Arc<Self>>, Error> {
        let ticket =
            self.submit_shared(|out| frontend::query(sql, out).map_err(Error::unsendable))?;
        self.line().expect_copy(ticket.key());
        let begun = ticket.until(|answer| match answer.error.take_if(|_| answer.done) {
            Some(report) => Some(Err(Self::refused("COPY failed", report))),
            None => (answer.is_copying || answer.done).then(|| Ok(answer.is_copying)),
        });
        match begun.await? {
            Ok(true) => Ok(ticket),
            Ok(false) => Err(Error::new(
                ErrorKind::InvalidInput,
                "the statement is no COPY … FROM STDIN or TO STDOUT",
            )),
            Err(error) => Err(error),
        }
    }
}

impl<W: Deref<Target = Wire>> Ticket<W> {
    /// Sends data of a COPY; ready when the socket has taken it.
    pub(crate) async fn send_data(&self, data: BytesMut) -> Result<(), Error> {
        let wire = self.wire();
        let message = CopyData::new(data).map_err(Error::unsendable)?;
        wire.line().append(|out| message.write(out));
        let written = poll_fn(|cx| {
            // What the server has to say meanwhile is kept for the end.
            while wire.turn(cx).is_ready() && !wire.has_ended() {}
            match wire.is_sending() {
                true => Poll::Pending,
                false => Poll::Ready(()),
            }
        });
        written.await;
        match &wire.line().ended {
            Some(end) => Err(Error::ended(end)),
            None => Ok(()),
        }
    }

    /// Says that all data were sent.
    pub(crate) fn end_data(&self) {
        self.wire().line().append(frontend::copy_done);
    }

    /// Says that no more data come, and that what came does not count.
    pub(crate) fn abort_data(&self) {
        let mut line = self.wire().line();
        if !line.answer(self.key()).done {
            line.append(|out| {
                // A constant text has no zero byte, the only thing that could go wrong.
                let _ = frontend::copy_fail("given up", out);
            });
        }
    }
}
