//! `underpin migrate`: a user's folder of migrations, from the first file to the last exit code.

mod amend;
mod behaviour;
mod branches;
mod data;
mod folder;
mod limits;
mod preview;
mod project;
mod repeatable;
mod restore;
mod revert;
mod sum;

use crate::harness::Sandbox;

const UP: &str = "migrations/20240501120000_users.up.sql";
const DOWN: &str = "migrations/20240501120000_users.down.sql";
const TABLE: &str = "CREATE TABLE users (id int PRIMARY KEY, email text);\nCREATE INDEX CONCURRENTLY users_email ON users (email);\n";

/// A machine whose cluster keeps running between the commands.
fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    sandbox
}

#[test]
fn a_new_migration_is_written_and_bad_names_get_a_better_one() {
    let sandbox = Sandbox::new();
    let new = |name| sandbox.underpin(["migrate", "new", "--empty", name]).run();
    new("add_users").is(
        0,
        "migrations/[..]_add_users.up.sql\nmigrations/[..]_add_users.down.sql",
        "next: write the SQL into them, then `underpin migrate verify` and `underpin migrate up`",
    );
    new("Add Users").is(2, "", "error: [..]try add_users\n...");
    sandbox
        .underpin(["migrate", "new", "x", "--builtin"])
        .run()
        .is(
            2,
            "",
            "error: built-in migrations cannot be written\n\nhint: [..]--dir[..]",
        );
}

#[test]
fn a_migration_is_shown_applied_reported_and_reverted() {
    let sandbox = machine();
    sandbox.file(UP, TABLE);
    sandbox.file(DOWN, "DROP TABLE users;");
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["up", "--dry-run"]).is(
        0,
        &format!(
            "-- {UP}\n-- 1 CREATE TABLE: no table lock; transaction 1, up to 30s\nCREATE TABLE[..]\n\
             -- 2 CREATE INDEX: SHARE UPDATE EXCLUSIVE (others read and write); alone, outside a transaction, up to 20m\n\
             CREATE INDEX[..]"
        ),
        "...",
    );
    migrate(&["status", "--exit-code"]).is(
        4,
        "20240501120000 users  pending",
        "...\nchain app (migrations): 0 applied, 1 pending",
    );
    migrate(&["up"]).is(
        0,
        "applied 20240501120000 users (2 statements, [..] ms)",
        "...",
    );
    migrate(&["up"]).is(0, "nothing to do", "...");
    migrate(&["current"]).is(0, "20240501120000", "...");
    migrate(&["history"]).is(
        0,
        "20240501120000 users  applied [..]\n  up 1  transactional, done[..]\n  up 2  alone, done[..]",
        "...",
    );
    migrate(&["down"]).is(
        3,
        "",
        &format!(
            "...\nDROP TABLE users;\nerror: [..]would run 1 file: {DOWN}\n\nhint: add --yes[..]"
        ),
    );
    migrate(&["down", "--yes"]).is(
        0,
        "reverted 20240501120000 users (1 statement, [..] ms)",
        "...",
    );
    migrate(&["current"]).is(0, "", "...\nno migration is applied");
}

#[test]
fn files_that_are_wrong_or_were_changed_are_named_with_the_right_exit_code() {
    let sandbox = machine();
    let up = || sandbox.underpin(["migrate", "up"]).run();
    sandbox.file(UP, "CREATE TABLE users (id int);\nSELECT nope;\n");
    up().is(
        1,
        "",
        &format!(
            "...\nerror: {UP}:2:8: statement 2 of 2 failed\n...\nhint: [..]underpin migrate up[..]"
        ),
    );
    sandbox.file(UP, "SELECT 1;\nCOMMIT;\n");
    up().is(
        1,
        "",
        &format!("...\nerror: {UP}:2:1: transaction control in a migration\n...\nhint: [..]"),
    );
    sandbox.file(UP, "-- underpin: lock_timout=5s\nSELECT 1;\n");
    up().is(
        1,
        "",
        &format!("error: {UP}:1:1: unknown option \"lock_timout\"[..]\n..."),
    );
    sandbox.file(UP, "SELECT 1;\n");
    up().is(0, "applied [..]", "...");
    sandbox.file(UP, "select 1; -- the same\r\n");
    up().is(
        0,
        "nothing to do",
        "...\nwarning: [..]reformatted since[..]\n...",
    );
    sandbox.file(UP, "SELECT 2;\n");
    up().is(
        6,
        "",
        &format!(
            "...\nerror: {UP} was changed after it was applied, from statement 1 on\n\nhint: [..]"
        ),
    );
    sandbox.file("other/users.sql", "SELECT 1;");
    let other = sandbox.underpin(["migrate", "up", "--dir", "other"]).run();
    other.is(
        1,
        "",
        "error: other/users.sql: not the name of a migration[..]\n...",
    );
}

#[test]
fn a_second_process_gives_up_waiting_with_an_exit_code_of_its_own() {
    let sandbox = machine();
    sandbox.file(UP, "SELECT pg_sleep(600);");
    let holder = sandbox.underpin(["migrate", "up"]).start();
    holder.line_with("applying");
    let waiter = sandbox.underpin(["migrate", "up", "--wait", "300ms"]).run();
    waiter.is(5, "", "...\nerror: another process has been migrating for longer than 300ms: server process [..]\n\nhint: [..]");
}
