//! The address of a database: what libpq calls a connection string, parsed once and masked when printed.

use crate::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an address, with its port.
    Tcp {
        /// Host name, IPv4 or IPv6 address (without brackets).
        name: String,
        /// Default 5432.
        port: u16,
    },
    /// The folder of a Unix socket; the socket itself is `.s.PGSQL.<port>` in it.
    Unix {
        /// An absolute path.
        directory: PathBuf,
        /// Default 5432.
        port: u16,
    },
}

/// How much TLS is asked for, as libpq names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SslMode {
    /// Never.
    Disable,
    /// When the server offers it; nothing is verified. libpq's default, and ours for local hosts.
    #[default]
    Prefer,
    /// Always; the certificate is verified only when a root certificate is given.
    Require,
    /// Always; the certificate must come from a trusted authority.
    VerifyCa,
    /// Always; and it must carry the host's name.
    VerifyFull,
}

/// `channel_binding`: ties SCRAM to the TLS connection, so that a man in the middle cannot relay it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// When TLS and the server allow it.
    #[default]
    Prefer,
    /// Always, or the connection fails.
    Require,
}

/// Everything about TLS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// `sslmode`.
    pub mode: SslMode,
    /// `sslrootcert`: PEM file of trusted authorities; the system's when absent.
    pub root_cert: Option<PathBuf>,
    /// `sslcert`: PEM file of the client's certificate.
    pub cert: Option<PathBuf>,
    /// `sslkey`: PEM file of the client's private key.
    pub key: Option<PathBuf>,
    /// `channel_binding`.
    pub channel_binding: ChannelBinding,
}

/// `target_session_attrs`: which of several servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetSessionAttrs {
    /// Any server.
    #[default]
    Any,
    /// One that accepts writes.
    ReadWrite,
    /// One that does not.
    ReadOnly,
}

/// A parsed database URL. `Debug` and `Display` mask the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// At least one; tried in order, or at random with `load_balance_hosts=random`.
    pub hosts: Vec<Host>,
    /// The role.
    pub user: String,
    /// Its password, when there is one.
    pub password: Option<Secret<String>>,
    /// The database; defaults to the role's name.
    pub database: String,
    /// TLS.
    pub tls: TlsSettings,
    /// Which of several servers will do.
    pub target_session_attrs: TargetSessionAttrs,
    /// `load_balance_hosts=random`.
    pub load_balance_hosts: bool,
    /// `application_name`; Underpin sets its own when absent.
    pub application_name: Option<String>,
    /// `options`: start-up options such as `-c statement_timeout=5s`.
    pub options: Option<String>,
    /// `connect_timeout` in seconds; never longer than the pool's own deadline.
    pub connect_timeout: Option<Duration>,
}
