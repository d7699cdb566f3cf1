//! Ctrl-C, SIGTERM and SIGHUP: every command ends, with the code that shells count, and leaves nothing running.

use crate::harness::{DEADLINE, Invocation, Running, Sandbox};
use crate::serve::address;
use std::time::Duration;
use underpin_testkit::{PrivateCluster, TestDb, private_cluster, wait_until};

/// A way to tell a command to end, and the exit code that follows from it.
type Telling = (fn(&Running), i32);

const TELLINGS: [Telling; 3] = [
    (Running::interrupt, 130),
    (Running::terminate, 143),
    (Running::hang_up, 129),
];

/// No command takes long to end, but this machine may be busy.
const SOON: Duration = Duration::from_secs(60);

/// Runs the command once for each signal, which comes when `is_busy`.
async fn check(make: impl Fn() -> Invocation, is_busy: impl AsyncFn() -> bool, sandbox: &Sandbox) {
    for (tell, code) in TELLINGS {
        let running = make().start();
        wait_until(DEADLINE, &is_busy).await;
        tell(&running);
        let finished = running.wait(SOON);
        assert_eq!(finished.code, Some(code), "{finished:?}");
        assert!(!finished.stderr.contains("error:"), "{}", finished.stderr);
        sandbox.has_no_server();
    }
}

/// A command asks the database this very moment, somewhere on the server.
async fn sleeps(server: &TestDb) -> bool {
    let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600%' AND pid <> pg_backend_pid())";
    let row = server.database().query_one(sql, &[]).await.unwrap();
    row.get(0).unwrap()
}

#[tokio::test]
async fn scratch_work_leaves_no_database_behind() {
    let sandbox = Sandbox::new();
    sandbox.file("a.sql", "SELECT pg_sleep(600);");
    sandbox.file("b.sql", "CREATE TABLE t (a int);");
    let server = private_cluster().await;
    let admin = underpin_pool::Database::connect(server.url("postgres"))
        .await
        .unwrap();
    let ask = async |sql: &str| -> i64 {
        let row = admin.query_one(sql, &[]).await.unwrap();
        row.get(0).unwrap()
    };
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600%' AND pid <> pg_backend_pid()";
    let left = "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'underpin_scratch_')";
    let diff = [
        "migrate",
        "diff",
        "--from",
        "file:a.sql",
        "--to",
        "file:b.sql",
        "--scratch",
    ];
    let url = server.url("postgres").expose().clone();
    let make = || sandbox.underpin(diff).arg(&url);
    for (tell, code) in TELLINGS {
        let running = make().start();
        wait_until(DEADLINE, async || ask(asleep).await > 0).await;
        assert!(ask(left).await > 0);
        tell(&running);
        let finished = running.wait(SOON);
        assert_eq!(finished.code, Some(code), "{finished:?}");
        assert_eq!(ask(left).await, 0, "{finished:?}");
    }
    admin.close().await;
    drop::<PrivateCluster>(server);
}

#[tokio::test]
async fn scratch_work_on_the_embedded_cluster_leaves_no_server_behind() {
    let sandbox = Sandbox::new();
    sandbox.file("a.sql", "SELECT pg_sleep(600);");
    let diff = [
        "migrate",
        "diff",
        "--from",
        "file:a.sql",
        "--to",
        "file:a.sql",
    ];
    let scratch = sandbox.cluster().join("scratch");
    let is_busy = async || {
        let entries = scratch.read_dir().into_iter().flatten().flatten();
        let mut folders = entries.map(|entry| entry.path());
        folders.any(|folder| folder.join("data/postmaster.pid").exists())
    };
    check(|| sandbox.underpin(diff), is_busy, &sandbox).await;
}

#[tokio::test]
async fn a_start_of_the_embedded_cluster_gives_up() {
    for (tell, code) in TELLINGS {
        let sandbox = Sandbox::new();
        let running = sandbox
            .underpin(["serve", "--listen", "127.0.0.1:0"])
            .start();
        wait_until(DEADLINE, async || {
            sandbox.cluster().join("start.lock").exists()
        })
        .await;
        tell(&running);
        let finished = running.wait(SOON);
        assert!(
            [Some(code), Some(0)].contains(&finished.code),
            "{finished:?}"
        );
        sandbox.has_no_server();
    }
}

#[tokio::test]
async fn a_migration_that_waits_for_the_lock_ends() {
    let sandbox = Sandbox::new();
    let db = TestDb::empty().await;
    sandbox.file(
        "migrations/20240101000001_a.up.sql",
        "SELECT pg_sleep(600);",
    );
    let make = || {
        let up = ["migrate", "up", "--wait", "10min"];
        sandbox.underpin(up).env("DATABASE_URL", db.url().expose())
    };
    let first = make().start();
    wait_until(DEADLINE, async || sleeps(&db).await).await;
    for (tell, code) in TELLINGS {
        let second = make().start();
        second.line_with("waiting for another process");
        tell(&second);
        assert_eq!(second.wait(SOON).code, Some(code));
    }
    first.terminate();
    assert_eq!(first.wait(SOON).code, Some(143));
}

#[tokio::test]
async fn an_import_that_waits_for_its_input_ends_and_stops_its_cluster() {
    let sandbox = Sandbox::new();
    let make = || sandbox.underpin(["registry", "import", "-"]).open_stdin();
    let is_busy = async || sandbox.cluster().join("data/postmaster.pid").exists();
    check(make, is_busy, &sandbox).await;
}

#[tokio::test]
async fn psql_below_ends_with_the_command_and_takes_ctrl_c_for_itself() {
    let sandbox = Sandbox::new();
    let asleep = [
        "db",
        "psql",
        "--",
        "-c",
        "\\echo ready",
        "-c",
        "SELECT pg_sleep(600)",
    ];
    for (tell, code) in [TELLINGS[1], TELLINGS[2]] {
        let running = sandbox.underpin(asleep).start();
        running.line_with("ready");
        running.interrupt();
        tell(&running);
        assert_eq!(running.wait(SOON).code, Some(code));
        sandbox.has_no_server();
    }
}

#[tokio::test]
async fn a_service_finishes_in_order_and_a_second_signal_ends_it_at_once() {
    let sandbox = Sandbox::new();
    for (tell, _) in TELLINGS {
        let service = sandbox
            .underpin(["serve", "--listen", "127.0.0.1:0"])
            .start();
        address(&service);
        tell(&service);
        service.wait(SOON).is(0, "...", "...");
        sandbox.has_no_server();
    }
    for (tell, _) in TELLINGS {
        let service = sandbox
            .underpin(["serve", "--listen", "127.0.0.1:0"])
            .start();
        let url = address(&service);
        // A request that never ends holds up the first signal for its grace period of 30 s.
        let mut held = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        std::io::Write::write_all(&mut held, b"GET /livez HTTP/1.1\r\n").unwrap();
        tell(&service);
        tell(&service);
        service.wait(SOON).is(0, "...", "...");
        sandbox.has_no_server();
    }
}

#[tokio::test]
async fn a_check_of_a_database_that_does_not_answer_ends() {
    let sandbox = Sandbox::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "postgres://u@{}/d?connect_timeout=600",
        silent.local_addr().unwrap()
    );
    for command in ["health", "verify"] {
        for (tell, code) in TELLINGS {
            let running = sandbox.underpin([command, "--database-url", &url]).start();
            let connected = silent.accept().unwrap();
            tell(&running);
            assert_eq!(running.wait(SOON).code, Some(code), "{command}");
            drop(connected);
        }
    }
}
