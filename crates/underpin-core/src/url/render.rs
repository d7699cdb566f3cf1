//! A database URL as text again: every part said that the parser would not fill in the same way.

use super::percent::{Encoded, QueryEncoded};
use super::{ChannelBinding, DatabaseUrl, Host, SslMode, TargetSessionAttrs, TlsSettings};
use crate::secret::MASK;
use std::fmt::{self, Write};

/// What becomes of the password.
#[derive(Clone, Copy)]
pub(super) enum Password {
    /// A mask in its place.
    Masked,
    /// As it is.
    Exposed,
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(self, Password::Masked))
    }
}

impl SslMode {
    /// The mode of a URL that names none.
    pub(super) fn default_of(local: bool) -> Self {
        if local {
            Self::Prefer
        } else {
            Self::VerifyFull
        }
    }

    /// As libpq names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(super) fn render(url: &DatabaseUrl, how: Password) -> String {
    let DatabaseUrl {
        hosts,
        user,
        password,
        database,
        tls,
        target_session_attrs,
        load_balance_hosts,
        application_name,
        options,
        connect_timeout,
    } = url;
    let mut text = format!("postgresql://{}", Encoded(user.as_bytes()));
    match (password, how) {
        (None, _) => {}
        (Some(_), Password::Masked) => push(&mut text, format_args!(":{MASK}")),
        (Some(password), Password::Exposed) => {
            push(
                &mut text,
                format_args!(":{}", Encoded(password.expose().as_bytes())),
            );
        }
    }
    for (index, host) in hosts.iter().enumerate() {
        let before = if index == 0 { '@' } else { ',' };
        push(&mut text, format_args!("{before}{}", Address(host)));
    }
    push(&mut text, format_args!("/{}", Encoded(database.as_bytes())));

    let mut query = Query {
        text,
        separator: '?',
    };
    query.tls(tls, url.is_local());
    if *target_session_attrs != TargetSessionAttrs::default() {
        let name = target_session_attrs.as_str();
        query.pair("target_session_attrs", name.as_bytes());
    }
    if *load_balance_hosts {
        query.pair("load_balance_hosts", b"random");
    }
    if let Some(name) = application_name {
        query.pair("application_name", name.as_bytes());
    }
    if let Some(options) = options {
        query.pair("options", options.as_bytes());
    }
    if let Some(timeout) = connect_timeout {
        query.pair("connect_timeout", timeout.as_secs().to_string().as_bytes());
    }
    query.text
}

struct Address<'a>(&'a Host);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Host::Tcp { name, port } if name.contains(':') => write!(f, "[{name}]:{port}"),
            Host::Tcp { name, port } => write!(f, "{}:{port}", Encoded(name.as_bytes())),
            Host::Unix { directory, port } => {
                let directory = directory.as_os_str().as_encoded_bytes();
                write!(f, "{}:{port}", Encoded(directory))
            }
        }
    }
}

struct Query {
    text: String,
    separator: char,
}

impl Query {
    fn pair(&mut self, name: &str, value: &[u8]) {
        push(
            &mut self.text,
            format_args!("{}{name}={}", self.separator, QueryEncoded(value)),
        );
        self.separator = '&';
    }

    /// Says `sslmode` unless it is our default and libpq's: a child process must not be laxer than we are.
    fn tls(&mut self, tls: &TlsSettings, local: bool) {
        let TlsSettings {
            mode,
            root_cert,
            cert,
            key,
            channel_binding,
        } = tls;
        if *mode != SslMode::Prefer || !local {
            self.pair("sslmode", mode.as_str().as_bytes());
        }
        for (name, path) in [
            ("sslrootcert", root_cert),
            ("sslcert", cert),
            ("sslkey", key),
        ] {
            if let Some(path) = path {
                self.pair(name, path.as_os_str().as_encoded_bytes());
            }
        }
        match channel_binding {
            ChannelBinding::Disable => self.pair("channel_binding", b"disable"),
            ChannelBinding::Prefer => {}
            ChannelBinding::Require => self.pair("channel_binding", b"require"),
        }
    }
}

fn push(text: &mut String, arguments: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
}
