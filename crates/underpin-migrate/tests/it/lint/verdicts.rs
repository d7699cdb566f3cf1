//! Verdicts that were wrong once: what is safe and was reported, what is not and was passed.

use underpin_migrate::lint::{self, Level, Settings};

use Level::{Error, Note, Warning};

/// How a rule judges a text; none when it is silent.
fn judge(settings: &Settings, sql: &str, rule: &str) -> Option<Level> {
    let findings = lint::check(sql, settings);
    let own = findings.iter().filter(|it| it.rule.name == rule);
    own.map(|it| it.level).max()
}

fn check(sql: &str, rule: &str, expected: impl Into<Option<Level>>) {
    let level = judge(&Settings::default(), sql, rule);
    assert_eq!(level, expected.into(), "{rule}: {sql}");
}

fn check_on(version: &str, sql: &str, rule: &str, expected: impl Into<Option<Level>>) {
    let mut settings = Settings::default();
    settings.pg_version = Some(version.parse().expect("a version"));
    let level = judge(&settings, sql, rule);
    assert_eq!(level, expected.into(), "{rule} on {version}: {sql}");
}

fn check_in_transaction(sql: &str, rule: &str, expected: impl Into<Option<Level>>) {
    let mut settings = Settings::default();
    settings.assume_in_transaction = true;
    let level = judge(&settings, sql, rule);
    assert_eq!(level, expected.into(), "{rule} in a transaction: {sql}");
}

#[test]
fn what_the_file_makes_itself_nobody_misses() {
    for (sql, rule) in [
        ("CREATE TABLE t (a bigint); DROP TABLE t;", "ban-drop-table"),
        (
            "CREATE TEMP TABLE t (a bigint); DROP TABLE pg_temp.t;",
            "ban-drop-table",
        ),
        (
            "CREATE TABLE t (a bigint); ALTER TABLE t RENAME TO u;",
            "renaming-table",
        ),
        (
            "CREATE TABLE t (a bigint); ALTER TABLE t DROP COLUMN a;",
            "ban-drop-column",
        ),
        (
            "ALTER TABLE t ADD COLUMN a text; ALTER TABLE t DROP COLUMN a;",
            "ban-drop-column",
        ),
        (
            "ALTER TABLE t ADD COLUMN a text; ALTER TABLE t RENAME a TO b;",
            "renaming-column",
        ),
        (
            "CREATE TABLE t (a bigint); ALTER TABLE t ADD b text NOT NULL;",
            "adding-required-field",
        ),
        (
            "CREATE INDEX i ON t (a); DROP INDEX i;",
            "require-concurrent-index-deletion",
        ),
        ("CREATE SEQUENCE s; DROP SEQUENCE s;", "ban-drop-sequence"),
        (
            "CREATE TYPE s AS ENUM ('a'); ALTER TYPE s RENAME VALUE 'a' TO 'b';",
            "renaming-enum-value",
        ),
        (
            "CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
            "ban-alter-row-level-security",
        ),
        (
            "CREATE TABLE t (a int); CREATE POLICY p ON t USING (true);",
            "ban-create-policy",
        ),
        (
            "CREATE DOMAIN d AS text; ALTER DOMAIN d SET NOT NULL;",
            "domain-validated",
        ),
        (
            "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX i ON m (a);",
            "require-concurrent-index-creation",
        ),
        (
            "SELECT 1 AS a INTO t; CREATE INDEX i ON t (a);",
            "require-concurrent-index-creation",
        ),
        (
            "CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; CREATE INDEX i ON u (a);",
            "require-concurrent-index-creation",
        ),
        (
            "CREATE TABLE t (a int); ALTER TABLE t SET SCHEMA s; CREATE INDEX i ON s.t (a);",
            "require-concurrent-index-creation",
        ),
        (
            "CREATE SCHEMA s CREATE TABLE t (a int); CREATE INDEX i ON s.t (a);",
            "require-concurrent-index-creation",
        ),
    ] {
        check(sql, rule, Note);
    }
}

