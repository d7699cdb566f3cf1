//! Passwords are in no output: not in results, not in notes, not in errors, not in the log.

use crate::harness::{DEADLINE, Sandbox};
use std::fs;

const PASSWORD: &str = "hunter2-hunter2";

/// Commands that print something about the database, or fail because of it.
const COMMANDS: [&[&str]; 8] = [
    &["verify"],
    &["verify", "--json"],
    &["health"],
    &["config", "show"],
    &["config", "show", "--json"],
    &["migrate", "status", "--builtin"],
    &["registry", "list"],
    &["registry", "list", "--json"],
];

#[test]
fn the_password_of_a_configured_database_is_never_printed() {
    let sandbox = Sandbox::new();
    let url = format!("postgres://app:{PASSWORD}@127.0.0.1:1/app");
    for command in COMMANDS {
        sandbox
            .underpin(command)
            .env("DATABASE_URL", &url)
            .run()
            .hides(PASSWORD);
        sandbox
            .underpin(command)
            .env("POSTGRES_SERVER", "127.0.0.1")
            .env("POSTGRES_PASSWORD", PASSWORD)
            .run()
            .hides(PASSWORD);
        let toml = sandbox.file("secret.toml", format!("[database]\nurl = \"{url}\"\n"));
        sandbox
            .underpin(command)
            .arg("--config")
            .arg(toml)
            .run()
            .hides(PASSWORD);
        sandbox
            .underpin(command)
            .arg("--database-url")
            .arg(&url)
            .run()
            .hides(PASSWORD);
    }
}

#[test]
fn the_password_in_a_malformed_setting_is_never_printed() {
    let sandbox = Sandbox::new();
    for url in [
        format!("postgres://app:{PASSWORD}@127.0.0.1:port/app"),
        format!("postgres//app:{PASSWORD}@127.0.0.1/app"),
        format!("app:{PASSWORD}"),
        format!("host=127.0.0.1 password={PASSWORD} nonsense"),
        format!("postgres://app@127.0.0.1/app?password={PASSWORD}&nonsense=1"),
    ] {
        for command in COMMANDS {
            sandbox
                .underpin(command)
                .env("DATABASE_URL", &url)
                .run()
                .hides(PASSWORD);
        }
    }
}

#[test]
fn the_generated_password_of_the_embedded_cluster_is_never_printed() {
    let sandbox = Sandbox::new();
    sandbox
        .underpin(["migrate", "up", "--builtin"])
        .run()
        .is(0, "...", "...");
    let password = fs::read_to_string(sandbox.cluster().join("password")).unwrap();
    let password = password.trim();
    assert!(password.len() >= 16, "a generated password is long");
    for command in COMMANDS {
        sandbox.underpin(command).run().hides(password);
    }
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .env("LOG_LEVEL", "trace")
        .start();
    service.line_with("http://");
    service.terminate();
    service.wait(DEADLINE).hides(password);
}
