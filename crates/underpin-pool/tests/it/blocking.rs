//! The pool without async.

use crate::support::{options, unique};
use underpin_pool::blocking::Database;
use underpin_pool::{Error, ErrorKind};

fn database() -> Database {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let options = runtime.block_on(options(|pool| (pool.size, pool.max_overflow) = (1, 0)));
    Database::connect(options).expect("the shared cluster answers")
}

#[test]
fn statements_and_transactions_work_without_async() {
    let db = database();
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (id int PRIMARY KEY)"))
        .unwrap();
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    db.transaction(|tx| -> Result<(), Error> {
        tx.execute(&insert, &[&1])?;
        tx.execute(&insert, &[&2])?;
        Ok(())
    })
    .unwrap();
    let error = db
        .transaction(|tx| {
            tx.execute(&insert, &[&3])
                .and_then(|_| tx.execute(&insert, &[&1]))
        })
        .unwrap_err();
    assert!(error.is_unique_violation());
    let count: i64 = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(count, 2);
    db.batch(&format!("DROP TABLE {table}")).unwrap();
    assert_eq!(db.status().created, 1);
    db.close();
    assert_eq!(
        db.query("SELECT 1", &[]).unwrap_err().kind(),
        ErrorKind::ShuttingDown
    );
}

#[test]
fn blocking_call_from_async_code_is_an_error_and_no_panic() {
    let db = database();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(async { db.query("SELECT 1", &[]).unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.hint().is_some());
}
