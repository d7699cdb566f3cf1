//! The start of a service: one process migrates, the others wait for it, and each makes sure before it begins.

use super::Migrator;
use super::backoff::{Backoff, pause};
use super::lock::{self, Attempt, Lock};
use super::pooler;
use super::{Direction, Ran, Report, Target};
use crate::files::{Chain, Version};
use crate::ledger;
use crate::progress::Event;
use crate::{Error, Readiness, Settings};
use serde::Serialize;
use std::time::{Duration, Instant};
use underpin_core::ErrorKind;
use underpin_pool::Session;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How often a waiting process says that it still waits.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// How a start went.
#[derive(Debug, Clone, Serialize)]
pub struct Ensured {
    /// What is required, and what is there.
    pub readiness: Readiness,
    /// The migrations that this process applied; empty when another one did, or none was needed.
    pub migrations: Vec<Ran>,
    /// The repeatable files that this process ran.
    pub repeatables: Vec<String>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

/// What a program requires and what is there, asked on a session that is open already: two queries, no lock.
///
/// # Errors
/// [`ErrorKind::HistoryConflict`] when an applied file was changed, or when the ledger cannot be read.
///
/// # Cancel safety
/// May be dropped at any point.
pub async fn readiness_on_session(
    session: &Session,
    chain: &Chain,
    min_version: Option<Version>,
) -> Result<Readiness, Error> {
    let ledger = ledger::read_for(session, chain).await?;
    Readiness::new(chain, &ledger.unwrap_or_default(), min_version)
}

impl Migrator {
    /// Makes sure, before a program begins, that the schema is what it requires.
    ///
    /// Of the processes that start together one migrates and the others wait, for `lock_deadline` at most; when the one
    /// dies, another takes over. Whoever waits may begin as soon as everything up to `min_version` is applied, also
    /// while later migrations are still under way; without `min_version` everything is required that is not
    /// deferred. Deferred migrations are left for [`run_deferred`](Self::run_deferred).
    ///
    /// A database newer than the program is fine as long as what the program knows is applied: versions that it does
    /// not know are told in [`Readiness::unknown`] and are no conflict, wherever they stand in the order. They become
    /// one, as for [`up`](Self::up), when this program has something to apply itself: its history is then not a part
    /// of the database's.
    ///
    /// # Errors
    /// As [`up`](Self::up); [`ErrorKind::LockDeadline`], saying what is required and what is there, when the process
    /// that migrates takes too long; [`ErrorKind::Unsupported`] when `min_version` is one that this program cannot
    /// apply, because it is of a newer one.
    ///
    /// # Cancel safety
    /// As [`up`](Self::up).
    ///
    /// # Locks
    /// As [`up`](Self::up); who waits holds no transaction, so that a concurrent index build of the other goes on.
    pub async fn ensure(&self, min_version: Option<Version>) -> Result<Ensured, Error> {
        let settings = Settings {
            for_start: true,
            ..self.settings
        };
        let starting = self.clone().with_settings(settings);
        // Boxed: a service holds this future in every task that starts it.
        Box::pin(starting.lead_or_follow(min_version)).await
    }

    /// What a program requires and what is there. Changes nothing and waits for nobody.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], saying which version is required and which is there, when something is missing;
    /// [`ErrorKind::HistoryConflict`] when an applied file was changed.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn verify(&self, min_version: Option<Version>) -> Result<Readiness, Error> {
        let session = self.connect().await?;
        let readiness = self.readiness(&session, min_version).await?;
        if readiness.is_ready() {
            Ok(readiness)
        } else {
            Err(readiness.refusal())
        }
    }

    /// Applies what [`ensure`](Self::ensure) left for later: to be called once the program serves.
    ///
    /// Does nothing, and takes no lock, when nothing deferred is pending; one of several processes does the work.
    ///
    /// # Errors
    /// As [`up`](Self::up).
    ///
    /// # Cancel safety
    /// As [`up`](Self::up).
    pub async fn run_deferred(&self) -> Result<Report, Error> {
        let session = self.connect().await?;
        if self.readiness(&session, None).await?.deferred.is_empty() {
            return Ok(Report {
                direction: Direction::Up,
                migrations: Vec::new(),
                repeatables: Vec::new(),
                warnings: Vec::new(),
            });
        }
        drop(session);
        Box::pin(self.up(Target::All)).await
    }

    async fn lead_or_follow(&self, min_version: Option<Version>) -> Result<Ensured, Error> {
        self.settings.validate()?;
        let began = Instant::now();
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        let mut told: Option<Instant> = None;
        let mut session = self.connect().await?;
        let key = lock::key(self.chain.name());
        loop {
            let readiness = self.readiness(&session, min_version).await?;
            if readiness.is_complete() {
                return Ok(Ensured::without_work(readiness));
            }
            if told.is_none() {
                pooler::refuse(&session, &self.options).await?;
            }
            session = match Lock::attempt(session, key).await? {
                Attempt::Held(lock) => return self.lead(lock, min_version).await,
                Attempt::Busy(_) if readiness.is_ready() => {
                    return Ok(Ensured::without_work(readiness));
                }
                Attempt::Busy(session) => session,
            };
            let waited = began.elapsed();
            let left = self.settings.lock_deadline.saturating_sub(waited);
            if left.is_zero() {
                let holder = lock::holder(&session, key).await;
                return Err(too_long(&readiness, waited, &holder));
            }
            if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                told = Some(Instant::now());
                self.progress.tell(&Event::Following {
                    holder: &lock::holder(&session, key).await,
                    readiness: &readiness,
                    waited,
                });
            }
            pause(backoff.next().min(left)).await;
        }
    }

    async fn lead(&self, mut lock: Lock, min_version: Option<Version>) -> Result<Ensured, Error> {
        lock.ensure_ledger(self.settings.lock_deadline).await?;
        let report = self
            .run_held(lock, Direction::Up, Target::All, None)
            .await?;
        Ok(Ensured {
            readiness: self.verify(min_version).await?,
            migrations: report.migrations,
            repeatables: report.repeatables,
            warnings: report.warnings,
        })
    }

    async fn readiness(
        &self,
        session: &Session,
        min_version: Option<Version>,
    ) -> Result<Readiness, Error> {
        readiness_on_session(session, &self.chain, min_version).await
    }
}

impl Ensured {
    fn without_work(readiness: Readiness) -> Self {
        Self {
            readiness,
            migrations: Vec::new(),
            repeatables: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

fn too_long(readiness: &Readiness, waited: Duration, holder: &str) -> Error {
    let waited = Duration::from_secs(waited.as_secs());
    let message =
        format!("{readiness}; waited {waited:?} for another process that is migrating: {holder}");
    Error::new(ErrorKind::LockDeadline, message).with_hint(
        "start again when it is done, or wait longer with a greater `lock_deadline`; if it hangs, end it with \
         SELECT pg_terminate_backend(…)",
    )
}
