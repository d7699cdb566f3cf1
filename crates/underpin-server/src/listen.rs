//! The sockets that a service listens on: one for an address, one for each address of a name.

use crate::error::Error;
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, lookup_host};
use underpin_core::ErrorKind;
use underpin_core::config::Listen;

/// Opens them, and tells the address of the first: all have its port.
///
/// A name of this machine may have an address of a kind that the machine does not use, such as IPv6: one is enough.
pub(crate) async fn listen(wanted: &Listen) -> Result<(Vec<TcpListener>, SocketAddr), Error> {
    let addresses = lookup_host((wanted.host(), wanted.port()))
        .await
        .map_err(|error| unknown(wanted, error))?;
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut first: Option<SocketAddr> = None;
    let mut failed = None;
    for mut address in addresses {
        if let Some(first) = first {
            // Port 0 has become a port by now.
            address.set_port(first.port());
        }
        match bind(address).await {
            Ok((listener, address)) => {
                listeners.push(listener);
                first.get_or_insert(address);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                failed = Some((address, error));
            }
            Err(error) => return Err(cannot_listen(wanted, address, error)),
        }
    }
    match (first, failed) {
        (Some(first), _) => Ok((listeners, first)),
        (None, Some((address, error))) => Err(cannot_listen(wanted, address, error)),
        (None, None) => Err(unknown(wanted, io::Error::other("it has no address"))),
    }
}

async fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn unknown(wanted: &Listen, error: io::Error) -> Error {
    Error::new(
        ErrorKind::UnknownHost,
        format!("could not listen on {wanted}: its name does not resolve"),
    )
    .with_source(error)
    .with_hint("name an address of this machine: --listen 127.0.0.1:8000 always works")
}

fn cannot_listen(wanted: &Listen, address: SocketAddr, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "another process listens on port {}: stop it, or choose a free port with --listen {}:0",
                address.port(),
                address.ip()
            )
        }
        io::ErrorKind::PermissionDenied => {
            String::from("ports below 1024 need a privilege: choose a higher one with --listen")
        }
        io::ErrorKind::AddrNotAvailable => {
            String::from("this machine has no such address: --listen 127.0.0.1:8000 always works")
        }
        _ => String::from("choose another address with --listen"),
    };
    let what = if wanted.to_string() == address.to_string() {
        format!("could not listen on {address}")
    } else {
        format!("could not listen on {address}, an address of {wanted}")
    };
    Error::new(ErrorKind::Io, what)
        .with_source(error)
        .with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_stands_for_all_its_addresses_with_one_port() {
        let (listeners, first) = listen(&"localhost:0".parse().unwrap()).await.unwrap();
        assert!(!listeners.is_empty() && first.ip().is_loopback());
        for listener in &listeners {
            let address = listener.local_addr().unwrap();
            assert_eq!(address.port(), first.port());
            tokio::net::TcpStream::connect(address).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_says_so() {
        let error = listen(&"no-such-host.invalid:0".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not listen on no-such-host.invalid:0: its name does not resolve"
        );
    }
}
