//! One migration for many: the same schema, and databases that know it.

use crate::diff::support::Server;
use std::path::Path;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_migrate::squash::{Squash, squash};
use underpin_migrate::{
    Chain, DataLoss, Error, Migrator, Settings, Silent, State, Target, Version,
};

const FILES: [(&str, &str, &str); 3] = [
    (
        "20240501120000_users",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        "DROP TABLE users;",
    ),
    (
        "20240502120000_names",
        "-- underpin: lock_timeout=3s\nALTER TABLE users ADD COLUMN name text;\nCREATE INDEX CONCURRENTLY users_name ON users (name)",
        "ALTER TABLE users DROP COLUMN name;",
    ),
    (
        "20240503120000_notes",
        "CREATE TABLE notes (id bigint PRIMARY KEY, author bigint REFERENCES users);",
        "DROP TABLE notes;",
    ),
];

struct Place {
    server: Server,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let place = Self {
            server: Server::start().await,
            folder: tempfile::tempdir().expect("a folder"),
        };
        for (stem, up, down) in FILES {
            place.write(&format!("{stem}.up.sql"), up);
            place.write(&format!("{stem}.down.sql"), down);
        }
        place
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("written");
    }

    fn chain(&self) -> Chain {
        Chain::from_dir("app", self.folder.path()).expect("a chain")
    }

    fn migrator(&self, database: &str) -> Migrator {
        let settings = Settings {
            data_loss: DataLoss::Allow,
            ..Settings::default()
        };
        Migrator::new(self.server.options(database), self.chain())
            .with_settings(settings)
            .with_progress(Arc::new(Silent))
    }

    /// A database to which migrations are applied.
    async fn database(&self, name: &str, target: Target) {
        drop(self.server.database(name).await);
        self.migrator(name).up(target).await.expect("applied");
    }

    async fn squash(&self, first: &str, last: &str) -> Result<Squash, Error> {
        let scratch = self.server.scratch().await;
        let slug = "squashed".parse().expect("a slug");
        let range = (version(first), version(last));
        let squashed = squash(&scratch, &self.chain(), range, slug).await;
        scratch.close().await.expect("closed");
        squashed
    }

    async fn squash_all(&self) -> Squash {
        let squashed = self.squash("20240501120000", "20240503120000").await;
        let squashed = squashed.expect("squashed");
        squashed.write(self.folder.path()).expect("written");
        squashed
    }
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn sql_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|it| {
        it.expect("an entry")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_database_that_has_all_knows_the_one_and_records_it() {
    let place = Place::new().await;
    place.database("whole", Target::All).await;
    let before = place.server.schema("whole").await;
    let squashed = place.squash_all().await;
    assert!(squashed.rewritten);
    assert_eq!(
        sql_files(place.folder.path()),
        [
            "20240503120000_squashed.down.sql",
            "20240503120000_squashed.up.sql"
        ]
    );

    let migrator = place.migrator("whole");
    let status = migrator.status().await.expect("readable");
    assert!(status.is_current(), "{status:?}");
    assert_eq!(status.count(State::Applied), 1);
    let report = migrator.up(Target::All).await.expect("nothing to do");
    assert!(report.migrations.is_empty());
    let session = place.server.session("whole").await;
    let rows = session
        .query("SELECT origin FROM underpin.migrations", &[])
        .await
        .expect("the ledger");
    let origins: Vec<String> = rows.iter().map(|row| row.get(0).expect("text")).collect();
    assert_eq!(origins, ["squash"]);
    let kept = "SELECT count(*) FROM underpin.migration_history WHERE replaced_by = 'squash'";
    let kept = session.query_one(kept, &[]).await.expect("the history");
    assert_eq!(kept.get::<i64>(0).expect("a number"), 3);
    assert!(migrator.status().await.expect("readable").is_current());

    // The same as a database that began with it, there and back.
    place.database("fresh", Target::All).await;
    let schema = |name| place.server.schema(name);
    assert_eq!(schema("fresh").await.tables, before.tables);
    migrator.down(Target::All).await.expect("reverted");
    assert!(
        schema("whole")
            .await
            .tables
            .iter()
            .all(|it| it.name.schema != "public")
    );
}

#[tokio::test]
async fn a_database_in_the_middle_is_refused_until_it_is_through() {
    let place = Place::new().await;
    place
        .database("part", Target::To(version("20240502120000")))
        .await;
    let old = tempfile::tempdir().expect("a folder");
    for name in sql_files(place.folder.path()) {
        std::fs::copy(place.folder.path().join(&name), old.path().join(&name)).expect("copied");
    }
    place.squash_all().await;
    let error = place
        .migrator("part")
        .up(Target::All)
        .await
        .expect_err("in the middle");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    assert!(error.to_string().contains("20240503120000 not"), "{error}");
    assert!(error.hint().is_some_and(|it| it.contains("old files")));

    let chain = Chain::from_dir("app", old.path()).expect("a chain");
    let migrator = Migrator::new(place.server.options("part"), chain);
    migrator.up(Target::All).await.expect("through");
    let report = place.migrator("part").up(Target::All).await.expect("known");
    assert!(report.migrations.is_empty());
}

#[tokio::test]
async fn what_writes_rows_is_kept_one_after_the_other() {
    let place = Place::new().await;
    place.write(
        "20240503120000_notes.up.sql",
        "-- underpin: allow=rule52 reason=\"a \\\"small\\\" table\"\n-- why\nINSERT INTO users (id) VALUES (1)",
    );
    place.write("20240503120000_notes.down.sql", "DELETE FROM users");
    let squashed = place.squash_all().await;
    assert!(!squashed.rewritten);
    let header = squashed.up.lines().take(3).collect::<Vec<_>>();
    assert_eq!(
        header,
        [
            "-- underpin: replaces=20240501120000,20240502120000,20240503120000",
            "-- underpin: allow=rule52 reason=\"a \\\"small\\\" table\"",
            "-- underpin: lock_timeout=3000ms",
        ]
    );
    place.database("fresh", Target::All).await;
    let session = place.server.session("fresh").await;
    let row = session
        .query_one("SELECT count(*) FROM users", &[])
        .await
        .expect("rows");
    assert_eq!(row.get::<i64>(0).expect("a number"), 1);
}

#[tokio::test]
async fn a_range_in_the_middle_keeps_what_comes_before_and_after() {
    let place = Place::new().await;
    place.write(
        "20240504120000_more.up.sql",
        "-- underpin: parent=20240502120000\nCREATE TABLE more (id bigint);",
    );
    place.database("whole", Target::All).await;
    let squashed = place
        .squash("20240502120000", "20240503120000")
        .await
        .expect("squashed");
    assert!(!squashed.rewritten);
    assert!(squashed.down.is_some());
    squashed.write(place.folder.path()).expect("written");
    assert_eq!(place.chain().migrations().len(), 3);
    let report = place
        .migrator("whole")
        .up(Target::All)
        .await
        .expect("known");
    assert!(report.migrations.is_empty());
}

#[tokio::test]
async fn what_cannot_be_one_file_is_refused() {
    let place = Place::new().await;
    let check = async |first: &str, last: &str, kind: ErrorKind| {
        let error = place.squash(first, last).await.expect_err("refused");
        assert_eq!(error.kind(), kind, "{error}");
    };
    check("20240501120000", "20240501120000", ErrorKind::Refused).await;
    check("20240501120000", "20240509120000", ErrorKind::NotFound).await;
    place.write("20240503120000_notes.down.sql", "SELECT 1");
    check("20240502120000", "20240503120000", ErrorKind::Unsupported).await;
}

/// A portable build of PostgreSQL may lack the extension.
async fn offers(server: &Server, extension: &str) -> bool {
    let session = server.database("asked").await;
    let sql = "SELECT count(*) > 0 FROM pg_available_extensions WHERE name = $1";
    let row = session.query_one(sql, &[&extension]).await.expect("a row");
    row.get(0).expect("a value")
}

#[tokio::test]
async fn what_cannot_be_written_anew_is_carried_by_the_files_themselves() {
    for (statement, found) in [
        (
            "CREATE EXTENSION btree_gist; COMMENT ON FUNCTION gbt_oid_fetch(internal) IS 'ours'",
            "SELECT obj_description('gbt_oid_fetch(internal)'::regprocedure) = 'ours'",
        ),
        (
            "CREATE EXTENSION btree_gist; COMMENT ON EXTENSION btree_gist IS 'ours'",
            "SELECT obj_description(oid, 'pg_extension') = 'ours' FROM pg_extension WHERE extname = 'btree_gist'",
        ),
        (
            "COMMENT ON INDEX users_pkey IS 'ours'",
            "SELECT obj_description('users_pkey'::regclass) = 'ours'",
        ),
        (
            "ALTER TABLE notes DISABLE TRIGGER ALL",
            "SELECT bool_and(tgenabled = 'D') FROM pg_trigger WHERE tgrelid = 'notes'::regclass",
        ),
        (
            "CREATE PUBLICATION told FOR TABLE users",
            "SELECT count(*) = 1 FROM pg_publication_rel",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC",
            "SELECT NOT has_function_privilege('pg_monitor', 'pg_sleep(float8)', 'EXECUTE')",
        ),
    ] {
        let place = Place::new().await;
        if statement.contains("btree_gist") && !offers(&place.server, "btree_gist").await {
            println!("this PostgreSQL has no btree_gist for: {statement}");
            continue;
        }
        let notes = "CREATE TABLE notes (id bigint PRIMARY KEY, author bigint REFERENCES users);";
        place.write(
            "20240503120000_notes.up.sql",
            &format!("{notes} {statement};"),
        );
        std::fs::remove_file(place.folder.path().join("20240503120000_notes.down.sql"))
            .expect("removed");
        place.squash_all().await;
        place.database("fresh", Target::All).await;
        let session = place.server.session("fresh").await;
        let row = session.query_one(found, &[]).await.expect("a row");
        assert_eq!(
            row.get::<Option<bool>>(0).expect("a value"),
            Some(true),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn a_way_back_that_leaves_a_publication_behind_is_no_way_back() {
    let place = Place::new().await;
    place.write(
        "20240503120000_notes.up.sql",
        "CREATE TABLE notes (id bigint PRIMARY KEY, author bigint REFERENCES users); CREATE PUBLICATION told;",
    );
    let error = place.squash("20240501120000", "20240503120000").await;
    let error = error.expect_err("the publication stays");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("publication told was not there"),
        "{error}"
    );
}
