//! Migrations of data, written in Rust, in the same order and ledger as the files.

use crate::files::{Script, Slug, Version};
use crate::ledger::Record;
use crate::{Error, checksum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_pool::Transaction;

/// Why a batch failed: any error that `?` converts.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Largest revision by which a migration in Rust is recognised without its program.
const REVISION_TRIED_MAX: u32 = 100;

/// Longest pause that [`Batches::pause`] makes by itself.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Work on rows that is done in batches: each in a transaction of its own, which also records where it ended.
///
/// A process that dies loses the batch it was at and nothing else: the next run goes on with the recorded cursor. What a
/// batch does in its transaction is therefore done exactly once. What it does elsewhere (a file, another service) is
/// done at least once, and has to bear being done again.
///
/// A batch should take about a second: its rows stay locked until its end, and a statement may wait two seconds for a
/// lock before the batch is rolled back and tried again.
///
/// # Example
/// ```
/// use underpin_migrate::{Batch, Batches, BoxError};
/// use underpin_pool::Transaction;
///
/// /// Fills `users.name_lower`, a thousand rows at a time.
/// struct FillLowerNames;
///
/// impl Batches for FillLowerNames {
///     type Cursor = i64;
///
///     fn revision(&self) -> u32 {
///         1
///     }
///
///     async fn batch(&self, tx: &Transaction<'_>, after: Option<i64>) -> Result<Batch<i64>, BoxError> {
///         let sql = "WITH batch AS (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT 1000),
///                         done AS (UPDATE users SET name_lower = lower(name) FROM batch WHERE users.id = batch.id)
///                    SELECT count(*), max(id) FROM batch";
///         let row = tx.query_one(sql, &[&after.unwrap_or(0)]).await?;
///         let (rows, last): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
///         Ok(Batch { rows: rows.try_into()?, next: last })
///     }
/// }
/// ```
pub trait Batches: Send + Sync + 'static {
    /// Where the next batch begins, as the ledger keeps it: the last key, usually.
    type Cursor: Serialize + DeserializeOwned + Send + Sync;

    /// Which edition of the work this is: the checksum. Another number for an applied migration is a conflict of the
    /// history, as a changed file is.
    fn revision(&self) -> u32;

    /// How many rows there will be in all, for the progress; asked once, before the first batch. Default: unknown.
    ///
    /// # Errors
    /// Any; the migration then does not begin.
    fn total(
        &self,
        _tx: &Transaction<'_>,
    ) -> impl Future<Output = Result<Option<u64>, BoxError>> + Send {
        async { Ok(None) }
    }

    /// Does the next rows after a cursor; none for the first batch.
    ///
    /// # Errors
    /// Any: the batch is rolled back. When PostgreSQL says that a lock was not granted in time, or that the
    /// transaction must be run again, it is tried again.
    fn batch(
        &self,
        tx: &Transaction<'_>,
        after: Option<Self::Cursor>,
    ) -> impl Future<Output = Result<Batch<Self::Cursor>, BoxError>> + Send;

    /// How long to rest after a batch that took so long. Default: as long, one second at most, so that the work takes
    /// no more than half of what the database has to give.
    fn pause(&self, took: Duration) -> Duration {
        took.min(PAUSE_MAX)
    }
}

/// What a batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<C> {
    /// How many rows it dealt with.
    pub rows: u64,
    /// Where the next one begins; None when there is nothing left.
    pub next: Option<C>,
}

/// A migration written in Rust: to be added to a [`Chain`](crate::Chain) in its place among the files.
#[derive(Debug)]
pub struct DataMigration {
    pub(crate) version: Version,
    pub(crate) slug: Slug,
    up: Work,
    down: Option<Work>,
    deferred: bool,
}

impl DataMigration {
    /// A migration that does this work; without a way back.
    #[must_use]
    pub fn new(version: Version, slug: Slug, up: impl Batches) -> Self {
        Self {
            version,
            slug,
            up: Work::new(up),
            down: None,
            deferred: false,
        }
    }

    /// With a way back, in batches, too. Without one, `down` refuses.
    #[must_use]
    pub fn with_down(mut self, down: impl Batches) -> Self {
        self.down = Some(Work::new(down));
        self
    }

