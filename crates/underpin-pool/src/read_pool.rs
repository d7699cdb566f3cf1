//! Reads on replicas: which of them are fresh enough, and what to do when none is.
//!
//! A replica's own idea of its lag cannot be trusted: one that lost its primary has replayed all it ever received, and
//! its clock may differ. So the primary is asked how far its log is, at a known moment of this machine's clock; a replica
//! that has replayed as far, on the same timeline, is no older than that moment, and may be read until `lag_max` after it.
//! When nothing renews this, by whatever fault, it expires by itself.
//!
//! While the primary cannot be asked, others may still write there. A replica is then only as fresh as the last sign of
//! life that it had from the primary itself.

mod log;
mod moment;
mod replica;

pub use replica::ReplicaStatus;

use crate::executor::executor;
use crate::rows::Sink;
use crate::spawn::supervised;
use crate::{Database, Error, Options, Params};
use futures_util::future::join_all;
use log::Log;
use replica::Replica;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};
use underpin_core::url::Host;
use underpin_core::{Chain, ErrorKind, Secret};

/// How far behind a replica may be when nothing else is said.
const LAG_MAX: Duration = Duration::from_secs(10);
/// Replicas are looked at four times within the bound, but not more or less often than this.
const CHECK_EVERY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// A look at one server.
const CHECK_DEADLINE: Duration = Duration::from_secs(1);
/// A read waits this long for a session of a replica, then it goes to the primary.
const PATIENCE: Duration = Duration::from_secs(1);

/// Replicas that may answer reads, and how far behind they may be.
#[derive(Debug, Clone)]
pub struct Replicas {
    /// Where they listen, one name a replica; role, database, password and TLS are the primary's.
    pub hosts: Vec<Host>,
    /// A replica that may be further behind is not read; 10 s.
    pub lag_max: Duration,
}

impl Replicas {
    /// Replicas that may be 10 s behind.
    #[must_use]
    pub fn new(hosts: Vec<Host>) -> Self {
        Self {
            hosts,
            lag_max: LAG_MAX,
        }
    }
}

/// A pool for each replica, and what is known about them.
#[derive(Debug)]
pub(crate) struct ReadPool {
    /// One session to the primary, so that a busy pool is not taken for a primary that is away.
    primary: Database,
    lag_max: Duration,
    replicas: Vec<Replica>,
}

impl ReadPool {
    /// Makes a pool for each replica and begins to look at them. None is read before it was seen.
    pub(crate) fn start(options: &Options, replicas: Replicas) -> Result<Arc<Self>, Error> {
        let Replicas { hosts, lag_max } = replicas;
        let of = |host| Replica::new(options.clone(), host, lag_max);
        let mut to_primary = options.clone();
        let settings = &mut to_primary.pool;
        (settings.size, settings.max_overflow, settings.lanes) = (1, 0, 0);
        settings.timeout = CHECK_DEADLINE;
        let pool = Arc::new(Self {
            replicas: hosts.into_iter().map(of).collect::<Result<_, _>>()?,
            primary: Database::lazy(to_primary)?,
            lag_max,
        });
        let runtime = Handle::try_current().map_err(|cause| {
            Error::new(ErrorKind::Internal, "a read pool needs a Tokio runtime").with_source(cause)
        })?;
        let watch = watch(Arc::downgrade(&pool), lag_max);
        runtime.spawn(supervised("replica check", watch));
        Ok(pool)
    }

    pub(crate) fn set_password(&self, password: &Secret<String>) {
        self.pools()
            .for_each(|pool| pool.set_password(password.clone()));
    }

    fn resize(&self, size: usize, max_overflow: usize) {
        self.replicas
            .iter()
            .for_each(|replica| replica.pool.resize(size, max_overflow));
    }

    pub(crate) async fn close(&self) {
        join_all(self.pools().map(|pool| pool.close())).await;
    }

    fn pools(&self) -> impl Iterator<Item = &Database> {
        let replicas = self.replicas.iter().map(|replica| &replica.pool);
        replicas.chain([&self.primary])
    }

    /// One of the replicas that are fresh enough, each as likely as the others.
    fn pick(&self) -> Option<&Replica> {
        let fresh = self.replicas.iter().filter(|replica| replica.is_fresh());
        rand::seq::IteratorRandom::choose(fresh, &mut rand::rng())
    }

    async fn check(&self, log: &mut Log) {
        // What is waited for here makes the replicas' own answers late.
        let patience = (self.lag_max / 4).clamp(CHECK_EVERY.0, CHECK_DEADLINE);
        log.ask(&self.primary, patience, self.lag_max).await;
        let log = &*log;
        join_all(self.replicas.iter().map(|replica| replica.look(log))).await;
    }
}

/// Looks at the replicas until the last handle of the database is gone.
async fn watch(pool: Weak<ReadPool>, lag_max: Duration) {
    let (least, most) = CHECK_EVERY;
    let mut tick = interval((lag_max / 4).clamp(least, most));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut log = Log::default();
    loop {
        tick.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        pool.check(&mut log).await;
    }
}

/// Statements that may run on a replica: see [`Database::read`].
#[derive(Debug, Clone)]
pub struct Reads {
    database: Database,
}

impl Reads {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Each replica in numbers, in the order of [`Replicas::hosts`]; empty without replicas.
    ///
    /// ```no_run
    /// # fn example(db: underpin_pool::Database) {
    /// for replica in db.read().status() {
    ///     println!("{}: {:?} behind, {} in use", replica.host, replica.lag, replica.pool.checked_out);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> Vec<ReplicaStatus> {
        let pool = self.database.read_pool();
        pool.map_or_else(Vec::new, |pool| {
            pool.replicas.iter().map(Replica::status).collect()
        })
    }

    /// Changes pool size and overflow of each replica's pool while running, as [`Database::resize`] does for the
    /// primary's.
    pub fn resize(&self, size: usize, max_overflow: usize) {
        if let Some(pool) = self.database.read_pool() {
            pool.resize(size, max_overflow);
        }
    }
}

/// Did the replica fail, rather than the statement? A replica cannot have written anything, so the primary may try.
fn is_the_replicas_fault(error: &Error) -> bool {
    // 40001 on a replica: what the statement reads is being replayed away.
    error.kind().is_unavailable() || error.kind() == ErrorKind::Serialization
}

/// Runs a read on a fresh replica; on the primary when there is none, or when the replica fails.
macro_rules! read {
    ($reads:expr, |$place:ident| $run:expr) => {{
        if let Some(replica) = $reads.database.read_pool().and_then(ReadPool::pick) {
            let $place = &replica.pool;
            match $run.await {
                Err(error) if is_the_replicas_fault(&error) => {
                    tracing::debug!(error = %Chain(&error), "a read goes from a replica to the primary");
                    if error.kind() != ErrorKind::Serialization {
                        replica.failed();
                    }
                }
                outcome => return outcome,
            }
        }
        let $place = &$reads.database;
        $run.await
    }};
}

impl Reads {
    async fn fetch<S: Sink>(&self, sql: &str, params: Params<'_>) -> Result<S::Output, Error> {
        read!(self, |place| place.fetch::<S>(sql, params))
    }

    async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        read!(self, |place| place.run_batch(sql))
    }
}

executor!(Reads);
