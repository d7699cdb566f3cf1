//! Held against squawk itself: what it reports is reported, but for what is written here with a reason.

use squawk_linter::{Linter, LinterSettings};
use squawk_syntax::SourceFile;
use std::collections::BTreeSet;
use underpin_migrate::lint::{self, Settings};

/// Statements about a table; each is also wrapped, and run after others.
const STATEMENTS: &[&str] = &[
    "CREATE INDEX i ON t (a)",
    "CREATE UNIQUE INDEX IF NOT EXISTS i ON t USING btree (lower(a)) WHERE a > ''",
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "DROP INDEX i, j",
    "DROP INDEX CONCURRENTLY IF EXISTS i",
    "REINDEX (VERBOSE) TABLE t",
    "REINDEX SYSTEM d",
    "ALTER TABLE t ADD COLUMN a int",
    "ALTER TABLE t ADD COLUMN a int DEFAULT 1",
    "ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now()",
    "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD COLUMN a text NOT NULL",
    "ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED",
    "ALTER TABLE t ADD COLUMN a bigserial PRIMARY KEY",
    "ALTER TABLE t ADD COLUMN a bigint UNIQUE REFERENCES u (id)",
    "ALTER TABLE ONLY t ALTER COLUMN a TYPE varchar(20), ALTER COLUMN b SET NOT NULL",
    "ALTER TABLE IF EXISTS t ALTER a DROP NOT NULL, ALTER a SET DEFAULT 1, ALTER a DROP DEFAULT",
    "ALTER TABLE t DROP COLUMN IF EXISTS a CASCADE",
    "ALTER TABLE t RENAME COLUMN a TO b",
    "ALTER TABLE t RENAME TO v",
    "ALTER TABLE t RENAME CONSTRAINT k TO l",
    "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)",
    "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT k",
    "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id)",
    "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a), ADD PRIMARY KEY (b)",
    "ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i",
    "ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&)",
    "ALTER TABLE t DROP CONSTRAINT k",
    "ALTER TABLE t DETACH PARTITION p",
    "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (1) TO (2)",
    "ALTER TABLE t REPLICA IDENTITY FULL",
    "ALTER TABLE t SET SCHEMA s",
    "ALTER TABLE t OWNER TO r",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY, DISABLE TRIGGER ALL",
    "DROP TABLE IF EXISTS t",
    "TRUNCATE t CASCADE",
    "DROP SCHEMA s CASCADE",
    "DROP DATABASE d",
    "DROP VIEW v",
    "DROP FUNCTION f(int)",
    "DROP TYPE y",
    "DROP SEQUENCE q",
    "DROP EXTENSION e",
    "DROP POLICY p ON t",
    "CREATE POLICY p ON t USING (true)",
    "ALTER POLICY p ON t TO public USING (a > 0)",
    "REVOKE ALL ON t FROM r",
    "GRANT ALL ON t TO r",
    "VACUUM FULL t",
    "VACUUM (FULL false) t",
    "CLUSTER t USING i",
    "ALTER TYPE y ADD VALUE 'x'",
    "ALTER TYPE y RENAME VALUE 'x' TO 'z'",
    "ALTER DOMAIN d ADD CONSTRAINT k CHECK (value > 0)",
    "CREATE DOMAIN d AS int NOT NULL",
    "ALTER SEQUENCE q RESTART",
    "ALTER EXTENSION e UPDATE",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "CREATE TABLE w (a int, b smallserial, c char(3), d varchar(3), e timestamp, f json)",
    "CREATE TABLE IF NOT EXISTS s.w (id bigint PRIMARY KEY, t bigint REFERENCES t (id))",
    "CREATE TEMP TABLE w (a bigint) ON COMMIT DROP",
    "UPDATE t SET a = 1, a = 2",
    "DELETE FROM t",
    "SET lock_timeout = '1s'",
    "COMMENT ON TABLE t IS 'x'",
    "SELECT 1",
];

/// What may come before and after a statement.
const PLACES: &[(&str, &str)] = &[
    ("", ";"),
    ("BEGIN; ", "; COMMIT;"),
    ("BEGIN; SELECT 1; ROLLBACK; ", ";"),
    ("CREATE TABLE t (id bigint); ", ";"),
    ("BEGIN; CREATE TABLE t (id bigint); ", "; COMMIT;"),
    (
        "SET lock_timeout = '1s'; SET statement_timeout = '5s'; ",
        ";",
    ),
    (
        "ALTER TABLE t ADD CONSTRAINT k CHECK (b IS NOT NULL) NOT VALID; ",
        ";",
    ),
    ("-- squawk-ignore-file\n", ";"),
];

/// Rules of squawk that are silent where PostgreSQL does no such thing, and why.
const SILENT: &[(&str, &str)] = &[(
    "ban-concurrent-index-creation-in-transaction",
    "ROLLBACK has ended the transaction",
)];

/// Rules that are reported where squawk is silent, and why.
const LOUDER: &[(&str, &str)] = &[
    (
        "require-timeout-settings",
        "squawk's alias is reported beside what it stands for",
    ),
    ("prefer-repack", "without a version it is a note"),
];

#[test]
fn what_squawk_reports_is_reported() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for statement in STATEMENTS {
        for (before, after) in PLACES {
            let sql = format!("{before}{statement}{after}");
            for version in [None, Some("11"), Some("19")] {
                for assume in [false, true] {
                    compared += 1;
                    let (theirs, ours) =
                        (squawk(&sql, version, assume), own(&sql, version, assume));
                    let named =
                        |list: &[(&str, &str)], it: &str| list.iter().any(|(name, _)| *name == it);
                    let missing = theirs.difference(&ours).filter(|it| !named(SILENT, it));
                    let added = ours.difference(&theirs).filter(|it| !named(LOUDER, it));
                    let differing: Vec<_> = missing.chain(added).collect();
                    if !differing.is_empty() {
                        wrong.push(format!(
                            "{differing:?} on {version:?}, in a transaction {assume}: {sql}"
                        ));
                    }
                }
            }
        }
    }
    println!("{compared} comparisons");
    assert!(
        wrong.is_empty(),
        "{} of {compared}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(20)]
    );
}

fn squawk(sql: &str, version: Option<&str>, assume_in_transaction: bool) -> BTreeSet<String> {
    let mut linter = Linter::from(enum_iterator::all::<squawk_linter::Rule>());
    linter.settings = LinterSettings {
        pg_version: version.unwrap_or("15").parse().expect("a version"),
        assume_in_transaction,
    };
    let violations = linter.lint(&SourceFile::parse(sql), sql);
    violations
        .into_iter()
        .map(|it| it.code.to_string())
        .collect()
}

/// Ours, of squawk's rules.
fn own(sql: &str, version: Option<&str>, assume_in_transaction: bool) -> BTreeSet<String> {
    let mut settings = Settings::default();
    settings.pg_version = version.map(|it| it.parse().expect("a version"));
    settings.assume_in_transaction = assume_in_transaction;
    let findings = lint::check(sql, &settings);
    let names = findings.iter().map(|it| it.rule.name);
    let theirs = names.filter(|it| squawk_linter::Rule::try_from(*it).is_ok());
    theirs.map(String::from).collect()
}
