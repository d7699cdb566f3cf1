//! The socket with a deadline for whatever hyper waits for.

use super::ledger::{Account, Phase};
use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes a second that a client takes at least while its answer waits; the slowest modems manage ten times as many.
const RATE_MIN: usize = 1024;

/// Bytes that the kernel takes for a client beyond those on the wire. The less it is, the sooner reading shows as room to
/// write, which is what the pace of a slow client is measured by.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT_BYTES_MAX: u32 = 64 * 1024;

/// How long a connection may take for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request, from its first byte; for the first head from the beginning of the connection.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) idle: Duration,
    /// While an answer waits, the client's pace is measured over spans of this length.
    pub(crate) stall: Duration,
}

/// A client's socket.
#[derive(Debug)]
pub(crate) struct Paced {
    stream: TcpStream,
    account: Account,
    patience: Patience,
    /// The end of the phase that reading waits in.
    read: Pin<Box<Sleep>>,
    /// The end of the span that the client's pace is measured over, while writing waits for it.
    write: Pin<Box<Sleep>>,
    /// What it took in this span; None while nothing waits.
    taken: Option<usize>,
}

impl Paced {
    pub(crate) fn new(stream: TcpStream, account: Account, patience: Patience) -> Self {
        prepare(&stream);
        let now = Instant::now();
        Self {
            stream,
            account,
            patience,
            read: Box::pin(tokio::time::sleep_until(now)),
            write: Box::pin(tokio::time::sleep_until(now)),
            taken: None,
        }
    }

    /// When what reading waits for must be there; none while a request is handled, which has its own deadline.
    fn reading_ends(&self) -> Option<Instant> {
        let (phase, since) = self.account.phase();
        match phase {
            Phase::New | Phase::Head => Some(since + self.patience.head),
            Phase::Idle => Some(since + self.patience.idle),
            Phase::Busy | Phase::Answering | Phase::Cut => None,
        }
    }

    /// Something came: it is the beginning of a head, or part of what is known about.
    fn received(&self) {
        if matches!(self.account.phase().0, Phase::New | Phase::Idle) {
            self.account.enter(Phase::Head);
        }
    }

    /// Counts what the client took; an error when it took too little for too long.
    fn measure(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            if let (Ok(bytes), Some(taken)) = (&written, &mut self.taken) {
                *taken += bytes;
            }
            return Poll::Ready(written);
        }
        let span = self.patience.stall;
        loop {
            let taken = match self.taken {
                Some(taken) => {
                    ready!(self.write.as_mut().poll(cx));
                    taken
                }
                None => usize::MAX,
            };
            if (taken as u128) * 1000 < (RATE_MIN as u128) * span.as_millis() {
                self.account.cut();
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the client does not take its answer",
                )));
            }
            self.taken = Some(0);
            self.write.as_mut().reset(Instant::now() + span);
        }
    }
}

/// Sends without delay, and lets the kernel keep little. Neither is worth losing a client over.
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    #[cfg(any(target_os = "android", target_os = "linux"))]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES_MAX) {
        tracing::debug!(%error, "could not set TCP_NOTSENT_LOWAT");
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            if buffer.filled().len() > before {
                self.received();
            }
            return Poll::Ready(read);
        }
        let Some(deadline) = self.reading_ends() else {
            return Poll::Pending;
        };
        if self.read.deadline() != deadline {
            self.read.as_mut().reset(deadline);
        }
        ready!(self.read.as_mut().poll(cx));
        // The end of what the client sent: hyper closes an idle connection quietly, and one in the middle of a head too.
        tracing::debug!("a client sent no request in time");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.measure(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.measure(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when all that it has was written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.taken = None;
        self.account.flushed();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for Paced {
    /// What the kernel still has for a client that was cut off would stay until it gives up on it.
    fn drop(&mut self) {
        if self.account.phase().0 == Phase::Cut
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "could not reset a connection");
        }
    }
}
