//! `underpin migrate lint`: findings, exit codes, fixes, and what is wrong with what was typed.

use crate::harness::Sandbox;
use std::fs;

const INDEX: &str = "CREATE INDEX users_email ON app.users (email);\n";

#[test]
fn errors_end_it_with_1_and_warnings_with_0() {
    let sandbox = Sandbox::new();
    let lint = |sql: &str| {
        sandbox.file("a.sql", sql);
        sandbox.underpin(["migrate", "lint", "a.sql"]).run()
    };
    lint(INDEX).is(
        1,
        "a.sql:1:1: error[require-concurrent-index-creation]: [..]\n  help: [..]\n  fix: [..](--fix does it)",
        "1 error, 0 warnings, 0 notes in 1 file; [..]not shown (--level note); [..]not checked[..]",
    );
    lint("CREATE TABLE app.t (at timestamp);\n").is(
        0,
        "a.sql:1:[..]: warning[prefer-timestamp-tz]: [..]\n  help: [..]\n  fix: [..]",
        "0 errors, 1 warning, [..]",
    );
    lint("SELECT 1;\n").is(0, "", "0 errors, 0 warnings, 0 notes in 1 file; [..]");
    lint("SELECT 1;\nCREATE TABLE x (;\n").is(
        1,
        "a.sql:2:[..]: error[syntax-error]: [..]\n  help: [..]",
        "...",
    );
    lint(&format!(
        "-- underpin: allow=rule1 reason=\"at night\"\n{INDEX}"
    ))
    .is(0, "", "0 errors[..]1 allowed with a reason[..]");
}

#[test]
fn fixes_are_written_back_and_told() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("a.sql", INDEX);
    let lint = || {
        sandbox
            .underpin(["migrate", "lint", "--fix", "a.sql"])
            .run()
    };
    lint().is(
        0,
        "fixed a.sql:1: Add `concurrently` [require-concurrent-index-creation]",
        "0 errors, [..]",
    );
    let fixed = fs::read_to_string(path).unwrap();
    assert_eq!(fixed, INDEX.replace("INDEX", "INDEX concurrently"));
    lint().is(0, "", "0 errors, [..]");
}

#[test]
fn files_folders_and_standard_input_are_read() {
    let sandbox = Sandbox::new();
    sandbox.file("m/20240501120000_a.up.sql", INDEX);
    sandbox.file("m/20240501120000_a.down.sql", "DROP TABLE app.users;");
    let names = |arguments: &[&str]| {
        let lint = sandbox.underpin([&["migrate", "lint", "--json"], arguments].concat());
        lint.stdin("DROP TABLE app.x;").run()
    };
    names(&["m"]).is(
        1,
        "...\n[..]\"file\": \"m/20240501120000_a.up.sql\"[..]\n...",
        "",
    );
    names(&["-"]).is(1, "...\n[..]\"rule\": \"ban-drop-table\"[..]\n...", "");
    names(&["-", "--fix"]).is(
        2,
        "",
        "error: standard input cannot be fixed in place\n\nhint: [..]",
    );
}

#[test]
fn mistakes_are_named_and_end_it_with_2() {
    let sandbox = Sandbox::new();
    sandbox.file("latin1.sql", b"SELECT 1;\n-- caf\xe9\n");
    fs::create_dir(sandbox.work().join("empty")).unwrap();
    let lint = |arguments: &[&str]| {
        sandbox
            .underpin([&["migrate", "lint"], arguments].concat())
            .run()
    };
    lint(&[]).is(2, "", "error: there is no folder [..]/migrations[..]\n...");
    lint(&["nope.sql"]).is(
        2,
        "",
        "error: could not read nope.sql\n  caused by: No such file[..]\n\nhint: [..]",
    );
    lint(&["empty"]).is(
        2,
        "",
        "error: the folder empty has no .sql files\n\nhint: [..]",
    );
    lint(&["latin1.sql"]).is(
        2,
        "",
        "error: latin1.sql:2: not UTF-8\n...\nhint: save the file as UTF-8",
    );
    lint(&["a.sql", "--pg-version", "x"]).is(2, "", "error: [..]no version of PostgreSQL[..]\n...");
    lint(&["--explain", "ban-drop-colunm"]).is(
        2,
        "",
        "error: nothing to explain\n  caused by: no lint rule \"ban-drop-colunm\"\n\nhint: did you mean ban-drop-[..]",
    );
}

#[test]
fn rules_explain_themselves() {
    let sandbox = Sandbox::new();
    let lint = |arguments: &[&str]| {
        sandbox
            .underpin([&["migrate", "lint"], arguments].concat())
            .run()
    };
    lint(&["--explain", "rule18"]).is(0, "# ban-drop-column (`rule18`)\n...\n## Safe\n...", "");
    lint(&["--list-rules"]).is(0, "...\nrule18 [..]ban-drop-column [..]error[..]\n...", "");
}

#[test]
fn a_database_that_was_asked_for_must_answer() {
    let sandbox = Sandbox::new();
    sandbox.file("a.sql", "SELECT 1;");
    let lint = || sandbox.underpin(["migrate", "lint", "a.sql"]);
    let url = "postgres://app@127.0.0.1:1/app";
    lint()
        .arg("--database-url")
        .arg(url)
        .run()
        .is(1, "", "error: [..]\n...");
    lint().env("DATABASE_URL", url).run().is(
        0,
        "",
        "warning: the database does not answer[..]\n...",
    );
}

#[test]
fn measured_files_are_run_each_after_the_ones_before_it_in_its_folder() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "migrations/20240501120000_a.up.sql",
        "CREATE TABLE public.a (id int);",
    );
    sandbox.file(
        "migrations/20240502120000_b.up.sql",
        "ALTER TABLE public.a ALTER COLUMN id TYPE bigint;",
    );
    let arguments = ["migrate", "lint", "migrations", "--measure", "--json"];
    let found = sandbox.underpin(arguments).run();
    let json: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    let rewrite = findings.clone().find(|it| it["rule"] == "measured-rewrite");
    let rewrite = rewrite.unwrap_or_else(|| panic!("{json}"));
    assert_eq!(rewrite["file"], "migrations/20240502120000_b.up.sql");
    assert_eq!(
        rewrite["message"],
        "public.a was written anew, with all its indexes."
    );
    assert!(
        !findings
            .into_iter()
            .any(|it| it["rule"] == "measured-failure")
    );
}
