//! Refuses to work through a transaction pooler, which hands each transaction to another server process.
//!
//! A session's lock would stay behind on a server process that belongs to nobody. PgBouncer and its like give the
//! client a cancel key of their own, so a process number that differs from the handshake's betrays a pooler. One in
//! session mode is harmless. The proof of transaction mode is two open sessions on one server process, or one session
//! on two; without proof the lock itself is checked before each group of statements.

use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};

/// How often the two sessions are asked.
const PROBES: usize = 3;

/// Looks for a transaction pooler before the lock is taken.
pub(super) async fn refuse(session: &Session, options: &Options) -> Result<(), Error> {
    let first = backend(session).await?;
    if first == session.backend_pid() {
        return Ok(());
    }
    let second = Session::connect(options).await.map_err(|error| {
        Error::caused_by(
            "could not open a second connection to look for a pooler",
            error,
        )
    })?;
    for _ in 0..PROBES {
        if backend(&second).await? == first || backend(session).await? != first {
            return Err(refusal());
        }
    }
    Ok(())
}

/// What to say when one was found.
pub(super) fn refusal() -> Error {
    Error::new(
        ErrorKind::Refused,
        "a transaction pooler stands between here and PostgreSQL: the server process changed",
    )
    .with_hint("migrate over a direct connection: give its address with --database-url, or in DATABASE_URL")
}

async fn backend(session: &Session) -> Result<i32, Error> {
    let row = session.query_one("SELECT pg_backend_pid()", &[]).await;
    row.and_then(|row| row.get(0))
        .map_err(|error| Error::caused_by("could not ask for the server process", error))
}
