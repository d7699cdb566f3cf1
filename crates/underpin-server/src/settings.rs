//! The limits of the service: one struct, every field with a default but the address.

use std::net::SocketAddr;
use std::time::Duration;
use underpin_core::config::{Listen, ServerSettings};

/// Where the service listens and how much it lets a client take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address, or name, and port; port 0 takes a free one.
    pub listen: Listen,
    /// Origins that CORS allows outside `/v0.1`, which is open to all. Default none.
    pub allowed_origins: Vec<String>,
    /// The whole request, from its first byte to the answer: 504 after it. Default 30 s.
    pub request_timeout: Duration,
    /// How long a client may take to send the head of a request: then the connection is closed. Default 10 s.
    pub header_timeout: Duration,
    /// How long a connection may stay open between two requests. Default 75 s: longer than the 60 s that balancers keep
    /// theirs, so that none sends a request into a connection that is being closed.
    pub keep_alive_timeout: Duration,
    /// A client that takes less than 1 KiB a second of its answer, over a span of this length, is cut off. Default 30 s.
    pub stall_timeout: Duration,
    /// How long requests in flight may take to finish at shutdown: then they are cut off. Default 10 s.
    pub shutdown_grace: Duration,
    /// The largest request body: 413 beyond. Default 1 MiB.
    pub body_bytes_max: usize,
    /// Connections open at once. Default 4096. More wait, and idle or slow connections are closed for them.
    pub connections_max: usize,
    /// Bytes of requests and answers that all connections together may hold: beyond that, clients that have been taking
    /// their answers longest are cut off; when there are none, 503. Default 128 MiB.
    pub in_flight_bytes_max: usize,
}

impl Settings {
    /// The defaults, at an address.
    #[must_use]
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen: listen.into(),
            allowed_origins: Vec::new(),
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
            body_bytes_max: 1024 * 1024,
            connections_max: 4096,
            in_flight_bytes_max: 128 * 1024 * 1024,
        }
    }
}

impl From<ServerSettings> for Settings {
    fn from(settings: ServerSettings) -> Self {
        let ServerSettings {
            listen,
            allowed_origins,
            request_timeout,
            keep_alive_timeout,
            shutdown_grace,
        } = settings;
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen,
            allowed_origins,
            request_timeout,
            keep_alive_timeout,
            shutdown_grace,
            ..Self::at(anywhere)
        }
    }
}
