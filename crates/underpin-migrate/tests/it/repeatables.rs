//! Views and functions in files that are run again whenever their content changes.

use crate::support::{Project, text};
use std::fs;
use underpin_core::ErrorKind;
use underpin_migrate::{Direction, RepeatableState, Target};

const TABLE: &str = "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2);";

async fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(&[("1_t.up", TABLE)]).await;
    for (name, sql) in files {
        write(&project, name, sql);
    }
    project
}

fn write(project: &Project, name: &str, sql: &str) {
    let folder = project.folder.path().join("repeatable");
    fs::create_dir_all(&folder).expect("the folder is ours");
    fs::write(folder.join(format!("{name}.sql")), sql).expect("the folder is ours");
}

/// Runs everything and says which files were run.
async fn ran(project: &Project) -> Vec<String> {
    let report = project.up().await;
    report
        .unwrap_or_else(|error| panic!("{}", text(&error)))
        .repeatables
}

#[tokio::test]
async fn a_file_is_run_after_the_migrations_and_again_when_its_meaning_changes() {
    let project = project(&[("v", "CREATE OR REPLACE VIEW v AS SELECT a FROM t;")]).await;
    assert_eq!(ran(&project).await, ["v"]);
    assert_eq!(ran(&project).await, [""; 0]);
    write(
        &project,
        "v",
        "-- what v is for\nCREATE OR REPLACE VIEW v AS\n  SELECT a FROM t;\n",
    );
    assert_eq!(ran(&project).await, [""; 0]);
    write(
        &project,
        "v",
        "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t;",
    );
    let plan = project
        .migrator()
        .plan(Direction::Up, Target::All)
        .await
        .expect("plan");
    assert!(!plan.is_empty() && plan.steps().is_empty());
    assert_eq!(plan.repeatables()[0].name, "v");
    assert_eq!(ran(&project).await, ["v"]);
    assert_eq!(project.ask("SELECT b FROM v").await, "2");
}

#[tokio::test]
async fn files_that_need_each_other_are_run_in_the_order_that_works() {
    let project = project(&[
        (
            "a_top",
            "CREATE OR REPLACE VIEW top AS SELECT twice(a) AS a FROM middle;",
        ),
        (
            "b_middle",
            "CREATE OR REPLACE VIEW middle AS SELECT a FROM bottom;",
        ),
        (
            "c_bottom",
            "CREATE OR REPLACE VIEW bottom AS SELECT a FROM t;",
        ),
        (
            "d_twice",
            "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i + i';",
        ),
    ])
    .await;
    assert_eq!(ran(&project).await.len(), 4);
    assert_eq!(project.ask("SELECT a FROM top").await, "2");
}

#[tokio::test]
async fn what_is_dropped_along_is_made_again() {
    let project = project(&[
        (
            "a_base",
            "DROP VIEW IF EXISTS base CASCADE; CREATE VIEW base AS SELECT a FROM t;",
        ),
        (
            "b_over",
            "CREATE OR REPLACE VIEW over_base AS SELECT a FROM base;",
        ),
    ])
    .await;
    ran(&project).await;
    write(
        &project,
        "a_base",
        "DROP VIEW IF EXISTS base CASCADE; CREATE VIEW base AS SELECT a + 1 AS a FROM t;",
    );
    assert_eq!(ran(&project).await, ["a_base", "b_over"]);
    assert_eq!(project.ask("SELECT a FROM over_base").await, "2");

    // A migration may take a view along, too.
    project.write(
        "2_wider.up",
        "DROP VIEW base CASCADE; ALTER TABLE t ALTER a TYPE bigint;",
    );
    assert_eq!(ran(&project).await, ["a_base", "b_over"]);
    assert_eq!(
        project.ask("SELECT pg_typeof(a) FROM over_base").await,
        "bigint"
    );
}

#[tokio::test]
async fn when_one_fails_none_is_run_and_the_place_is_named() {
    let project = project(&[
        ("a_good", "CREATE OR REPLACE VIEW good AS SELECT a FROM t;"),
        (
            "b_bad",
            "CREATE OR REPLACE VIEW bad AS\n  SELECT nope FROM t;",
        ),
    ])
    .await;
    let error = project.up().await.expect_err("a column that nobody has");
    let said = text(&error);
    assert_eq!(error.kind(), ErrorKind::Sql, "{said}");
    assert!(
        said.contains("repeatable/b_bad.sql:2:10") && said.contains("nope"),
        "{said}"
    );
    assert_eq!(project.ask("SELECT to_regclass('good')").await, "null");
    write(
        &project,
        "b_bad",
        "CREATE OR REPLACE VIEW bad AS SELECT b FROM t;",
    );
    assert_eq!(ran(&project).await, ["a_good", "b_bad"]);
}

