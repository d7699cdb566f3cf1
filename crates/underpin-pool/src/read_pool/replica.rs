//! One replica: its pool, and how fresh its data is known to be.

use super::{CHECK_DEADLINE, PATIENCE};
use crate::dial::place;
use crate::{Database, Error, Options, Status};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_core::url::{Host, TargetSessionAttrs};

/// How far a replica has replayed, and whether that is all it received; no row from a server that is no replica.
const REPLAYED: &str = "SELECT (pg_last_wal_replay_lsn() - '0/0')::int8, \
     coalesce(pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(), false) WHERE pg_is_in_recovery()";

/// A replica and its pool at one moment: see [`Reads::status`](super::Reads::status).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplicaStatus {
    /// Where it listens.
    pub host: String,
    /// Do reads go there now?
    pub is_usable: bool,
    /// Its data is no older than this; None when it was never seen. Grows beyond the bound while it is behind or away.
    pub lag: Option<Duration>,
    /// Its pool in numbers.
    pub pool: Status,
}

#[derive(Debug)]
pub(super) struct Replica {
    pub(super) pool: Database,
    lag_max: Duration,
    known: Mutex<Known>,
}

/// What is known about a replica.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The latest moment whose state it certainly has.
    as_of: Option<Instant>,
    /// Did it answer when it was looked at last, and each read since?
    answers: bool,
    /// Was it in its bound when the log was told last?
    told_fresh: bool,
}

impl Replica {
    pub(super) fn new(mut options: Options, host: Host, lag_max: Duration) -> Result<Self, Error> {
        options.url.hosts = vec![host];
        options.url.target_session_attrs = TargetSessionAttrs::Any;
        options.pool.timeout = options.pool.timeout.min(PATIENCE);
        Ok(Self {
            pool: Database::lazy(options)?,
            lag_max,
            known: Mutex::default(),
        })
    }

    pub(super) async fn replayed(&self) -> Option<(i64, bool)> {
        let answer = timeout(CHECK_DEADLINE, self.pool.query_opt(REPLAYED, &[])).await;
        let row = answer.ok()?.ok()??;
        Some((row.get(0).ok()?, row.get(1).ok()?))
    }

    /// It answered; when nothing better was found out, it still has what it had.
    pub(super) fn has_state_of(&self, moment: Option<Instant>) {
        self.learn(|known| {
            known.answers = true;
            known.as_of = moment.or(known.as_of);
        });
    }

    /// It is not read again before it has answered.
    pub(super) fn failed(&self) {
        self.learn(|known| known.answers = false);
    }

    fn learn(&self, change: impl FnOnce(&mut Known)) {
        let mut known = self.known();
        change(&mut known);
        let is_fresh = known.is_within(self.lag_max);
        if std::mem::replace(&mut known.told_fresh, is_fresh) != is_fresh {
            let hosts = &self.pool.url().hosts;
            tracing::info!(
                ?hosts,
                is_fresh,
                "a replica changed between in and out of its bound"
            );
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.known().is_within(self.lag_max)
    }

    pub(super) fn status(&self) -> ReplicaStatus {
        let known = *self.known();
        ReplicaStatus {
            host: self.pool.url().hosts.iter().map(place).collect(),
            is_usable: known.is_within(self.lag_max),
            lag: known.lag(),
            pool: self.pool.status(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn lag(&self) -> Option<Duration> {
        self.as_of.map(|moment| moment.elapsed())
    }

    fn is_within(&self, lag_max: Duration) -> bool {
        self.answers && self.lag().is_some_and(|lag| lag < lag_max)
    }
}
