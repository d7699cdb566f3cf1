//! What is looked at when there is a folder, when there is none, and when there is more in it than is read.

use super::machine;
use crate::harness::Sandbox;

/// The user's own tables and extensions of the embedded database.
fn objects(sandbox: &Sandbox) -> String {
    let sql = "SELECT coalesce(string_agg(name, ' ' ORDER BY name), 'nothing') FROM (
        SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        UNION ALL SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'underpin') AS t";
    let finished = sandbox.underpin(["db", "psql", "--", "-Atc", sql]).run();
    finished.stdout.trim().to_owned()
}

#[test]
fn without_a_folder_nothing_is_made_and_it_is_said_where_was_looked() {
    let sandbox = machine();
    let told = "error: there is no folder [..]/work/migrations: no migrations were looked at\n\n\
                hint: [..]migrate new[..]--dir[..]--builtin[..]";
    for command in [
        &["up"][..],
        &["up", "--dry-run"],
        &["down", "--yes"],
        &["status"],
        &["history"],
        &["current"],
        &["verify"],
        &["check"],
        &["stamp"],
        &["redo", "--yes"],
        &["lint"],
        &["squash", "--to", "20240501120000"],
        &["diff", "--from", "migrations", "--to", "file:none.sql"],
    ] {
        let finished = sandbox.underpin([&["migrate"], command].concat()).run();
        finished.is(2, "", told);
    }
    let elsewhere = sandbox.underpin(["migrate", "up", "--dir", "other"]).run();
    elsewhere.is(
        2,
        "",
        "error: there is no folder [..]/work/other: [..]\n...",
    );
    assert_eq!(objects(&sandbox), "nothing");
}

#[test]
fn the_built_in_chain_is_run_when_it_is_asked_for_and_leads_back_to_nothing() {
    let sandbox = machine();
    sandbox.file("migrations/20240501120000_a.up.sql", "CREATE TABLE a ();");
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["up"]).is(0, "applied 20240501120000 a [..]", "...");
    assert_eq!(objects(&sandbox), "a underpin");
    migrate(&["up", "--builtin"]).is(0, "applied [..]\n...", "...");
    assert!(objects(&sandbox).contains("registry_servers"));
    migrate(&["verify", "--builtin"]).is(
        0,
        "...",
        "...\nchain underpin: 3 migrations replayed, 0 faults",
    );
    migrate(&["down", "--builtin", "--all", "--yes", "--allow-data-loss"]).is(0, "...", "...");
    assert_eq!(objects(&sandbox), "a underpin");
}

#[test]
fn an_extension_that_was_there_or_is_used_stays_when_the_built_in_chain_goes_back() {
    let sandbox = machine();
    let psql = |sql| {
        let arguments = ["db", "psql", "--admin", "--", "-qc", sql];
        sandbox.underpin(arguments).run().is(0, "...", "...");
    };
    let migrate = |arguments: &[&str]| {
        let arguments = [&["migrate"], arguments, &["--builtin"]].concat();
        sandbox.underpin(arguments).run().is(0, "...", "...");
    };
    let down = ["down", "--all", "--yes", "--allow-data-loss"];
    psql("CREATE EXTENSION pg_trgm");
    migrate(&["up"]);
    migrate(&down);
    assert!(objects(&sandbox).contains("pg_trgm"));
    psql("DROP EXTENSION pg_trgm");
    migrate(&["up"]);
    psql(
        "CREATE TABLE public.words (w text); CREATE INDEX ON public.words USING gin (w gin_trgm_ops)",
    );
    migrate(&down);
    assert_eq!(objects(&sandbox), "pg_trgm underpin words");
}

#[test]
fn folders_of_sql_that_are_not_looked_into_are_named() {
    let sandbox = machine();
    sandbox.file(
        "migrations/20240501120000_a.up.sql",
        "CREATE TABLE a (b text);",
    );
    sandbox.file(
        "migrations/old/20230501120000_z.up.sql",
        "CREATE TABLE z ();",
    );
    sandbox.file(
        "migrations/repeatable/more/v.sql",
        "CREATE VIEW v AS SELECT 1;",
    );
    let note =
        "note: SQL in sub-folders is not looked at: migrations/old, migrations/repeatable/more";
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["status"]).is(0, "...", &format!("{note}\n..."));
    migrate(&["up"]).is(0, "applied [..]", &format!("{note}\n..."));
    let files = "note: SQL in sub-folders is not looked at: migrations/old, migrations/repeatable";
    migrate(&["lint"]).is(0, "...", &format!("{files}\n..."));
    let diff = ["diff", "--from", "migrations", "--to", "file:migrations"];
    migrate(&diff).is(0, "", &format!("{note}\n{files}"));
}

#[test]
fn lint_looks_at_the_migrations_when_nothing_is_named() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "migrations/20240501120000_a.up.sql",
        "CREATE INDEX i ON app.t (a);",
    );
    sandbox.file("sql/20240501120000_a.up.sql", "DROP TABLE app.t;");
    let lint = |arguments: &[&str]| {
        let arguments = [&["migrate", "lint"], arguments].concat();
        sandbox.underpin(arguments).run()
    };
    lint(&[]).is(
        1,
        "migrations/20240501120000_a.up.sql:1:1: error[require-concurrent-index-creation]: [..]\n...",
        "...",
    );
    lint(&["--dir", "sql"]).is(
        1,
        "sql/20240501120000_a.up.sql:1:1: error[ban-drop-table]: [..]\n...",
        "...",
    );
}

#[test]
fn a_file_that_is_too_large_to_be_run_stops_nothing_else() {
    let sandbox = machine();
    let mut large = b"CREATE TABLE a ();".to_vec();
    large.resize(16 * 1024 * 1024 + 1, b'\n');
    sandbox.file("migrations/20240501120000_a.up.sql", large);
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["status"]).is(0, "20240501120000 a  pending", "...");
    migrate(&["up"]).is(
        1,
        "",
        "...\nerror: migrations/20240501120000_a.up.sql: larger than 16 MiB\n\nhint: [..]psql -f FILE[..]migrate stamp[..]",
    );
    migrate(&["stamp", "--to", "20240501120000"]).is(0, "stamped [..]", "...");
    sandbox.file("migrations/20240502120000_b.up.sql", "CREATE TABLE b ();");
    migrate(&["up"]).is(0, "applied 20240502120000 b [..]", "...");
}
