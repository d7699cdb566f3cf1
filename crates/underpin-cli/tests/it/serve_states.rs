//! `underpin serve` while something is missing: it stays up, says what, and gets ready by itself.

use crate::harness::{DEADLINE, Running, Sandbox, get};
use crate::serve::address;
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// The URL of the sandbox's embedded cluster, by its port; the cluster runs.
fn cluster_url(sandbox: &Sandbox) -> String {
    let finished = sandbox.underpin(["db", "url", "--tcp"]).run();
    finished.is(0, "[..]", "...");
    finished.stdout.trim().to_owned()
}

fn serve(sandbox: &Sandbox, url: &str, options: &[&str]) -> Running {
    let arguments = ["serve", "--listen", "127.0.0.1:0"].iter().chain(options);
    sandbox.underpin(arguments).env("DATABASE_URL", url).start()
}

/// Asks until the answer has that status.
#[track_caller]
fn eventually(url: &str, status: u16) {
    let until = Instant::now() + DEADLINE;
    loop {
        let answer = get(url);
        if answer.status == status {
            return;
        }
        assert!(
            Instant::now() < until,
            "{url} is still {}: {}",
            answer.status,
            answer.body
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_service_started_before_its_database_migrates_when_it_comes() {
    let sandbox = Sandbox::new();
    let database = cluster_url(&sandbox);
    sandbox.underpin(["db", "stop"]).run().is(0, "...", "...");

    let service = serve(&sandbox, &database, &[]);
    let url = address(&service);
    service.line_with("not ready yet, trying again");
    assert_eq!(get(&format!("{url}/livez")).status, 200);
    assert_eq!(get(&format!("{url}/readyz")).status, 503);
    assert_eq!(get(&format!("{url}/health")).status, 503);
    let answer = get(&format!(
        "{url}/v0.1/servers/io.example%2Fone/versions/latest"
    ));
    assert_eq!(answer.status, 503, "{}", answer.body);

    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    eventually(&format!("{url}/readyz"), 200);
    assert!(
        get(&format!("{url}/v0.1/servers"))
            .body
            .contains("\"count\":0")
    );

    service.terminate();
    let finished = service.wait(DEADLINE);
    let password = database.split([':', '@']).nth(2).unwrap();
    finished.hides(password).is(0, "...", "...");
}

#[test]
fn without_migrations_nothing_is_migrated_and_nothing_is_ready() {
    let sandbox = Sandbox::new();
    let database = cluster_url(&sandbox);
    let service = serve(&sandbox, &database, &["--no-migrate"]);
    let url = address(&service);
    let answer = get(&format!("{url}/readyz"));
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("[+]database ok"), "{}", answer.body);
    assert!(
        answer.body.contains("[-]migrations failed"),
        "{}",
        answer.body
    );
    assert_eq!(get(&format!("{url}/v0.1/servers")).status, 503);
    service.line_with("not ready: the program requires schema version");
    service.line_with("hint: run the migrations of this program: `underpin migrate up`");

    let health = sandbox
        .underpin(["health"])
        .env("DATABASE_URL", &database)
        .run();
    health.is(
        1,
        "...\nfail[..]migrations: migrations pending: [..]\n...",
        "...",
    );

    sandbox
        .underpin(["migrate", "up", "--builtin"])
        .env("DATABASE_URL", &database)
        .run()
        .is(0, "...", "...");
    eventually(&format!("{url}/readyz"), 200);
    let health = sandbox
        .underpin(["health"])
        .env("DATABASE_URL", &database)
        .run();
    health.is(0, "...", "...");
}

#[test]
fn a_wrong_password_ends_the_start_with_the_cause() {
    let sandbox = Sandbox::new();
    let right = cluster_url(&sandbox);
    let password = right.split([':', '@']).nth(2).unwrap();
    let wrong = right.replacen(password, "hunter2-hunter2", 1);
    let finished = serve(&sandbox, &wrong, &[]).wait(DEADLINE);
    finished
        .hides("hunter2-hunter2")
        .is(1, "...", "...\nerror: [..]\n...\nhint: [..]\n...");
}

/// The process that runs the embedded server.
fn postmaster(sandbox: &Sandbox) -> Option<Pid> {
    let file = sandbox.cluster().join("data/postmaster.pid");
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().next()?.parse().ok().and_then(Pid::from_raw)
}

#[test]
fn a_service_starts_its_server_again_when_it_was_killed() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .start();
    let url = address(&service);
    for round in 1..=2 {
        let killed = postmaster(&sandbox).unwrap();
        kill_process(killed, Signal::KILL).unwrap();
        let until = Instant::now() + DEADLINE;
        while postmaster(&sandbox).is_none_or(|pid| pid == killed) {
            assert!(Instant::now() < until, "it is not started again");
            std::thread::sleep(Duration::from_millis(50));
        }
        eventually(&format!("{url}/readyz"), 200);
        let list = get(&format!("{url}/v0.1/servers"));
        assert_eq!(list.status, 200, "{}", list.body);
        let health = get(&format!("{url}/health")).body;
        assert!(health.contains("\"postgres:restarts\""), "{health}");
        assert!(
            health.contains(&format!("\"observedValue\":{round}")),
            "{health}"
        );
    }
    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
    sandbox.has_no_server();
}

#[test]
fn a_server_that_was_stopped_on_purpose_is_not_started_again() {
    let sandbox = Sandbox::new();
    let service = sandbox
        .underpin(["serve", "--listen", "127.0.0.1:0"])
        .start();
    let url = address(&service);
    sandbox
        .underpin(["db", "stop", "--force"])
        .run()
        .is(0, "...", "...");
    eventually(&format!("{url}/readyz"), 503);
    sandbox.has_no_server();
    service.terminate();
    service.wait(DEADLINE).is(0, "...", "...");
}
