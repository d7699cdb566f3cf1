//! Several processes on one database at once.

use crate::harness::{DEADLINE, Finished, Running, Sandbox};

const PROCESSES: usize = 5;

#[test]
fn five_migrations_at_once_migrate_exactly_once() {
    let sandbox = Sandbox::new();
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    let running: Vec<Running> = (0..PROCESSES)
        .map(|_| {
            sandbox
                .underpin(["migrate", "up", "--builtin", "--json"])
                .start()
        })
        .collect();
    let finished: Vec<Finished> = running
        .into_iter()
        .map(|process| process.wait(DEADLINE))
        .collect();
    let applied = finished.iter().map(|finished| {
        finished.is(0, "...", "...");
        applied(&finished.stdout)
    });
    let busy: Vec<usize> = applied.filter(|count| *count > 0).collect();
    assert_eq!(busy.len(), 1, "{busy:?} of {finished:#?}");
}

#[test]
fn five_services_at_once_on_a_new_machine_all_become_ready() {
    let sandbox = Sandbox::new();
    let serve = || {
        sandbox
            .underpin(["serve", "--listen", "127.0.0.1:0"])
            .start()
    };
    let services: Vec<Running> = (0..PROCESSES).map(|_| serve()).collect();
    for service in &services {
        service.line_with("http://");
    }
    for service in &services {
        service.terminate();
    }
    for service in services {
        service.wait(DEADLINE).is(0, "...", "...");
    }
}

/// How many migrations a process applied.
fn applied(stdout: &str) -> usize {
    let report: serde_json::Value = serde_json::from_str(stdout).unwrap();
    report["migrations"].as_array().map_or(0, Vec::len)
}
