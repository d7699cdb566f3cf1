//! The migration lock: one process a chain and database, and gone with its connection.
//!
//! It is a session-level advisory lock, polled with `pg_try_advisory_lock`: a blocking `pg_advisory_lock` would hold a
//! snapshot while it waits, which `CREATE INDEX CONCURRENTLY` in the process that holds the lock would wait for in
//! turn. PostgreSQL keeps advisory locks apart by database, so the key is made of the chain alone.

use super::backoff::{Backoff, pause};
use super::pooler;
use crate::progress::{Event, Progress, Silent};
use crate::{Error, ledger};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Session};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Held while the ledger's tables are made, which all chains of a database share.
const LEDGER: &str = "the ledger itself";

const HOLDER: &str = "\
SELECT a.pid, a.application_name, a.usename::text, host(a.client_addr)
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2 AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

const STILL_HELD: &str = "\
SELECT pg_backend_pid(), EXISTS (
    SELECT FROM pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.granted AND l.pid = pg_backend_pid()
      AND l.classid = $1 AND l.objid = $2 AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

/// The lock and the connection that holds it. Dropping it closes the connection, and the lock falls.
#[derive(Debug)]
pub(super) struct Lock {
    session: Session,
    held: Held,
}

/// What proves that the lock is still ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    key: i64,
    backend: i32,
}

/// The key of a chain's lock.
pub(super) fn key(chain: &str) -> i64 {
    let digest = Sha256::digest(format!("underpin migrations of {chain}"));
    let mut key = [0; 8];
    key.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(key)
}

/// What came of asking for the lock once.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It is ours.
    Held(Lock),
    /// Somebody else holds it; the connection can be used to ask again.
    Busy(Session),
}

impl Lock {
    /// Asks for the lock once, without waiting.
    pub(super) async fn attempt(session: Session, key: i64) -> Result<Attempt, Error> {
        Ok(match try_lock(&session, key).await? {
            Some(backend) => Attempt::Held(Self {
                session,
                held: Held { key, backend },
            }),
            None => Attempt::Busy(session),
        })
    }

    /// Waits for the lock, no longer than `patience`, without holding a transaction or a snapshot.
    pub(super) async fn acquire(
        session: Session,
        key: i64,
        patience: Duration,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let backend = poll(&session, key, patience, progress).await?;
        let held = Held { key, backend };
        Ok(Self { session, held })
    }

    /// The connection that holds the lock.
    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The proof to ask for before each group of statements.
    pub(super) fn held(&self) -> Held {
        self.held
    }

    /// Makes the ledger's tables when they are not there.
    pub(super) async fn ensure_ledger(&mut self, patience: Duration) -> Result<(), Error> {
        let key = key(LEDGER);
        poll(&self.session, key, patience, &Silent).await?;
        ledger::ensure(&mut self.session).await?;
        unlock(&self.session, key).await
    }

    /// Gives the lock back and closes the connection.
    pub(super) async fn release(self) -> Result<(), Error> {
        unlock(&self.session, self.held.key).await?;
        self.session.close();
        Ok(())
    }
}

impl Held {
    /// Makes sure that the same server process still holds the lock.
    pub(super) async fn check(self, db: &impl Executor) -> Result<(), Error> {
        let (class, object) = halves(self.key);
        let row = db.query_one(STILL_HELD, &[&class, &object]).await;
        let (backend, held): (i32, bool) = row
            .and_then(|row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(|error| Error::caused_by("could not check the migration lock", error))?;
        if backend != self.backend {
            return Err(pooler::refusal());
        }
        if !held {
            return Err(lost());
        }
        Ok(())
    }
}

async fn poll(
    session: &Session,
    key: i64,
    patience: Duration,
    progress: &dyn Progress,
) -> Result<i32, Error> {
    let begin = Instant::now();
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut told = false;
    loop {
        if let Some(backend) = try_lock(session, key).await? {
            return Ok(backend);
        }
        let left = patience.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Err(deadline(patience, &holder(session, key).await));
        }
        if !told {
            told = true;
            progress.tell(&Event::Waiting {
                holder: &holder(session, key).await,
            });
        }
        pause(backoff.next().min(left)).await;
    }
}

/// The server process that holds the lock for us; None when somebody else has it.
async fn try_lock(session: &Session, key: i64) -> Result<Option<i32>, Error> {
    let sql = "SELECT pg_try_advisory_lock($1), pg_backend_pid()";
    let row = session.query_one(sql, &[&key]).await;
    let (locked, backend): (bool, i32) = row
        .and_then(|row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|error| Error::caused_by("could not take the migration lock", error))?;
    Ok(locked.then_some(backend))
}

async fn unlock(session: &Session, key: i64) -> Result<(), Error> {
    let row = session
        .query_one("SELECT pg_advisory_unlock($1)", &[&key])
        .await;
    let unlocked = row
        .and_then(|row| row.get(0))
        .map_err(|error| Error::caused_by("could not release the migration lock", error))?;
    if unlocked { Ok(()) } else { Err(lost()) }
}

/// The server process that holds the lock of a chain.
pub(super) async fn holding_backend(session: &Session, chain: &str) -> Result<Option<i32>, Error> {
    let (class, object) = halves(key(chain));
    let row = session.query_opt(HOLDER, &[&class, &object]).await;
    row.and_then(|row| row.map(|row| row.get(0)).transpose())
        .map_err(|error| Error::caused_by("could not ask who holds the migration lock", error))
}

/// Who holds the lock, in words. Best effort: it may have been released meanwhile, or be hidden from this role.
pub(super) async fn holder(session: &Session, key: i64) -> String {
    let (class, object) = halves(key);
    let row = session.query_opt(HOLDER, &[&class, &object]).await;
    let described = row.ok().flatten().and_then(|row| {
        let pid: i32 = row.get(0).ok()?;
        let application: Option<String> = row.get(1).ok()?;
        let user: Option<String> = row.get(2).ok()?;
        let address: Option<String> = row.get(3).ok()?;
        let part = |name: &str, value: Option<String>| {
            value
                .filter(|it| !it.is_empty())
                .map(|it| format!(", {name} {it}"))
                .unwrap_or_default()
        };
        Some(format!(
            "server process {pid}{}{}{}",
            part("application", application),
            part("user", user),
            part("from", address)
        ))
    });
    described.unwrap_or_else(|| String::from("an unknown session"))
}

/// The key as `pg_locks` shows it.
fn halves(key: i64) -> (u32, u32) {
    let bytes = key.to_be_bytes();
    let half = |from: usize| {
        u32::from_be_bytes([
            bytes[from],
            bytes[from + 1],
            bytes[from + 2],
            bytes[from + 3],
        ])
    };
    (half(0), half(4))
}

fn deadline(patience: Duration, holder: &str) -> Error {
    let message =
        format!("another process has been migrating for longer than {patience:?}: {holder}");
    Error::new(ErrorKind::LockDeadline, message).with_hint(
        "wait for it and try again; if it hangs, end it with SELECT pg_terminate_backend(…)",
    )
}

fn lost() -> Error {
    Error::new(ErrorKind::Refused, "the migration lock was lost while migrating").with_hint(
        "a migration released it (pg_advisory_unlock_all), or a connection pooler stands between: connect directly \
         to PostgreSQL, then run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_chains_own_and_stays_the_same() {
        assert_eq!(key("app"), key("app"));
        assert_ne!(key("app"), key("underpin"));
        assert_eq!(halves(0x0123_4567_89ab_cdef), (0x0123_4567, 0x89ab_cdef));
        assert_eq!(halves(-1), (u32::MAX, u32::MAX));
    }
}
