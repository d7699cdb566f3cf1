//! Models, migrations and database held against each other.

use crate::diff::support::{Server, go};
use std::path::Path;
use underpin_migrate::check::{Checked, Outcome, Side, Sides, check};
use underpin_migrate::diff::Source;
use underpin_migrate::{Chain, Migrator, Target, Version};
use underpin_schema::{Column, Constraint, QualifiedName, Schema, Table};

const USERS: &str = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);";
const NAMES: &str = "ALTER TABLE users ADD COLUMN name text;";

/// A folder of two migrations, and a database that has them.
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
        place.write("20240501120000_users.up.sql", USERS);
        place.write("20240502120000_names.up.sql", NAMES);
        drop(place.server.database("live").await);
        place.migrate(Target::All).await;
        place
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("written");
    }

    async fn migrate(&self, target: Target) {
        let chain = chain("app", self.folder.path());
        let migrator = Migrator::new(self.server.options("live"), chain);
        migrator.up(target).await.expect("applied");
    }

    async fn by_hand(&self, sql: &str) {
        let live = self.server.session("live").await;
        live.batch(sql).await.expect("done by hand");
    }

    fn sides(&self, models: Option<Schema>) -> Sides {
        Sides {
            chain: chain("app", self.folder.path()),
            others: Vec::new(),
            models: models.map(|it| Source::Models(Box::new(it), Vec::new())),
            database: Some(self.server.options("live")),
        }
    }

    async fn check(&self, sides: &Sides) -> Checked {
        let scratch = self.server.scratch().await;
        let checked = check(&scratch, sides).await.expect("comparable");
        scratch.close().await.expect("closed");
        checked
    }
}

fn chain(name: &str, folder: &Path) -> Chain {
    Chain::from_dir(name, folder).expect("a chain")
}

fn users() -> Table {
    Table::new(QualifiedName::new("public", "users"))
        .column(Column::new("id", "bigint").not_null())
        .column(Column::new("email", "text").not_null())
        .column(Column::new("name", "text"))
        .constraint(Constraint::primary_key("users_pkey", ["id"]))
}

fn models(table: Table) -> Schema {
    let mut schema = Schema::default();
    schema.tables.insert(table);
    schema
}

