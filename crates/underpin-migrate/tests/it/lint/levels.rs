//! How bad a finding is, by what the file itself says.

use underpin_migrate::lint::{self, Level, Settings};

/// The level at which a rule reports; none when it is silent.
fn level(sql: &str, rule: &str) -> Option<Level> {
    let findings = lint::check(sql, &Settings::default());
    let mut own = findings.iter().filter(|it| it.rule.name == rule);
    own.next().map(|it| it.level)
}

fn check(sql: &str, rule: &str, expected: Option<Level>) {
    assert_eq!(level(sql, rule), expected, "{rule}: {sql}");
}

#[test]
fn a_table_that_the_file_creates_may_be_locked() {
    let index = "CREATE INDEX i ON app.t (c);";
    let rule = "require-concurrent-index-creation";
    check(index, rule, Some(Level::Error));
    check(
        &format!("CREATE TABLE app.t (c bigint); {index}"),
        rule,
        Some(Level::Note),
    );
    check(
        &format!("CREATE TABLE t (c bigint); {index}"),
        rule,
        Some(Level::Note),
    );
    check(
        &format!("CREATE TABLE other.t (c bigint); {index}"),
        rule,
        Some(Level::Error),
    );
    check(
        &format!("CREATE TABLE IF NOT EXISTS app.t (c bigint); {index}"),
        rule,
        Some(Level::Error),
    );
    // In one transaction squawk says nothing at all.
    check(
        &format!("BEGIN; CREATE TABLE app.t (c bigint); {index} COMMIT;"),
        rule,
        None,
    );
}

#[test]
fn constant_defaults_are_free() {
    let rule = "adding-field-with-default";
    let add = |default: &str| format!("ALTER TABLE app.t ADD COLUMN c int DEFAULT {default};");
    for free in [
        "-1",
        "(1)",
        "CURRENT_DATE",
        "'{}'::jsonb",
        "1 + 1",
        "now()",
        "-(2 * 3)",
        "CURRENT_USER",
    ] {
        check(&add(free), rule, None);
    }
    for dear in [
        "random()",
        "gen_random_uuid()",
        "my_own()",
        "1 + random()",
        "clock_timestamp()",
    ] {
        check(&add(dear), rule, Some(Level::Error));
    }
}

#[test]
fn a_unique_constraint_is_one_error_not_two() {
    let sql = "ALTER TABLE app.t ADD CONSTRAINT k UNIQUE (a);";
    check(sql, "disallowed-unique-constraint", Some(Level::Error));
    check(sql, "constraint-missing-not-valid", Some(Level::Note));
}

#[test]
fn a_constraint_of_the_file_itself_may_be_dropped() {
    let rule = "ban-drop-constraint";
    let drop = "ALTER TABLE app.t DROP CONSTRAINT k;";
    check(drop, rule, Some(Level::Warning));
    let add = "ALTER TABLE app.t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;";
    check(&format!("{add} {drop}"), rule, Some(Level::Note));
    check(&format!("{drop} {add}"), rule, Some(Level::Warning));
}

#[test]
fn cascade_of_a_foreign_key_is_no_drop() {
    let rule = "drop-cascade";
    check("DROP TABLE app.t CASCADE;", rule, Some(Level::Error));
    check(
        "ALTER TABLE app.t DROP COLUMN a CASCADE;",
        rule,
        Some(Level::Error),
    );
    check(
        "ALTER TABLE app.t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES app.u (id) ON DELETE CASCADE NOT VALID;",
        rule,
        None,
    );
    check("REVOKE SELECT ON app.t FROM a CASCADE;", rule, None);
}

#[test]
fn backfills_are_seen_where_they_hold_a_lock() {
    let rule = "backfill-with-schema-change";
    let update = "UPDATE app.t SET c = 1 WHERE c IS NULL;";
    check(
        &format!("ALTER TABLE app.t ADD COLUMN c int; {update}"),
        rule,
        Some(Level::Error),
    );
    check(
        &format!("ALTER TABLE app.other ADD COLUMN c int; {update}"),
        rule,
        None,
    );
    check(
        &format!("BEGIN; ALTER TABLE app.t ADD COLUMN c int; COMMIT; {update}"),
        rule,
        None,
    );
    check(
        &format!("CREATE TABLE app.t (c int); ALTER TABLE app.t ADD COLUMN d int; {update}"),
        rule,
        Some(Level::Note),
    );
    check(
        "UPDATE app.t SET c = 1;",
        "unbatched-backfill",
        Some(Level::Warning),
    );
    check(
        "DELETE FROM app.t WHERE true;",
        "unbatched-backfill",
        Some(Level::Warning),
    );
    check(update, "unbatched-backfill", None);
}

#[test]
fn foreign_keys_are_covered_by_what_begins_with_their_columns() {
    let rule = "foreign-key-without-index";
    let key =
        "ALTER TABLE app.t ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES app.u (x, y) NOT VALID;";
    check(key, rule, Some(Level::Warning));
    check(
        &format!("{key} CREATE INDEX ON app.t (b, a, c);"),
        rule,
        None,
    );
    check(
        &format!("{key} CREATE INDEX ON app.t (c, a, b);"),
        rule,
        Some(Level::Warning),
    );
    check(
        &format!("{key} CREATE INDEX ON app.t (a);"),
        rule,
        Some(Level::Warning),
    );
    check(
        "CREATE TABLE app.t (id bigint PRIMARY KEY REFERENCES app.u (id));",
        rule,
        None,
    );
    check(
        "CREATE TABLE app.t (u bigint REFERENCES app.u (id));",
        rule,
        Some(Level::Warning),
    );
    check(
        "CREATE TABLE app.t (u bigint, v bigint REFERENCES app.u (id), PRIMARY KEY (v, u));",
        rule,
        None,
    );
}
