//! How long a migration waits and how long it may take: settings, the top of a file, a `SET` in it.

use super::project::{Project, path};
use crate::harness::DEADLINE;
use underpin_pool::Session;

/// A second is too short for the first sleep and long enough for the rest.
#[tokio::test]
async fn each_class_of_statement_has_a_timeout_of_its_own() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);",
    )])
    .await;
    project.migrate("up").is(0, "...", "...");
    project.sql("CREATE FUNCTION public.slow(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(600); RETURN true; END $$").await;
    let data = "SELECT pg_sleep(600);";
    let schema = "ALTER TABLE t ADD CONSTRAINT c CHECK (slow(a));";
    let scan = "CREATE INDEX CONCURRENTLY i ON t (slow(a));";
    for (class, sql) in [("data", data), ("schema", schema), ("scan", scan)] {
        project.write("2_b.up", sql);
        let variable = format!("UNDERPIN_MIGRATE_{}_TIMEOUT", class.to_uppercase());
        project.command("up").env(&variable, "200ms").run().is(
            1,
            "",
            &format!(
                "...\nerror: {}:1:1: statement 1 of 1 failed\n  caused by: [..]\n  caused by: canceling statement due to \
                 statement timeout (SQLSTATE 57014)\n\nhint: [..]statement_timeout=30min[..]",
                path("2_b.up")
            ),
        );
        let json = project
            .command("up --dry-run --json")
            .env(&variable, "200ms")
            .run();
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        let shown = &json["migrations"][0]["statements"][0]["statement_timeout_ms"];
        assert_eq!(shown, 200, "{class}");
    }
    project
        .sandbox
        .file("underpin.toml", "[migrate]\ndata_timeout = \"150ms\"\n");
    project.write("2_b.up", data);
    project.migrate("up").is(
        1,
        "",
        "...\n  caused by: canceling statement due to statement timeout[..]\n...",
    );
    project.write(
        "2_b.up",
        "-- underpin: statement_timeout=1min\nSELECT pg_sleep(0.3);",
    );
    project.migrate("up").is(0, "applied [..]", "...");
    project.write(
        "3_c.up",
        "SET statement_timeout = '1min';\nSELECT pg_sleep(0.3);",
    );
    project.migrate("up").is(0, "applied [..]", "...");
}

#[tokio::test]
async fn a_table_lock_is_tried_again_a_bounded_number_of_times() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int);")]).await;
    project.migrate("up").is(0, "...", "...");
    project.write("2_b.up", "ALTER TABLE t ADD COLUMN b int;");
    let mut reader = Session::connect(&project.db.options()).await.unwrap();
    let reading = reader.begin();
    reading.query("SELECT * FROM t", &[]).await.unwrap();
    let up = project
        .command("up")
        .env("UNDERPIN_MIGRATE_LOCK_TIMEOUT", "50ms")
        .env("UNDERPIN_MIGRATE_LOCK_ATTEMPTS", "3");
    up.run().is(
        1,
        "",
        "applying 20240101000002 b\n\
         [..]: statement 1 got no table lock, attempt 1 of 3; again in [..] ms\n\
         [..]: statement 1 got no table lock, attempt 2 of 3; again in [..] ms\n\
         error: [..]: statement 1 of 1 failed\n  caused by: [..]\n  caused by: canceling statement due to lock timeout[..]\n\n\
         hint: another session holds the table: see pg_blocking_pids()[..]lock_timeout=10s[..]",
    );
    reading.rollback().await.unwrap();
    project.migrate("up").is(0, "applied [..]", "...");
}

#[tokio::test]
async fn limits_that_cannot_work_are_refused_by_name() {
    let project = Project::new(&[("1_a.up", "SELECT 1;")]).await;
    for (variable, value, key) in [
        (
            "UNDERPIN_MIGRATE_LOCK_TIMEOUT",
            "0s",
            "migrate.lock_timeout",
        ),
        (
            "UNDERPIN_MIGRATE_LOCK_ATTEMPTS",
            "0",
            "migrate.lock_attempts",
        ),
        (
            "UNDERPIN_MIGRATE_SCAN_TIMEOUT",
            "30d",
            "migrate.scan_timeout",
        ),
    ] {
        let up = project.command("up").env(variable, value);
        up.run().is(
            2,
            "",
            &format!("error: {key} (environment {variable}): [..]\n..."),
        );
    }
    project
        .command("up")
        .env("UNDERPIN_MIGRATE_LOCK_TIMOUT", "1s")
        .run()
        .is(2, "", "error: unknown variable UNDERPIN_MIGRATE_LOCK_TIMOUT[..]\n...\nhint: did you mean UNDERPIN_MIGRATE_LOCK_TIMEOUT[..]");
}

#[tokio::test]
async fn an_index_build_says_how_far_it_is() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nCREATE TABLE other (a int);",
    )])
    .await;
    project.migrate("up").is(0, "...", "...");
    project.write("2_b.up", "CREATE INDEX CONCURRENTLY t_a ON t (a);");
    let mut reader = Session::connect(&project.db.options()).await.unwrap();
    let reading = reader.begin();
    // The build waits for every snapshot older than its own.
    reading
        .query("SELECT txid_current(), count(*) FROM other", &[])
        .await
        .unwrap();
    let process = project.command("up").start();
    process.line_with("statement 1: waiting for");
    reading.rollback().await.unwrap();
    process.wait(DEADLINE).is(0, "applied [..]", "...");
}
