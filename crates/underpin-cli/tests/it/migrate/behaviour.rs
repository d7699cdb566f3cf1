//! What breaks other tools, done to the real binary in processes of their own. The numbers are those of the table in
//! `underpin-migrate/tests/README.md`, which says where the rest is.

use super::project::{Project, path};
use crate::harness::{DEADLINE, Finished, Running};
use std::time::{Duration, Instant};
use underpin_pool::Session;
use underpin_testkit::{PgBouncer, PgBouncerSettings, shared_cluster, wait_until};

const PROCESSES: usize = 5;
const VALID: &str = "SELECT string_agg(i.relname || '=' || x.indisvalid, ' ' ORDER BY i.relname)
    FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid WHERE x.indrelid = 't'::regclass";

/// Statements that somebody runs in the project's database just now.
async fn running(project: &Project, like: &str) -> bool {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '{like}'"
    );
    project.ask(&sql).await != "0"
}

/// 1. sqlx wedges here: a failed run leaves its advisory lock in the pool.
#[tokio::test]
async fn after_a_failed_migration_a_second_run_gets_the_lock_at_once() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int);\nSELECT nope;")]).await;
    project
        .migrate("up")
        .is(1, "", "...\nerror: [..]:2:8: statement 2 of 2 failed\n...");
    project.write("1_a.up", "CREATE TABLE t (a int);");
    project.migrate("up --wait 1s").is(0, "applied [..]", "...");
}

/// 2. awa leaked its lock when the future was dropped; here Ctrl-C and SIGTERM drop it, and SIGKILL takes the process away.
#[tokio::test]
async fn an_interrupted_run_ends_its_statement_and_frees_the_lock() {
    for (stop, code) in [
        (Running::interrupt as fn(&Running), Some(130)),
        (Running::terminate, Some(143)),
        (Running::kill, None),
    ] {
        let project =
            Project::new(&[("1_a.up", "CREATE TABLE t (a int);\nSELECT pg_sleep(600);")]).await;
        let process = project.command("up").start();
        wait_until(DEADLINE, async || {
            running(&project, "SELECT pg_sleep%").await
        })
        .await;
        stop(&process);
        assert_eq!(process.wait(DEADLINE).code, code);
        wait_until(Duration::from_secs(5), async || {
            !running(&project, "SELECT pg_sleep%").await
        })
        .await;
        project.write("1_a.up", "CREATE TABLE t (a int);");
        project.migrate("up --wait 1s").is(0, "applied [..]", "...");
    }
}

/// 3. refinery races, golang-migrate and Flyway deadlock: the waiter's snapshot holds the concurrent build up.
#[tokio::test]
async fn five_processes_started_together_build_an_index_concurrently_once() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 20000);"),
        ("2_b.up", "CREATE INDEX CONCURRENTLY t_a ON t (a);"),
        ("3_c.up", "INSERT INTO t VALUES (0);\nCREATE INDEX CONCURRENTLY t_b ON t ((a + 1));\nINSERT INTO t VALUES (-1);"),
    ])
    .await;
    let processes: Vec<Running> = (0..PROCESSES)
        .map(|_| project.command("up --json --wait 2min").start())
        .collect();
    let applied = processes
        .into_iter()
        .map(|it| it.wait(DEADLINE))
        .map(|it| applied(&it));
    assert_eq!(applied.sum::<usize>(), 3);
    assert_eq!(project.ask("SELECT count(*) FROM t").await, "20002");
    assert_eq!(project.ask(VALID).await, "t_a=true t_b=true");
}

fn applied(finished: &Finished) -> usize {
    finished.is(0, "...", "...");
    let report: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap();
    report["migrations"].as_array().unwrap().len()
}

/// 4. sqlx and refinery compare raw bytes: a checkout on Windows, or a formatter, breaks the next start.
#[tokio::test]
async fn line_ends_byte_order_mark_trailing_newline_and_comments_may_change() {
    const ONE: &str = "CREATE TABLE t (\n    a int\n);\nSELECT 1;\n";
    let project = Project::new(&[("1_a.up", ONE)]).await;
    project.migrate("up").is(0, "...", "...");
    for same in [
        ONE.replace('\n', "\r\n"),
        format!("\u{feff}{ONE}"),
        format!("{ONE}\n\n"),
        format!("-- why\n{ONE}-- the end"),
    ] {
        project.write("1_a.up", &same);
        project.migrate("up").is(
            0,
            "nothing to do",
            "warning: [..]reformatted since: its meaning is the same",
        );
        project
            .migrate("status --exit-code")
            .is(0, "[..]applied, reformatted since[..]", "...");
    }
    project.write("1_a.up", &ONE.replace("SELECT 1", "SELECT 2"));
    project
        .migrate("up")
        .is(6, "", "error: [..]from statement 2 on\n\nhint: [..]");
}

