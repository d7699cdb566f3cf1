//! `underpin migrate new`: what the migrations lack, written down.

use crate::harness::Sandbox;
use std::fs;

const A: &str = "CREATE TABLE users (id int PRIMARY KEY, email text);";
const B: &str = "CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE);";

/// A machine with an empty project, whose cluster keeps running between the commands.
fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("a.sql", A);
    sandbox.file("b.sql", B);
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    sandbox
}

/// What was written into the up files, oldest first.
fn written(sandbox: &Sandbox) -> Vec<String> {
    let files = fs::read_dir(sandbox.work().join("migrations")).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(".up.sql"));
    paths.sort();
    let text = paths.iter().map(|path| fs::read_to_string(path).unwrap());
    text.collect()
}

#[test]
fn what_is_missing_is_written_and_runs_there_and_back() {
    let sandbox = machine();
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    let pair = "migrations/[..]_add_users.up.sql\nmigrations/[..]_add_users.down.sql";
    migrate(&["new", "add_users", "--to", "file:a.sql"]).is(
        0,
        pair,
        "next: look at them, then `underpin migrate up`",
    );
    migrate(&["new", "again", "--to", "file:a.sql"]).is(
        0,
        "",
        "nothing is missing in the migrations: nothing was written",
    );
    migrate(&["new", "unique_email", "--to", "file:b.sql", "--json"]).is(
        0,
        "[\n  {\n    \"version\": \"[..]\",\n    \"up\": \"migrations/[..]_unique_email.up.sql\",\n...",
        "",
    );
    let [first, index, constraint] = &written(&sandbox)[..] else {
        panic!("a file for the table, one for the index, one for the constraint");
    };
    assert!(
        first.starts_with("-- add users\n\nCREATE TABLE public.users"),
        "{first}"
    );
    assert!(
        index.starts_with("-- no-transaction\n-- unique email, 1 of 2\n"),
        "{index}"
    );
    assert!(
        index.contains("CREATE UNIQUE INDEX CONCURRENTLY users_email_key"),
        "{index}"
    );
    assert!(
        constraint.contains("UNIQUE USING INDEX users_email_key"),
        "{constraint}"
    );
    migrate(&["up", "--quiet"]).is(0, "applied[..]\napplied[..]\napplied[..]", "");
    migrate(&[
        "diff",
        "--from",
        "migrations",
        "--to",
        "file:b.sql",
        "--exit-code",
    ])
    .is(0, "", "");
    migrate(&["down", "--all", "--yes", "--quiet"]).is(0, "...", "");
    migrate(&["up", "--quiet"]).is(0, "applied[..]\napplied[..]\napplied[..]", "");
}

#[test]
fn what_is_lost_needs_an_allowance_and_a_reason_that_the_file_keeps() {
    let sandbox = machine();
    let new = |arguments: &[&str]| {
        let all = [&["migrate", "new", "x", "--to"], arguments].concat();
        sandbox.underpin(all).run()
    };
    sandbox.file("none.sql", "CREATE SCHEMA app;");
    new(&["file:a.sql"]).is(0, "...", "next: [..]");
    new(&["file:none.sql"]).is(
        3,
        "",
        "error: this would lose all rows of public.users\n...",
    );
    let allow = "ban-drop-table";
    new(&["file:none.sql", "--allow", allow]).is(
        3,
        "",
        "error: [..]nobody said why\n\nhint: add --reason[..]",
    );
    let reason = "--reason=it is \"old\"";
    new(&["file:none.sql", "--allow", allow, reason]).is(0, "...", "next: [..]");
    let texts = written(&sandbox);
    let option = "-- underpin: allow=ban-drop-table reason=\"it is \\\"old\\\"\"\n";
    assert!(texts[1].contains(option), "{}", texts[1]);
    let lint = ["migrate", "lint", "migrations", "--level", "error"];
    sandbox.underpin(lint).run().is(0, "", "0 errors[..]");
}

#[test]
fn a_file_says_what_matters_to_those_who_wait_and_to_rows_that_are_there() {
    let sandbox = machine();
    let new = |file: &str| {
        let options = ["--allow-all", "--reason", "unused"];
        let command = sandbox.underpin(["migrate", "new", "x", "--to", file]);
        options
            .into_iter()
            .fold(command, |it, word| it.arg(word))
            .run()
            .is(0, "...", "next: [..]");
    };
    sandbox.file(
        "one.sql",
        "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE a (id int PRIMARY KEY, old int NOT NULL);
         CREATE TABLE b (a int REFERENCES a, m mood);",
    );
    new("file:one.sql");
    sandbox.file(
        "two.sql",
        "CREATE TYPE mood AS ENUM ('fine', 'calm'); CREATE TABLE a (id int PRIMARY KEY, new text DEFAULT 'n');
         CREATE TABLE b (a int REFERENCES a, m mood, n mood DEFAULT 'calm'); CREATE TABLE c (a int REFERENCES a);",
    );
    new("file:two.sql");
    let texts = written(&sandbox);
    let [first, second, third] = &texts[..] else {
        panic!("a new value is used in a file of its own: {texts:#?}");
    };
    assert!(
        !first.contains("EXCLUSIVE"),
        "nobody waits for new tables: {first}"
    );
    assert!(
        second.contains("ADD VALUE 'calm'") && second.contains("ADD COLUMN new text"),
        "{second}"
    );
    assert!(third.contains("DEFAULT 'calm'"), "{third}");
    let points_to_what_was_there =
        "-- SHARE ROW EXCLUSIVE: others only read\nCREATE TABLE public.c";
    assert!(
        format!("{second}{third}").contains(points_to_what_was_there),
        "{second}{third}"
    );
    let folder = fs::read_dir(sandbox.work().join("migrations")).unwrap();
    let downs = folder.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let note = "-- fails when public.a has rows: nothing says what they would have in old\n";
    assert!(
        downs.into_iter().any(|text| text.contains(note)),
        "the way back of DROP COLUMN"
    );
}

#[test]
fn without_models_and_without_a_source_the_way_out_is_told() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["migrate", "new", "x"]).run().is(
        2,
        "",
        "error: this program has no models of its own[..]\n\nhint: add --empty[..]",
    );
}
