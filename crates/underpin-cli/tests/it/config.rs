//! `underpin config show`, and settings that are wrong.

use crate::harness::Sandbox;

#[test]
fn every_setting_is_shown_with_its_origin_and_secrets_masked() {
    let sandbox = Sandbox::new();
    sandbox.file("underpin.toml", "[pool]\nsize = 7\n");
    let shown = sandbox
        .underpin(["config", "show"])
        .env(
            "DATABASE_URL",
            "postgres://app:hunter2-hunter2@localhost/app",
        )
        .env("DB_MAX_OVERFLOW", "3")
        .run();
    shown.is(0, "...", "").hides("hunter2");
    for (key, value, origin) in [
        ("database.url", "app:********@localhost", "DATABASE_URL"),
        ("pool.size", "7", "underpin.toml"),
        ("pool.max_overflow", "3", "DB_MAX_OVERFLOW"),
        ("pool.lanes", "2", "default"),
    ] {
        let line = shown.stdout.lines().find(|line| line.starts_with(key));
        let line = line.unwrap_or_else(|| panic!("{key} is not in\n{}", shown.stdout));
        assert!(line.contains(value) && line.contains(origin), "{line}");
    }
}

#[test]
fn an_unknown_key_names_its_place_and_the_nearest_key() {
    let sandbox = Sandbox::new();
    sandbox.file("underpin.toml", "[pool]\nsizes = 7\n");
    sandbox.file("migrations/20240101000001_a.up.sql", "SELECT 1;");
    for command in [
        ["config", "show"],
        ["registry", "list"],
        ["migrate", "status"],
    ] {
        let expected = "error: [..]pool.sizes[..]underpin.toml[..]\n\nhint: [..]pool.size[..]";
        sandbox.underpin(command).run().is(2, "", expected);
    }
}

#[test]
fn a_value_out_of_range_names_key_source_and_what_is_allowed() {
    let expected = "error: pool.size (environment DB_POOL_SIZE)[..]allowed: [..]\n...";
    Sandbox::new()
        .underpin(["config", "show"])
        .env("DB_POOL_SIZE", "-1")
        .run()
        .is(2, "", expected);
}

#[test]
fn a_settings_file_that_is_not_there_is_named() {
    let expected = "error: [..]nowhere.toml[..]\n...";
    Sandbox::new()
        .underpin(["config", "show", "--config", "nowhere.toml"])
        .run()
        .is(2, "", expected);
}
