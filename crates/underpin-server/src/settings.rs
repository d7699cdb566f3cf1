//! The limits of the service: one struct, every field with a default but the address.

use std::net::SocketAddr;
use std::time::Duration;
use underpin_core::config::ServerSettings;

/// Where the service listens and how much it lets a client take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Origins that CORS allows outside `/v0.1`, which is open to all. Default none.
    pub allowed_origins: Vec<String>,
    /// The whole request, from its first byte to the answer: 504 after it. Default 30 s.
    pub request_timeout: Duration,
    /// How long a client may take to send the head of a request: then the connection is closed. Default 10 s.
    pub header_timeout: Duration,
    /// How long requests in flight may take to finish at shutdown: then they are cut off. Default 10 s.
    pub shutdown_grace: Duration,
    /// The largest request body: 413 beyond. Default 1 MiB.
    pub body_bytes_max: usize,
    /// Connections open at once; more wait in the operating system's queue. Default 4096.
    pub connections_max: usize,
}

impl Settings {
    /// The defaults, at an address.
    #[must_use]
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            allowed_origins: Vec::new(),
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(10),
            body_bytes_max: 1024 * 1024,
            connections_max: 4096,
        }
    }
}

impl From<ServerSettings> for Settings {
    fn from(settings: ServerSettings) -> Self {
        let ServerSettings {
            listen,
            allowed_origins,
            request_timeout,
            shutdown_grace,
        } = settings;
        Self {
            allowed_origins,
            request_timeout,
            shutdown_grace,
            ..Self::at(listen)
        }
    }
}
