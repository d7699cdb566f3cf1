//! The address of a database: what libpq calls a connection string, parsed once and masked when printed.
//!
//! Both of libpq's forms are read, with its escaping rules: a URL (`postgres://`, `postgresql://`, and SQLAlchemy's
//! `postgresql+asyncpg://`) and `key=value` words. Stricter than libpq where leniency would hide a mistake: an unknown
//! parameter, an unescaped `@` in the database name or white space in a URL is an error. No error repeats the password,
//! nor any text that could be a piece of it.
//!
//! - [`PARAMETERS`] lists what may be said; the reference of settings and the error for anything else read it.
//! - `uri` and `dsn` take one form each apart into `parts`; `parts` and `tls` check the words and make the [`DatabaseUrl`].
//! - `render` writes it as a URL again.

mod dsn;
mod parameter;
mod parts;
mod percent;
mod render;
mod tls;
mod uri;

pub use parameter::{PARAMETERS, Parameter};

pub(crate) use parts::Parts;

use crate::{ErrorKind, Secret};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

crate::define_error! {
    /// Why a database URL could not be parsed; safe to print, it never contains the password.
    pub struct ParseError;
}

/// The port of a server that names none.
pub const DEFAULT_PORT: u16 = 5432;

const URL_BYTES_MAX: usize = 16 * 1024;

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
    /// When the server offers it; nothing is verified. The default of local hosts, and libpq's for all.
    #[default]
    Prefer,
    /// Always; the certificate is verified only when a root certificate is given.
    Require,
    /// Always; the certificate must come from a trusted authority.
    VerifyCa,
    /// Always; and it must carry the host's name. The default of all other hosts.
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

/// `target_session_attrs`: which of several servers will do, as libpq means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetSessionAttrs {
    /// Any server.
    #[default]
    Any,
    /// One whose sessions may write: no standby, and `default_transaction_read_only` is off.
    ReadWrite,
    /// One whose sessions may not write: the opposite of [`ReadWrite`](Self::ReadWrite).
    ReadOnly,
    /// One that is no standby, whether its sessions may write or not.
    Primary,
    /// One that follows a primary.
    Standby,
    /// A standby; any server when none of the hosts is one.
    PreferStandby,
}

impl TargetSessionAttrs {
    const ALL: [Self; 6] = [
        Self::Any,
        Self::ReadWrite,
        Self::ReadOnly,
        Self::Primary,
        Self::Standby,
        Self::PreferStandby,
    ];

    /// As libpq names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::PreferStandby => "prefer-standby",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|attributes| attributes.as_str() == name)
    }

    /// What to ask of the hosts, one round over all of them after another, until one will do.
    #[must_use]
    pub fn rounds(self) -> &'static [Self] {
        match self {
            Self::Any => &[Self::Any],
            Self::ReadWrite => &[Self::ReadWrite],
            Self::ReadOnly => &[Self::ReadOnly],
            Self::Primary => &[Self::Primary],
            Self::Standby => &[Self::Standby],
            Self::PreferStandby => &[Self::Standby, Self::Any],
        }
    }
}

/// A parsed database URL. `Debug` and `Display` mask the password.
///
/// ```
/// use underpin_core::DatabaseUrl;
///
/// let url: DatabaseUrl = "postgresql+asyncpg://app:hunter2@localhost/notes?application_name=demo".parse()?;
/// assert_eq!(url.to_string(), "postgresql://app:********@localhost:5432/notes?application_name=demo");
/// assert!(url.is_local());
///
/// let error = "postgres://app@localhost/notes?sslmod=require".parse::<DatabaseUrl>().unwrap_err();
/// assert!(error.to_string().starts_with("unknown parameter \"sslmod\""));
/// # Ok::<(), underpin_core::url::ParseError>(())
/// ```
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

impl DatabaseUrl {
    /// Parses a connection string; `default_user` is the role of one that names none.
    pub(crate) fn parse(text: &str, default_user: Option<&str>) -> Result<Self, ParseError> {
        if text.len() > URL_BYTES_MAX {
            let message = format!("the database URL is longer than {URL_BYTES_MAX} bytes");
            return Err(ParseError::new(ErrorKind::Config, message).with_hint(parts::EXPECTED));
        }
        let parts = if uri::has_scheme(text)? {
            uri::parse(text)?
        } else {
            dsn::parse(text)?
        };
        parts.resolve(default_user)
    }

    /// The same server and role, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self {
            database: String::from(database),
            ..self.clone()
        }
    }

    /// The whole URL, password included, for a child process such as `psql`. Never print it.
    #[must_use]
    pub fn expose(&self) -> String {
        render::render(self, render::Password::Exposed)
    }

    /// Do all hosts stay on this machine: Unix sockets, loopback addresses, `localhost`?
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.hosts.iter().all(Host::is_local)
    }
}

impl FromStr for DatabaseUrl {
    type Err = ParseError;

    /// Reads a URL or libpq's `key=value` words.
    ///
    /// What is not said gets libpq's default, with three exceptions: without a host it is `localhost` (not a socket
    /// folder that was compiled in), a role must be named (nobody is asked who runs this), and without `sslmode` a
    /// host that is not local must prove its identity (`verify-full`).
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text, None)
    }
}

impl Host {
    /// A Unix socket, a loopback address or `localhost`?
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Unix { .. } => true,
            Self::Tcp { name, .. } => match name.parse::<IpAddr>() {
                Ok(address) => address.to_canonical().is_loopback(),
                Err(_) => name.eq_ignore_ascii_case("localhost"),
            },
        }
    }

    /// The port, of either kind.
    #[must_use]
    pub fn port(&self) -> u16 {
        match self {
            Self::Tcp { port, .. } | Self::Unix { port, .. } => *port,
        }
    }
}

#[cfg(test)]
mod tests;
