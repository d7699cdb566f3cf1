//! Going back: what would be lost is counted, refused, kept or allowed.

use super::project::{Project, path};

const FILES: [(&str, &str); 4] = [
    (
        "1_users.up",
        "CREATE TABLE users (id int PRIMARY KEY, email text, age text);",
    ),
    ("1_users.down", "DROP TABLE users;"),
    ("2_notes.up", "CREATE TABLE notes (a text);"),
    (
        "2_notes.down",
        "DROP TABLE notes;\nALTER TABLE users DROP COLUMN email, ALTER COLUMN age TYPE int USING age::int;",
    ),
];

const ROWS: &str = "\
INSERT INTO notes VALUES ('one'), ('two');
INSERT INTO users VALUES (1, 'a@b', '7'), (2, NULL, 'seven'), (3, 'c@d', NULL)";

async fn with_rows() -> Project {
    let project = Project::new(&FILES).await;
    project.migrate("up").is(0, "...", "...");
    project.sql(ROWS).await;
    project
}

#[tokio::test]
async fn losses_are_refused_with_their_numbers_and_nothing_is_run() {
    let project = with_rows().await;
    let file = path("2_notes.down");
    let refused = format!(
        "error: reverting would destroy data\n\
         \x20 {file}:1:1: 2 rows of table notes\n\
         \x20 {file}:2:1: 2 values of column users.email\n\
         \x20 {file}:2:1: 1 value of column users.age that its new type does not keep\n\n\
         hint: add --quarantine [..], or --allow-data-loss [..]; nothing was run"
    );
    // Saying yes to running it is not saying yes to losing data.
    for arguments in ["down", "down --yes"] {
        project
            .migrate(arguments)
            .is(3, "", &format!("...\n{refused}"));
    }
    assert_eq!(project.ask("SELECT count(*) FROM notes").await, "2");
    project.migrate("current").is(0, "20240101000002", "...");
}

#[tokio::test]
async fn a_dry_run_shows_the_statements_and_the_losses() {
    let project = with_rows().await;
    let shown = project.migrate("down --dry-run");
    shown.is(
        0,
        "...\nDROP TABLE notes;\n...\n-- would destroy [..]: 2 rows of table notes\n...",
        "...",
    );
    let json = project.json("down --dry-run");
    assert_eq!(json["losses"][0]["what"], "rows");
    assert_eq!(json["losses"][0]["count"], 2);
    assert_eq!(project.ask("SELECT count(*) FROM notes").await, "2");
}

#[tokio::test]
async fn data_is_lost_only_when_that_is_allowed() {
    let project = with_rows().await;
    project.sql("DELETE FROM users WHERE age = 'seven'").await;
    project.migrate("down --yes --allow-data-loss").is(
        0,
        "reverted 20240101000002 notes (2 statements, [..] ms)",
        "...",
    );
    assert_eq!(project.ask("SELECT to_regclass('notes')").await, "null");
    assert_eq!(
        project
            .ask("SELECT to_regnamespace('underpin_quarantine')")
            .await,
        "null"
    );
}

#[tokio::test]
async fn tables_without_rows_and_columns_without_values_are_no_loss() {
    let project = Project::new(&FILES).await;
    project.migrate("up").is(0, "...", "...");
    project.sql("INSERT INTO users VALUES (1, NULL, '7')").await;
    project.migrate("down --yes").is(0, "reverted [..]", "...");
}