#[test]
fn what_only_looks_new_is_not() {
    let index = "require-concurrent-index-creation";
    check(
        "CREATE TEMP TABLE t (a int); DROP TABLE app.t;",
        "ban-drop-table",
        Error,
    );
    check(
        "CREATE TABLE t (a int); DROP TABLE t, u;",
        "ban-drop-table",
        Error,
    );
    check(
        "CREATE INDEX i ON t (a); CREATE TABLE t (a int);",
        index,
        Error,
    );
    check(
        "CREATE TABLE t (a int); DROP TABLE t; CREATE INDEX i ON t (a);",
        index,
        Error,
    );
    check(
        "ALTER TABLE t RENAME TO u; CREATE INDEX i ON u (a);",
        index,
        Error,
    );
    check(
        "CREATE SCHEMA s CREATE TABLE t (a int); CREATE INDEX i ON s.u (a);",
        index,
        Error,
    );
    // Squawk looks at the name without the schema.
    let other = "CREATE TABLE archive.t (a int);";
    check_in_transaction(
        &format!("{other} CREATE INDEX i ON app.t (a);"),
        index,
        Error,
    );
    let constraint = "ALTER TABLE app.t ADD CONSTRAINT k CHECK (a > 0);";
    let rule = "constraint-missing-not-valid";
    check_in_transaction(&format!("{other} {constraint}"), rule, Error);
    // A column may be new and the table large all the same.
    let column = "ALTER TABLE t ADD COLUMN a text; ALTER TABLE t ALTER COLUMN a SET NOT NULL;";
    check(column, "adding-not-nullable-field", Error);
}

#[test]
fn a_default_is_judged_by_what_it_is_made_of() {
    let rule = "adding-field-with-default";
    let add = |default: &str| format!("ALTER TABLE t ADD COLUMN c text DEFAULT {default};");
    for free in [
        "(now() AT TIME ZONE 'utc')",
        "timezone('utc', now())",
        "pg_catalog.now()",
        "CURRENT_TIMESTAMP(3)",
        "CASE WHEN true THEN 'a' ELSE 'b' END",
        "COALESCE('a', lower('B'))",
        "jsonb_build_object('a', 1)",
        "ARRAY[now()]",
    ] {
        check(&add(free), rule, None);
    }
    for dear in [
        "ARRAY[random()]",
        "(random())",
        "CASE WHEN random() > 0.5 THEN 'a' ELSE 'b' END",
        "lower(gen_random_uuid()::text)",
        "public.now()",
    ] {
        check(&add(dear), rule, Error);
    }
    check_on("11", &add("'x'"), rule, Note);
    check_on("11", &add("now()"), rule, Note);
    check_on("10", &add("'x'"), rule, Error);
    let generated =
        |kind: &str| format!("ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (a + 1) {kind};");
    check_on("18", &generated("VIRTUAL"), rule, Note);
    check_on("18", &generated(""), rule, Note);
    check_on("18", &generated("STORED"), rule, Error);
    let identity = "ALTER TABLE t ADD COLUMN c bigint GENERATED ALWAYS AS IDENTITY;";
    check(identity, rule, Note);
    check(identity, "adding-self-numbering-column", Error);
}

#[test]
fn checks_that_read_all_rows_are_told_from_those_that_read_none() {
    let rule = "adding-column-with-check";
    check("ALTER TABLE t ADD COLUMN a int CHECK (a > 0);", rule, Error);
    check(
        "CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN a int CHECK (a > 0);",
        rule,
        Note,
    );
    check("CREATE TABLE t (a int CHECK (a > 0));", rule, None);
    let key = "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)";
    let at_once = format!("{key} NOT VALID, VALIDATE CONSTRAINT k;");
    check(&at_once, "validated-at-once", Error);
    let apart = format!("{key} NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT k;");
    check(&apart, "validated-at-once", None);
    check_on(
        "18",
        &format!("{key} NOT ENFORCED;"),
        "constraint-missing-not-valid",
        Note,
    );
    let domain = "ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0)";
    let rule = "ban-alter-domain-with-add-constraint";
    check(&format!("{domain};"), rule, Error);
    check(&format!("{domain} NOT VALID;"), rule, Note);
    check(
        "ALTER DOMAIN d VALIDATE CONSTRAINT k;",
        "domain-validated",
        Error,
    );
}

