//! What a way back would destroy, counted in a database with rows.

use crate::support::{Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::{DataLoss, Direction, Target};

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
        &["rows 3 table parts"],
    ),
    ("DROP TABLE app.parts_2", &["rows 2 table app.parts_2"]),
    ("TRUNCATE app.parts", &["rows 3 table app.parts"]),
    ("ALTER TABLE app.parts DETACH PARTITION app.parts_1", &[]),
    ("DROP VIEW app.names", &[]),
    (
        "DROP SCHEMA app CASCADE",
        &[
            "rows 2 table app.\"Odd name\"",
            "rows 2 table app.children",
            "rows 2 table app.numbers",
            "rows 1 table app.parents",
            "rows 1 table app.parts_1",
            "rows 2 table app.parts_2",
            "rows 3 table app.users",
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
        "ALTER TABLE app.users ALTER COLUMN name TYPE varchar(1)",
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
        &["deleted 2 this statement"],
    ),
    ("DELETE FROM app.empty", &[]),
    (
        "DELETE FROM app.users AS u USING app.parts AS p WHERE u.id = p.id AND p.id > 1",
        &["deleted 2 this statement"],
    ),
    (
        "DELETE FROM app.children; DELETE FROM app.parents",
        &["deleted 2 this statement", "deleted 1 this statement"],
    ),
    ("DELETE FROM app.none_such", &[]),
    (
        "ALTER TABLE app.users RENAME TO people; DELETE FROM app.people",
        &["unknown 1 this statement"],
    ),
    (
        "UPDATE app.users SET name = NULL WHERE id = 1",
        &["overwritten 1 this statement"],
    ),
    (
        "UPDATE app.users SET name = 'x', age = NULL",
        &["overwritten 2 this statement"],
    ),
    ("UPDATE app.users SET name = 'x' WHERE name IS NULL", &[]),
    (
        "WITH p AS (SELECT id FROM app.parts) UPDATE app.users AS u SET m = NULL FROM p WHERE u.id = p.id",
        &["overwritten 2 this statement"],
    ),
    (
        "ALTER TABLE app.users ADD COLUMN whole text; UPDATE app.users SET whole = name || age",
        &[],
    ),
    (
        "ALTER TABLE app.users ADD COLUMN extra text; UPDATE app.users SET name = 'x' WHERE extra IS NULL",
        &["unknown 1 this statement"],
    ),
    (
        "INSERT INTO app.users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'",
        &["unknown 1 this statement"],
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

/// Counting holds no more than a reader's lock, and gives up as statements do.
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
    let migrator = project
        .migrator_with(|settings| settings.lock_timeout = std::time::Duration::from_millis(50));
    let error = migrator.down(Target::All).await.expect_err("no lock");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{}", text(&error));
    holding.rollback().await.expect("the end");
}
