use super::*;

fn check(text: &str, expected: &str) {
    let found = match of(text) {
        Effect::Keeps => String::from("keeps"),
        Effect::Takes(it) => format!("takes {} {}", it.types.len(), it.truncates),
        Effect::Rows(it) => it.map_or_else(
            || String::from("rows"),
            |it| it.count_of(&it.columns.iter().map(String::as_str).collect::<Vec<_>>()),
        ),
        Effect::Unknown(why) => format!("unknown: {why}"),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_may_take_data_away_is_tried() {
    for text in [
        "DROP TABLE a, app.\"B\"",
        "DROP SCHEMA s",
        "DROP SCHEMA s CASCADE",
        "DROP TYPE mood CASCADE",
        "DROP EXTENSION citext CASCADE",
        "DROP FUNCTION f CASCADE",
        "DROP OWNED BY x",
        "DROP VIEW v",
        "ALTER TABLE t DROP COLUMN a",
        "ALTER TYPE t DROP ATTRIBUTE x",
        "ALTER TYPE t ADD ATTRIBUTE y int, DROP ATTRIBUTE x CASCADE",
        "ALTER EXTENSION e UPDATE",
    ] {
        check(text, "takes 0 false");
    }
    check("TRUNCATE a CASCADE", "takes 0 true");
    check(
        "ALTER TABLE t ALTER b TYPE int USING length(b), DROP a",
        "takes 1 false",
    );
}

#[test]
fn what_keeps_data_is_known_and_nothing_else() {
    for text in [
        "DROP INDEX i",
        "DROP TRIGGER x ON t",
        "ALTER TABLE t RENAME a TO b",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER TABLE t ADD COLUMN a int DEFAULT 1, ALTER b SET NOT NULL",
        "ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT 1; END",
        "CREATE TRIGGER t AFTER DELETE OR UPDATE OF a ON x FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD DELETE FROM u",
        "CREATE POLICY p ON t FOR UPDATE USING (true)",
        "GRANT UPDATE, DELETE ON t TO r",
        "SELECT a FROM t FOR UPDATE",
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
        "PREPARE p AS DELETE FROM t",
        "REVOKE ALL ON t FROM r",
        "SET search_path = a",
    ] {
        check(text, "keeps");
    }
    check("DO $$ BEGIN END $$", "unknown: it runs a block of code");
    check("CALL p()", "unknown: it runs a procedure");
    check("EXECUTE p", "unknown: it runs a prepared statement");
    check(
        "EXPLAIN ANALYZE EXECUTE p",
        "unknown: it runs a prepared statement",
    );
    check(
        "DROP DATABASE d",
        "unknown: it drops a database with all that is in it",
    );
    check(
        "COPY t FROM PROGRAM 'x'",
        "unknown: it runs a program on the server",
    );
    check(
        "nonsense",
        "unknown: Underpin's parser does not understand it",
    );
}

#[test]
fn what_changes_rows_is_measured_and_an_update_says_which_values_it_overwrites() {
    for text in [
        "DELETE FROM t WHERE a = 1",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "EXPLAIN ANALYZE DELETE FROM t",
        "UPDATE t SET a = 1 WHERE CURRENT OF c",
    ] {
        check(text, "rows");
    }
    check(
        "UPDATE t SET a = 1, (b, \"C d\") = (SELECT 1, 2)",
        "SELECT count(DISTINCT (t.tableoid, t.ctid)) FROM t WHERE true \
         AND (t.a IS NOT NULL OR t.b IS NOT NULL OR t.\"C d\" IS NOT NULL)",
    );
    check(
        "WITH y AS (SELECT 1 AS id) UPDATE ONLY t x SET a = NULL FROM y JOIN z USING (id) WHERE x.id = y.id OR b",
        "WITH y AS (SELECT 1 AS id) SELECT count(DISTINCT (x.tableoid, x.ctid)) FROM ONLY t x, y JOIN z USING (id) \
         WHERE (x.id = y.id OR b) AND (x.a IS NOT NULL)",
    );
}

#[test]
fn only_what_runs_now_counts_as_called() {
    let called = |text: &str| {
        calls(text)
            .into_iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(called("SELECT wipe()"), ["wipe"]);
    assert_eq!(called("CREATE TABLE t AS SELECT wipe()"), ["wipe"]);
    assert!(called("CREATE VIEW v AS SELECT wipe()").is_empty());
    assert!(called("ALTER TABLE t ALTER a TYPE int USING f(a)").is_empty());
}