#[tokio::test]
async fn the_quarantine_keeps_what_is_lost_until_it_is_purged() {
    let project = with_rows().await;
    project
        .sql("UPDATE users SET age = '8' WHERE age = 'seven'")
        .await;
    project.migrate("down --yes --quarantine").is(
        0,
        "reverted [..]",
        "...\nkept 2 rows of table notes as underpin_quarantine.\"notes_[..]\"\n\
         kept 2 rows of column users.email as underpin_quarantine.\"users_[..]\"\n...",
    );
    let kept_as = project
        .ask(
            "SELECT kept_as FROM underpin.migration_quarantine WHERE object = 'column public.users.email'",
        )
        .await;
    let values = format!("SELECT string_agg(id || email, ' ' ORDER BY id) FROM {kept_as}");
    assert_eq!(project.ask(&values).await, "1a@b 3c@d");

    project.migrate("purge --yes").is(0, "nothing to do", "");
    project.migrate("purge --older-than 0s").is(
        3,
        "",
        "...\nerror: nobody can be asked, and this would drop 2 tables\n\nhint: add --yes[..]",
    );
    project.migrate("purge --older-than 0s --dry-run").is(
        0,
        "would drop underpin_quarantine.[..]: 2 rows of table public.notes, kept since [..] from 20240101000002\n...",
        "",
    );
    assert_eq!(project.ask(&values).await, "1a@b 3c@d");
    project
        .migrate("purge --older-than 0s --yes")
        .is(0, "dropped [..]\ndropped [..]", "");
    assert_eq!(
        project
            .ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'underpin_quarantine'::regnamespace")
            .await,
        "0"
    );
}

#[tokio::test]
async fn what_nobody_can_count_is_refused_and_the_quarantine_does_not_help() {
    let project = Project::new(&[
        (
            "1_a.up",
            "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (2), (3);",
        ),
        (
            "1_a.down",
            "DELETE FROM t WHERE a > 1;\nDO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$;",
        ),
    ])
    .await;
    project.migrate("up").is(0, "...", "...");
    let file = path("1_a.down");
    project.migrate("down --yes --quarantine").is(
        3,
        "",
        &format!(
            "error: reverting would destroy data\n\
             \x20 {file}:1:1: 2 rows that this statement deletes from table t\n\
             \x20 {file}:2:1: this statement may destroy anything, and nobody can count it: it runs a block of code\n\n\
             hint: add --allow-data-loss to go ahead[..]; nothing was run"
        ),
    );
    project
        .migrate("down --yes --allow-data-loss")
        .is(0, "reverted [..]", "...");
}

