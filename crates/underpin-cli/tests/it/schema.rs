//! `underpin migrate check`, `dump` and `docs`: what a schema is, and whether it is what it should be.

use crate::harness::Sandbox;

const UP: &str = "migrations/20240501120000_users.up.sql";
const TABLE: &str =
    "CREATE TABLE users (id int PRIMARY KEY, email text);\nCOMMENT ON TABLE users IS 'a | b';\n";

/// A machine whose cluster has one migrated table.
struct Machine {
    sandbox: Sandbox,
    url: String,
}

impl Machine {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
        let url = sandbox.underpin(["db", "url"]).run().stdout;
        sandbox.file(UP, TABLE);
        let machine = Self {
            sandbox,
            url: url.trim().to_owned(),
        };
        machine.migrate(&["up"]).is(0, "...", "...");
        machine
    }

    fn migrate(&self, arguments: &[&str]) -> crate::harness::Finished {
        let invocation = self.sandbox.underpin([&["migrate"], arguments].concat());
        invocation.env("DATABASE_URL", &self.url).run()
    }

    fn by_hand(&self, sql: &str) {
        let arguments = ["db", "psql", "--", "-qc", sql];
        self.sandbox.underpin(arguments).run().is(0, "...", "...");
    }
}

#[test]
fn check_tells_what_was_done_by_hand_and_how_to_undo_it() {
    let machine = Machine::new();
    machine.migrate(&["check"]).is(
        0,
        "-- migrations and database are the same",
        "no models are linked: only migrations and database are compared",
    );
    machine.by_hand("ALTER TABLE users ADD COLUMN phone text");
    machine.migrate(&["check"]).is(
        4,
        "-- migrations and database differ; by hand was done:\n...\nALTER TABLE public.users ADD COLUMN phone text;\n...\n\
         -- to undo it:\n...\nALTER TABLE public.users DROP COLUMN phone;\n...",
        "...",
    );
    let found = machine.migrate(&["check", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found.code, Some(4));
    assert_eq!(json["equal"], false);
    let comparison = &json["comparisons"][0];
    assert_eq!(comparison["from"], "migrations");
    assert_eq!(
        comparison["statements"][0]["sql"],
        "ALTER TABLE public.users ADD COLUMN phone text;"
    );
}

#[test]
fn check_and_dump_name_what_no_plan_makes() {
    let machine = Machine::new();
    machine.by_hand("CREATE PUBLICATION told FOR TABLE users");
    let told = "publication told is only in the database, and no plan makes or drops it: by hand";
    machine.migrate(&["check"]).is(
        4,
        &format!("-- migrations and database differ in what no plan changes\n-- {told}"),
        "...",
    );
    let found = machine.migrate(&["check", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found.code, Some(4));
    assert_eq!(json["equal"], false);
    assert_eq!(json["comparisons"][0]["equal"], false);
    assert_eq!(
        json["comparisons"][0]["not_compared"],
        serde_json::json!([{ "object": "publication told", "standing": "only_in_to" }])
    );
    machine.migrate(&["dump"]).is(
        0,
        "-- A schema[..]\n-- not in this file: publication told\n...",
        "note: not written, because it is of a kind that is not known here: publication told",
    );
}

#[test]
fn check_compares_the_built_in_models_and_says_what_is_missing() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["migrate", "check", "--builtin"]).run().is(
        0,
        "-- migrations and models are the same",
        "no database is configured: started the embedded cluster in [..] (`underpin db start` keeps it running)\n2 models of underpin-stores\n\
         no database is known: only models and migrations are compared",
    );
}

