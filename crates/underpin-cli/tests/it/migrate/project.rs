//! A folder of migrations and a database of the test's own on the shared cluster.

use crate::harness::{Finished, Invocation, Sandbox};
use std::fs;
use underpin_testkit::TestDb;

/// A user's project; its commands run in a world of their own, with `DATABASE_URL` set.
pub(super) struct Project {
    pub(super) sandbox: Sandbox,
    pub(super) db: TestDb,
}

impl Project {
    /// With these files; `1_users.up` stands for `migrations/20240101000001_users.up.sql`.
    pub(super) async fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            sandbox: Sandbox::new(),
            db: TestDb::empty().await,
        };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        self.sandbox.file(path(name), text);
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.sandbox.work().join(path(name))).unwrap();
    }

    /// `underpin migrate ARGUMENTS…`, not started yet.
    pub(super) fn command(&self, arguments: &str) -> Invocation {
        let words = ["migrate"].into_iter().chain(arguments.split_whitespace());
        self.sandbox
            .underpin(words)
            .env("DATABASE_URL", self.db.url().expose())
    }

    /// `underpin migrate ARGUMENTS…`, run to its end.
    pub(super) fn migrate(&self, arguments: &str) -> Finished {
        self.command(arguments).run()
    }

    /// The result of `underpin migrate ARGUMENTS… --json`, which must end well.
    #[track_caller]
    pub(super) fn json(&self, arguments: &str) -> serde_json::Value {
        let finished = self.command(arguments).arg("--json").run();
        assert_eq!(finished.code, Some(0), "{arguments}: {}", finished.stderr);
        serde_json::from_str(&finished.stdout).unwrap()
    }

    /// Runs statements past the program under test.
    pub(super) async fn sql(&self, sql: &str) {
        self.db.database().batch(sql).await.expect(sql);
    }

    /// The one value of a query, as text.
    pub(super) async fn ask(&self, sql: &str) -> String {
        let sql = format!("SELECT coalesce(({sql})::text, 'null')");
        let row = self.db.database().query_one(&sql, &[]).await.expect(&sql);
        row.get(0).unwrap()
    }
}

/// `1_users.up` stands for `migrations/20240101000001_users.up.sql`.
pub(super) fn path(name: &str) -> String {
    let (number, rest) = name.split_once('_').unwrap();
    format!("migrations/20240101{number:0>6}_{rest}.sql")
}