#[tokio::test]
async fn redo_goes_back_and_forth_and_the_history_keeps_each_round() {
    let project = Project::new(&[
        ("1_users.up", "CREATE TABLE users (id int);"),
        ("2_notes.up", "CREATE TABLE notes (a text);"),
        ("2_notes.down", "DROP TABLE notes;"),
    ])
    .await;
    project.migrate("redo --yes").is(0, "nothing to do", "...");
    project.migrate("up").is(0, "...", "...");
    project
        .migrate("redo")
        .is(3, "", "...\nhint: add --yes[..]");
    project.migrate("redo --yes").is(
        0,
        "applied 20240101000002 notes (1 statement, [..] ms)",
        "reverting 20240101000002 notes\napplying 20240101000002 notes",
    );
    project.sql("INSERT INTO notes VALUES ('x')").await;
    project
        .migrate("redo --yes")
        .is(3, "", "error: reverting would destroy data\n...");
    project
        .migrate("redo --yes --allow-data-loss")
        .is(0, "applied [..]", "...");
    assert_eq!(project.ask("SELECT count(*) FROM notes").await, "0");

    let history = project.json("history");
    let rounds: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["version"] == "20240101000002")
        .map(|it| {
            let state = it["state"].as_str().unwrap();
            format!("{state} {}", it["replaced"]["by"].as_str().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        rounds,
        [
            "applied down",
            "reverted up",
            "applied down",
            "reverted up",
            "applied -"
        ]
    );
    project.migrate("history").is(
        0,
        "...\n20240101000002 notes  applied [..]; then down [..] by underpin\n  up 1  transactional, done[..]\n\
         20240101000002 notes  reverted [..]; then up [..]\n...",
        "...",
    );
}

#[tokio::test]
async fn what_an_update_overwrites_is_counted_and_the_rest_can_still_be_kept() {
    let project = Project::new(&[
        (
            "1_t.up",
            "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE u (b int);",
        ),
        (
            "1_t.down",
            "UPDATE t SET a = 'x' WHERE id > 1;\nDROP TABLE u;",
        ),
    ])
    .await;
    project.migrate("up").is(0, "...", "...");
    project
        .sql("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL); INSERT INTO u VALUES (7)")
        .await;
    let file = path("1_t.down");
    let overwrites =
        format!("{file}:1:1: values of 1 row that this statement overwrites in table t");
    project.migrate("down --yes --quarantine").is(
        3,
        "",
        &format!("...\nerror: reverting would destroy data\n\x20 {overwrites}\n\nhint: add --allow-data-loss [..], and --quarantine [..]"),
    );
    assert_eq!(
        project.json("down --dry-run")["losses"][0]["what"],
        "overwritten"
    );
    project
        .migrate("down --yes --quarantine --allow-data-loss")
        .is(
            0,
            "reverted [..]",
            "...\nkept 1 row of table u as underpin_quarantine.\"u_1\"\n...",
        );
    assert_eq!(
        project
            .ask("SELECT string_agg(a, ' ' ORDER BY id) FROM t")
            .await,
        "a x x"
    );
}

/// What there is before, the way back, and a part of the line that refuses it.
const DESTROYERS: [(&str, &str, &str); 14] = [
    (
        "CREATE TABLE t (id int, a text); INSERT INTO t VALUES (1, 'x'), (2, 'y');",
        "ALTER TABLE t RENAME a TO b; ALTER TABLE t DROP COLUMN b;",
        "2 values of column t.a",
    ),
    (
        "CREATE TYPE pair AS (x int, y int); CREATE TABLE t (p pair); INSERT INTO t VALUES ('(1,2)');",
        "ALTER TYPE pair DROP ATTRIBUTE y;",
        "1 value of column t.p",
    ),
    (
        "CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('sad'); CREATE TABLE t (m s.mood); INSERT INTO t VALUES ('sad');",
        "DROP SCHEMA s CASCADE;",
        "1 value of column t.m",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM t';",
        "SELECT wipe();",
        "it calls public.wipe, which may change anything",
    ),
    (
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); INSERT INTO c VALUES (NULL), (NULL);",
        "TRUNCATE p CASCADE;",
        "2 rows of table c",
    ),
    (
        "CREATE TABLE t (tags text[]); INSERT INTO t VALUES ('{a,b}');",
        "ALTER TABLE t ALTER tags TYPE int USING cardinality(tags);",
        "1 value of column t.tags that its new type does not keep",
    ),
    (
        "CREATE TABLE a (x int); INSERT INTO a VALUES (1);",
        "ALTER TABLE public.a RENAME TO b; DROP TABLE b;",
        "1 row of table a",
    ),
    (
        "CREATE SCHEMA s; CREATE TABLE s.a (x int); INSERT INTO s.a VALUES (1);",
        "SET search_path = s; ALTER TABLE a RENAME TO \"b\"; DROP TABLE b;",
        "1 row of table s.a",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1);",
        "WITH gone AS (DELETE FROM t RETURNING a) SELECT * FROM gone;",
        "1 row that this statement deletes from table t",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TABLE u (a int); INSERT INTO u VALUES (1);",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE;",
        "1 row that this statement deletes from table t",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TABLE u (a int);
         CREATE RULE r AS ON INSERT TO u DO ALSO DELETE FROM t;",
        "INSERT INTO u VALUES (1);",
        "1 row that this statement deletes from table t",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1);",
        "PREPARE p AS DELETE FROM t; EXECUTE p;",
        "it runs a prepared statement",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1);",
        "COPY t TO '/dev/null';",
        "it writes a file of the server",
    ),
    (
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1);",
        "DROP TABLE tt;",
        "it fails when it is tried",
    ),
];

#[tokio::test]
async fn whatever_destroys_is_refused_with_its_reason() {
    for (before, down, expected) in DESTROYERS {
        let project = Project::new(&[("1_a.up", before), ("1_a.down", down)]).await;
        project.migrate("up").is(0, "...", "...");
        let finished = project.migrate("down --yes");
        assert_eq!(finished.code, Some(3), "{down}: {}", finished.stderr);
        assert!(
            finished.stderr.contains(expected),
            "{down}: {}",
            finished.stderr
        );
        let shown = project.migrate("down --dry-run");
        shown.is(0, "...", "...");
        let line = format!("-- would destroy {}", path("1_a.down"));
        assert!(shown.stdout.contains(&line), "{down}: {}", shown.stdout);
        assert!(shown.stdout.contains(expected), "{down}: {}", shown.stdout);
        project.migrate("current").is(0, "20240101000001", "...");
    }
}
