//! A program of its own with a migration in Rust: the example `own_commands`.

use super::machine;
use std::path::Path;

#[test]
fn a_programs_own_migration_in_rust_is_shown_run_and_recorded_among_the_files() {
    let sandbox = machine();
    let binary = Path::new(env!("CARGO_BIN_EXE_underpin"));
    let program = binary.with_file_name("examples").join("own_commands");
    let own = |arguments: &[&str]| {
        let arguments = [&["migrate"], arguments].concat();
        sandbox.program(&program, arguments).run()
    };
    let table = "migrations/20240501120000_users.up.sql";
    sandbox.file(
        table,
        "CREATE TABLE users (id bigint PRIMARY KEY, name text, name_lower text); INSERT INTO users VALUES (1, 'Ada');",
    );
    let check = "migrations/20240701120000_check.up.sql";
    sandbox.file(check, "DELETE FROM users WHERE name_lower = 'ada'");
    own(&["up", "--dry-run"]).is(
        0,
        &format!(
            "-- {table}\n...\n-- <program>/20240601090000_fill_lower_names.up\n-- 1 SELECT: [..]by the program, in batches[..]\n\
             SELECT 'data migration fill_lower_names in Rust, up, revision 1';\n-- {check}\n..."
        ),
        "...",
    );
    own(&["up"]).is(
        0,
        "applied 20240501120000 users ([..])\napplied 20240601090000 fill_lower_names (1 statement, [..])\n\
         applied 20240701120000 check ([..])",
        "...",
    );
    own(&["history"]).is(
        0,
        "...\n20240601090000 fill_lower_names  applied [..]\n  up 1  alone, done[..]1 row[..]\n...",
        "...",
    );
    own(&["status", "--exit-code"]).is(0, "...", "...");

    // The plain binary knows what it is, leaves it alone, and does not go on without it.
    let plain = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    plain(&["status", "--exit-code"]).is(
        0,
        "...\n20240601090000 fill_lower_names  applied by a program that has it in Rust  [..]\n...",
        "...\nchain app (migrations): 3 applied, 0 pending",
    );
    plain(&["up"]).is(0, "nothing to do", "...");
    sandbox.file("migrations/20240801120000_more.up.sql", "SELECT 1;");
    let refused = "...\nerror: migration 20240601090000 fill_lower_names is written in Rust: [..]\n\nhint: run the service's own command[..]";
    plain(&["up"]).is(3, "", refused);
    own(&["up"]).is(0, "applied 20240801120000 more ([..])", "...");
}
