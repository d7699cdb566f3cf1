//! `server.*`: the HTTP service.

use super::kind::{Address, Origins, Span};
use super::listen::Listen;
use super::reader::Reader;
use super::setting::Setting;
use std::time::Duration;

/// `server.*`
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address, or name, and port; port 0 takes a free one.
    pub listen: Listen,
    /// Origins allowed by CORS outside `/v0.1`.
    pub allowed_origins: Vec<String>,
    /// Whole request.
    pub request_timeout: Duration,
    /// Between two requests of a connection.
    pub keep_alive_timeout: Duration,
    /// How long requests in flight may take to finish at shutdown.
    pub shutdown_grace: Duration,
}

const LISTEN: &str = "127.0.0.1";
const PORT: u16 = 8000;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(75);
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

impl ServerSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            listen: reader.get(
                Setting {
                    key: "server.listen",
                    variable: "UNDERPIN_LISTEN",
                    about: "Where the service listens.",
                },
                &Address,
                Listen::new(LISTEN, PORT),
            ),
            allowed_origins: reader.get(
                Setting {
                    key: "server.allowed_origins",
                    variable: "ALLOWED_ORIGINS",
                    about: "Whose pages may call the service from a browser. `/v0.1` is open to any in any case.",
                },
                &Origins,
                Vec::new(),
            ),
            request_timeout: reader.get(
                Setting {
                    key: "server.request_timeout",
                    variable: "UNDERPIN_REQUEST_TIMEOUT",
                    about: "A request that takes longer is answered with 504.",
                },
                &Span(Duration::from_millis(100)..=Duration::from_secs(3600)),
                REQUEST_TIMEOUT,
            ),
            keep_alive_timeout: reader.get(
                Setting {
                    key: "server.keep_alive_timeout",
                    variable: "UNDERPIN_KEEP_ALIVE_TIMEOUT",
                    about: "How long a connection may stay open between two requests. Set it longer than the balancer in front keeps its connections.",
                },
                &Span(Duration::from_secs(1)..=Duration::from_secs(3600)),
                KEEP_ALIVE_TIMEOUT,
            ),
            shutdown_grace: reader.get(
                Setting {
                    key: "server.shutdown_grace",
                    variable: "UNDERPIN_SHUTDOWN_GRACE",
                    about: "How long requests in flight may take to finish once the service is told to stop.",
                },
                &Span(Duration::ZERO..=Duration::from_secs(3600)),
                SHUTDOWN_GRACE,
            ),
        }
    }
}