#[test]
fn a_partition_is_read_unless_a_valid_check_says_what_is_in_it() {
    let rule = "attach-partition-without-check";
    let attach = "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (1) TO (2);";
    check(attach, rule, Warning);
    check("ALTER TABLE p ATTACH PARTITION p1 DEFAULT;", rule, Warning);
    let check_first = |valid: &str| {
        format!("ALTER TABLE p1 ADD CONSTRAINT k CHECK (a >= 1 AND a < 2){valid}; {attach}")
    };
    check(&check_first(""), rule, None);
    check(&check_first(" NOT VALID"), rule, Warning);
}

#[test]
fn transactions_are_followed_as_postgresql_does() {
    let index = "CREATE INDEX CONCURRENTLY i ON t (a);";
    let squawk = "ban-concurrent-index-creation-in-transaction";
    check(&format!("BEGIN; SELECT 1; ROLLBACK; {index}"), squawk, None);
    check(&format!("BEGIN; SELECT 1; ABORT; {index}"), squawk, None);
    let chain = format!("BEGIN; SELECT 1; COMMIT AND CHAIN; {index} COMMIT;");
    check(&chain, "non-transactional-in-transaction", Error);
    check(&chain, "transaction-nesting", None);
    check(
        &format!("BEGIN; SELECT 1; COMMIT AND NO CHAIN; {index}"),
        "non-transactional-in-transaction",
        None,
    );
    let savepoint = "BEGIN; SAVEPOINT s; ROLLBACK TO s; SELECT 1; COMMIT;";
    check(savepoint, "transaction-nesting", None);
    check(
        "BEGIN; SELECT 1; COMMIT; COMMIT;",
        "transaction-nesting",
        Error,
    );
    let value = "ALTER TYPE s ADD VALUE 'x' AFTER 'a';";
    let alone = "non-transactional-in-transaction";
    let mut settings = Settings::default();
    settings.assume_in_transaction = true;
    for (version, expected) in [("11", Some(Error)), ("12", None)] {
        settings.pg_version = Some(version.parse().expect("a version"));
        assert_eq!(judge(&settings, value, alone), expected, "{version}");
    }
    let used = format!("CREATE TYPE s AS ENUM ('a'); {value} CREATE TABLE t (s s DEFAULT 'x');");
    for (version, expected) in [("16", Some(Error)), ("17", None)] {
        settings.pg_version = Some(version.parse().expect("a version"));
        let rule = "enum-value-used-at-once";
        assert_eq!(judge(&settings, &used, rule), expected, "{version}");
    }
}

#[test]
fn what_looks_like_an_expression_may_be_a_column() {
    let rule = "missing-analyze";
    let index = |column: &str| format!("CREATE INDEX CONCURRENTLY i ON t ({column});");
    check(&index("lower(a)"), rule, Warning);
    check(&index("(a || b)"), rule, Warning);
    check(&index("(a)"), rule, None);
    check(&index("a COLLATE \"C\""), rule, None);
}

#[test]
fn hazards_beside_the_usual_form_are_seen() {
    check("ALTER INDEX i SET TABLESPACE s;", "table-rewrite", Error);
    check(
        "ALTER INDEX i SET (fillfactor = 70);",
        "table-rewrite",
        None,
    );
    check(
        "ALTER MATERIALIZED VIEW m SET TABLESPACE s;",
        "table-rewrite",
        Error,
    );
    check(
        "ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b;",
        "table-rewrite",
        Error,
    );
    check(
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a, PUBLIC;",
        "grant",
        Warning,
    );
    check("GRANT SELECT ON t TO a, public;", "grant", Warning);
    check("GRANT SELECT ON t TO publicity;", "grant", Note);
    check(
        "WITH d AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d;",
        "unbatched-backfill",
        Warning,
    );
    let update = "ALTER TABLE t ADD COLUMN a int; WITH u AS (UPDATE t SET a = 1 WHERE b RETURNING 1) SELECT * FROM u;";
    check(update, "backfill-with-schema-change", Error);
    check(
        "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM u;",
        "unbatched-backfill",
        None,
    );
    check("DO $$ BEGIN DROP TABLE t; END $$;", "not-checked", Warning);
    let drop_and_add = "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > 0) NOT VALID;";
    check(drop_and_add, "ban-drop-constraint", Warning);
}

