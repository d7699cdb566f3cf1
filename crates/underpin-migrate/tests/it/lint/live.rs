//! The live layer: what a real database says about the tables of a migration.

use std::sync::Arc;
use underpin_migrate::lint::{self, Facts, Finding, Level, Settings};
use underpin_testkit::TestDb;

/// Lints against a database with this schema.
async fn check(schema: &str, sql: &str) -> Vec<Finding> {
    let db = TestDb::empty().await;
    db.database().batch(schema).await.expect("a schema");
    let facts = Facts::read(db.database(), "app", sql)
        .await
        .expect("readable");
    let mut settings = Settings::default();
    settings.facts = Some(Arc::new(facts));
    lint::check(sql, &settings)
}

fn level(findings: &[Finding], rule: &str) -> Option<Level> {
    findings
        .iter()
        .find(|it| it.rule.name == rule)
        .map(|it| it.level)
}

#[tokio::test]
async fn a_small_table_may_be_locked_and_a_large_one_may_not() {
    let sql =
        "CREATE INDEX i ON t (id);\nALTER TABLE t ALTER COLUMN id TYPE bigint;\nREINDEX TABLE t;";
    let small = "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 500);";
    for schema in [String::from(small), format!("{small} ANALYZE t;")] {
        let findings = check(&schema, sql).await;
        assert_eq!(
            level(&findings, "require-concurrent-index-creation"),
            Some(Level::Note)
        );
        assert_eq!(level(&findings, "changing-column-type"), Some(Level::Note));
        assert_eq!(
            level(&findings, "require-concurrent-reindex"),
            Some(Level::Note)
        );
    }
    let large =
        "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 20000); ANALYZE t;";
    let findings = check(large, sql).await;
    let index = findings
        .iter()
        .find(|it| it.rule.name == "require-concurrent-index-creation");
    let index = index.expect("reported");
    assert_eq!(index.level, Level::Error);
    let size = " The table has 20000 rows, ";
    assert!(index.message.contains(size), "{}", index.message);
}

#[tokio::test]
async fn a_free_type_change_is_no_error() {
    let schema = "CREATE TABLE t (name varchar(20), note varchar(20)); \
                  INSERT INTO t SELECT 'n', 'n' FROM generate_series(1, 20000); ANALYZE t;";
    let findings = check(schema, "ALTER TABLE t ALTER COLUMN name TYPE text;").await;
    assert_eq!(level(&findings, "changing-column-type"), Some(Level::Note));
    let findings = check(schema, "ALTER TABLE t ALTER COLUMN note TYPE varchar(10);").await;
    assert_eq!(level(&findings, "changing-column-type"), Some(Level::Error));
}

#[tokio::test]
async fn invalid_indexes_partitioned_tables_and_constraints_are_seen() {
    let schema = "\
        CREATE TABLE t (id int CONSTRAINT positive CHECK (id > 0)); \
        CREATE INDEX broken ON t (id); \
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass; \
        INSERT INTO t SELECT generate_series(1, 20000); ANALYZE t; \
        CREATE TABLE p (id int) PARTITION BY RANGE (id);";
    let sql = "CREATE INDEX CONCURRENTLY i ON t (id);\n\
               CREATE INDEX CONCURRENTLY j ON p (id);\n\
               ALTER TABLE t ALTER COLUMN id TYPE bigint;";
    let findings = check(schema, sql).await;
    assert_eq!(level(&findings, "invalid-index"), Some(Level::Error));
    assert!(
        findings
            .iter()
            .any(|it| it.rule.name == "concurrent-index-on-partitioned" && it.line == 2)
    );
    assert_eq!(
        level(&findings, "type-change-with-check"),
        Some(Level::Error)
    );
}

#[tokio::test]
async fn what_the_database_has_already_is_not_asked_for() {
    let schema = "\
        CREATE TABLE u (id int PRIMARY KEY); \
        CREATE TABLE t (id int NOT NULL, a int CHECK (a IS NOT NULL), b int); \
        CREATE INDEX t_a ON t (a); \
        CREATE UNIQUE INDEX t_id ON t (id); \
        CREATE UNIQUE INDEX t_b ON t (b); \
        INSERT INTO t SELECT i, i, i FROM generate_series(1, 20000) AS i; ANALYZE t;";
    let findings = check(schema, "ALTER TABLE t ALTER COLUMN a SET NOT NULL;").await;
    assert_eq!(
        level(&findings, "adding-not-nullable-field"),
        Some(Level::Note)
    );
    let findings = check(schema, "ALTER TABLE t ALTER COLUMN b SET NOT NULL;").await;
    assert_eq!(
        level(&findings, "adding-not-nullable-field"),
        Some(Level::Error)
    );
    let key = |column: &str| {
        format!(
            "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY ({column}) REFERENCES u (id) NOT VALID;"
        )
    };
    assert_eq!(
        level(&check(schema, &key("a")).await, "foreign-key-without-index"),
        None
    );
    assert_eq!(
        level(
            &check(schema, "ALTER TABLE t ADD PRIMARY KEY USING INDEX t_id;").await,
            "primary-key-on-nullable"
        ),
        None
    );
    let findings = check(schema, "ALTER TABLE t ADD PRIMARY KEY USING INDEX t_b;").await;
    assert_eq!(
        level(&findings, "primary-key-on-nullable"),
        Some(Level::Warning)
    );
}