/// The statements there and back.
fn ways(checked: &Checked, from: Side, to: Side) -> (Vec<String>, Vec<String>) {
    let mut pairs = checked.comparisons.iter();
    let pair = pairs.find(|it| (it.from, it.to) == (from, to));
    match &pair.expect("compared").outcome {
        Outcome::Equal => (Vec::new(), Vec::new()),
        Outcome::Differ(found) => {
            let sql = |steps: &[underpin_migrate::diff::Step]| {
                steps.iter().map(|it| it.sql.clone()).collect()
            };
            (sql(&found.up.steps), sql(&found.down.steps))
        }
        Outcome::NoWay(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn three_sides_that_say_the_same_are_equal() {
    let place = Place::new().await;
    let checked = place.check(&place.sides(Some(models(users())))).await;
    assert!(checked.is_equal(), "{checked:?}");
    assert_eq!(checked.comparisons.len(), 3);
    let checked = place.check(&place.sides(None)).await;
    assert!(checked.is_equal(), "{checked:?}");
    assert_eq!(checked.comparisons.len(), 1);
}

#[tokio::test]
async fn drift_injected_by_hand_is_reported_with_exact_ddl() {
    let place = Place::new().await;
    place
        .by_hand("ALTER TABLE users ADD COLUMN phone text; ALTER TABLE users ALTER COLUMN email DROP NOT NULL")
        .await;
    let checked = place.check(&place.sides(None)).await;
    let (done, undo) = ways(&checked, Side::Migrations, Side::Database);
    assert_eq!(
        done,
        [
            "ALTER TABLE public.users ALTER COLUMN email DROP NOT NULL",
            "ALTER TABLE public.users ADD COLUMN phone text"
        ]
    );
    let differ = |it: &underpin_migrate::check::Comparison| match &it.outcome {
        Outcome::Differ(found) => Some(found.down.clone()),
        _ => None,
    };
    let back = checked
        .comparisons
        .iter()
        .find_map(differ)
        .expect("differs");
    assert!(!undo.is_empty());
    let live = place.server.session("live").await;
    go(&live, &back).await.expect("the database takes it");
    assert!(place.check(&place.sides(None)).await.is_equal());
}

#[tokio::test]
async fn what_is_pending_is_not_taken_for_drift() {
    let place = Place::new().await;
    place.write(
        "20240503120000_more.up.sql",
        "CREATE TABLE more (id bigint);",
    );
    let checked = place.check(&place.sides(None)).await;
    assert!(!checked.is_equal());
    let newest: Version = "20240503120000".parse().expect("a version");
    assert_eq!(checked.pending, [newest]);
    let nothing = (Vec::new(), Vec::new());
    assert_eq!(ways(&checked, Side::Migrations, Side::Database), nothing);
}

#[tokio::test]
async fn a_model_without_its_migration_is_what_the_next_one_would_write() {
    let place = Place::new().await;
    let asked = models(users().column(Column::new("age", "integer")));
    let checked = place.check(&place.sides(Some(asked))).await;
    let wanted = "ALTER TABLE public.users ADD COLUMN age integer";
    assert_eq!(ways(&checked, Side::Migrations, Side::Models).0, [wanted]);
    assert_eq!(ways(&checked, Side::Database, Side::Models).0, [wanted]);
}

#[tokio::test]
async fn other_chains_of_the_database_are_no_drift() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("20240101120000_more.up.sql");
    std::fs::write(file, "CREATE TABLE of_another (id bigint);").expect("written");
    let other = chain("another", folder.path());
    let migrator = Migrator::new(place.server.options("live"), other.clone());
    migrator.up(Target::All).await.expect("applied");

    let checked = place.check(&place.sides(None)).await;
    assert_eq!(checked.unknown_chains, ["another"]);
    assert!(!checked.is_equal());
    let sides = Sides {
        others: vec![other],
        ..place.sides(None)
    };
    let checked = place.check(&sides).await;
    assert!(checked.is_equal(), "{checked:?}");
}

#[tokio::test]
async fn a_changed_file_is_a_conflict_and_no_comparison() {
    let place = Place::new().await;
    place.write(
        "20240502120000_names.up.sql",
        "ALTER TABLE users ADD COLUMN title text;",
    );
    let scratch = place.server.scratch().await;
    let error = check(&scratch, &place.sides(None))
        .await
        .expect_err("unclear");
    scratch.close().await.expect("closed");
    assert_eq!(error.kind(), underpin_core::ErrorKind::HistoryConflict);
    assert!(error.to_string().contains("20240502120000"), "{error}");
}

#[tokio::test]
async fn what_models_have_no_word_for_is_no_difference_from_them() {
    let place = Place::new().await;
    place.write(
        "20240503120000_by_hand.up.sql",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\n\
         CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n\
         CREATE VIEW names AS SELECT name FROM users;\n\
         CREATE DOMAIN positive AS int CHECK (VALUE > 0);\n\
         ALTER TABLE users ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY everybody ON users USING (true);\n\
         GRANT SELECT ON users TO PUBLIC;",
    );
    place.migrate(Target::All).await;
    let checked = place.check(&place.sides(Some(models(users())))).await;
    assert!(checked.is_equal(), "{checked:?}");

    let asked = models(users().column(Column::new("age", "integer")));
    let checked = place.check(&place.sides(Some(asked))).await;
    let wanted = "ALTER TABLE public.users ADD COLUMN age integer";
    assert_eq!(ways(&checked, Side::Migrations, Side::Models).0, [wanted]);
}

#[tokio::test]
async fn what_no_plan_makes_is_held_against_the_migrations_too() {
    let place = Place::new().await;
    place
        .by_hand(
            "CREATE PUBLICATION told FOR TABLE users; CREATE STATISTICS s ON id, email FROM users",
        )
        .await;
    let checked = place.check(&place.sides(None)).await;
    assert!(!checked.is_equal());
    let told: Vec<String> = checked.comparisons[0]
        .not_compared
        .iter()
        .map(|it| it.told("migrations", "the database"))
        .collect();
    assert_eq!(
        told,
        ["publication told is only in the database, and no plan makes or drops it: by hand"]
    );
    place.by_hand("DROP STATISTICS s").await;
    let checked = place.check(&place.sides(None)).await;
    assert!(matches!(checked.comparisons[0].outcome, Outcome::Equal));
    assert!(!checked.is_equal(), "{checked:?}");

    place.write(
        "20240503120000_told.up.sql",
        "CREATE PUBLICATION told FOR TABLE users;",
    );
    place.by_hand("DROP PUBLICATION told").await;
    place.migrate(Target::All).await;
    // Models have no word for it, which makes no difference.
    for models in [None, Some(models(users()))] {
        let checked = place.check(&place.sides(models)).await;
        assert!(checked.is_equal(), "{checked:?}");
    }
    place
        .by_hand("ALTER PUBLICATION told SET (publish = 'insert')")
        .await;
    assert!(!place.check(&place.sides(None)).await.is_equal());
}

#[tokio::test]
async fn settings_and_rights_of_the_server_are_named_and_make_no_difference() {
    let place = Place::new().await;
    place
        .by_hand(
            "ALTER DATABASE live SET work_mem = '5MB';
             REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC",
        )
        .await;
    let checked = place.check(&place.sides(None)).await;
    assert!(checked.is_equal(), "{checked:?}");
    let told = &checked.comparisons[0].not_compared;
    let told: Vec<&str> = told.iter().map(|it| it.object.as_str()).collect();
    assert_eq!(
        told,
        [
            "function pg_catalog.pg_sleep(double precision): privileges",
            "settings of the database"
        ]
    );
}
