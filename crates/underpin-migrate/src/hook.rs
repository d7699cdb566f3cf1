//! What a program does before and after migrations: stop a worker, refresh a cache, tell somebody.

use crate::data::{Answer, BoxError};
use crate::files::{Direction, Slug, Version};
use std::fmt;
use std::sync::Arc;
use underpin_pool::Session;

/// Called around migrations: added to a [`Migrator`](crate::Migrator) by `with_hook`.
///
/// Only when there is something to apply or to revert, and only in the process that does it. The session is the one that
/// migrates, fresh and outside any transaction; it holds the migration lock. A [file](crate::SqlHook) of the same moment
/// is run before it.
///
/// # Example
/// ```
/// use underpin_migrate::{BoxError, Hook, Moment};
/// use underpin_pool::Session;
///
/// /// Keeps the planner's statistics up to date after every run.
/// struct Analyze;
///
/// impl Hook for Analyze {
///     async fn call(&self, moment: Moment<'_>, session: &mut Session) -> Result<(), BoxError> {
///         if let Moment::AfterRun { .. } = moment {
///             session.batch("ANALYZE").await?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Hook: Send + Sync + 'static {
    /// Something is about to happen, or has happened.
    ///
    /// # Errors
    /// Any: the run ends there. Before a migration nothing of it has run; after it, it is recorded as done.
    fn call(
        &self,
        moment: Moment<'_>,
        session: &mut Session,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// When a hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment<'a> {
    /// Before the first migration of a run.
    BeforeRun {
        /// Forward or back.
        direction: Direction,
    },
    /// Before a migration.
    BeforeMigration {
        /// Which.
        version: Version,
        /// Its name.
        slug: &'a Slug,
        /// Forward or back.
        direction: Direction,
    },
    /// After a migration, which is recorded by then.
    AfterMigration {
        /// Which.
        version: Version,
        /// Its name.
        slug: &'a Slug,
        /// Forward or back.
        direction: Direction,
    },
    /// After the last migration and the repeatable files.
    AfterRun {
        /// Forward or back.
        direction: Direction,
    },
}

impl Moment<'_> {
    /// The name of the file that is run then.
    pub(crate) fn hook_name(&self) -> &'static str {
        use Direction::{Down, Up};
        match self {
            Self::BeforeRun { direction: Up } => "before_up",
            Self::BeforeMigration { direction: Up, .. } => "before_each_up",
            Self::AfterMigration { direction: Up, .. } => "after_each_up",
            Self::AfterRun { direction: Up } => "after_up",
            Self::BeforeRun { direction: Down } => "before_down",
            Self::BeforeMigration {
                direction: Down, ..
            } => "before_each_down",
            Self::AfterMigration {
                direction: Down, ..
            } => "after_each_down",
            Self::AfterRun { direction: Down } => "after_down",
        }
    }
}

impl fmt::Display for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeRun { direction } => write!(f, "before {}", direction.as_str()),
            Self::AfterRun { direction } => write!(f, "after {}", direction.as_str()),
            Self::BeforeMigration { version, slug, .. } => write!(f, "before {version} {slug}"),
            Self::AfterMigration { version, slug, .. } => write!(f, "after {version} {slug}"),
        }
    }
}

/// Any [`Hook`]s, called in the order in which they were added.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Vec<Arc<dyn AnyHook>>);

impl Hooks {
    pub(crate) fn add(&mut self, hook: impl Hook) {
        self.0.push(Arc::new(hook));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) async fn call(
        &self,
        moment: Moment<'_>,
        session: &mut Session,
    ) -> Result<(), BoxError> {
        for hook in &self.0 {
            hook.call(moment, session).await?;
        }
        Ok(())
    }
}

/// [`Hook`] without its type.
trait AnyHook: Send + Sync {
    fn call<'a>(&'a self, moment: Moment<'a>, session: &'a mut Session) -> Answer<'a, ()>;
}

impl<H: Hook> AnyHook for H {
    fn call<'a>(&'a self, moment: Moment<'a>, session: &'a mut Session) -> Answer<'a, ()> {
        Box::pin(Hook::call(self, moment, session))
    }
}