#[test]
fn names_of_squawk_are_reported_as_squawk_knows_them() {
    let both = "require-timeout-settings";
    check("ALTER TABLE t ADD COLUMN a text;", both, Note);
    check(
        "SET lock_timeout = '1s'; ALTER TABLE t ADD COLUMN a text;",
        both,
        Note,
    );
    let set = "SET lock_timeout = '1s'; SET statement_timeout = '5s';";
    check(
        &format!("{set} ALTER TABLE t ADD COLUMN a text;"),
        both,
        None,
    );
    assert_eq!(lint::rule(both).map(|it| it.len()).ok(), Some(3));
    assert!(lint::rule("prefer-timestamptz").is_ok());
    // Without a version it may be either server.
    for sql in ["VACUUM FULL t;", "CLUSTER t USING i;"] {
        check(sql, "prefer-repack", Note);
        check(sql, "vacuum-full", Error);
        check_on("15", sql, "prefer-repack", None);
        check_on("19", sql, "prefer-repack", Error);
        check_on("19", sql, "vacuum-full", None);
    }
}

#[test]
fn a_local_setting_that_ends_before_what_runs_alone_is_reported() {
    let rule = "set-local-before-concurrently";
    let build = "CREATE INDEX CONCURRENTLY i ON t (a);";
    check(
        &format!("SET LOCAL lock_timeout = '1s'; {build}"),
        rule,
        Warning,
    );
    check(
        &format!(
            "SET LOCAL a.b = '1'; SET LOCAL lock_timeout = '1s'; DROP INDEX CONCURRENTLY j; {build}"
        ),
        rule,
        Warning,
    );
    check("SET LOCAL lock_timeout = '1s'; VACUUM t;", rule, Warning);
    check(&format!("SET lock_timeout = '1s'; {build}"), rule, None);
    check("SET LOCAL lock_timeout = '1s'; DROP INDEX i;", rule, None);
    check(
        &format!("SET LOCAL lock_timeout = '1s'; ALTER TABLE t ADD b text; {build}"),
        rule,
        None,
    );
}

#[test]
fn altering_a_table_whose_changed_rows_a_deferred_constraint_has_yet_to_see_is_reported() {
    let rule = "pending-trigger-events";
    let key = "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (a) DEFERRABLE INITIALLY DEFERRED NOT VALID;";
    let change = "UPDATE t SET a = 1 WHERE b = 2;";
    let alter = "ALTER TABLE t ADD c text;";
    check(&format!("{key} {change} {alter}"), rule, Error);
    check(
        &format!("{key} DELETE FROM u WHERE a = 1; ALTER TABLE u ADD c text;"),
        rule,
        Error,
    );
    check(
        "CREATE TABLE t (a int REFERENCES u (a) INITIALLY DEFERRED); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a);",
        rule,
        Error,
    );
    check(
        &format!("SET CONSTRAINTS ALL DEFERRED; {change} {alter}"),
        rule,
        Error,
    );
    check(
        &format!("{key} {change} SET CONSTRAINTS ALL IMMEDIATE; {alter}"),
        rule,
        None,
    );
    check(&format!("{key} {change} VACUUM u; {alter}"), rule, None);
    check(&format!("{key} {alter} {change}"), rule, None);
    check(
        &format!("{key} {change} ALTER TABLE v ADD c text;"),
        rule,
        None,
    );
    check(&format!("{change} {alter}"), rule, Note);
}

#[test]
fn an_unchecked_foreign_key_of_a_partitioned_table_is_reported_where_postgres_refuses_it() {
    let rule = "not-valid-key-on-partitioned";
    let table = "CREATE TABLE p (a int) PARTITION BY RANGE (a);";
    let key = |table: &str| {
        format!("ALTER TABLE {table} ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (a)")
    };
    check(&format!("{table} {} NOT VALID;", key("p")), rule, Error);
    check_on(
        "18",
        &format!("{table} {} NOT VALID;", key("p")),
        rule,
        None,
    );
    check(&format!("{table} {};", key("p")), rule, None);
    check(&format!("{table} {} NOT VALID;", key("q")), rule, None);
    check(
        &format!("{table} ALTER TABLE p ADD CONSTRAINT k CHECK (a > 0) NOT VALID;"),
        rule,
        None,
    );
}
