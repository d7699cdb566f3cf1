//! COPY: bulk data in either direction, by the simple protocol.

use super::gate::{Begin, Nature};
use super::line::Who;
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
    pub(crate) async fn copy(
        self: &Arc<Self>,
        nature: Nature,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Ticket<Arc<Self>>, Error> {
        self.note(sql);
        self.begun(begin).await?;
        let encode = |out: &mut BytesMut| frontend::query(sql, out).map_err(Error::unsendable);
        let ticket = self.send_shared(nature, begin, encode).await?;
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
    /// Sends data of a COPY once the socket has taken those before. They are taken out of `data` only then.
    pub(crate) async fn send_data(&self, data: &mut BytesMut) -> Result<(), Error> {
        self.sent().await?;
        let message = CopyData::new(data.split()).map_err(Error::unsendable)?;
        self.wire().line().append(|out| message.write(out));
        self.wire().push(Vec::new());
        Ok(())
    }

    /// Ready when the socket has taken all data.
    async fn sent(&self) -> Result<(), Error> {
        let wire = self.wire();
        let written = poll_fn(|cx| {
            // What the server has to say meanwhile is kept for the end.
            while wire.is_sending()
                && wire.turn_for(Some(Who::Owner(self.key())), cx).is_ready()
                && !wire.has_ended()
            {}
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
        if !is_complete {
            line.append(|out| {
                // A constant text has no zero byte, the only thing that could go wrong.
                let _ = frontend::copy_fail("given up", out);
            });
        }
    }
}
