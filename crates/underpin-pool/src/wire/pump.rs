//! The socket's side of a connection: writes what is queued, reads what has come, hands it to the line.

use super::frame::{self, tag};
use super::incoming::is_step;
use super::line::Line;
use crate::socket::Transport;
use bytes::{Buf, Bytes, BytesMut};
use postgres_protocol::message::backend::Message;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::AsyncWrite;
use tokio_util::io::poll_read_buf;

/// What is read at once from a connection that has little to say.
const READ_MIN: usize = 8 * 1024;
/// What is read at once when much comes.
const READ_MAX: usize = 128 * 1024;
/// Rows up to this size are copied out of the read buffer, which is then used again at once.
const COPIED_MAX: usize = 2 * 1024;

/// The socket and its buffers.
pub(crate) struct Pump {
    transport: Transport,
    writing: BytesMut,
    /// Bytes went into the transport that it may keep to itself until it is flushed.
    unflushed: bool,
    reading: BytesMut,
    read_size: usize,
    wakes: Vec<Waker>,
}

impl Pump {
    pub(super) fn new(transport: Transport, reading: BytesMut) -> Self {
        Self {
            transport,
            writing: BytesMut::new(),
            unflushed: false,
            reading,
            read_size: READ_MIN,
            wakes: Vec::new(),
        }
    }

    /// Writes all that the socket takes, then reads once. Ready when something came; then true when something was
    /// abandoned that ought to be cancelled.
    pub(super) fn turn(
        &mut self,
        line: &Mutex<Line>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        // Whether it was written or not: a server that does not read waits for us to read, and one that has closed
        // its end may have said why.
        let written = self.write(line, cx);
        match (self.read(cx), written) {
            (Poll::Ready(Ok(1..)), _) => Poll::Ready(self.hand_out(line, cx)),
            (_, Poll::Ready(Err(cause))) | (Poll::Ready(Err(cause)), _) => Poll::Ready(Err(cause)),
            (Poll::Ready(Ok(0)), _) => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            (Poll::Pending, _) => Poll::Pending,
        }
    }

    /// Writes all that is queued.
    pub(super) fn write(
        &mut self,
        line: &Mutex<Line>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.writing.is_empty() {
                lock(line).take_output(&mut self.writing);
                if self.writing.is_empty() {
                    break;
                }
            }
            let count = ready!(Pin::new(&mut self.transport).poll_write(cx, &self.writing))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.writing.advance(count);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.transport).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Are there bytes that the socket has not taken?
    pub(super) fn is_writing(&self) -> bool {
        !self.writing.is_empty() || self.unflushed
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // A long message is read in few goes; its length is believed only as far as its bytes have come.
        let missing = match frame::header(&self.reading)? {
            Some((_, length)) => length.saturating_sub(self.reading.len()),
            None => 0,
        };
        let believed = missing.min(self.reading.len());
        self.reading.reserve(self.read_size.max(believed));
        let room = self.reading.capacity() - self.reading.len();
        let count = ready!(poll_read_buf(
            Pin::new(&mut self.transport),
            cx,
            &mut self.reading
        ))?;
        self.read_size = match count == room {
            true => (self.read_size * 4).min(READ_MAX),
            false if count < READ_MIN => READ_MIN,
            false => self.read_size,
        };
        Poll::Ready(Ok(count))
    }

    /// Hands what has come to the line, and wakes those it was for.
    fn hand_out(&mut self, line: &Mutex<Line>, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut locked = lock(line);
        let outcome = self.take_apart(&mut locked);
        locked.take_wakes(&mut self.wakes);
        let needs_errand = locked.needs_errand();
        let is_urgent = std::mem::take(&mut locked.is_urgent);
        drop(locked);
        self.wakes.drain(..).for_each(Waker::wake);
        if is_urgent && let Poll::Ready(Err(cause)) = self.write(line, cx) {
            return Err(cause);
        }
        outcome.map(|()| needs_errand)
    }

    /// Hands over the whole messages in the buffer; rows that lie together as one block.
    fn take_apart(&mut self, line: &mut Line) -> io::Result<()> {
        loop {
            let rows = self.rows_length()?;
            if rows > 0 && line.wants_rows() {
                line.rows(self.cut(rows));
            } else if rows > 0 {
                self.reading.advance(rows);
            }
            let Some((tag, length)) = frame::header(&self.reading)? else {
                return Ok(());
            };
            let Some(message) = self.reading.get(..length) else {
                return Ok(());
            };
            let body = &message[frame::HEADER..];
            match tag {
                tag::READY_FOR_QUERY => line.ready(body.first().copied().unwrap_or(b'I')),
                tag::COMMAND_COMPLETE => line.command(body),
                tag::ROW_DESCRIPTION | tag::PARAMETER_DESCRIPTION => line.description(tag, body),
                tag::BIND_COMPLETE => line.bound(),
                _ if is_step(tag) => {}
                _ => {
                    if let Some(message) = Message::parse(&mut BytesMut::from(message))? {
                        line.message(message)?;
                    }
                }
            }
            self.reading.advance(length);
        }
    }

    /// How many bytes at the start of the buffer are whole messages with rows, or with data of a COPY.
    fn rows_length(&self) -> io::Result<usize> {
        let mut end = 0;
        while let Some((tag::DATA_ROW | tag::COPY_DATA, length)) =
            frame::header(&self.reading[end..])?
            && end + length <= self.reading.len()
        {
            end += length;
        }
        Ok(end)
    }

    fn cut(&mut self, length: usize) -> Bytes {
        if length > COPIED_MAX {
            return self.reading.split_to(length).freeze();
        }
        let copy = Bytes::copy_from_slice(&self.reading[..length]);
        self.reading.advance(length);
        copy
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}
