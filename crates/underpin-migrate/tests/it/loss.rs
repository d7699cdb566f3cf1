//! What a way back would destroy, counted in a database with rows.

use crate::support::{DEADLINE, Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::{BoxError, DataLoss, Direction, Hook, Migrator, Moment, Settings, Target};
use underpin_pool::Session;
use underpin_testkit::wait_until;

/// Writes rows before the first step.
struct Fill;

impl Hook for Fill {
    async fn call(&self, moment: Moment<'_>, session: &mut Session) -> Result<(), BoxError> {
        if let Moment::BeforeRun { .. } = moment {
            session.batch("INSERT INTO t VALUES (1), (2), (3)").await?;
        }
        Ok(())
    }
}

const BEFORE: &str = "\
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE app.users (id int PRIMARY KEY, name text, age text, m mood, twice int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE app.\"Odd name\" (\"a b\" int);
CREATE TABLE app.parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.parts_2 PARTITION OF app.parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.numbers (n bigint, at timestamptz, price numeric(10,3), t text);
CREATE TABLE app.empty (a int);
CREATE TABLE app.parents (id int PRIMARY KEY);
CREATE TABLE app.children (parent int REFERENCES app.parents);
INSERT INTO app.parents VALUES (1);
INSERT INTO app.children VALUES (1), (1);
CREATE VIEW app.names AS SELECT name FROM app.users;
INSERT INTO app.users VALUES (1, 'a', '7', 'sad'), (2, 'b', 'x', NULL), (3, NULL, NULL, 'glad');
INSERT INTO app.\"Odd name\" VALUES (1), (NULL);
INSERT INTO app.parts VALUES (1, '2024-05-01'), (2, '2025-05-01'), (3, '2025-06-01');
INSERT INTO app.numbers VALUES (1, '2024-05-01 12:00+00', 1.500, 'short'), (5000000000, '2024-05-01 00:00+00', 1.555, 'much longer');";

/// A way back, and what it loses: the kind, how many, of what.
const CASES: [(&str, &[&str]); 41] = [
    ("DROP TABLE app.users CASCADE", &["rows 3 table app.users"]),
    (
        "DROP TABLE IF EXISTS app.nothing, app.users CASCADE",
        &["rows 3 table app.users"],
    ),
    ("DROP TABLE app.empty", &[]),
    (
        "DROP TABLE app.\"Odd name\"",
        &["rows 2 table app.\"Odd name\""],
    ),
    (
        "ALTER TABLE app.\"Odd name\" DROP COLUMN \"a b\"",
        &["values 1 column app.\"Odd name\".\"a b\""],
    ),
    (
        "SET search_path = app; DROP TABLE empty; DROP TABLE parts",
        &["rows 3 table app.parts"],
    ),
    ("DROP TABLE app.parts_2", &["rows 2 table app.parts_2"]),
    ("TRUNCATE app.parts", &["rows 3 table app.parts"]),
    ("ALTER TABLE app.parts DETACH PARTITION app.parts_1", &[]),
    ("DROP VIEW app.names", &[]),
    (
        "DROP SCHEMA app CASCADE",
        &[
            "rows 3 table app.users",
            "rows 2 table app.\"Odd name\"",
            "rows 3 table app.parts",
            "rows 2 table app.numbers",
            "rows 1 table app.parents",
            "rows 2 table app.children",
        ],
    ),
    (
        "ALTER TABLE app.users DROP COLUMN name CASCADE, DROP COLUMN age",
        &[
            "values 2 column app.users.name",
            "values 2 column app.users.age",
        ],
    ),
    ("ALTER TABLE app.users DROP COLUMN IF EXISTS none_such", &[]),
    ("ALTER TABLE app.users DROP COLUMN twice", &[]),
    (
        "ALTER TABLE app.users ALTER COLUMN age TYPE int USING age::int",
        &["casts 1 column app.users.age"],
    ),
    (
        "ALTER TABLE app.users ALTER COLUMN age TYPE int USING NULL",
        &["casts 2 column app.users.age"],
    ),
    (
        "ALTER TABLE app.users ALTER COLUMN age TYPE int USING length(users.age) + id",
        &["casts 2 column app.users.age"],
    ),
    (
        "DROP VIEW app.names; ALTER TABLE app.users ALTER COLUMN name TYPE varchar(1)",
        &[],
    ),
    (
        "ALTER TABLE app.numbers ALTER COLUMN t TYPE varchar(5) USING left(t, 5)",
        &["casts 1 column app.numbers.t"],
    ),
    (
        "ALTER TABLE app.numbers ALTER COLUMN n TYPE int",
        &["casts 1 column app.numbers.n"],
    ),
    (
        "ALTER TABLE app.numbers ALTER COLUMN price TYPE numeric(10,2)",
        &["casts 1 column app.numbers.price"],
    ),
    (
        "SET timezone = 'UTC'; ALTER TABLE app.numbers ALTER COLUMN at TYPE date",
        &["casts 1 column app.numbers.at"],
    ),
    ("ALTER TABLE app.users ALTER COLUMN m TYPE text", &[]),
    ("DROP TYPE mood CASCADE", &["values 2 column app.users.m"]),
    (
        "ALTER TABLE app.users RENAME TO people; DROP TABLE app.people CASCADE",
        &["rows 3 table app.users"],
    ),
    (
        "ALTER TABLE app.numbers SET SCHEMA public; DROP TABLE public.numbers",
        &["rows 2 table app.numbers"],
    ),
    (
        "DELETE FROM app.users WHERE id > 1",
        &["deleted 2 table app.users"],
    ),
    ("DELETE FROM app.empty", &[]),
    (
        "DELETE FROM app.users AS u USING app.parts AS p WHERE u.id = p.id AND p.id > 1",
        &["deleted 2 table app.users"],
    ),
    (
        "DELETE FROM app.children; DELETE FROM app.parents",
        &[
            "deleted 2 table app.children",
            "deleted 1 table app.parents",
        ],
    ),
    ("DELETE FROM app.none_such", &["unknown 1 this statement"]),
    (
        "ALTER TABLE app.users RENAME TO people; DELETE FROM app.people",
        &["deleted 3 table app.people"],
    ),
    (
        "UPDATE app.users SET name = NULL WHERE id = 1",
        &["overwritten 1 table app.users"],
    ),
    (
        "UPDATE app.users SET name = 'x', age = NULL",
        &["overwritten 2 table app.users"],
    ),
    ("UPDATE app.users SET name = 'x' WHERE name IS NULL", &[]),
    (
        "WITH p AS (SELECT id FROM app.parts) UPDATE app.users AS u SET m = NULL FROM p WHERE u.id = p.id",
        &["overwritten 2 table app.users"],
    ),
    (
        "ALTER TABLE app.users ADD COLUMN whole text; UPDATE app.users SET whole = name || age",
        &[],
    ),
    (
        "ALTER TABLE app.users ADD COLUMN extra text; UPDATE app.users SET name = 'x' WHERE extra IS NULL",
        &["overwritten 2 table app.users"],
    ),
    (
        "INSERT INTO app.users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'",
        &["overwritten 1 table app.users"],
    ),
    ("CALL app.p()", &["unknown 1 this statement"]),
    (
        "DROP INDEX IF EXISTS app.i; DROP FUNCTION IF EXISTS app.f(); COMMENT ON TABLE app.users IS NULL",
        &[],
    ),
];

#[tokio::test]
async fn rows_values_and_what_does_not_fit_are_counted() {
    let project = Project::new(&[("1_a.up", BEFORE)]).await;
    project.up().await.expect("up");
    let mut wrong = Vec::new();
    for (down, expected) in CASES {
        project.write("1_a.down", down);
        let migrator = project.migrator();
        let plan = migrator.plan(Direction::Down, Target::All).await;
        let losses = migrator.losses(&plan.expect(down)).await;
        let losses = losses.unwrap_or_else(|error| panic!("{down}: {}", text(&error)));
        let found: Vec<_> = losses
            .iter()
            .map(|it| format!("{:?} {} {}", it.what, it.count, it.object))
            .map(|it| {
                it.split_once(' ').map_or_else(String::new, |(what, rest)| {
                    format!("{} {rest}", what.to_lowercase())
                })
            })
            .collect();
        if found != expected {
            wrong.push(format!(
                "{down}\n  expected {expected:?}\n  found    {found:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        project.ask("SELECT count(*) FROM app.users").await,
        "3",
        "counting changes nothing"
    );
}

#[tokio::test]
async fn the_quarantine_keeps_tables_without_a_key_and_values_of_types_that_go() {
    let project = Project::new(&[
        ("1_a.up", BEFORE),
        (
            "1_a.down",
            "DROP TYPE mood CASCADE; DROP TABLE app.\"Odd name\"; ALTER TABLE app.numbers DROP COLUMN t; DROP TABLE app.parts",
        ),
    ])
    .await;
    project.up().await.expect("up");
    let migrator = project.migrator_with(|settings| settings.data_loss = DataLoss::Quarantine);
    let report = migrator.down(Target::All).await;
    report.unwrap_or_else(|error| panic!("{}", text(&error)));
    let kept = async |object: &str, columns: &str| {
        let sql =
            format!("SELECT kept_as FROM underpin.migration_quarantine WHERE object = '{object}'");
        let table = project.ask(&sql).await;
        project
            .ask(&format!(
                "SELECT string_agg(concat_ws(' ', {columns}), ', ' ORDER BY 1) FROM {table}"
            ))
            .await
    };
    assert_eq!(kept("column app.users.m", "id, m").await, "1 sad, 3 glad");
    assert_eq!(kept("table app.\"Odd name\"", "\"a b\"").await, "1, ");
    assert_eq!(
        kept("column app.numbers.t", "n, t").await,
        "1 short, 5000000000 much longer"
    );
    assert_eq!(kept("table app.parts", "id").await, "1, 2, 3");
}

#[tokio::test]
async fn a_way_back_that_fails_keeps_nothing_in_the_quarantine() {
    let project = Project::new(&[
        ("1_a.up", BEFORE),
        ("1_a.down", "DROP TABLE app.parts; SELECT nope"),
    ])
    .await;
    project.up().await.expect("up");
    let migrator = project.migrator_with(|settings| settings.data_loss = DataLoss::Quarantine);
    migrator
        .down(Target::All)
        .await
        .expect_err("second statement");
    assert_eq!(project.ask("SELECT count(*) FROM app.parts").await, "3");
    assert_eq!(
        project
            .ask("SELECT count(*) FROM underpin.migration_quarantine")
            .await,
        "0"
    );
    assert_eq!(
        project
            .ask("SELECT to_regnamespace('underpin_quarantine') IS NULL")
            .await,
        "true"
    );
}

/// Trying a way back takes its locks, and gives up as statements do.
#[tokio::test]
async fn a_table_that_somebody_holds_is_not_waited_for_for_ever() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE t (a int)"),
        ("1_a.down", "DROP TABLE t"),
    ])
    .await;
    project.up().await.expect("up");
    let mut holder = project.session().await;
    let holding = holder.begin();
    holding.batch("LOCK TABLE t").await.expect("the lock");
    let migrator = project.migrator_with(|settings| {
        settings.lock_timeout = std::time::Duration::from_millis(50);
        settings.lock_attempts = 2;
    });
    let error = migrator.down(Target::All).await.expect_err("no lock");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{}", text(&error));
    holding.rollback().await.expect("the end");
}

/// The rows of another session's open transaction, which the count cannot see and the drop waits for.
#[tokio::test]
async fn rows_that_come_after_the_count_stop_the_drop() {
    let project = Project::new(&[
        (
            "1_a.up",
            "CREATE TABLE t (a int); CREATE TABLE gate (a int)",
        ),
        ("1_a.down", "DROP TABLE t"),
    ])
    .await;
    project.up().await.expect("up");
    let migrator = project.migrator();
    let plan = migrator.plan(Direction::Down, Target::All).await;
    let plan = plan.expect("a plan");
    assert!(migrator.losses(&plan).await.expect("losses").is_empty());
    // A hook runs between the count and the step: as if somebody committed while the drop waits for its lock.
    let error = project.migrator().with_hook(Fill).apply(&plan).await;
    let error = error.expect_err("rows are there now");
    assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
    assert!(
        text(&error).contains("3 rows of table t"),
        "{}",
        text(&error)
    );
    assert_eq!(project.ask("SELECT count(*) FROM t").await, "3");
    let kept = project.migrator_with(|it| it.data_loss = DataLoss::Quarantine);
    kept.down(Target::All).await.expect("kept");
    assert_eq!(
        project
            .ask("SELECT sum(rows) FROM underpin.migration_quarantine")
            .await,
        "3"
    );
}

#[tokio::test]
async fn what_is_kept_of_a_busy_table_is_all_that_the_drop_takes() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE t (a int)"),
        ("1_a.down", "DROP TABLE t"),
    ])
    .await;
    project.up().await.expect("up");
    let mut writer = project.session().await;
    let writing = writer.begin();
    let insert = "INSERT INTO t SELECT generate_series(1, 100)";
    writing.batch(insert).await.expect("rows");
    let migrator = project.migrator_with(|it| {
        it.data_loss = DataLoss::Quarantine;
        it.lock_timeout = std::time::Duration::from_millis(100);
        it.lock_attempts = 100;
    });
    let told = std::sync::Arc::clone(&project.told);
    let commit_when_it_waits = async {
        wait_until(DEADLINE, async || told.count("Retrying") > 0).await;
        writing.commit().await.expect("commit");
    };
    let (down, ()) = tokio::join!(migrator.down(Target::All), commit_when_it_waits);
    down.expect("down");
    assert_eq!(
        project
            .ask("SELECT sum(rows) FROM underpin.migration_quarantine")
            .await,
        "100"
    );
}

