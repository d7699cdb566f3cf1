//! Repeatable files and deferred migrations, as the commands show them.

use super::machine;

#[test]
fn repeatable_files_and_deferred_migrations_are_shown_and_run() {
    let sandbox = machine();
    let table = "migrations/20240501120000_t.up.sql";
    let view = "migrations/repeatable/v.sql";
    sandbox.file(table, "-- underpin: deferred\nCREATE TABLE t (a int);");
    sandbox.file(view, "CREATE OR REPLACE VIEW v AS SELECT a FROM t;");
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["status"]).is(
        0,
        "20240501120000 t  pending, deferred\nrepeatable v  pending",
        "...",
    );
    migrate(&["up", "--dry-run"]).is(
        0,
        &format!(
            "-- {table}\n-- 1 CREATE TABLE: [..]\nCREATE TABLE t (a int);\n\
             -- {view}, run again whenever it changes\n-- 1 CREATE VIEW: [..]\nCREATE OR REPLACE VIEW[..]"
        ),
        "...",
    );
    migrate(&["up"]).is(
        0,
        "applied 20240501120000 t (1 statement, [..] ms)\napplied repeatable v",
        "...",
    );
    migrate(&["up"]).is(0, "nothing to do", "...");
    sandbox.file(
        view,
        "CREATE OR REPLACE VIEW v AS SELECT a, a + 1 AS b FROM t;",
    );
    migrate(&["status", "--exit-code"]).is(
        4,
        "20240501120000 t  applied[..]\nrepeatable v  changed, to be run again  [..]",
        "...",
    );
    migrate(&["up"]).is(0, "applied repeatable v", "...");
    migrate(&["status", "--exit-code"]).is(0, "...\nrepeatable v  applied  [..]", "...");
}
