//! Where it all happens: a private cluster that waits for the disk, a proxy, and a pool behind it.

use crate::Error;
use crate::fault::{Fault, Planned};
use crate::ledger::Ledger;
use crate::others::PROPS;
use crate::writer::TABLE;
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use underpin_core::DatabaseUrl;
use underpin_local::Settings;
use underpin_pool::{Database, Options, Session};
use underpin_testkit::{ChaosProxy, Mode, PrivateCluster, private_cluster_with, wait_for};

/// The pool between two resizes.
const SIZE: (usize, usize) = (10, 5);
/// How long a checkout waits; faults that last longer open the circuit breaker.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a fault may take to inflict: the longest is a shutdown that runs into its own deadline, and a recovery.
const INFLICT_DEADLINE: Duration = Duration::from_secs(120);
/// How long it may take until every writer is served again.
const RECOVERY_DEADLINE: Duration = Duration::from_secs(30);
/// How long one statement beside the pool may take.
const DIRECT_DEADLINE: Duration = Duration::from_secs(10);
/// How long the pool may take to be whole, and closed, when nobody uses it any more.
const CLOSE_DEADLINE: Duration = Duration::from_secs(20);

/// No text of the server's may matter to the pool.
const IN_GERMAN: &str = "ALTER DATABASE postgres SET lc_messages = 'de_DE.utf8'";

/// Everybody's sessions but the one that asks.
const OTHERS: &str =
    "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// Server, network and pool.
#[derive(Debug)]
pub(crate) struct Stage {
    cluster: PrivateCluster,
    proxy: ChaosProxy,
    pub(crate) db: Database,
    url: DatabaseUrl,
}

impl Stage {
    /// Starts everything. The pool lives on the writers' runtime, the proxy on the caller's.
    pub(crate) async fn set(writers: &Handle) -> Result<Self, Error> {
        let cluster = private_cluster_with(durable).await;
        let url = cluster.url("postgres");
        let proxy = ChaosProxy::in_front_of(&url).await;
        let mut options = Options::new(proxy.url(&url));
        (options.pool.size, options.pool.max_overflow) = SIZE;
        options.pool.timeout = CHECKOUT_TIMEOUT;
        let db = {
            let _within = writers.enter();
            Database::lazy(options)
        };
        let db = db.map_err(|cause| Error::caused_by("could not make the pool", cause))?;
        let stage = Self {
            cluster,
            proxy,
            db,
            url,
        };
        let direct = stage.direct().await?;
        for sql in [TABLE, PROPS] {
            let made = direct.batch(sql).await;
            made.map_err(|cause| Error::caused_by("could not make the tables", cause))?;
        }
        // Where the machine has no German, the server goes on in English: the opening lines show which it is.
        let _ = direct.batch(IN_GERMAN).await;
        Ok(stage)
    }

    /// What the server says about an error, which shows its language.
    pub(crate) async fn greeting(&self) -> Result<String, Error> {
        let direct = self.direct().await?;
        Ok(match direct.batch("SELECT 1 / 0").await {
            Err(error) => underpin_core::Chain(&error).to_string(),
            Ok(()) => String::from("nothing"),
        })
    }

    /// A session that goes around proxy and pool.
    pub(crate) async fn direct(&self) -> Result<Session, Error> {
        let session = Session::connect(&Options::new(self.url.clone())).await;
        session.map_err(|cause| Error::caused_by("no session beside the pool", cause))
    }

    /// Makes one fault happen, and ends it.
    pub(crate) async fn inflict(&mut self, planned: &Planned) -> Result<(), Error> {
        let inflicted = timeout(INFLICT_DEADLINE, self.inflict_unbounded(planned)).await;
        inflicted.map_err(|_| Error::late(planned.fault, INFLICT_DEADLINE))?
    }

    async fn inflict_unbounded(&mut self, planned: &Planned) -> Result<(), Error> {
        let Planned {
            calm: _,
            fault,
            lasting,
            choice,
        } = *planned;
        match fault {
            Fault::KillBackend => {
                let pids = self.backends().await?;
                if let Some(pid) = pids.get(choice % pids.len().max(1)) {
                    signal(*pid, Signal::KILL);
                    self.gone(*pid).await?;
                }
            }
            Fault::TerminateAll => {
                self.numbers(&format!("SELECT pg_terminate_backend(pid)::int {OTHERS}"))
                    .await?;
            }
            Fault::FastRestart => {
                self.cluster.stop().await;
                self.start_after(lasting).await?;
            }
            Fault::ImmediateRestart => {
                self.cluster.stop_immediately().await;
                self.start_after(lasting).await?;
            }
            Fault::Crash => {
                self.cluster.kill().await;
                self.start_after(lasting).await?;
            }
            Fault::Pause => {
                let pids = self.backends().await?;
                self.cluster.pause();
                pids.iter().for_each(|pid| signal(*pid, Signal::STOP));
                hold(lasting).await;
                pids.iter().for_each(|pid| signal(*pid, Signal::CONT));
                self.cluster.resume();
            }
            Fault::BlackHole => self.disturb(Mode::BlackHole, lasting).await,
            Fault::Cut => self.disturb(Mode::Cut, lasting).await,
            Fault::CutCommits => self.disturb(Mode::CutAnswerTo("COMMIT"), lasting).await,
            Fault::Resize => {
                let (size, max_overflow) = (1 + choice % 20, choice % 7);
                self.db.resize(size, max_overflow);
                hold(lasting).await;
                let shrunk = async || self.db.status().total <= size + max_overflow;
                until(CLOSE_DEADLINE, "the pool to shrink", shrunk).await?;
                self.db.resize(SIZE.0, SIZE.1);
            }
            Fault::Alter => {
                self.alter("ADD COLUMN extra int DEFAULT 7").await?;
                hold(lasting).await;
                self.alter("DROP COLUMN extra").await?;
            }
        }
        Ok(())
    }

