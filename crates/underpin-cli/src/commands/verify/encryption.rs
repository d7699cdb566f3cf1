//! Is the connection encrypted, and is it known whom it leads to?

use super::TLS;
use super::check::Check;
use underpin_core::DatabaseUrl;
use underpin_core::url::SslMode;
use underpin_pool::{Error, Session};

const SQL: &str = "SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

pub(super) async fn check(url: &DatabaseUrl, session: &Session) -> Check {
    match encryption(session).await {
        Ok(encryption) => judge(url, session.is_tls(), encryption.as_deref()),
        Err(error) => Check::error(TLS, &error),
    }
}

/// Protocol and cipher as the server sees them; None without TLS.
async fn encryption(session: &Session) -> Result<Option<String>, Error> {
    let Some(row) = session.query_opt(SQL, &[]).await? else {
        return Ok(None);
    };
    if !row.get::<bool>(0)? {
        return Ok(None);
    }
    let (version, cipher): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
    Ok(Some(format!(
        "{}, {}",
        version.unwrap_or_default(),
        cipher.unwrap_or_default()
    )))
}

fn judge(url: &DatabaseUrl, is_tls: bool, encryption: Option<&str>) -> Check {
    let hint = "add sslmode=verify-full to the URL, and sslrootcert=FILE for a private authority";
    if !is_tls {
        if url.is_local() {
            return Check::ok(TLS, "plain: the server is on this machine");
        }
        return Check::warn(
            TLS,
            "plain: passwords and data cross the network unencrypted",
        )
        .hint(hint);
    }
    // Behind a pooler the server itself may see no TLS: the pooler ends it.
    let encryption = encryption.unwrap_or("ended by a pooler in front of the server");
    match url.tls.mode {
        SslMode::VerifyFull => Check::ok(
            TLS,
            format!("{encryption}; certificate and host name verified"),
        ),
        SslMode::VerifyCa => Check::warn(
            TLS,
            format!("{encryption}; certificate verified, host name not"),
        )
        .hint(hint),
        SslMode::Disable | SslMode::Prefer | SslMode::Require if url.is_local() => {
            Check::ok(TLS, format!("{encryption}; the server is on this machine"))
        }
        SslMode::Disable | SslMode::Prefer | SslMode::Require => Check::warn(
            TLS,
            format!("{encryption}; encrypted, but nobody verified who answers"),
        )
        .hint(hint),
    }
}
