//! How many files a way takes, and what is in each.

use super::support::{Server, all, go, sql};
use std::fmt::Write as _;
use underpin_migrate::diff::pieces;

/// Fifteen tables, each with what is to be written behind its columns.
fn tables(each: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for table in 0..15 {
        let _ = writeln!(
            text,
            "CREATE TABLE t{table} (id int NOT NULL, v text{});",
            each(table)
        );
    }
    text
}

/// The sizes of the pieces between two schemas, each of which leads back to where it began.
async fn sizes(from: &str, to: &str) -> Vec<usize> {
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let (one, other) = (sql("from.sql", from), sql("to.sql", to));
    let pieces = pieces(&scratch, &one, &other, &all()).await.expect("a way");
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    let work = server.database("work").await;
    work.batch(from).await.expect("loaded");
    let mut before = Vec::new();
    for piece in &pieces {
        before.push(server.schema("work").await);
        go(&work, &piece.up).await.expect("there");
    }
    let goal = server.database("goal").await;
    goal.batch(to).await.expect("loaded");
    assert_eq!(server.schema("work").await, server.schema("goal").await);
    for (piece, before) in pieces.iter().zip(before).rev() {
        go(&work, &piece.down).await.expect("back");
        assert_eq!(server.schema("work").await, before);
    }
    pieces.iter().map(|piece| piece.up.steps.len()).collect()
}

#[tokio::test]
async fn keys_of_many_tables_are_built_one_a_file_and_added_in_one() {
    let keys = |table| format!(", CONSTRAINT t{table}_key UNIQUE (id)");
    let sizes = sizes(&tables(|_| String::new()), &tables(keys)).await;
    let mut expected = vec![1; 15];
    expected.push(15);
    assert_eq!(sizes, expected);
}

#[tokio::test]
async fn what_an_index_waits_for_stays_before_it() {
    let from = tables(|_| String::new());
    let columns = |table| format!(", w int DEFAULT {table}");
    let indexes = (0..15).map(|table| format!("CREATE INDEX t{table}_w ON t{table} (w);\n"));
    let to = format!("{}{}", tables(columns), indexes.collect::<String>());
    let sizes = sizes(&from, &to).await;
    let mut expected = vec![15];
    expected.extend([1; 15]);
    assert_eq!(sizes, expected);
}

#[tokio::test]
async fn bodies_of_functions_beside_indexes_are_written_into_files_that_run_by_themselves() {
    let from = "CREATE TABLE t (a int, b int);";
    // The functions name one another, and what is made after the index.
    let to = "CREATE TABLE t (a int, b int, CONSTRAINT k UNIQUE (a)); CREATE INDEX i ON t (b);
        CREATE FUNCTION g() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.t';
        CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT public.g()';
        CREATE VIEW v AS SELECT f() AS n;";
    let server = Server::start().await;
    let scratch = server.scratch().await;
    let found = pieces(&scratch, &sql("from.sql", from), &sql("to.sql", to), &all()).await;
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    server
        .database("work")
        .await
        .batch(from)
        .await
        .expect("loaded");
    for piece in found.expect("a way") {
        // Each file on a session of its own, as a tool runs it that knows nothing of the one before.
        let session = server.session("work").await;
        go(&session, &piece.up).await.expect("there");
    }
    server
        .database("goal")
        .await
        .batch(to)
        .await
        .expect("loaded");
    assert_eq!(server.schema("work").await, server.schema("goal").await);
}