    async fn alter(&self, how: &str) -> Result<(), Error> {
        let direct = self.direct().await?;
        let sql = format!("ALTER TABLE altered {how}");
        let altered = timeout(DIRECT_DEADLINE, direct.batch(&sql)).await;
        altered
            .map_err(|_| Error::late("a table to be altered", DIRECT_DEADLINE))?
            .map_err(|cause| Error::caused_by("could not alter a table", cause))
    }

    async fn start_after(&mut self, outage: Duration) -> Result<(), Error> {
        hold(outage).await;
        self.cluster.start().await;
        if self.cluster.url("postgres") == self.url {
            return Ok(());
        }
        Err(Error::new(
            underpin_core::ErrorKind::OutOfResources,
            "somebody else took the server's port while it was away",
        )
        .with_hint("run it again"))
    }

    async fn disturb(&self, mode: Mode, lasting: Duration) {
        self.proxy.set(mode);
        hold(lasting).await;
        self.proxy.set(Mode::Pass);
    }

    /// Waits until the server has noticed that a session was killed, and has recovered.
    async fn gone(&self, pid: i32) -> Result<(), Error> {
        let gone = async || matches!(self.backends().await, Ok(pids) if !pids.contains(&pid));
        until(RECOVERY_DEADLINE, "the server to recover", gone).await
    }

    /// The process numbers of everybody's sessions.
    async fn backends(&self) -> Result<Vec<i32>, Error> {
        self.numbers(&format!("SELECT pid {OTHERS}")).await
    }

    async fn numbers(&self, select: &str) -> Result<Vec<i32>, Error> {
        let session = self.direct().await?;
        let rows = timeout(DIRECT_DEADLINE, session.query(select, &[])).await;
        let rows = rows
            .map_err(|_| Error::late("a statement beside the pool", DIRECT_DEADLINE))?
            .map_err(|cause| Error::caused_by("could not look at the sessions", cause))?;
        let numbers: Result<_, _> = rows.iter().map(|row| row.get(0)).collect();
        numbers.map_err(|cause| Error::caused_by("could not read a process number", cause))
    }

    /// Waits until every writer has begun and finished a write since now; tells how long that took.
    pub(crate) async fn recovered(&self, ledger: &Ledger) -> Result<Duration, Error> {
        let (began, before) = (Instant::now(), ledger.progress());
        // The first may have been under way; the second began later.
        let served = async || {
            let now = ledger.progress();
            now.iter()
                .zip(&before)
                .all(|(now, before)| *now >= before + 2)
        };
        until(RECOVERY_DEADLINE, "every writer to be served again", served).await?;
        Ok(began.elapsed())
    }

    /// Waits until the pool has all its sessions back, closes it, and waits until the server has no session any more: from
    /// then on nothing can arrive late.
    pub(crate) async fn close(&self) -> Result<(), Error> {
        let is_whole = async || {
            let status = self.db.status();
            status.checked_out == 0
                && status.waiting == 0
                && status.creating == 0
                && status.total <= status.pool_size
        };
        until(CLOSE_DEADLINE, "all sessions to come back", is_whole).await?;
        let closed = timeout(CLOSE_DEADLINE, self.db.close()).await;
        closed.map_err(|_| Error::late("the pool to close", CLOSE_DEADLINE))?;
        self.proxy.cut_once();
        let alone = async || matches!(self.backends().await, Ok(pids) if pids.is_empty());
        until(CLOSE_DEADLINE, "the server's sessions to end", alone).await
    }
}

/// Waits for a state.
async fn until(
    deadline: Duration,
    what: &str,
    mut is_so: impl AsyncFnMut() -> bool,
) -> Result<(), Error> {
    let came = wait_for(deadline, async || is_so().await.then_some(())).await;
    came.ok_or_else(|| Error::late(what, deadline))
}

/// Test clusters are fast instead of durable; this one is killed and must lose nothing.
fn durable(mut settings: Settings) -> Settings {
    let risky = ["fsync", "full_page_writes", "synchronous_commit"];
    settings
        .server
        .retain(|(name, _)| !risky.contains(&name.as_str()));
    settings
}

/// Signals a session that the server named a moment ago; it may have ended by itself since.
fn signal(pid: i32, which: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, which);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "time is what a fault consists of, and the calm before it"
)]
pub(crate) async fn hold(time: Duration) {
    sleep(time).await;
}