    /// To be run after the service is ready: see [`Migrator::ensure`](crate::Migrator::ensure).
    #[must_use]
    pub fn deferred(mut self) -> Self {
        self.deferred = true;
        self
    }

    /// As the pair of scripts that files would be: each with one statement, which stands for the work.
    pub(crate) fn into_scripts(self) -> Result<(Script, Option<Script>), Error> {
        let Self {
            version,
            slug,
            up,
            down,
            deferred,
        } = self;
        let script = |work: Work, direction: &str| {
            let file = Arc::from(format!("<program>/{version}_{slug}.{direction}"));
            let text = stand_in(&slug, direction, work.0.revision(), deferred);
            Script::read(file, text.as_bytes()).map(|it| it.done_by(work))
        };
        let down = down.map(|work| script(work, "down")).transpose()?;
        Ok((script(up, "up")?, down))
    }
}

/// The text that stands for work in Rust: the ledger has its checksum.
fn stand_in(slug: &Slug, direction: &str, revision: u32, deferred: bool) -> String {
    let option = if deferred {
        "-- underpin: deferred\n"
    } else {
        ""
    };
    format!("{option}SELECT 'data migration {slug} in Rust, {direction}, revision {revision}'")
}

/// Was it recorded by a program that has it in Rust? Its revision is not known here, so the first ones are tried.
pub(crate) fn is_recorded(record: &Record) -> bool {
    let revisions = (0..=REVISION_TRIED_MAX).flat_map(|it| [(it, false), (it, true)]);
    let mut texts = revisions.map(|(it, deferred)| stand_in(&record.slug, "up", it, deferred));
    record.statement_count == 1 && texts.any(|it| checksum::raw(it.as_bytes()) == record.raw)
}

/// Any [`Batches`].
#[derive(Clone)]
pub(crate) struct Work(Arc<dyn AnyBatches>);

impl Work {
    fn new(batches: impl Batches) -> Self {
        Self(Arc::new(batches))
    }

    pub(crate) async fn total(&self, tx: &Transaction<'_>) -> Result<Option<u64>, BoxError> {
        self.0.total(tx).await
    }

    pub(crate) async fn batch(
        &self,
        tx: &Transaction<'_>,
        after: Option<&Value>,
    ) -> Result<Batch<Value>, BoxError> {
        self.0.batch(tx, after).await
    }

    pub(crate) fn pause(&self, took: Duration) -> Duration {
        self.0.pause(took)
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Work(revision {})", self.0.revision())
    }
}

/// The kind of the database's error under a program's own, when there is one.
pub(crate) fn kind_of(error: &BoxError) -> ErrorKind {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<underpin_pool::Error>() {
            return error.kind();
        }
        cause = error.source();
    }
    ErrorKind::Internal
}

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// [`Batches`] without their type: the cursor as JSON.
trait AnyBatches: Send + Sync {
    fn revision(&self) -> u32;
    fn total<'a>(&'a self, tx: &'a Transaction<'_>) -> Answer<'a, Option<u64>>;
    fn batch<'a>(
        &'a self,
        tx: &'a Transaction<'_>,
        after: Option<&'a Value>,
    ) -> Answer<'a, Batch<Value>>;
    fn pause(&self, took: Duration) -> Duration;
}

impl<B: Batches> AnyBatches for B {
    fn revision(&self) -> u32 {
        Batches::revision(self)
    }

    fn total<'a>(&'a self, tx: &'a Transaction<'_>) -> Answer<'a, Option<u64>> {
        Box::pin(Batches::total(self, tx))
    }

    fn batch<'a>(
        &'a self,
        tx: &'a Transaction<'_>,
        after: Option<&'a Value>,
    ) -> Answer<'a, Batch<Value>> {
        Box::pin(async move {
            let after = after.map(B::Cursor::deserialize).transpose()?;
            let Batch { rows, next } = Batches::batch(self, tx, after).await?;
            let next = next.map(serde_json::to_value).transpose()?;
            Ok(Batch { rows, next })
        })
    }

    fn pause(&self, took: Duration) -> Duration {
        Batches::pause(self, took)
    }
}
