//! Fixes: the finding is gone afterwards, nothing is broken, and PostgreSQL runs what came out.

use std::fmt::Write;
use underpin_migrate::lint::{self, Level, Settings};
use underpin_migrate::{Target, lint::Finding};

use crate::support::Project;

/// Fixes a text, and looks that it is as expected and silent about what it was fixed for.
fn check(sql: &str, expected: &str) {
    let settings = Settings::default();
    let fixed = lint::fix(sql, &settings);
    assert_eq!(fixed.text, expected);
    assert!(!fixed.applied.is_empty());
    let exact =
        |it: &&Finding| it.level > Level::Note && it.fix.as_ref().is_some_and(|it| it.exact);
    let findings = lint::check(&fixed.text, &settings);
    let left = findings.iter().find(exact);
    assert!(left.is_none(), "{left:?}");
}

#[test]
fn concurrently_is_added_where_it_can_be() {
    check(
        "CREATE INDEX i ON app.t (c);\nDROP INDEX app.j;\nREINDEX TABLE app.t;",
        "CREATE INDEX concurrently i ON app.t (c);\nDROP INDEX concurrently app.j;\nREINDEX TABLE concurrently app.t;",
    );
    check(
        "ALTER TABLE app.t DETACH PARTITION app.p;",
        "ALTER TABLE app.t DETACH PARTITION app.p concurrently;",
    );
}

#[test]
fn constraints_are_added_in_two_steps() {
    check(
        "ALTER TABLE app.t ADD CONSTRAINT k CHECK (a > 0); -- why\n",
        "ALTER TABLE app.t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;\nALTER TABLE app.t VALIDATE CONSTRAINT k; -- why\n",
    );
    check(
        "ALTER TABLE ONLY \"T\" ADD CONSTRAINT \"K\" FOREIGN KEY (a) REFERENCES app.u (id) ON DELETE CASCADE",
        "ALTER TABLE ONLY \"T\" ADD CONSTRAINT \"K\" FOREIGN KEY (a) REFERENCES app.u (id) ON DELETE CASCADE NOT VALID;\n\
         ALTER TABLE ONLY \"T\" VALIDATE CONSTRAINT \"K\"",
    );
    check(
        "ALTER TABLE app.t ADD CONSTRAINT k UNIQUE (a, b);",
        "CREATE UNIQUE INDEX CONCURRENTLY k ON app.t (a, b);\nALTER TABLE app.t ADD CONSTRAINT k UNIQUE USING INDEX k;",
    );
    check(
        "ALTER TABLE app.t ALTER COLUMN a SET NOT NULL;",
        "ALTER TABLE app.t ADD CONSTRAINT t_a_is_set CHECK (a IS NOT NULL) NOT VALID;\n\
         ALTER TABLE app.t VALIDATE CONSTRAINT t_a_is_set;\n\
         ALTER TABLE app.t ALTER COLUMN a SET NOT NULL;\n\
         ALTER TABLE app.t DROP CONSTRAINT t_a_is_set;",
    );
}

#[test]
fn statistics_are_gathered_at_the_end() {
    check(
        "CREATE INDEX CONCURRENTLY i ON app.t (lower(c)); -- one\nSELECT 1 -- two\n",
        "CREATE INDEX CONCURRENTLY i ON app.t (lower(c)); -- one\nSELECT 1;\nANALYZE app.t; -- two\n",
    );
    check(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON app.t (lower(c));",
        "CREATE INDEX CONCURRENTLY i ON app.t (lower(c));\nANALYZE app.t;",
    );
}

