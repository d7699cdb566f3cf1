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
         ok   migrations: [..]\n\
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
