//! An address that swallows packets, as a dead machine or a route that leads nowhere does.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

/// A connection that is not there after this long will not come.
const SILENCE: Duration = Duration::from_millis(300);
/// No kernel keeps as many connections for a listener that asked for none.
const FILLING_MAX: usize = 100;

/// Whoever dials it gets no answer, neither a connection nor a refusal: the queue of its listener is full, and nobody takes
/// a connection from it.
#[derive(Debug)]
pub struct BlackHole {
    address: SocketAddr,
    _listener: TcpListener,
    _filling: Vec<TcpStream>,
}

impl BlackHole {
    /// Makes one on a free port.
    ///
    /// # Panics
    /// When the queue is never full.
    pub async fn dig() -> Self {
        let socket = TcpSocket::new_v4().expect("there is IPv4");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a loopback port is free");
        let listener = socket.listen(0).expect("it can be listened on");
        let address = listener.local_addr().expect("it has an address");
        let mut filling = Vec::new();
        while let Ok(Ok(stream)) = timeout(SILENCE, TcpStream::connect(address)).await {
            filling.push(stream);
            assert!(filling.len() < FILLING_MAX, "the queue is never full");
        }
        Self {
            address,
            _listener: listener,
            _filling: filling,
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}
