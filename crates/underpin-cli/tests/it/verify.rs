//! `underpin verify`: one line a check, exit code 0 or 1.

use crate::harness::Sandbox;

#[test]
fn a_migrated_embedded_cluster_is_ready() {
    let sandbox = Sandbox::new();
    sandbox
        .underpin(["migrate", "up", "--builtin"])
        .run()
        .is(0, "...", "...");
    sandbox.underpin(["verify", "--quiet"]).run().is(
        0,
        "ok   url: postgresql://underpin:********@[..] (the embedded cluster: no URL is given)\n\
         ok   server: PostgreSQL [..], connected in [..] ms\n\
         skip migrations: there is no folder ./migrations here\n\
         ok   built-in: all 3 built-in migrations are applied\n\
         ok   extensions: none is required; vector (optional[..]\n\
         ok   connections: the pool may open 22; opened 22 at once; max_connections [..]\n\
         ok   clock: the server is [..] ms [..] this machine (round trip [..] ms)\n\
         ok   tls: plain: the server is on this machine\n",
        "",
    );
}

#[test]
fn a_server_that_cannot_be_reached_lets_the_rest_be_skipped() {
    let url = "postgres://app:hunter2-hunter2@127.0.0.1:1/app";
    let finished = Sandbox::new()
        .underpin(["verify", "--database-url", url])
        .run();
    finished.hides("hunter2").is(
        1,
        "ok   url: postgresql://app:********@127.0.0.1:1/app\n\
         fail server: could not connect to 127.0.0.1:1: Connection refused (os error [..])\n     hint: [..]\n\
         skip migrations: not checked: the server cannot be used\n\
         skip built-in: not checked: the server cannot be used\n\
         skip extensions: [..]\nskip connections: [..]\nskip clock: [..]\nskip tls: [..]\n",
        "",
    );
}

#[test]
fn a_malformed_url_fails_the_first_check() {
    let url = "postgres//app:hunter2-hunter2@nowhere";
    let finished = Sandbox::new()
        .underpin(["verify", "--database-url", url])
        .run();
    finished.hides("hunter2").is(
        1,
        "fail url: [..]\n...\nskip server: not checked: there is no usable database URL\n...",
        "",
    );
}

#[test]
fn a_pool_that_is_larger_than_the_server_allows_fails() {
    let sandbox = Sandbox::new();
    let finished = sandbox
        .underpin(["verify", "--quiet"])
        .env("DB_POOL_SIZE", "900")
        .run();
    finished.is(1, "...\nfail connections: the pool may open 912, but only [..] fit: max_connections [..]\n     hint: [..]\n...", "");
}

#[test]
fn a_fresh_machine_is_ready() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["verify"]).run().is(
        0,
        "ok   url: [..]\nok   server: [..]\nskip migrations: there is no folder ./migrations here\n\
         ok   built-in: none of the built-in migrations is applied: `underpin serve` makes its tables at its start\n...",
        "no database is configured: started the embedded cluster in [..] (`underpin db start` keeps it running)",
    );
}

#[test]
fn the_migrations_of_this_folder_are_looked_at_and_told_apart_from_the_built_in_ones() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    let verify = || sandbox.underpin(["verify"]).run();
    let up = ["migrate", "up"];
    sandbox.file("migrations/20240501120000_a.up.sql", "CREATE TABLE a ();");
    verify().is(
        1,
        "...\nfail migrations: 0 of 1 migrations in ./migrations are applied; 1 pending\n     hint: run `underpin migrate up`\n...",
        "",
    );
    sandbox.underpin(up).run().is(0, "...", "...");
    verify().is(
        0,
        "...\nok   migrations: all 1 migrations in ./migrations are applied\nok   built-in: none of [..]\n...",
        "",
    );
    sandbox.file("migrations/20240501120000_a.up.sql", "CREATE TABLE b ();");
    verify().is(
        1,
        "...\nfail migrations: [..]1 changed since they were applied\n     hint: look at `underpin migrate status`[..]\n...",
        "",
    );
    sandbox.file("migrations/20240501120000_a.up.sql", "");
    verify().is(
        1,
        "...\nfail migrations: [..]the file is empty\n     hint: [..]\n...",
        "",
    );
}
