//! Databases on which a chain's migrations were run.

use std::path::Path;
use underpin_migrate::Chain;
use underpin_testkit::TestDb;
use uuid::Uuid;

fn chain(folder: &Path, sql: &str) -> Chain {
    std::fs::write(folder.join("20240501120000_notes.up.sql"), sql).unwrap();
    Chain::from_dir("app", folder).unwrap()
}

#[tokio::test]
async fn migrations_run_once_and_every_test_gets_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    // A comment that no earlier run can have used, and a value that each run of the migration would make anew.
    let sql = format!(
        "CREATE TABLE marks AS SELECT gen_random_uuid() AS mark -- {}",
        Uuid::new_v4()
    );
    let chain = chain(folder.path(), &sql);
    let (one, two) = tokio::join!(TestDb::migrated(&chain), TestDb::migrated(&chain));
    let three = TestDb::migrated(&chain).await;
    let mut marks = Vec::new();
    for db in [&one, &two, &three] {
        let row = db
            .database()
            .query_one("SELECT mark FROM marks", &[])
            .await
            .unwrap();
        marks.push(row.get::<Uuid>(0).unwrap());
        db.database().batch("DELETE FROM marks").await.unwrap();
    }
    assert!(marks.iter().all(|mark| *mark == marks[0]), "{marks:?}");
}

#[tokio::test]
async fn another_chain_gets_another_template() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let narrow = TestDb::migrated(&chain(folders[0].path(), "CREATE TABLE notes (a int)")).await;
    let wide = TestDb::migrated(&chain(
        folders[1].path(),
        "CREATE TABLE notes (a int, b int)",
    ))
    .await;
    assert!(
        narrow
            .database()
            .query("SELECT b FROM notes", &[])
            .await
            .is_err()
    );
    assert!(
        wide.database()
            .query("SELECT b FROM notes", &[])
            .await
            .unwrap()
            .is_empty()
    );
}