#[tokio::test]
async fn what_cannot_be_run_so_is_refused_before_anything_runs() {
    let project = project(&[("v", "CREATE INDEX CONCURRENTLY i ON t (a);")]).await;
    let error = project.up().await.expect_err("not in a transaction");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(text(&error).contains("v.sql:1:1"), "{}", text(&error));
    assert_eq!(project.ask("SELECT to_regclass('t')").await, "null");
    write(&project, "v", "-- underpin: deferred\nSELECT 1;");
    assert_eq!(
        project.chain().expect_err("deferred").kind(),
        ErrorKind::InvalidInput
    );
}

#[tokio::test]
async fn status_lists_the_files_and_what_was_run_of_others() {
    let project = project(&[
        ("a", "CREATE VIEW a AS SELECT 1"),
        ("b", "CREATE VIEW b AS SELECT 1"),
    ])
    .await;
    let states = async || {
        let status = project.migrator().status().await.expect("status");
        let standing = status
            .repeatables
            .iter()
            .map(|it| (it.name.clone(), it.state));
        (standing.collect::<Vec<_>>(), status.is_current())
    };
    let named = |a, b| vec![(String::from("a"), a), (String::from("b"), b)];
    assert_eq!(
        states().await,
        (
            named(RepeatableState::Pending, RepeatableState::Pending),
            false
        )
    );
    ran(&project).await;
    assert_eq!(
        states().await,
        (
            named(RepeatableState::Applied, RepeatableState::Applied),
            true
        )
    );
    write(&project, "a", "CREATE OR REPLACE VIEW a AS SELECT 2");
    fs::remove_file(project.folder.path().join("repeatable/b.sql")).expect("it is there");
    assert_eq!(
        states().await,
        (
            named(RepeatableState::Changed, RepeatableState::Missing),
            false
        )
    );
}

#[tokio::test]
async fn an_older_program_that_starts_again_leaves_the_newer_ones_files_alone() {
    let older = "CREATE OR REPLACE VIEW v AS SELECT 'older';";
    let newer = "CREATE OR REPLACE VIEW v AS SELECT 'newer';";
    let project = project(&[("v", older)]).await;
    assert!(project.migrator().verify(None).await.is_err());
    assert_eq!(
        project
            .migrator()
            .ensure(None)
            .await
            .expect("older")
            .repeatables,
        ["v"]
    );
    write(&project, "v", newer);
    assert_eq!(
        project
            .migrator()
            .ensure(None)
            .await
            .expect("newer")
            .repeatables,
        ["v"]
    );
    write(&project, "v", older);
    assert!(
        project
            .migrator()
            .ensure(None)
            .await
            .expect("older again")
            .repeatables
            .is_empty()
    );
    assert!(project.migrator().verify(None).await.is_ok());
    assert_eq!(project.ask("SELECT * FROM v").await, "newer");
    // Who asks for it by hand gets it.
    assert_eq!(ran(&project).await, ["v"]);
    assert_eq!(project.ask("SELECT * FROM v").await, "older");
}

#[tokio::test]
async fn a_file_does_not_leave_its_settings_to_the_next_one() {
    let project = project(&[
        ("a", "CREATE SCHEMA IF NOT EXISTS other; SET search_path = other; CREATE OR REPLACE VIEW v AS SELECT 1;"),
        ("b", "CREATE OR REPLACE VIEW w AS SELECT 1;"),
    ])
    .await;
    ran(&project).await;
    assert_eq!(
        project
            .ask("SELECT to_regclass('other.v') || ' ' || to_regclass('public.w')")
            .await,
        "other.v w"
    );
}

