//! The driver's view of TLS: the negotiation is ours, so all it gets is a stream that is already settled.

use crate::Error;
use crate::observe::{Observed, Traffic};
use crate::socket::Transport;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use underpin_core::ErrorKind;

/// Hands the driver a stream whose negotiation is over.
pub(crate) struct Negotiated(pub(crate) Arc<Traffic>);

impl TlsConnect<Transport> for Negotiated {
    type Stream = Observed;
    type Error = Infallible;
    type Future = Ready<Result<Observed, Infallible>>;

    fn connect(self, stream: Transport) -> Self::Future {
        ready(Ok(Observed::new(stream, self.0)))
    }
}

/// The sixteen bytes that cancel what a session runs: length, code, process id, secret key.
///
/// The driver writes them only into a stream; taking them once when the connection is made gives the process id, and
/// lets a cancel use a socket of ours that waits for the server's end of file.
pub(crate) struct CancelPacket([u8; 16]);

impl CancelPacket {
    pub(crate) async fn of(client: &tokio_postgres::Client) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(16);
        let token = client.cancel_token();
        let request = token.cancel_query_raw(Memory(&mut bytes), InMemory).await;
        request.map_err(|cause| Error::from_driver("could not read the session's key", cause))?;
        let packet = bytes.try_into().map_err(|_| {
            Error::new(
                ErrorKind::Internal,
                "the driver's cancel request has an unknown form",
            )
        })?;
        Ok(Self(packet))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn backend_pid(&self) -> i32 {
        let [_, _, _, _, _, _, _, _, a, b, c, d, ..] = self.0;
        i32::from_be_bytes([a, b, c, d])
    }
}

struct Memory<'a>(&'a mut Vec<u8>);

struct InMemory;

impl<'a> TlsConnect<Memory<'a>> for InMemory {
    type Stream = Memory<'a>;
    type Error = Infallible;
    type Future = Ready<Result<Memory<'a>, Infallible>>;

    fn connect(self, stream: Memory<'a>) -> Self::Future {
        ready(Ok(stream))
    }
}

impl TlsStream for Memory<'_> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Memory<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
