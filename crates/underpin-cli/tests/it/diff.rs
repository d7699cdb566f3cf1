//! `underpin migrate diff`: the way between two schemas, printed for psql.

use crate::harness::Sandbox;
use underpin_testkit::TestDb;

const A: &str = "CREATE TABLE users (id int PRIMARY KEY, email text);";
const B: &str =
    "CREATE TABLE users (id int PRIMARY KEY, email text, team int);\nCREATE INDEX ON users (team);";

/// A machine with two schemas, whose cluster keeps running between the commands.
fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("a.sql", A);
    sandbox.file("b.sql", B);
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    sandbox
}

#[test]
fn the_way_between_two_schemas_is_printed_and_nothing_when_they_are_equal() {
    let sandbox = machine();
    let diff = |arguments: &[&str]| {
        let all = [&["migrate", "diff"], arguments].concat();
        sandbox.underpin(all).run()
    };
    let up = "-- ACCESS EXCLUSIVE: nobody else reads or writes
ALTER TABLE public.users ADD COLUMN team integer;

-- outside a transaction; SHARE UPDATE EXCLUSIVE: others read and write
CREATE INDEX CONCURRENTLY users_team_idx ON public.users (team);";
    diff(&["--from", "file:a.sql", "--to", "file:b.sql"]).is(0, up, "");
    diff(&["--from", "file:a.sql", "--to", "file:b.sql", "--exit-code"]).is(4, up, "");
    diff(&["--from", "file:b.sql", "--to", "file:b.sql", "--exit-code"]).is(0, "", "");
    diff(&["--from", "file:a.sql", "--to", "file:b.sql", "--down"]).is(
        0,
        "-- outside[..]\nDROP INDEX CONCURRENTLY public.users_team_idx;\n\n-- loses all values of public.users.team \
         (ban-drop-column)\n-- ACCESS[..]\nALTER TABLE public.users DROP COLUMN team;",
        "",
    );
    diff(&["--from", "file:a.sql", "--to", "file:b.sql", "--json"]).is(
        0,
        "{\n  \"direction\": \"up\",\n  \"statements\": [\n    {\n      \"object\": \"column public.users.team\",\n      \"sql\": \
         \"ALTER TABLE public.users ADD COLUMN team integer;\",\n      \"lock\": \"ACCESS EXCLUSIVE\",\n      \"alone\": false\n...",
        "",
    );
}

#[test]
fn what_would_be_lost_is_refused_until_it_is_allowed() {
    let sandbox = machine();
    let back = |allow: &[&str]| {
        let diff = [
            "migrate",
            "diff",
            "--from",
            "file:b.sql",
            "--to",
            "file:a.sql",
        ];
        sandbox.underpin([&diff, allow].concat()).run()
    };
    back(&[]).is(
        3,
        "",
        "error: this would lose all values of public.users.team\n\nhint: add --allow ban-drop-column[..]",
    );
    back(&["--allow", "rule30"]).is(3, "", "...");
    for allow in [
        &["--allow", "rule18"],
        &["--allow", "ban-drop-column"],
        &["--allow-all", "--quiet"],
    ] {
        back(allow).is(
            0,
            "-- outside[..]\nDROP INDEX CONCURRENTLY[..]\n\n-- loses[..]\n[..]\nALTER TABLE public.users DROP COLUMN team;",
            "",
        );
    }
    back(&["--allow", "rule1800"]).is(2, "", "error: [..]no lint rule \"rule1800\"[..]\n...");
}

#[test]
fn the_models_of_this_program_are_what_its_migrations_make() {
    let sandbox = machine();
    let diff = [
        "migrate",
        "diff",
        "--builtin",
        "--from",
        "migrations",
        "--to",
        "models",
    ];
    sandbox
        .underpin(diff)
        .arg("--exit-code")
        .run()
        .is(0, "", "");
}

#[test]
fn wrong_sources_are_named() {
    let sandbox = Sandbox::new();
    let diff = |from: &str| {
        let arguments = ["migrate", "diff", "--to", "models", "--from", from];
        sandbox.underpin(arguments).run()
    };
    diff("schema.sql").is(
        2,
        "",
        "error: --from: \"schema.sql\" is no source of a schema\n\nhint: name models, migrations, file:PATH or postgres://…",
    );
    diff("file:none.sql").is(1, "", "error: could not read none.sql\n...");
    diff("postgres://ada:hunter2@host:port/db")
        .is(2, "", "error: --from: not the address of a database\n...")
        .hides("hunter2");
}

/// PostgreSQL 15.20 notes a number of its own at every column, another in each database.
#[tokio::test]
async fn what_a_server_notes_at_its_columns_is_named_once_and_makes_no_difference() {
    let sandbox = machine();
    let live = TestDb::empty().await;
    let planted = format!(
        "{A} UPDATE pg_attribute SET attoptions = ARRAY['pg_attver=' || attrelid] WHERE attrelid = 'users'::regclass;"
    );
    live.database().batch(&planted).await.expect("a superuser");
    let url = live.url().expose();
    let note = "note: options that the server keeps for itself, or that are not known here, are neither compared nor copied: \
                pg_attver of columns";
    let diff = |to: &str| {
        let diff = ["migrate", "diff", "--exit-code", "--from", &url, "--to", to];
        sandbox.underpin(diff)
    };
    diff("file:a.sql").run().is(0, "", note);
    let up = "[..]\nALTER TABLE public.users ADD COLUMN team integer;\n...";
    diff("file:b.sql").run().is(4, up, note);
    let json = diff("file:a.sql").arg("--json").run();
    let shown: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(
        shown["unknown_options"],
        serde_json::json!(["pg_attver of columns"])
    );
    let dump = ["migrate", "dump", "--from", &url];
    let dump = sandbox.underpin(dump).run();
    dump.is(0, "...", note);
    assert!(!dump.stdout.contains("pg_attver"), "{}", dump.stdout);
}

#[test]
fn what_no_plan_makes_is_named_with_exit_code_4() {
    let sandbox = machine();
    sandbox.file("told.sql", format!("{A} CREATE PUBLICATION told;"));
    sandbox.file(
        "less.sql",
        format!("{A} CREATE PUBLICATION told WITH (publish = 'insert');"),
    );
    let diff = |from: &str, to: &str| {
        let diff = ["migrate", "diff", "--from", from, "--to", to];
        sandbox.underpin(diff)
    };
    diff("file:told.sql", "file:told.sql").run().is(0, "", "");
    let differs = "publication told differs (pubdelete, pubtruncate, pubupdate), which no plan changes: by hand";
    diff("file:told.sql", "file:less.sql").run().is(
        4,
        &format!("-- {differs}"),
        &format!("warning: {differs}"),
    );
    let only = "publication told is only in the target, and no plan makes or drops it: by hand";
    diff("file:a.sql", "file:told.sql")
        .arg("--quiet")
        .run()
        .is(4, &format!("-- {only}"), "");
    let json = diff("file:told.sql", "file:b.sql").arg("--json").run();
    assert_eq!(json.code, Some(4));
    let shown: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(shown["statements"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        shown["not_compared"],
        serde_json::json!([{ "object": "publication told", "standing": "only_in_from" }])
    );
}