#[test]
fn a_dump_loaded_into_an_empty_database_is_dumped_as_the_same_bytes() {
    let machine = Machine::new();
    machine
        .migrate(&["dump", "--output", "schema.sql"])
        .is(0, "", "wrote schema.sql");
    let work = machine.sandbox.work();
    let dumped = std::fs::read_to_string(work.join("schema.sql")).unwrap();
    assert!(dumped.contains("CREATE TABLE public.users ("), "{dumped}");
    assert!(!dumped.contains("underpin."), "{dumped}");
    let again = machine.migrate(&["dump", "--from", "file:schema.sql"]);
    assert_eq!(again.stdout, dumped);
}

#[test]
fn docs_are_written_and_said_to_be_out_of_date() {
    let machine = Machine::new();
    let check = ["docs", "--output", "schema.md", "--check"];
    machine.migrate(&check).is(
        4,
        "",
        "schema.md is not there: run the command without --check",
    );
    machine.migrate(&check[..3]).is(0, "", "wrote schema.md");
    machine.migrate(&check).is(0, "", "");
    machine.by_hand("COMMENT ON COLUMN users.email IS 'where to write to'");
    machine.migrate(&check).is(
        4,
        "",
        "schema.md is out of date: run the command without --check",
    );
    let text = std::fs::read_to_string(machine.sandbox.work().join("schema.md")).unwrap();
    assert!(
        text.contains("| [`public.users`](#public.users) | a \\| b |"),
        "{text}"
    );
}

#[test]
fn verify_names_the_migration_whose_way_back_leads_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.file(UP, TABLE);
    sandbox.file(
        "migrations/20240501120000_users.down.sql",
        "DROP TABLE users;",
    );
    sandbox.file(
        "migrations/20240502120000_names.up.sql",
        "ALTER TABLE users ADD COLUMN first text, ADD COLUMN last text;\nCREATE INDEX CONCURRENTLY users_last ON users (last);",
    );
    let down = "migrations/20240502120000_names.down.sql";
    sandbox.file(down, "ALTER TABLE users DROP COLUMN last;");
    sandbox.file(
        "migrations/20240503120000_ages.up.sql",
        "ALTER TABLE users ADD COLUMN age int;",
    );
    let verify = || sandbox.underpin(["migrate", "verify"]).run();
    verify().is(
        4,
        "20240501120000 users  up, down and up again\n20240502120000 names  DOWN DOES NOT LEAD BACK\n\
         table public.users differs\n...\n20240503120000 ages  up; it has no down file",
        "chain app: 3 migrations replayed, 1 fault",
    );
    sandbox.file(
        down,
        "ALTER TABLE users DROP COLUMN last, DROP COLUMN first;",
    );
    verify().is(
        0,
        "...\n20240502120000 names  up, down and up again\n...",
        "...",
    );
    sandbox.file(down, "DROP TABLE nothing;");
    verify().is(4, "...\n20240502120000 names  DOWN FAILS\n...", "...");
}

#[test]
fn squash_asks_before_it_removes_files_and_databases_know_the_one() {
    let machine = Machine::new();
    machine.sandbox.file(
        "migrations/20240502120000_names.up.sql",
        "ALTER TABLE users ADD COLUMN name text;",
    );
    machine.migrate(&["up"]).is(0, "...", "...");
    let squash = [
        "squash",
        "--to",
        "20240502120000",
        "--name",
        "first",
        "--yes",
    ];
    machine.migrate(&squash[..5]).is(
        3,
        "",
        "migrations/20240502120000_first.up.sql would be written anew from what they make, instead of\n  \
         migrations/20240501120000_users.up.sql\n  migrations/20240502120000_names.up.sql\n\
         error: nobody can be asked, and this would remove 2 files[..]\n\nhint: add --yes[..]",
    );
    machine.migrate(&squash).is(
        0,
        "migrations/20240502120000_first.up.sql",
        "removed 2 files",
    );
    machine.migrate(&["up"]).is(0, "nothing to do", "...");
    machine
        .migrate(&["status", "--exit-code"])
        .is(0, "20240502120000 first  applied[..]", "...");
    machine
        .migrate(&["check"])
        .is(0, "-- migrations and database are the same", "...");
}
