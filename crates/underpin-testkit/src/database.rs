//! A database of one test's own, made from a template, looked over and dropped at the end.

use crate::leaks::{Leaks, find_leaks};
use crate::{admin, runtime, shared_cluster, template, wait};
use std::time::Duration;
use underpin_core::{Chain as ErrorChain, DatabaseUrl};
use underpin_migrate::Chain;
use underpin_pool::{Database, Options};
use uuid::Uuid;

/// How long a session that was dropped a moment ago may take to roll back and return. The pool itself allows 2 s.
const SETTLE_DEADLINE: Duration = Duration::from_secs(3);

/// A database that only this test uses, on the shared cluster.
///
/// Dropping it fails the test when the test left a session idle in a transaction, an advisory lock or a checkout behind, and
/// stays silent when the test is failing already; then it drops the database, whoever is still connected.
///
/// # Example
/// ```no_run
/// # async fn example() -> Result<(), underpin_pool::Error> {
/// let db = underpin_testkit::TestDb::empty().await;
/// assert_eq!(db.database().query_one("SELECT 1", &[]).await?.get::<i32>(0)?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestDb {
    name: String,
    url: DatabaseUrl,
    database: Database,
}

impl TestDb {
    /// A database without tables.
    ///
    /// # Panics
    /// When there is no cluster, or it refuses.
    pub async fn empty() -> Self {
        Self::from_template(template::EMPTY).await
    }

    /// A database on which all migrations of `chain` were run; they run once per chain, then they are copied.
    ///
    /// # Panics
    /// When there is no cluster, or a migration fails.
    pub async fn migrated(chain: &Chain) -> Self {
        let template = template::of(chain).await;
        Self::from_template(&template).await
    }

    /// The pool, with default settings.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Where the database is: for a program under test, or a pool of other settings.
    #[must_use]
    pub const fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Default pool settings for this database. A pool made of them is to be closed before the test ends: what it
    /// still cleans up then counts as left behind.
    #[must_use]
    pub fn options(&self) -> Options {
        Options::new(self.url.clone())
    }

    /// Fails when a session is idle in a transaction, an advisory lock is held or a checkout is out.
    ///
    /// What was dropped a moment ago may take up to three seconds to come back.
    ///
    /// # Panics
    /// When something is left behind.
    pub async fn assert_clean(&self) {
        let found = leaks_after_settling(&self.name, &self.database).await;
        assert!(found.is_none(), "{}", found.unwrap_or_default());
    }

    async fn from_template(template: &str) -> Self {
        let cluster = shared_cluster().await;
        let name = format!("{}{}", template::TEST_PREFIX, Uuid::new_v4().simple());
        template::copy(template, &name).await;
        let url = cluster.url(&name);
        let database = runtime::within(|| Database::lazy(Options::new(url.clone())));
        let database =
            database.unwrap_or_else(|error| panic!("no pool for {name}: {}", ErrorChain(&error)));
        Self {
            name,
            url,
            database,
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let is_failing = std::thread::panicking();
        let (name, database) = (self.name.clone(), self.database.clone());
        // The test's own runtime may be the thread that we are blocking.
        let found = runtime::block_on_from_anywhere(move || async move {
            let found = if is_failing {
                None
            } else {
                leaks_after_settling(&name, &database).await
            };
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            admin::session().await.batch(&drop).await.map(|()| found)
        });
        match found {
            _ if is_failing => {}
            Ok(None) => {}
            Ok(Some(leaks)) => panic!("{leaks}"),
            Err(error) => panic!("could not drop {}: {}", self.name, ErrorChain(&error)),
        }
    }
}

/// What is still left behind when the deadline passes; None as soon as nothing is.
async fn leaks_after_settling(name: &str, database: &Database) -> Option<Leaks> {
    let admin = admin::session().await;
    let mut last = None;
    let clean = wait::wait_for(SETTLE_DEADLINE, async || {
        last = find_leaks(&admin, name, database.status().checked_out).await;
        last.is_none().then_some(())
    });
    clean.await.map_or_else(|| last.take(), |()| None)
}