/// The owner of a table may be kept from its rows; dropping it takes them all the same.
#[tokio::test]
async fn rows_that_row_security_hides_are_unknown_and_not_none() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y');
         ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY",
    )])
    .await;
    let role = project.ask("SELECT 'owner_' || current_database()").await;
    let database = project.ask("SELECT current_database()").await;
    project
        .sql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'owner'; GRANT ALL ON DATABASE {database} TO {role}; GRANT ALL ON SCHEMA public TO {role}"
        ))
        .await;
    let url = project.db.url().expose();
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (_, place) = rest.rsplit_once('@').expect("with a user");
    let url = format!("{scheme}://{role}:owner@{place}")
        .parse()
        .expect("a URL");
    let options = underpin_pool::Options::new(url);
    let migrator = |data_loss| {
        let settings = Settings {
            data_loss,
            ..Settings::default()
        };
        let chain = project.chain().expect("valid");
        Migrator::new(options.clone(), chain).with_settings(settings)
    };
    let up = migrator(DataLoss::Refuse).up(Target::All).await;
    up.unwrap_or_else(|error| panic!("{}", text(&error)));
    for down in [
        "DROP TABLE t",
        "TRUNCATE t",
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t ALTER b TYPE int USING length(b)",
    ] {
        project.write("1_a.down", down);
        for data_loss in [DataLoss::Refuse, DataLoss::Quarantine] {
            let error = migrator(data_loss).down(Target::All).await;
            let error = error.expect_err(down);
            assert_eq!(error.kind(), ErrorKind::Refused, "{down}: {}", text(&error));
            assert!(
                text(&error).contains("row-level security"),
                "{down}: {}",
                text(&error)
            );
        }
        assert_eq!(project.ask("SELECT count(b) FROM t").await, "2");
    }
    project
        .sql(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"))
        .await;
}
