//! COPY: bulk data in either direction, by the simple protocol.

use super::{Ticket, Wire};
use crate::{Error, ErrorKind};
use bytes::BytesMut;
use postgres_protocol::message::frontend::{self, CopyData};
use std::future::poll_fn;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

impl Wire {
    /// Waits for the end of a COPY that was left. Nothing may be sent right behind one: PgBouncer would count the answers
    /// wrongly.
    pub(super) async fn copy_ended(&self) {
        if self.left_copy.load(Ordering::Acquire) {
            self.quiesce().await;
            self.left_copy.store(false, Ordering::Release);
        }
    }

    /// Starts a COPY; ready when the server takes its data, or sends it.
    pub(crate) async fn copy(self: &Arc<Self>, sql: &str) -> Result<Ticket<Arc<Self>>, Error> {
        self.copy_ended().await;
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

    /// The copy's owner goes. Unless all data were sent, those that were do not count.
    pub(crate) fn leave_data(&self, is_complete: bool) {
        let mut line = self.wire().line();
        if line.answer(self.key()).done {
            return;
        }
        self.wire().left_copy.store(true, Ordering::Release);
        if !is_complete {
            line.append(|out| {
                // A constant text has no zero byte, the only thing that could go wrong.
                let _ = frontend::copy_fail("given up", out);
            });
        }
    }
}
