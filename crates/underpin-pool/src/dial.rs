//! From a host to a socket: names, addresses, TCP settings, and the negotiation of TLS.

use crate::Error;
use crate::options::{KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_RETRIES, TCP_USER_TIMEOUT};
use crate::socket::{Socket, Transport};
use crate::tls;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio_rustls::TlsConnector;
use underpin_core::ErrorKind;
use underpin_core::url::{Host, SslMode};

/// The request for TLS: its length, 8, and the code 80877103, both big endian.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Dials a host, or only `peer`, which is one of its addresses, and settles whether the connection is encrypted.
pub(crate) async fn open(
    host: &Host,
    peer: Option<SocketAddr>,
    tls: Option<&TlsConnector>,
    mode: SslMode,
) -> Result<Transport, Error> {
    let socket = match peer {
        Some(peer) => dial_any(host, vec![peer]).await?,
        None => dial(host).await?,
    };
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

async fn dial(host: &Host) -> Result<Socket, Error> {
    match host {
        Host::Unix { directory, port } => {
            let path = directory.join(format!(".s.PGSQL.{port}"));
            let stream = UnixStream::connect(&path).await;
            Ok(Socket::Unix(
                stream.map_err(|cause| unreachable_socket(&path, cause))?,
            ))
        }
        Host::Tcp { name, port } => {
            let addresses = lookup_host((name.as_str(), *port)).await.map_err(|cause| {
                Error::new(
                    ErrorKind::UnknownHost,
                    format!("the host name {name} cannot be resolved"),
                )
                .with_source(cause)
                .with_hint("check the host in the database URL and the machine's DNS")
            })?;
            dial_any(host, addresses.collect()).await
        }
    }
}

async fn dial_any(host: &Host, addresses: Vec<SocketAddr>) -> Result<Socket, Error> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                tune(&stream).map_err(Error::broken)?;
                return Ok(Socket::Tcp(stream));
            }
            Err(cause) => failure = cause,
        }
    }
    Err(Error::new(
        ErrorKind::ConnectionRefused,
        format!("could not connect to {}", place(host)),
    )
    .with_source(failure)
    .with_hint("is PostgreSQL running there, and does listen_addresses include this address?"))
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
        _ if mode == SslMode::Prefer => return Ok(Transport::Plain(socket)),
        _ => {
            return Err(
                Error::new(ErrorKind::TlsRequired, "the server does not support TLS").with_hint(
                    "switch on ssl in postgresql.conf, or weaken sslmode in the database URL",
                ),
            );
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
