//! Runs plans: one connection of its own, one lock, statement by statement, resumable after anything.

mod amend;
mod attempts;
mod backoff;
mod boundary;
mod builds;
mod clock;
mod data;
mod ensure;
mod failure;
mod hooks;
mod inspect;
mod job;
mod lock;
mod objects;
mod pooler;
mod recover;
mod repeat;
mod script;
mod squashed;
mod step;
mod syntax;
mod trial;
mod watch;

pub use ensure::{Ensured, readiness_on_session};
pub use inspect::status_on_session;
pub use watch::{Build, Underway, underway_on_session};

use crate::files::{Chain, Direction, Slug, Version};
use crate::hook::{Hook, Hooks, Moment};
use crate::loss::Guard;
use crate::plan::{Plan, Target};
use crate::progress::{Event, Logged, Progress};
use crate::{Error, Settings};
use lock::Lock;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
#[cfg(doc)]
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};

/// Applies, reverts and inspects the migrations of one chain in one database.
///
/// Every call opens a connection of its own and closes it: the pool of a service is not touched, and a lock cannot
/// leak into it.
///
/// ```no_run
/// use std::path::Path;
/// use underpin_migrate::{Chain, Migrator, Target};
///
/// # async fn example(options: underpin_pool::Options) -> Result<(), underpin_migrate::Error> {
/// let migrator = Migrator::new(options, Chain::from_dir("app", Path::new("migrations"))?);
/// let report = migrator.up(Target::All).await?;
/// println!("{} applied", report.migrations.len());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Migrator {
    options: Options,
    chain: Chain,
    settings: Settings,
    progress: Arc<dyn Progress>,
    hooks: Hooks,
}

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Forward or back.
    pub direction: Direction,
    /// The migrations that were applied or reverted, in order.
    pub migrations: Vec<Ran>,
    /// The repeatable files that were run, by name.
    pub repeatables: Vec<String>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

/// A migration that was applied or reverted.
#[derive(Debug, Clone, Serialize)]
pub struct Ran {
    /// Which.
    pub version: Version,
    /// Its name.
    pub slug: Slug,
    /// How many statements this run has run.
    pub statements: usize,
    /// How long this run worked on it.
    pub duration_ms: u64,
}

impl Migrator {
    /// A migrator with default settings that reports to the log.
    #[must_use]
    pub fn new(options: impl Into<Options>, chain: Chain) -> Self {
        let mut options = options.into();
        // A migration may DEALLOCATE whatever is prepared on its session, also out of sight in a DO block. So nothing is:
        // the ledger's statements are sent whole.
        options.pool.statement_cache = 0;
        Self {
            options,
            chain,
            settings: Settings::default(),
            progress: Arc::new(Logged),
            hooks: Hooks::default(),
        }
    }

    /// With other limits.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Reporting to somebody else.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Calling a hook around migrations, after those that were added before.
    #[must_use]
    pub fn with_hook(mut self, hook: impl Hook) -> Self {
        self.hooks.add(hook);
        self
    }

    /// The chain that it runs.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The limits that it keeps.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Applies pending migrations, oldest first. Does nothing, without taking the lock, when there is none.
    ///
    /// # Errors
    /// [`ErrorKind::HistoryConflict`] when an applied file was changed, is missing, or a pending one is out of order;
    /// [`ErrorKind::LockDeadline`] when another process migrates for longer than `lock_deadline`;
    /// [`ErrorKind::Refused`] behind a transaction pooler; [`ErrorKind::InvalidInput`] for a file that cannot be run;
    /// or the error of the statement that failed, naming file, line and column. What was committed before it stays,
    /// and the next call goes on there.
    ///
    /// # Cancel safety
    /// May be dropped at any point: the connection is closed and the lock falls with it. An open transaction is
    /// rolled back; a statement that runs alone may yet end, and the next call finds out by asking the catalog.
    ///
    /// # Locks
    /// One session-level advisory lock a chain, polled without holding a transaction.
    pub async fn up(&self, target: Target) -> Result<Report, Error> {
        self.run(Direction::Up, target, None).await
    }

    /// Reverts applied migrations, newest first, with their down files.
    ///
    /// # Errors
    /// As [`up`](Self::up); [`ErrorKind::Refused`], before anything is reverted, when a down file is missing, or when
    /// data would be lost and [`Settings::data_loss`] does not allow it.
    ///
    /// # Cancel safety
    /// As [`up`](Self::up).
    pub async fn down(&self, target: Target) -> Result<Report, Error> {
        self.run(Direction::Down, target, None).await
    }

    /// Reverts the migration of a plan, which is the newest applied one, and applies it again.
    ///
    /// The plan is that of going one step back, looked at by somebody. Whether the way forward is free is asked before
    /// the way back is taken.
    ///
    /// # Errors
    /// As [`apply`](Self::apply) and [`up`](Self::up).
    ///
    /// # Cancel safety
    /// As [`up`](Self::up); dropped between the two, the migration is pending.
    pub async fn redo(&self, down: &Plan) -> Result<Report, Error> {
        let Some(step) = down.steps().last() else {
            return Ok(self.report(down, Vec::new()));
        };
        let again = Target::To(step.migration().version);
        self.plan(Direction::Up, again).await?;
        self.apply(down).await?;
        self.up(again).await
    }

