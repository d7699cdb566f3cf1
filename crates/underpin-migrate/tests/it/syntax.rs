//! Statements that the parser does not know: PostgreSQL has the last word.

use crate::support::{Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::State;

#[tokio::test]
async fn what_postgresql_does_not_understand_either_is_refused_before_anything_runs() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nVACUUM;\n  CREATE TABEL u (a int);",
    )])
    .await;
    let error = project.up().await.expect_err("a typing mistake");
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", text(&error));
    assert!(
        text(&error).contains("1_a.up.sql:3:10: not SQL that PostgreSQL understands"),
        "{}",
        text(&error)
    );
    assert!(
        text(&error).contains("syntax error at or near \"TABEL\""),
        "{}",
        text(&error)
    );
    assert_eq!(project.ask("SELECT to_regclass('t') IS NULL").await, "true");
}

#[tokio::test]
async fn what_postgresql_understands_is_run_and_the_parser_is_blamed() {
    // squawk 2.68 does not know this; if a later one does, the assertion on `doubt` asks for another statement.
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nSET NAMES 'utf8';\nINSERT INTO t VALUES (1);",
    )])
    .await;
    let chain = project.chain().expect("valid");
    let statements = chain.migrations()[0].up.statements().expect("split");
    assert!(
        statements[1].doubt().is_some(),
        "the parser has learned SET NAMES"
    );
    project.up().await.expect("PostgreSQL knows it");
    assert_eq!(project.told.count("Warning"), 1);
    assert_eq!(project.states().await, [State::Applied]);
}
