//! The parameters about TLS, checked together.

use super::parts::{filled, not_one_of, wrong};
use super::{ChannelBinding, ParseError, SslMode, TlsSettings};
use std::path::PathBuf;

/// The text of each parameter about TLS.
pub(super) struct Tls {
    pub(super) sslmode: Option<String>,
    pub(super) sslrootcert: Option<String>,
    pub(super) sslcert: Option<String>,
    pub(super) sslkey: Option<String>,
    pub(super) channel_binding: Option<String>,
}

impl Tls {
    /// Checks them and fills in what was not said; `local` tells whether all hosts are.
    pub(super) fn resolve(self, local: bool) -> Result<TlsSettings, ParseError> {
        let Self {
            sslmode,
            sslrootcert,
            sslcert,
            sslkey,
            channel_binding,
        } = self;
        let system = sslrootcert.as_deref() == Some("system");
        let mode = match sslmode.as_deref() {
            None if system => SslMode::VerifyFull,
            None => SslMode::default_of(local),
            Some("disable") => SslMode::Disable,
            Some("allow" | "prefer") => SslMode::Prefer,
            Some("require") => SslMode::Require,
            Some("verify-ca") => SslMode::VerifyCa,
            Some("verify-full") => SslMode::VerifyFull,
            Some(other) => return Err(not_one_of("sslmode", other)),
        };
        let channel_binding = match channel_binding.as_deref() {
            Some("disable") => ChannelBinding::Disable,
            None | Some("prefer") => ChannelBinding::Prefer,
            Some("require") => ChannelBinding::Require,
            Some(other) => return Err(not_one_of("channel_binding", other)),
        };
        if system && mode != SslMode::VerifyFull {
            return Err(wrong(
                "sslrootcert",
                "is `system`, which needs sslmode=verify-full",
            ));
        }
        if channel_binding == ChannelBinding::Require && mode == SslMode::Disable {
            return Err(wrong(
                "channel_binding",
                "is `require`, which sslmode=disable rules out",
            ));
        }
        let cert = filled(sslcert).map(PathBuf::from);
        let key = filled(sslkey).map(PathBuf::from);
        match (&cert, &key) {
            (Some(_), None) => return Err(wrong("sslcert", "is given without sslkey")),
            (None, Some(_)) => return Err(wrong("sslkey", "is given without sslcert")),
            _ => {}
        }
        let root_cert = filled(sslrootcert).filter(|_| !system).map(PathBuf::from);
        Ok(TlsSettings {
            mode,
            root_cert,
            cert,
            key,
            channel_binding,
        })
    }
}