/// 5. sqlx sends a file as one query, in which the second build fails; refinery cannot run any.
#[tokio::test]
async fn two_concurrent_builds_in_one_file_need_no_magic_comment() {
    let file = "CREATE TABLE t (a int, b int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\nCREATE INDEX CONCURRENTLY t_b ON t (b);";
    let project = Project::new(&[("1_a.up", file)]).await;
    project
        .migrate("up")
        .is(0, "applied 20240101000001 a (3 statements, [..] ms)", "...");
    assert_eq!(project.ask(VALID).await, "t_a=true t_b=true");
}

/// 6. golang-migrate calls this "dirty", sqlx leaves no trace of what was done.
#[tokio::test]
async fn killed_between_any_two_statements_a_file_goes_on_where_it_ended() {
    const STATEMENTS: [&str; 4] = [
        "CREATE TABLE t (a int, b int);",
        "CREATE INDEX CONCURRENTLY t_a ON t (a);",
        "INSERT INTO t VALUES (1, 2);",
        "CREATE INDEX CONCURRENTLY t_b ON t (b);",
    ];
    for done in 1..STATEMENTS.len() {
        let file = |between: &str| {
            let mut statements = STATEMENTS.to_vec();
            statements.splice(done..done, ["VACUUM;", between]);
            statements.join("\n")
        };
        let project = Project::new(&[("1_a.up", &file("SELECT pg_sleep(600);"))]).await;
        let process = project.command("up").start();
        wait_until(DEADLINE, async || {
            running(&project, "SELECT pg_sleep%").await
        })
        .await;
        process.kill();
        assert_eq!(process.wait(DEADLINE).code, None);
        project
            .migrate("status")
            .is(0, &format!("[..]partial at {} of 6", done + 1), "...");
        project.write("1_a.up", &file("SELECT 1;"));
        let left = STATEMENTS.len() - done + 1;
        project.migrate("up").is(
            0,
            &format!("applied 20240101000001 a ({left} statements, [..] ms)"),
            &format!(
                "...\napplying 20240101000001 a, from statement {} on",
                done + 2
            ),
        );
        assert_eq!(project.ask("SELECT count(*) FROM t").await, "1");
        assert_eq!(project.ask(VALID).await, "t_a=true t_b=true");
    }
}

/// 7. A failed build leaves an INVALID index, which IF NOT EXISTS then takes for a good one.
#[tokio::test]
async fn an_invalid_index_is_dropped_and_built_again() {
    let file = "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);";
    let project = Project::new(&[("1_a.up", file)]).await;
    project
        .migrate("up")
        .is(1, "", "...\nerror: [..]:3:1: statement 3 of 3 failed\n...");
    assert_eq!(project.ask(VALID).await, "t_a=false");
    project.sql("DELETE FROM t").await;
    project.migrate("up").is(
        0,
        "applied 20240101000001 a (1 statement, [..] ms)",
        "...\ndropped the INVALID index public.t_a that an interrupted build had left",
    );
    assert_eq!(project.ask(VALID).await, "t_a=true");
}

/// 8. Without a lock timeout a change queues behind a long reader, and everybody else behind the change.
#[tokio::test]
async fn behind_a_long_reader_others_wait_no_longer_than_the_lock_timeout() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int);")]).await;
    project.migrate("up").is(0, "...", "...");
    project.write(
        "2_b.up",
        "-- underpin: lock_timeout=500ms\nALTER TABLE t ADD COLUMN b int;",
    );
    let mut reader = Session::connect(&project.db.options()).await.unwrap();
    let reading = reader.begin();
    reading.query("SELECT * FROM t", &[]).await.unwrap();
    let process = project.command("up").start();
    wait_until(DEADLINE, async || running(&project, "ALTER TABLE t%").await).await;
    let begin = Instant::now();
    project.sql("SELECT * FROM t").await;
    let waited = begin.elapsed();
    // The change waits for 500 ms at most; the rest is for a loaded machine.
    assert!(waited < Duration::from_secs(2), "others waited {waited:?}");
    process.line_with("got no table lock, attempt 1 of 10");
    reading.rollback().await.unwrap();
    process
        .wait(DEADLINE)
        .is(0, "applied 20240101000002 b [..]", "...");
}

/// 9. In transaction mode a session's lock stays behind on a server process that belongs to nobody.
#[tokio::test]
async fn behind_a_transaction_pooler_nothing_is_migrated() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int);")]).await;
    let database = &project.db.url().database;
    let upstream = shared_cluster().await.tcp_url(database);
    let Some(bouncer) = PgBouncer::in_front_of(&upstream, PgBouncerSettings::default()).await
    else {
        return;
    };
    let url = bouncer.url(database);
    let through = project.command("up").env("DATABASE_URL", url.expose());
    through.run().is(
        3,
        "",
        "error: a transaction pooler stands between here and PostgreSQL: [..]\n\nhint: migrate over a direct connection[..]",
    );
    assert_eq!(project.ask("SELECT to_regclass('t')").await, "null");
    drop(bouncer);
    project.migrate("up --wait 1s").is(0, "applied [..]", "...");
}

