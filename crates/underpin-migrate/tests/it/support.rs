//! A database, a folder of migrations, and what tests ask of them.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use underpin_migrate::{
    Chain, Error, Event, Migrator, Progress, Report, Settings, State, Target, Version,
};
use underpin_pool::Session;
use underpin_testkit::TestDb;

/// Long enough for a loaded machine; a test that waits so long has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A database of the test's own and a folder beside it.
pub(crate) struct Project {
    pub(crate) db: TestDb,
    pub(crate) folder: TempDir,
    pub(crate) told: Arc<Told>,
}

impl Project {
    /// With these files; `1_users.up` stands for `20240101000001_users.up.sql`.
    pub(crate) async fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            db: TestDb::empty().await,
            folder: tempfile::tempdir().expect("a temporary folder"),
            told: Arc::default(),
        };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let (number, rest) = name.split_once('_').expect("number_slug.direction");
        self.folder
            .path()
            .join(format!("{}_{rest}.sql", version(number)))
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("the folder is ours");
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("the file is there");
    }

    pub(crate) fn chain(&self) -> Result<Chain, Error> {
        Chain::from_dir("app", self.folder.path())
    }

    pub(crate) fn migrator(&self) -> Migrator {
        let chain = self.chain().expect("a valid folder");
        Migrator::new(self.db.options(), chain)
            .with_progress(Arc::clone(&self.told) as Arc<dyn Progress>)
    }

    pub(crate) fn migrator_with(&self, change: impl FnOnce(&mut Settings)) -> Migrator {
        let mut settings = Settings::default();
        change(&mut settings);
        self.migrator().with_settings(settings)
    }

    pub(crate) async fn up(&self) -> Result<Report, Error> {
        self.migrator().up(Target::All).await
    }

    pub(crate) async fn states(&self) -> Vec<State> {
        let status = self.migrator().status().await.expect("status");
        status.migrations.iter().map(|it| it.state).collect()
    }

    /// A session outside the pool.
    pub(crate) async fn session(&self) -> Session {
        Session::connect(&self.db.options())
            .await
            .expect("a session")
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.db.database().batch(sql).await.expect(sql);
    }

    /// The one value of a query, as text.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        let sql = format!("SELECT coalesce(({sql})::text, 'null')");
        let row = self.db.database().query_one(&sql, &[]).await.expect(&sql);
        row.get(0).expect("text")
    }

    /// `ordinal:direction:state` of every statement of a migration.
    pub(crate) async fn statements(&self, number: &str) -> String {
        self.ask(&format!(
            "SELECT string_agg(ordinal || ':' || direction || ':' || state, ' ' ORDER BY direction DESC, ordinal) \
             FROM underpin.migration_statements WHERE version = {}",
            version(number)
        ))
        .await
    }
}

/// `1` stands for `20240101000001`.
pub(crate) fn version(number: &str) -> Version {
    format!("20240101{number:0>6}")
        .parse()
        .expect("a number of at most six digits")
}

/// An error with all its causes.
pub(crate) fn text(error: &Error) -> String {
    underpin_core::Chain(error).to_string()
}

/// Remembers what it was told.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<String>>);

impl Told {
    pub(crate) fn count(&self, start: &str) -> usize {
        let told = self.0.lock().expect("no panic while telling");
        told.iter().filter(|it| it.starts_with(start)).count()
    }
}

impl Progress for Told {
    fn tell(&self, event: &Event<'_>) {
        self.0
            .lock()
            .expect("no panic while telling")
            .push(format!("{event:?}"));
    }
}
