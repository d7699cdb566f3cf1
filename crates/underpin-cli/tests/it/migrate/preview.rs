//! `--dry-run`: each statement with what it is, its lock, its transaction and its limits, and nothing is run.

use super::project::{Project, path};

const FILE: &str = "\
-- underpin: statement_timeout=90s
ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
UPDATE t SET a = 1;
ALTER TABLE t VALIDATE CONSTRAINT positive;
CREATE INDEX CONCURRENTLY t_a ON t (a);
SET lock_timeout = '9s';
DO $$ BEGIN END $$;
";

#[tokio::test]
async fn a_dry_run_says_what_each_statement_is_and_what_it_locks() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int);")]).await;
    project.migrate("up").is(0, "...", "...");
    project.write("2_b.up", FILE);
    project.migrate("up --dry-run").is(
        0,
        "-- migrations/20240101000002_b.up.sql\n\
         -- 1 ALTER TABLE: ACCESS EXCLUSIVE (nobody else reads or writes), waits 2s for it; transaction 1, up to 1m 30s\n\
         ALTER TABLE t ADD [..]\n\
         -- 2 UPDATE: ROW EXCLUSIVE (others read and write), waits 2s for it; transaction 1, up to 1m 30s\n\
         UPDATE [..]\n\
         -- 3 ALTER TABLE: SHARE UPDATE EXCLUSIVE (others read and write), waits 2s for it; transaction 2, up to 1m 30s\n\
         ALTER TABLE t VALIDATE [..]\n\
         -- 4 CREATE INDEX: SHARE UPDATE EXCLUSIVE (others read and write); alone, outside a transaction, up to 1m 30s\n\
         CREATE INDEX [..]\n\
         -- 5 SET: no table lock; transaction 3, up to 1m 30s\n\
         SET lock_timeout [..]\n\
         -- 6 DO: locks what it pleases; transaction 3, up to 1m 30s\n\
         DO [..]",
        "",
    );
    let json = project.json("up --dry-run");
    let statements = &json["migrations"][0]["statements"];
    let check = |index: usize, expected: serde_json::Value| {
        let shown = &statements[index];
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[key], value, "{key} of {shown:#}");
        }
    };
    check(
        0,
        serde_json::json!({
            "ordinal": 1, "line": 2, "kind": "ALTER TABLE", "class": "transactional", "lock": "ACCESS EXCLUSIVE",
            "transaction": 1, "lock_timeout_ms": 2000, "statement_timeout_ms": 90000, "doubt": null,
        }),
    );
    check(
        3,
        serde_json::json!({ "class": "alone", "transaction": null, "lock_timeout_ms": 0 }),
    );
    check(
        5,
        serde_json::json!({ "kind": "DO", "lock": null, "transaction": 3, "lock_timeout_ms": null }),
    );
    project
        .migrate("status")
        .is(0, "...\n20240101000002 b  pending", "...");
}

#[tokio::test]
async fn a_half_applied_file_is_shown_from_where_it_goes_on() {
    let project =
        Project::new(&[("1_a.up", "CREATE TABLE t (a int);\nVACUUM;\nSELECT nope;")]).await;
    project.migrate("up").is(1, "", "...");
    project.write("1_a.up", "CREATE TABLE t (a int);\nVACUUM;\nSELECT 1;");
    project.migrate("up --dry-run").is(
        0,
        "-- migrations/20240101000001_a.up.sql, from statement 3 on\n-- 3 SELECT: [..]; transaction 1, [..]\nSELECT 1;",
        "",
    );
    assert_eq!(project.json("up --dry-run")["migrations"][0]["done"], 2);
}

/// squawk 2.68 does not know SET NAMES; if a later one does, the test asks for another statement.
#[tokio::test]
async fn what_the_parser_does_not_understand_is_shown_as_such() {
    let project = Project::new(&[("1_a.up", "SET NAMES 'utf8';")]).await;
    project.migrate("up --dry-run").is(
        0,
        "-- migrations/20240101000001_a.up.sql\n\
         -- 1 not understood ([..]), but PostgreSQL knows it: locks what it pleases; transaction 1, up to [..]\n\
         SET NAMES 'utf8';",
        "warning: [..]_a.up.sql:1:1: PostgreSQL accepts this statement, Underpin's parser does not [..]",
    );
    let json = project.json("up --dry-run");
    let shown = &json["migrations"][0]["statements"][0];
    assert!(
        shown["kind"].is_null() && shown["doubt"].is_string(),
        "{shown:#}"
    );
    project.write("1_a.up", "SET NAMEZ 'utf8' please;");
    project.migrate("up --dry-run").is(
        1,
        "",
        "error: [..]_a.up.sql:1:[..]: not SQL that PostgreSQL understands\n...",
    );
}

#[tokio::test]
async fn a_dry_run_shows_hooks_where_they_are_run() {
    let project = Project::new(&[("1_a.up", "SELECT 1;"), ("1_a.down", "SELECT 2;")]).await;
    for name in ["before_up", "after_each_up", "after_down"] {
        let sql = format!("SELECT '{name}';");
        project
            .sandbox
            .file(format!("migrations/hooks/{name}.sql"), &sql);
    }
    let hook =
        |name: &str| format!("-- migrations/hooks/{name}.sql, a hook\n-- 1 [..]\nSELECT '{name}';");
    let (before, after) = (hook("before_up"), hook("after_each_up"));
    let file = format!("-- {}\n-- 1 [..]\nSELECT 1;", path("1_a.up"));
    let expected = format!("{before}\n{file}\n{after}");
    project.migrate("up --dry-run").is(0, &expected, "");
    let shown = project.json("up --dry-run");
    assert_eq!(shown["hooks"][1]["name"], "before_up");
    project.migrate("up").is(0, "applied [..]", "...");
    project
        .migrate("history")
        .is(0, "20240101000001 a  applied [..]\n  up 1[..]", "");
}
