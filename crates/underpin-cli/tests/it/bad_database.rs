//! A database that cannot be used: each reason is told apart, with the next step, and the password stays hidden.

use crate::harness::Sandbox;

const PASSWORD: &str = "hunter2-hunter2";

/// Commands that need the database.
const COMMANDS: [&[&str]; 3] = [
    &["migrate", "status", "--builtin"],
    &["registry", "list"],
    &["health"],
];

#[track_caller]
fn every_command(url: &str, code: i32, stderr: &str) {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let finished = sandbox.underpin(command).env("DATABASE_URL", url).run();
        finished.hides(PASSWORD).is(code, "...", stderr);
    }
}

#[test]
fn a_garbage_url_is_a_wrong_setting() {
    every_command(
        &format!("postgres//app:{PASSWORD}@nowhere"),
        2,
        "error: [..]\n...",
    );
}

#[test]
fn a_port_where_nothing_listens_is_refused_with_the_cause() {
    every_command(
        &format!("postgres://app:{PASSWORD}@127.0.0.1:1/app"),
        1,
        "...\n[..]: could not connect to 127.0.0.1:1\n  caused by: Connection refused (os error [..])\n\nhint: [..]",
    );
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    every_command(
        &format!("postgres://app:{PASSWORD}@nowhere.invalid/app"),
        1,
        "...\n[..]: the host name nowhere.invalid cannot be resolved\n  caused by: [..]\n\nhint: [..]",
    );
}

#[test]
fn an_address_that_never_answers_ends_at_the_deadline() {
    // TEST-NET-1 (RFC 5737): nobody is there. A network that says so at once is as good.
    let sandbox = Sandbox::new();
    let url = format!("postgres://app:{PASSWORD}@192.0.2.1/app?connect_timeout=2");
    let finished = sandbox
        .underpin(["registry", "list"])
        .env("DATABASE_URL", url)
        .run();
    finished.hides(PASSWORD).is(1, "", "error: [..]\n...");
}

#[test]
fn a_wrong_password_and_an_unknown_database_are_told_apart() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    let url = sandbox.underpin(["db", "url", "--tcp"]).run().stdout;
    let (before, rest) = url.trim().rsplit_once('@').unwrap();
    let (user, password) = before.rsplit_once(':').unwrap();
    for (url, expected) in [
        (
            format!("{user}:{PASSWORD}@{rest}"),
            "error: [..]\n  caused by: [..]password authentication failed[..]\n\nhint: [..]",
        ),
        (
            format!("{before}@{}", rest.replace("/underpin", "/nowhere")),
            "error: [..]\n  caused by: [..]database \"nowhere\" does not exist[..]\n\nhint: [..]",
        ),
    ] {
        let finished = sandbox
            .underpin(["registry", "list", "--database-url", &url])
            .run();
        finished.hides(PASSWORD).hides(password).is(1, "", expected);
    }
}

#[test]
fn health_names_the_cause_when_a_right_is_missing_as_verify_does() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    sandbox
        .underpin(["migrate", "up", "--builtin"])
        .run()
        .is(0, "...", "...");
    let role = format!("CREATE ROLE poor LOGIN PASSWORD '{PASSWORD}'");
    sandbox
        .underpin(["db", "psql", "--admin", "--", "-c", &role])
        .run()
        .is(0, "...", "...");
    let url = sandbox.underpin(["db", "url", "--tcp"]).run().stdout;
    let (_, rest) = url.trim().rsplit_once('@').unwrap();
    let url = format!("postgres://poor:{PASSWORD}@{rest}");
    for command in ["health", "verify"] {
        let finished = sandbox.underpin([command, "--database-url", &url]).run();
        finished.hides(PASSWORD).is(1, "...", "...");
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert!(said.contains("permission denied"), "{command}: {said}");
        assert!(!said.contains("the log"), "{command}: {said}");
    }
}