/// 13. A new enum value cannot be used in its own transaction: 55P04.
#[tokio::test]
async fn an_enum_value_is_added_and_used_in_one_file() {
    let file = "ALTER TYPE mood ADD VALUE 'glad';\nINSERT INTO t VALUES ('glad');";
    let project = Project::new(&[
        (
            "1_a.up",
            "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE t (m mood);",
        ),
        ("2_b.up", file),
    ])
    .await;
    project
        .migrate("up")
        .is(0, "applied [..] a [..]\napplied [..] b [..]", "...");
    assert_eq!(project.ask("SELECT m FROM t").await, "glad");
    // A wrong second statement leaves the value in place, and the file goes on after it.
    project.write(
        "3_c.up",
        &file.replace("glad", "calm").replace("INTO t", "INTO nope"),
    );
    project.migrate("up").is(
        1,
        "",
        &format!(
            "...\nerror: {}:2:13: statement 2 of 2 failed\n...",
            path("3_c.up")
        ),
    );
    project.write("3_c.up", &file.replace("glad", "calm"));
    project
        .migrate("up")
        .is(0, "applied 20240101000003 c (1 statement, [..] ms)", "...");
}

/// 14. A rename is declared and happens once: then it is nothing, on a fresh database an addition, and with both names
/// there nobody knows what was meant.
#[tokio::test]
async fn a_declared_rename_happens_once() {
    let project = Project::new(&[]).await;
    let schema = |name: &str, sql: &str| project.sandbox.file(name, sql);
    schema("old.sql", "CREATE TABLE t (title text);");
    schema(
        "new.sql",
        "CREATE TABLE t (\n  name text -- @renamed from=title\n);",
    );
    schema("both.sql", "CREATE TABLE t (title text, name text);");
    schema("fresh.sql", "CREATE TABLE t ();");
    let from = |file: &str| {
        let diff = format!("diff --from file:{file} --to file:new.sql --allow-all --scratch");
        project.command(&diff).arg(project.db.url().expose()).run()
    };
    from("old.sql").is(
        0,
        "--[..]\nALTER TABLE public.t RENAME COLUMN title TO name;",
        "",
    );
    from("new.sql").is(0, "", "");
    from("fresh.sql").is(0, "--[..]\nALTER TABLE public.t ADD COLUMN name text;", "");
    from("both.sql").is(3, "", "error: [..]both names are there[..]\n...");
}

/// 15. What a block has committed before it fails stays: nobody runs it again unasked, in whatever loop `up` stands.
#[tokio::test]
async fn a_block_that_committed_and_failed_waits_for_a_decision() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE k (a int);\n\
         DO $$ BEGIN INSERT INTO k VALUES (1); COMMIT; PERFORM 1 / 0; END $$;\nINSERT INTO k VALUES (2);",
    )])
    .await;
    let done = "20240101000001/2=done";
    project.migrate("up").is(
        1,
        "",
        &format!(
            "...\nerror: {}:2:1: statement 2 of 3 failed\n...\nhint: [..]--resume {done}[..]",
            path("1_a.up")
        ),
    );
    project.migrate("status").is(
        0,
        "20240101000001 a  partial at 1 of 3  statement 2 failed (22012) and may have kept a part, waits for a decision: see `--resume`",
        "...",
    );
    let found = project.migrate("status --json");
    let json: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let interrupted = &json["migrations"][0]["interrupted"];
    assert_eq!(interrupted["statement"], 2);
    assert_eq!(interrupted["needs_decision"], true);
    let stopped = "error: [..]not run again by itself\n...";
    project.migrate("up").is(6, "", stopped);
    project.migrate("up --dry-run").is(6, "", stopped);
    assert_eq!(project.ask("SELECT count(*)::text FROM k").await, "1");
    project
        .migrate("up --resume 2=done")
        .is(2, "", "error: [..]\n...");
    project.migrate(&format!("up --resume {done}")).is(
        0,
        "applied 20240101000001 a (2 statements, [..] ms)",
        "...",
    );
    assert_eq!(project.ask("SELECT sum(a)::text FROM k").await, "3");
    project.migrate(&format!("up --resume {done}")).is(
        1,
        "",
        "error: [..]does not wait for a decision\n...",
    );
}

/// 16. A server that is not ours is no place to try out what a file does to all of it.
#[tokio::test]
async fn a_file_about_roles_is_not_run_on_a_server_that_was_only_named() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nCREATE ROLE underpin_test_role;",
    )])
    .await;
    let verify = |flags: &str| {
        let command = project.command(&format!("verify {flags} --scratch"));
        command.arg(project.db.url().expose()).run()
    };
    let role = "SELECT count(*)::text FROM pg_roles WHERE rolname = 'underpin_test_role'";
    verify("").is(
        3,
        "",
        "error: [..]:2:1: CREATE ROLE: [..]\n\nhint: [..]--scratch-cluster-wide[..]",
    );
    assert_eq!(project.ask(role).await, "0");
    verify("--scratch-cluster-wide").is(0, "...", "...");
    assert_eq!(project.ask(role).await, "0");
}