#[tokio::test]
async fn a_constraint_helps_when_it_says_what_is_asked() {
    let schema = |check: &str| {
        format!(
            "CREATE TABLE p (id int, a int) PARTITION BY RANGE (a); \
             CREATE TABLE t (id int, a int, CHECK ({check})); \
             INSERT INTO t SELECT i, 1 FROM generate_series(1, 20000) AS i; ANALYZE t;"
        )
    };
    let required = "ALTER TABLE t ALTER COLUMN a SET NOT NULL;";
    let attach = "ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2);";
    for (check_of_table, required_level, attach_level) in [
        ("a IS NOT NULL AND a >= 1 AND a < 2", Level::Note, None),
        ("a IS NOT NULL AND id IS NOT NULL", Level::Note, None),
        ("a IS NOT NULL OR id > 0", Level::Error, None),
        ("id > 0", Level::Error, Some(Level::Warning)),
    ] {
        let schema = schema(check_of_table);
        let findings = check(&schema, required).await;
        let rule = "adding-not-nullable-field";
        assert_eq!(
            level(&findings, rule),
            Some(required_level),
            "{check_of_table}"
        );
        let findings = check(&schema, attach).await;
        let rule = "attach-partition-without-check";
        assert_eq!(level(&findings, rule), attach_level, "{check_of_table}");
    }
}

#[tokio::test]
async fn a_migration_that_came_too_late_is_seen() {
    let project =
        crate::support::Project::new(&[("1_a.up", "SELECT 1;"), ("3_c.up", "SELECT 3;")]).await;
    let migrator = project.migrator();
    migrator
        .up(underpin_migrate::Target::All)
        .await
        .expect("both run");
    project.write("2_b.up", "SELECT 2;");
    let facts = Facts::read(project.db.database(), "app", "SELECT 2;")
        .await
        .expect("readable");
    let facts = Arc::new(facts);
    let of = |name: &str| {
        let mut settings = Settings::for_file(&project.path(name));
        settings.facts = Some(Arc::clone(&facts));
        level(&lint::check("SELECT 2;", &settings), "out-of-order")
    };
    assert_eq!(of("2_b.up"), Some(Level::Error));
    assert_eq!(of("1_a.up"), None);
    assert_eq!(of("4_d.up"), None);
}

#[tokio::test]
async fn deferred_constraints_and_partitions_that_exist_already_are_seen() {
    let schema = "CREATE TABLE u (a int PRIMARY KEY); CREATE TABLE v (a int);
                  CREATE TABLE t (a int REFERENCES u DEFERRABLE INITIALLY DEFERRED, b int);
                  CREATE TABLE p (a int) PARTITION BY RANGE (a);";
    let rule = "pending-trigger-events";
    let sql = "UPDATE t SET a = 1 WHERE b = 2; ALTER TABLE t ADD c text;";
    assert_eq!(level(&check(schema, sql).await, rule), Some(Level::Error));
    let sql = "DELETE FROM u WHERE a = 2; ALTER TABLE u ADD c text;";
    assert_eq!(level(&check(schema, sql).await, rule), Some(Level::Error));
    let sql = "UPDATE v SET a = 1 WHERE a = 2; ALTER TABLE v ADD c text;";
    assert_eq!(level(&check(schema, sql).await, rule), None);
    let sql = "ALTER TABLE p ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u NOT VALID;";
    let found = level(&check(schema, sql).await, "not-valid-key-on-partitioned");
    let db = TestDb::empty().await;
    let row = db
        .database()
        .query_one("SELECT current_setting('server_version_num')::int", &[])
        .await;
    let version: i32 = row.and_then(|row| row.get(0)).expect("a version");
    assert_eq!(found, (version < 180_000).then_some(Level::Error));
}
