use super::*;
use crate::sql::{Catalog, Class, Seam, Subject, Work};

fn read(text: &str) -> Result<Vec<Statement>, Error> {
    parse(&Arc::from("m.up.sql"), text)
}

fn one(text: &str) -> Statement {
    let mut statements = read(text).expect(text);
    assert_eq!(statements.len(), 1, "{text}");
    let statement = statements.remove(0);
    assert_eq!(statement.doubt, None, "{text}");
    statement
}

#[test]
fn statements_know_their_place() {
    let statements = read("-- é\nSELECT 1;\n\n  CREATE TABLE t (\n a int);").expect("valid");
    let places: Vec<_> = statements.iter().map(|it| it.place().to_string()).collect();
    assert_eq!(places, ["m.up.sql:2:1", "m.up.sql:4:3"]);
    assert_eq!(statements[1].place_of(8).to_string(), "m.up.sql:4:10");
    assert_eq!(statements[1].place_of(19).to_string(), "m.up.sql:5:2");
    assert_eq!(statements[1].place_of(9999).to_string(), "m.up.sql:5:8");
    assert_eq!(statements[1].ordinal(), 2);
}

#[test]
fn what_postgresql_refuses_in_a_transaction_runs_alone() {
    for text in [
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "create unique index concurrently if not exists i on only s.t using gin (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS s.i",
        "REINDEX INDEX CONCURRENTLY i",
        "REINDEX (CONCURRENTLY) TABLE t",
        "REINDEX SCHEMA s",
        "VACUUM (ANALYZE) t",
        "VACUUM",
        "CLUSTER",
        "CREATE DATABASE d",
        "DROP DATABASE IF EXISTS d",
        "CREATE TABLESPACE ts LOCATION '/x'",
        "DROP TABLESPACE ts",
        "ALTER DATABASE d SET TABLESPACE ts",
        "ALTER SYSTEM SET work_mem = '8MB'",
        "ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
        "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
        "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
        "DROP SUBSCRIPTION s",
    ] {
        assert_eq!(one(text).class(), Class::Alone, "{text}");
    }
}

#[test]
fn the_rest_runs_in_a_transaction() {
    for text in [
        "CREATE INDEX i ON t (a)",
        "DROP INDEX i",
        "CREATE TABLE concurrently_made (vacuum int)",
        "ALTER TABLE p DETACH PARTITION c",
        "ALTER TABLE p DETACH PARTITION c FINALIZE",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        "ALTER TYPE e ADD VALUE 'x'",
        "ALTER DATABASE d SET work_mem = '8MB'",
        "SET LOCAL search_path = s",
        "ANALYZE t",
        "INSERT INTO t VALUES ('create index concurrently')",
    ] {
        assert_eq!(one(text).class(), Class::Transactional, "{text}");
    }
}

#[test]
fn settings_are_known_by_name() {
    let check = |text: &str, name: Option<&str>| {
        let statement = one(text);
        assert_eq!(statement.class(), Class::Setting, "{text}");
        assert_eq!(statement.nature().sets.as_deref(), name, "{text}");
    };
    check("SET lock_timeout = '5s'", Some("lock_timeout"));
    check(
        "SET SESSION Statement_Timeout TO 0",
        Some("statement_timeout"),
    );
    check("SET ROLE admin", Some("role"));
    check("SET SESSION AUTHORIZATION admin", Some("role"));
    check("RESET ROLE", Some("role"));
    check("RESET ALL", None);
}

#[test]
fn subjects_are_named_as_written() {
    let check = |text: &str, subject: Subject| {
        assert_eq!(one(text).nature().subject, subject, "{text}");
    };
    let text = |text: &str| String::from(text);
    check(
        "CREATE INDEX CONCURRENTLY \"I x\" ON ONLY s.\"T\" (a)",
        Subject::CreateIndex {
            index: Some(text("\"I x\"")),
            table: text("s.\"T\""),
        },
    );
    check(
        "CREATE INDEX CONCURRENTLY ON t (a)",
        Subject::CreateIndex {
            index: None,
            table: text("t"),
        },
    );
    check(
        "DROP INDEX CONCURRENTLY s.i",
        Subject::DropIndex { index: text("s.i") },
    );
    check(
        "ALTER TABLE s.p DETACH PARTITION s.c CONCURRENTLY",
        Subject::Detach {
            table: text("s.p"),
            partition: text("s.c"),
        },
    );
    check(
        "REINDEX TABLE CONCURRENTLY s.t",
        Subject::Reindex {
            target: text("s.t"),
        },
    );
    check("REINDEX SYSTEM", Subject::Repeatable);
    check(
        "CREATE DATABASE d",
        Subject::Global {
            catalog: Catalog::Database,
            name: text("d"),
            create: true,
        },
    );
    check(
        "DROP SUBSCRIPTION s",
        Subject::Global {
            catalog: Catalog::Subscription,
            name: text("s"),
            create: false,
        },
    );
}