    /// Runs a plan that somebody has looked at, if it is still what would be done.
    ///
    /// # Errors
    /// As [`up`](Self::up); [`ErrorKind::HistoryConflict`] when files or database changed since the plan was made.
    ///
    /// # Cancel safety
    /// As [`up`](Self::up).
    pub async fn apply(&self, plan: &Plan) -> Result<Report, Error> {
        self.run(plan.direction(), plan.target(), Some(plan)).await
    }

    async fn run(
        &self,
        direction: Direction,
        target: Target,
        expected: Option<&Plan>,
    ) -> Result<Report, Error> {
        self.settings.validate()?;
        let session = self.connect().await?;
        // Without the lock first: a start with nothing to do costs two queries and waits for nobody.
        let plan = self.plan_on_session(&session, direction, target).await?;
        self.check_expected(&plan, expected)?;
        if plan.is_empty() && plan.squashed().is_empty() {
            return Ok(self.report(&plan, Vec::new()));
        }
        // Boxed: a service holds this future in every task that starts it.
        Box::pin(self.run_locked(session, direction, target, expected)).await
    }

    async fn run_locked(
        &self,
        session: Session,
        direction: Direction,
        target: Target,
        expected: Option<&Plan>,
    ) -> Result<Report, Error> {
        let lock = self.lock(session).await?;
        self.run_held(lock, direction, target, expected).await
    }

    async fn run_held(
        &self,
        mut lock: Lock,
        direction: Direction,
        target: Target,
        expected: Option<&Plan>,
    ) -> Result<Report, Error> {
        // Another process may have done the work while this one waited.
        let plan = self
            .plan_on_session(lock.session(), direction, target)
            .await?;
        self.check_expected(&plan, expected)?;
        syntax::settle_doubts(lock.session(), &plan, self.progress.as_ref()).await?;
        self.refuse_losses_on_session(lock.session(), &plan).await?;
        self.record_squashed(&mut lock, plan.squashed()).await?;
        self.progress.tell(&Event::Planned {
            migrations: plan.steps().len(),
            statements: plan.statement_count(),
        });
        hooks::call(&mut lock, self, Moment::BeforeRun { direction }).await?;
        let mut ran = Vec::with_capacity(plan.steps().len());
        let mut guard = match direction {
            Direction::Up => None,
            Direction::Down => Guard::new(&self.settings),
        };
        for step in plan.steps() {
            let migration = step.migration();
            let (version, slug) = (migration.version, &migration.slug);
            let before = Moment::BeforeMigration {
                version,
                slug,
                direction,
            };
            let after = Moment::AfterMigration {
                version,
                slug,
                direction,
            };
            hooks::call(&mut lock, self, before).await?;
            let began = Instant::now();
            step::run(&mut lock, self, step, guard.as_mut()).await?;
            let duration = began.elapsed();
            hooks::call(&mut lock, self, after).await?;
            self.progress.tell(&Event::MigrationDone {
                version: migration.version,
                slug: migration.slug.as_str(),
                direction,
                duration,
            });
            ran.push(Ran {
                version: migration.version,
                slug: migration.slug.clone(),
                statements: step.remaining().len(),
                duration_ms: millis(duration),
            });
        }
        repeat::run(&mut lock, self, plan.repeatables()).await?;
        hooks::call(&mut lock, self, Moment::AfterRun { direction }).await?;
        lock.release().await?;
        Ok(self.report(&plan, ran))
    }

    /// The session with the migration lock, and the ledger's tables up to date.
    async fn lock(&self, session: Session) -> Result<Lock, Error> {
        pooler::refuse(&session, &self.options).await?;
        let key = lock::key(self.chain.name());
        let patience = self.settings.lock_deadline;
        let mut lock = Lock::acquire(session, key, patience, self.progress.as_ref()).await?;
        lock.ensure_ledger(patience).await?;
        Ok(lock)
    }

    async fn connect(&self) -> Result<Session, Error> {
        Session::connect(&self.options)
            .await
            .map_err(|error| Error::caused_by("could not open a connection to migrate", error))
    }

    fn check_expected(&self, plan: &Plan, expected: Option<&Plan>) -> Result<(), Error> {
        if expected.is_none_or(|expected| expected.is_same_as(plan)) {
            return Ok(());
        }
        let message = format!(
            "the migrations of {} changed since they were shown",
            self.chain.place()
        );
        Err(Error::conflict(message).with_hint("run the command again and look at the new list"))
    }

    fn report(&self, plan: &Plan, migrations: Vec<Ran>) -> Report {
        for message in plan.warnings() {
            self.progress.tell(&Event::Warning { message });
        }
        Report {
            direction: plan.direction(),
            migrations,
            repeatables: plan
                .repeatables()
                .iter()
                .map(|it| it.name.clone())
                .collect(),
            warnings: plan.warnings().to_vec(),
        }
    }
}

impl fmt::Debug for Migrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            options,
            chain,
            settings,
            progress: _,
            hooks: _,
        } = self;
        f.debug_struct("Migrator")
            .field("url", &options.url)
            .field("chain", &chain.name())
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
