//! One replica: its pool, and how fresh its data is known to be.

use super::log::Log;
use super::moment::Moment;
use super::{CHECK_DEADLINE, PATIENCE};
use crate::dial::place;
use crate::{Database, Error, Options, Status};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use underpin_core::url::{Host, TargetSessionAttrs};

/// How far a replica has replayed, on which timeline, and what it receives: from whom, and how long ago the primary said
/// that there is no more than what is replayed. The older of two times counts, that of the message and that of its
/// arrival: their clocks may differ. No row from a server that is no replica.
///
/// What it receives is shown to roles with `pg_read_all_stats` only; without, the timeline is that of the last restart
/// point.
const REPLAYED: &str = "SELECT (pg_last_wal_replay_lsn() - '0/0')::int8, \
     coalesce(r.received_tli, c.min_recovery_end_timeline)::int8, r.sender_host, r.sender_port, \
     CASE WHEN r.status = 'streaming' AND pg_last_wal_replay_lsn() >= r.latest_end_lsn THEN \
         extract(epoch FROM clock_timestamp() - least(r.last_msg_receipt_time, r.last_msg_send_time))::float8 END \
     FROM pg_control_recovery() c LEFT JOIN pg_stat_wal_receiver r ON true WHERE pg_is_in_recovery()";

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

/// What a replica says of itself.
#[derive(Debug)]
pub(super) struct Seen {
    /// When it was asked.
    pub(super) asked: Moment,
    pub(super) replayed: i64,
    pub(super) timeline: i64,
    /// When it has replayed all that it receives.
    pub(super) stream: Option<Stream>,
}

/// From whom a replica receives, and how old the last sign of life is.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) age: Duration,
}

/// What is known about a replica.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The latest moment whose state it certainly has.
    as_of: Option<Moment>,
    /// How far it was then.
    replayed: i64,
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

    /// Looks at it: what does the primary's log prove of it now?
    pub(super) async fn look(&self, log: &Log) {
        let Some(seen) = timeout(CHECK_DEADLINE, self.ask()).await.ok().flatten() else {
            return self.failed();
        };
        let proven = timeout(CHECK_DEADLINE, log.proves(&seen)).await;
        let proven = proven.ok().flatten();
        self.learn(|known| {
            // It was made anew from an older copy, or another server answers there: what was proven is not proven of it.
            if log.is_foreign(&seen) || seen.replayed < known.replayed {
                known.as_of = None;
            }
            known.answers = true;
            known.replayed = seen.replayed;
            let moments = [proven, known.as_of].into_iter().flatten();
            known.as_of = moments.min_by_key(Moment::age);
        });
    }

    async fn ask(&self) -> Option<Seen> {
        let asked = Moment::now();
        let row = self.pool.query_opt(REPLAYED, &[]).await.ok()??;
        let host: Option<String> = row.get(2).ok()?;
        let port: Option<i32> = row.get(3).ok()?;
        let age: Option<f64> = row.get(4).ok()?;
        let stream = host.zip(port).zip(age).and_then(|((host, port), age)| {
            Some(Stream {
                host,
                port: u16::try_from(port).ok()?,
                age: Duration::try_from_secs_f64(age.max(0.0)).ok()?,
            })
        });
        Some(Seen {
            asked,
            replayed: row.get(0).ok()?,
            timeline: row.get(1).ok()?,
            stream,
        })
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
        self.as_of.map(|moment| moment.age())
    }

    fn is_within(&self, lag_max: Duration) -> bool {
        self.answers && self.lag().is_some_and(|lag| lag < lag_max)
    }
}