#[test]
fn seams_and_work_are_read_from_the_tree() {
    let check = |text: &str, seam, work| {
        let statement = one(text);
        assert_eq!(
            (statement.nature().seam, statement.nature().work),
            (seam, work),
            "{text}"
        );
    };
    check(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        Seam::NotValid,
        Work::Schema,
    );
    check(
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u NOT VALID",
        Seam::NotValid,
        Work::Schema,
    );
    check(
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        Seam::Validate,
        Work::Scan,
    );
    check(
        "ALTER TYPE e ADD VALUE 'x' BEFORE 'y'",
        Seam::EnumValue,
        Work::Schema,
    );
    check("ALTER TABLE t ADD COLUMN b int", Seam::None, Work::Schema);
    check("UPDATE t SET a = 1", Seam::None, Work::Data);
    check(
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        Seam::None,
        Work::Concurrent,
    );
    check(
        "REINDEX (VERBOSE, CONCURRENTLY) INDEX i",
        Seam::None,
        Work::Concurrent,
    );
    check("REINDEX INDEX i", Seam::None, Work::Scan);
}

#[test]
fn what_cannot_run_in_a_migration_is_refused_where_it_stands() {
    let check = |text: &str, start: &str| {
        let error = read(text).expect_err(text);
        assert!(error.to_string().starts_with(start), "{text}: {error}");
        assert!(error.hint().is_some(), "{text}");
    };
    check(
        "SELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;",
        "m.up.sql:2:1: transaction control",
    );
    for control in [
        "begin transaction",
        "START TRANSACTION",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT a",
        "RELEASE a",
        "PREPARE TRANSACTION 'x'",
        "COMMIT PREPARED 'x'",
    ] {
        check(control, "m.up.sql:1:1: transaction control");
    }
    check(
        "COPY t FROM stdin;\nSELECT 1;\n",
        "m.up.sql:1:1: COPY from the client without rows",
    );
    check(
        "COPY t FROM stdin;\n1\nSELECT '\\';\n",
        "m.up.sql:2:1: the rows that begin here never end",
    );
    check(
        "COPY (SELECT 1) TO STDOUT",
        "m.up.sql:1:1: COPY to the client",
    );
    check(
        "SELECT 1;\n\\i other.sql\n",
        "m.up.sql:2:1: \\i is a command",
    );
    check("\\connect other\n", "m.up.sql:1:1: \\connect is a command");
    check(
        "SELECT 1;\nSET client_encoding = 'LATIN1';",
        "m.up.sql:2:1: changes client_encoding",
    );
    check(
        "SELECT 'open;\nSELECT 2;",
        "m.up.sql:1:8: a quote or comment",
    );
    check(
        "SELECT 1; /* open /* */",
        "m.up.sql:1:11: a quote or comment",
    );
    check("SELECT \"open", "m.up.sql:1:8: a quote or comment");
    check("DO $a$ BEGIN END $b$", "m.up.sql:1:4: a quote or comment");
    check("DISCARD ALL", "m.up.sql:1:1: DISCARD ALL");
    check("SELECT 1 \u{1}", "m.up.sql:1:10: a character");
    check(
        &format!("SELECT {}1", "(".repeat(100_000)),
        "m.up.sql:1:264: more than 256",
    );
}

#[test]
fn what_the_grammar_does_not_know_is_kept_with_a_doubt() {
    let doubt = |text: &str| {
        let mut statements = read(text).expect(text);
        let statement = statements.pop().expect("one");
        (statement.class(), statement.doubt.expect(text))
    };
    let (class, unknown) = doubt("SELECT 1;\nCREATE TABEL t (a int)");
    assert_eq!(class, Class::Transactional);
    assert_eq!((unknown.line, unknown.column >= 1), (2, true));
    assert_eq!(doubt("VACUUM !").0, Class::Alone);
    assert_eq!(doubt("CREATE INDEX CONCURRENTLY ON ON t").0, Class::Alone);
}

#[test]
fn hostile_text_neither_panics_nor_hangs() {
    for text in [
        "\u{0}", "$", "$$", "'", "/*", "\\", "((((", "))))", ";;;;", "E'\\", "U&'", "$é$", "é",
        "--",
    ] {
        let _ = read(text);
        let _ = read(&format!("SELECT {text}"));
        let _ = read(&format!(
            "CREATE FUNCTION f() BEGIN ATOMIC {text}; END; {text}"
        ));
    }
}
