//! Counts requests and answers on the wire, and reads the transaction status the driver throws away.
//!
//! PostgreSQL ends every answer with ReadyForQuery and a status byte: idle, in a transaction, in a failed one. The
//! driver discards the byte, so a pool on top of it cannot know in which state a session comes back. This stream
//! reads only the frame headers that pass by, five bytes a message, and skips the bodies by their length.

use crate::socket::Transport;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

/// The start-up packet has no tag; the walker reports it as this.
const STARTUP: u8 = 0;
const SYNC: u8 = b'S';
const SIMPLE_QUERY: u8 = b'Q';
const READY_FOR_QUERY: u8 = b'Z';
const COPY_IN_RESPONSE: u8 = b'G';

/// The state of a session as the server last reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionStatus {
    Idle,
    Open,
    Failed,
}

/// What passed by so far; shared between the stream and the session.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Requests that the server will end with ReadyForQuery.
    requests: AtomicU64,
    /// ReadyForQuery messages seen.
    answers: AtomicU64,
    status: AtomicU8,
}

impl Traffic {
    /// Requests on the wire that are not yet answered.
    pub(crate) fn outstanding(&self) -> u64 {
        let answers = self.answers.load(Ordering::Acquire);
        self.requests
            .load(Ordering::Acquire)
            .saturating_sub(answers)
    }

    /// The transaction status of the last answer.
    pub(crate) fn status(&self) -> TransactionStatus {
        match self.status.load(Ordering::Acquire) {
            b'T' => TransactionStatus::Open,
            b'E' => TransactionStatus::Failed,
            _ => TransactionStatus::Idle,
        }
    }

    fn sent(&self, tag: u8) {
        if matches!(tag, STARTUP | SYNC | SIMPLE_QUERY) {
            self.requests.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The server takes a COPY's data now. It swallows the Sync that the driver sent with the statement; the one behind
    /// the data is answered.
    fn takes_copy(&self) {
        self.requests.fetch_sub(1, Ordering::AcqRel);
    }

    fn received(&self, status: u8) {
        self.status.store(status, Ordering::Release);
        self.answers.fetch_add(1, Ordering::AcqRel);
    }
}

/// Walks over a byte stream of PostgreSQL frames: tag, four bytes of length, body.
#[derive(Debug, Default)]
struct Frames {
    /// The header being collected: tag and length.
    header: [u8; 5],
    filled: usize,
    /// Bytes of the current body still to come.
    body_left: usize,
}

impl Frames {
    /// A walker for what a client sends: its first message, the start-up packet, has no tag.
    fn after_startup() -> Self {
        Self {
            filled: 1,
            ..Self::default()
        }
    }

    /// Feeds bytes; calls `frame` with the tag and the first byte of the body as each frame's body begins.
    fn feed(&mut self, mut bytes: &[u8], mut frame: impl FnMut(u8, u8)) {
        while !bytes.is_empty() {
            if self.body_left > 0 {
                if self.filled == self.header.len() {
                    frame(self.header[0], bytes[0]);
                    self.filled = 0;
                }
                let skip = self.body_left.min(bytes.len());
                self.body_left -= skip;
                bytes = &bytes[skip..];
                continue;
            }
            let take = (self.header.len() - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + take].copy_from_slice(&bytes[..take]);
            self.filled += take;
            bytes = &bytes[take..];
            if self.filled == self.header.len() {
                let [tag, length @ ..] = self.header;
                self.body_left = (u32::from_be_bytes(length) as usize).saturating_sub(4);
                if self.body_left == 0 {
                    frame(tag, 0);
                    self.filled = 0;
                }
            }
        }
    }
}

/// A negotiated stream that reports its traffic.
pub(crate) struct Observed {
    stream: Transport,
    traffic: Arc<Traffic>,
    sent: Frames,
    received: Frames,
}

impl Observed {
    pub(crate) fn new(stream: Transport, traffic: Arc<Traffic>) -> Self {
        Self {
            stream,
            traffic,
            sent: Frames::after_startup(),
            received: Frames::default(),
        }
    }
}

impl AsyncRead for Observed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        this.received
            .feed(&buf.filled()[before..], |tag, first| match tag {
                READY_FOR_QUERY => this.traffic.received(first),
                COPY_IN_RESPONSE => this.traffic.takes_copy(),
                _ => {}
            });
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Observed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?;
        this.sent
            .feed(&buf[..written], |tag, _| this.traffic.sent(tag));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl TlsStream for Observed {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(mut frames: Frames, bytes: &[u8], chunk: usize) -> Vec<(char, u8)> {
        let mut seen = Vec::new();
        for part in bytes.chunks(chunk) {
            frames.feed(part, |tag, first| seen.push((char::from(tag), first)));
        }
        seen
    }

    #[test]
    fn frames_are_found_however_the_bytes_are_cut() {
        let bytes = b"D\0\0\0\x08abcdZ\0\0\0\x05TS\0\0\0\x04Z\0\0\0\x05I";
        let expected = vec![('D', b'a'), ('Z', b'T'), ('S', 0), ('Z', b'I')];
        for chunk in 1..=bytes.len() {
            assert_eq!(
                walk(Frames::default(), bytes, chunk),
                expected,
                "chunk of {chunk}"
            );
        }
    }

    #[test]
    fn the_start_up_packet_has_no_tag() {
        let bytes = b"\0\0\0\x08\0\x03\0\0S\0\0\0\x04";
        for chunk in 1..=bytes.len() {
            let seen = walk(Frames::after_startup(), bytes, chunk);
            assert_eq!(seen, vec![('\0', 0), ('S', 0)], "chunk of {chunk}");
        }
    }
}
