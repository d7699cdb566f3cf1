//! From a host to a socket: names, addresses, TCP settings, and the negotiation of TLS.

use crate::Error;
use crate::options::{KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_RETRIES, TCP_USER_TIMEOUT};
use crate::socket::{Socket, Transport};
use crate::tls;
use crate::wire::turned_away;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use underpin_core::ErrorKind;
use underpin_core::url::{Host, SslMode};

/// The request for TLS: its length, 8, and the code 80877103, both big endian.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Dials one address of a host, or its Unix socket, and settles whether the connection is encrypted.
pub(crate) async fn open(
    host: &Host,
    peer: Option<SocketAddr>,
    tls: Option<&TlsConnector>,
    mode: SslMode,
) -> Result<Transport, Error> {
    let socket = match (host, peer) {
        (Host::Unix { directory, port }, _) => dial_unix(directory, *port).await?,
        (Host::Tcp { name, port }, None) => {
            let dialled = TcpStream::connect((name.as_str(), *port)).await;
            tuned(dialled.map_err(|cause| unreachable(host, cause))?)?
        }
        (Host::Tcp { .. }, Some(peer)) => {
            let dialled = TcpStream::connect(peer).await;
            tuned(dialled.map_err(|cause| unreachable(host, cause))?)?
        }
    };
    secured(socket, host, tls, mode).await
}

/// Settles whether the connection on a socket is encrypted.
pub(crate) async fn secured(
    socket: Socket,
    host: &Host,
    tls: Option<&TlsConnector>,
    mode: SslMode,
) -> Result<Transport, Error> {
    match (host, tls) {
        (Host::Tcp { name, .. }, Some(tls)) => negotiate(socket, tls, name, mode).await,
        _ => Ok(Transport::Plain(socket)),
    }
}

/// A host as a person writes it.
pub(crate) fn place(host: &Host) -> String {
    match host {
        Host::Tcp { name, port } if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp { name, port } => format!("{name}:{port}"),
        Host::Unix { directory, port } => {
            format!("{}/.s.PGSQL.{port}", directory.display())
        }
    }
}

async fn dial_unix(directory: &Path, port: u16) -> Result<Socket, Error> {
    let path = directory.join(format!(".s.PGSQL.{port}"));
    match UnixStream::connect(&path).await {
        Ok(stream) => Ok(Socket::Unix(stream)),
        Err(cause) => Err(unreachable_socket(&path, cause)),
    }
}

/// The addresses of a name, in the resolver's order.
pub(crate) async fn addresses(
    name: &str,
    port: u16,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, Error> {
    let hint = "check the host in the database URL and the machine's DNS";
    match timeout_at(deadline, lookup_host((name, port))).await {
        Ok(Ok(addresses)) => Ok(addresses.collect()),
        Ok(Err(cause)) => Err(Error::new(
            ErrorKind::UnknownHost,
            format!("the host name {name} cannot be resolved"),
        )
        .with_source(cause)
        .with_hint(hint)),
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!("the host name {name} was not resolved in time"),
        )
        .with_hint(hint)),
    }
}

/// Nobody takes a connection there.
pub(crate) fn unreachable(host: &Host, cause: io::Error) -> Error {
    Error::new(
        ErrorKind::ConnectionRefused,
        format!("could not connect to {}", place(host)),
    )
    .with_source(cause)
    .with_hint("is PostgreSQL running there, and does listen_addresses include this address?")
}

/// A connected socket with our settings of TCP.
pub(crate) fn tuned(stream: TcpStream) -> Result<Socket, Error> {
    tune(&stream).map_err(Error::broken)?;
    Ok(Socket::Tcp(stream))
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(TCP_USER_TIMEOUT))?;
    Ok(())
}

fn unreachable_socket(path: &Path, cause: io::Error) -> Error {
    Error::new(
        ErrorKind::ConnectionRefused,
        format!("could not connect to {}", path.display()),
    )
    .with_source(cause)
    .with_hint("is PostgreSQL running, and is unix_socket_directories this folder?")
}

async fn negotiate(
    mut socket: Socket,
    tls: &TlsConnector,
    name: &str,
    mode: SslMode,
) -> Result<Transport, Error> {
    socket
        .write_all(&SSL_REQUEST)
        .await
        .map_err(Error::broken)?;
    match socket.read_u8().await.map_err(Error::broken)? {
        b'S' => {}
        b'N' if mode == SslMode::Prefer => return Ok(Transport::Plain(socket)),
        // It cannot serve us, and says why. Where TLS has to prove who speaks, nothing proves whose words these are.
        b'E' if mode == SslMode::Prefer => {
            return Err(turned_away(Transport::Plain(socket)).await);
        }
        b'E' => {
            return Err(Error::new(
                ErrorKind::ServerNotReady,
                "the server turned us away before TLS was settled",
            )
            .with_hint("the server's log says why; its words are not shown, because nothing proves whose they are"));
        }
        b'N' => {
            return Err(
                Error::new(ErrorKind::TlsRequired, "the server does not support TLS").with_hint(
                    "switch on ssl in postgresql.conf, or weaken sslmode in the database URL",
                ),
            );
        }
        _ => {
            return Err(Error::new(
                ErrorKind::ConnectionRefused,
                format!("what answers at {name} does not speak PostgreSQL's protocol"),
            )
            .with_hint("check host and port in the database URL"));
        }
    }
    let server = ServerName::try_from(String::from(name))
        .map_err(|cause| tls_failed(name, io::Error::new(io::ErrorKind::InvalidInput, cause)))?;
    match tls.connect(server, socket).await {
        Ok(stream) => Ok(Transport::Tls(Box::new(stream))),
        Err(cause) => Err(tls_failed(name, cause)),
    }
}

fn tls_failed(name: &str, cause: io::Error) -> Error {
    let hint = match tls::cause_of(&cause) {
        Some(cause) => tls::hint(cause),
        None => "the server or something before it ended the handshake: look into the server's log",
    };
    Error::new(ErrorKind::Tls, format!("TLS with {name} failed"))
        .with_source(cause)
        .with_hint(hint)
}
