//! Where a service listens.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// An address or a name of this machine, and a port: `127.0.0.1:8000`, `[::1]:0`, `localhost:8000`.
///
/// A name stands for all its addresses. It is looked up when the service begins to listen, as nothing here uses the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    host: String,
    port: u16,
}

impl Listen {
    pub(super) fn new(host: &str, port: u16) -> Self {
        Self {
            host: String::from(host),
            port,
        }
    }

    /// The address, without brackets, or the name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 takes a free one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self::new(&address.ip().to_string(), address.port())
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "is not an address with a port";
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let (host, port) = text.rsplit_once(':').ok_or(WRONG)?;
        let port = port.parse().map_err(|_| WRONG)?;
        // What has only digits and dots was meant as an address.
        let is_name =
            host.bytes().any(|byte| byte.is_ascii_alphabetic()) && host.split('.').all(is_label);
        is_name.then(|| Self::new(host, port)).ok_or(WRONG)
    }
}

/// A part of a name between two dots.
fn is_label(label: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(is_letter)
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_come_back_as_they_were() {
        for text in [
            "127.0.0.1:8000",
            "[::1]:0",
            "localhost:8000",
            "db-1.example.com:80",
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "8000",
            ":8000",
            "localhost",
            "1.2.3:80",
            "a b:80",
            "a..b:80",
            "::1:80",
            "a:b:80",
            "http://a:80",
        ] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }
}
