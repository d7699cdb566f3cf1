//! `underpin db`: the embedded cluster by hand.

use crate::harness::Sandbox;
use std::fs;

#[test]
fn a_cluster_that_was_started_stays_until_it_is_stopped() {
    let sandbox = Sandbox::new();
    let first = "PostgreSQL [..] started: port [..], process [..]";
    let notes = "data: [..]\nlog: [..]/server.log";
    sandbox.underpin(["db", "start"]).run().is(0, first, notes);
    let again = "PostgreSQL [..] was running already: port [..], process [..]";
    sandbox.underpin(["db", "start"]).run().is(0, again, notes);
    // A command that uses it leaves it running: it did not start it.
    let psql = [
        "db",
        "psql",
        "--",
        "-Atc",
        "SELECT current_user || ' on ' || current_database()",
    ];
    sandbox
        .underpin(psql)
        .run()
        .is(0, "underpin on underpin", "");
    sandbox
        .underpin(["db", "stop"])
        .run()
        .is(0, "stopped the cluster in [..]", "");
    sandbox
        .underpin(["db", "stop"])
        .run()
        .is(0, "no cluster runs in [..]", "");
}

#[test]
fn psql_starts_what_it_needs_and_passes_its_failure_on() {
    let sandbox = Sandbox::new();
    let failing = ["db", "psql", "--", "-c", "SELECT nothing_like_that"];
    sandbox.underpin(failing).run().is(
        1,
        "",
        "ERROR:  column \"nothing_like_that\" does not exist\n...",
    );
    sandbox
        .underpin(["db", "stop"])
        .run()
        .is(0, "no cluster runs in [..]", "");
}

#[test]
fn only_url_prints_the_password_and_what_it_prints_works() {
    let sandbox = Sandbox::new();
    let started = sandbox.underpin(["db", "start", "--json"]).run();
    let password = fs::read_to_string(sandbox.cluster().join("password")).unwrap();
    started.is(0, "...", "").hides(&password);
    for option in ["--quiet", "--tcp"] {
        let url = sandbox.underpin(["db", "url", option]).run();
        assert!(url.stdout.contains(&password), "{url:?}");
        let url = url.stdout.trim();
        sandbox
            .underpin(["verify", "--database-url", url])
            .run()
            .hides(&password);
    }
    sandbox
        .underpin(["db", "stop"])
        .run()
        .is(0, "stopped the cluster in [..]", "")
        .hides(&password);
}

#[test]
fn stop_is_refused_while_others_use_the_cluster_unless_forced() {
    let sandbox = Sandbox::new();
    let asleep = [
        "db",
        "psql",
        "--",
        "-c",
        "\\echo ready",
        "-c",
        "SELECT pg_sleep(60)",
    ];
    let user = sandbox.underpin(asleep).start();
    user.line_with("ready");
    let refusal = "error: other processes use the cluster in [..]\n\nhint: [..]--force[..]";
    sandbox.underpin(["db", "stop"]).run().is(3, "", refusal);
    sandbox
        .underpin(["db", "stop", "--force"])
        .run()
        .is(0, "stopped the cluster in [..]", "");
    user.wait(crate::harness::DEADLINE);
}

#[test]
fn a_version_without_a_portable_build_is_refused() {
    let sandbox = Sandbox::new();
    let stderr =
        "[..]\nerror: there is no portable build of PostgreSQL 15\n\nhint: choose one of 1[..]";
    sandbox
        .underpin(["db", "install", "--version", "15"])
        .run()
        .is(1, "", stderr);
}