#[tokio::test]
async fn what_a_later_file_takes_along_is_made_again_too() {
    // `a` is run first, so `b` takes its view, its function's view and its trigger along.
    let b = "DROP VIEW IF EXISTS base CASCADE; CREATE VIEW base AS SELECT a FROM t;";
    let project = project(&[
        (
            "a_over",
            "CREATE OR REPLACE VIEW over_base AS SELECT a FROM base;\
             CREATE OR REPLACE FUNCTION write_base() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\
             CREATE OR REPLACE TRIGGER write_base INSTEAD OF INSERT ON base FOR EACH ROW EXECUTE FUNCTION write_base();\
             CREATE OR REPLACE FUNCTION all_of_base() RETURNS SETOF base LANGUAGE sql AS 'SELECT * FROM base';",
        ),
        ("b_base", b),
    ])
    .await;
    let there = "SELECT concat(to_regclass('over_base'), to_regproc('all_of_base'),
                        (SELECT tgname FROM pg_trigger WHERE tgname = 'write_base'))";
    for number in 0..3 {
        write(
            &project,
            "b_base",
            &b.replace("SELECT a", &format!("SELECT a + {number} AS a")),
        );
        ran(&project).await;
        assert_eq!(
            project.ask(there).await,
            "over_baseall_of_basewrite_base",
            "{number}"
        );
    }
}

#[tokio::test]
async fn what_is_taken_along_and_made_by_no_file_is_named_and_stays() {
    let drop = "DROP VIEW IF EXISTS base CASCADE; CREATE VIEW base AS SELECT a FROM t;";
    let block = "DO $$ BEGIN DROP VIEW IF EXISTS base CASCADE; END $$; CREATE VIEW base AS SELECT a FROM t;";
    for base in [drop, block] {
        let project = project(&[("base", base)]).await;
        ran(&project).await;
        project
            .sql("CREATE VIEW public.by_hand AS SELECT a FROM base")
            .await;
        write(
            &project,
            "base",
            &base.replace("SELECT a", "SELECT a + 1 AS a"),
        );
        let error = project.up().await.expect_err("nobody makes the view");
        let said = text(&error);
        assert_eq!(error.kind(), ErrorKind::Refused, "{said}");
        assert!(
            said.contains("repeatable/base.sql") && said.contains("view public.by_hand"),
            "{said}"
        );
        assert_eq!(project.ask("SELECT a FROM public.by_hand").await, "1");
        // What the file names itself may go.
        project.sql("DROP VIEW public.by_hand").await;
        project.up().await.expect("nothing is taken along");
        assert_eq!(project.ask("SELECT a FROM base").await, "2");
    }
}

#[tokio::test]
async fn columns_of_a_type_that_is_made_anew_are_not_lost() {
    let project = project(&[(
        "mood",
        "DROP DOMAIN IF EXISTS mood CASCADE; CREATE DOMAIN mood AS text;",
    )])
    .await;
    ran(&project).await;
    project
        .sql("ALTER TABLE t ADD COLUMN how mood; UPDATE t SET how = 'well'")
        .await;
    write(
        &project,
        "mood",
        "DROP DOMAIN IF EXISTS mood CASCADE; CREATE DOMAIN mood AS varchar;",
    );
    let error = project.up().await.expect_err("the column would go");
    assert!(text(&error).contains("public.t.how"), "{}", text(&error));
    assert_eq!(project.ask("SELECT how FROM t").await, "well");
}

#[tokio::test]
async fn files_that_take_each_others_objects_along_are_refused() {
    let project = project(&[
        ("a", "DROP SCHEMA IF EXISTS pair CASCADE; CREATE SCHEMA pair; CREATE VIEW pair.a AS SELECT 1;"),
        ("b", "DROP SCHEMA IF EXISTS pair CASCADE; CREATE SCHEMA pair; CREATE VIEW pair.b AS SELECT 1;"),
    ])
    .await;
    let error = project.up().await.expect_err("one of them is always gone");
    assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
    assert!(text(&error).contains("pair."), "{}", text(&error));
}

#[tokio::test]
async fn privileges_that_go_with_what_is_made_anew_are_told() {
    let project = project(&[("v", "CREATE VIEW v AS SELECT a FROM t;")]).await;
    ran(&project).await;
    let database = project.ask("SELECT current_database()").await;
    let role = format!("\"reader of {database}\"");
    project
        .sql(&format!("CREATE ROLE {role}; GRANT SELECT ON v TO {role}"))
        .await;
    write(
        &project,
        "v",
        "DROP VIEW v; CREATE VIEW v AS SELECT a, b FROM t;",
    );
    ran(&project).await;
    project.sql(&format!("DROP ROLE {role}")).await;
    assert_eq!(project.told.count("Warning"), 1);
}