#[test]
fn what_would_mean_something_else_is_left_alone() {
    for sql in [
        // In a transaction the safe forms fail or help nothing.
        "BEGIN; CREATE INDEX i ON app.t (c); COMMIT;",
        "BEGIN; ALTER TABLE app.t ADD CONSTRAINT k CHECK (a > 0); COMMIT;",
        // PostgreSQL has no such form.
        "DROP INDEX app.i, app.j;",
        "DROP INDEX app.i CASCADE;",
        "CREATE INDEX i ON ONLY app.t (c);",
        "ALTER TABLE app.t ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a);",
        "ALTER TABLE app.t ADD CONSTRAINT k UNIQUE (a) DEFERRABLE INITIALLY DEFERRED;",
        // Without a name there is nothing to validate.
        "ALTER TABLE app.t ADD CHECK (a > 0);",
        // Together they are one step.
        "ALTER TABLE app.t ADD COLUMN b int, ADD CONSTRAINT k CHECK (a > 0);",
        // The meaning would change.
        "CREATE TABLE app.t (id int, name varchar(20), at timestamp, doc json);",
        // CREATE INDEX has no IF EXISTS for its table.
        "ALTER TABLE IF EXISTS app.t ADD CONSTRAINT k UNIQUE (a);",
        // A partitioned table has no such form.
        "CREATE TABLE IF NOT EXISTS app.t (a bigint) PARTITION BY RANGE (a); CREATE INDEX i ON app.t (a);",
        "CREATE TABLE IF NOT EXISTS app.t (a bigint) PARTITION BY RANGE (a); ALTER TABLE app.t ADD CONSTRAINT k UNIQUE (a);",
        "CREATE TABLE IF NOT EXISTS app.t (a bigint) PARTITION BY RANGE (a); \
         ALTER TABLE app.t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES app.u (id);",
        // The table is new: there is nothing to wait for.
        "CREATE TABLE app.t (id bigint); CREATE INDEX i ON app.t (id);",
    ] {
        let fixed = lint::fix(sql, &Settings::default());
        assert_eq!(fixed.text, sql, "{:?}", fixed.applied);
    }
}

#[test]
fn concurrently_is_not_added_before_postgresql_has_it() {
    for (version, sql, fixed) in [
        ("11", "REINDEX TABLE app.t;", "REINDEX TABLE app.t;"),
        (
            "12",
            "REINDEX TABLE app.t;",
            "REINDEX TABLE concurrently app.t;",
        ),
        (
            "13",
            "ALTER TABLE app.t DETACH PARTITION app.p;",
            "ALTER TABLE app.t DETACH PARTITION app.p;",
        ),
        (
            "14",
            "ALTER TABLE app.t DETACH PARTITION app.p;",
            "ALTER TABLE app.t DETACH PARTITION app.p concurrently;",
        ),
    ] {
        let mut settings = Settings::default();
        settings.pg_version = Some(version.parse().expect("a version"));
        assert_eq!(lint::fix(sql, &settings).text, fixed, "{version}");
        let level = lint::check(sql, &settings).iter().map(|it| it.level).max();
        assert_eq!(level, Some(Level::Error), "{version}");
    }
}

/// The fixed form of one file with everything, run by the runner on a real server, leaves what the unfixed one leaves.
#[tokio::test]
async fn a_fixed_migration_runs_and_leaves_the_same_schema() {
    const BEFORE: &str = "\
        CREATE SCHEMA app;
        CREATE TABLE app.c (id bigint PRIMARY KEY);
        CREATE TABLE app.t (id bigint, a bigint, n text);
        INSERT INTO app.c VALUES (1), (2);
        INSERT INTO app.t SELECT i, 1 + i % 2, 'n' || i FROM generate_series(1, 100) AS i;
        CREATE INDEX old ON app.t (n);";
    const CHANGE: &str = "\
        ALTER TABLE app.t ADD CONSTRAINT t_positive CHECK (id > 0);
        ALTER TABLE app.t ADD CONSTRAINT t_c FOREIGN KEY (a) REFERENCES app.c (id);
        ALTER TABLE app.t ADD CONSTRAINT t_n UNIQUE (n);
        ALTER TABLE app.t ALTER COLUMN a SET NOT NULL;
        CREATE INDEX t_lower ON app.t (lower(n));
        DROP INDEX app.old;
        REINDEX TABLE app.t;";
    let fixed = lint::fix(CHANGE, &Settings::default());
    let findings = lint::check(&fixed.text, &Settings::default());
    let worst = findings.iter().find(|it| it.level == Level::Error);
    assert!(worst.is_none(), "{worst:?}\n{}", fixed.text);
    assert_eq!(
        schema_after(BEFORE, CHANGE).await,
        schema_after(BEFORE, &fixed.text).await
    );
}

async fn schema_after(before: &str, change: &str) -> String {
    let project = Project::new(&[("1_before.up", before), ("2_change.up", change)]).await;
    let migrator = project.migrator();
    migrator.up(Target::All).await.expect("both run");
    let rows = project
        .db
        .database()
        .query(
            "SELECT pg_get_indexdef(indexrelid) || indisvalid FROM pg_index WHERE indrelid = 'app.t'::regclass
             UNION ALL SELECT conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint WHERE conrelid = 'app.t'::regclass
             UNION ALL SELECT attname || attnotnull FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum > 0
             ORDER BY 1",
            &[],
        )
        .await
        .expect("the table is there");
    let mut schema = String::new();
    for row in &rows {
        let line: String = row.get(0).expect("text");
        writeln!(schema, "{line}").expect("a String takes all");
    }
    schema
}
