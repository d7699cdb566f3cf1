//! COPY with data that are text already.

use crate::support::{pool_of, unique};
use underpin_pool::{ErrorKind, Session};

#[tokio::test]
async fn data_of_a_dump_arrive_as_they_are_written() {
    let db = pool_of(1).await;
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (a int, b text)"))
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    let copy = format!("COPY {table} (a, b) FROM stdin");
    let rows = tx.copy_text(&copy, "1\té\\tx\n2\t\\N\n").await.unwrap();
    assert_eq!(rows, 2);
    let csv = format!("COPY {table} FROM STDIN (FORMAT csv)");
    assert_eq!(tx.copy_text(&csv, "3,\"a,b\"\n").await.unwrap(), 1);
    assert_eq!(tx.copy_text(&copy, "").await.unwrap(), 0);
    tx.commit().await.unwrap();
    let all =
        format!("SELECT string_agg(a || '=' || coalesce(b, 'NULL'), ';' ORDER BY a) FROM {table}");
    let row = db.query_one(&all, &[]).await.unwrap();
    assert_eq!(row.get::<String>(0).unwrap(), "1=é\tx;2=NULL;3=a,b");
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn data_that_do_not_fit_are_an_error_and_the_session_goes_on() {
    let options = crate::support::options(|_| ()).await;
    let session = Session::connect(&options).await.unwrap();
    session.batch("CREATE TEMP TABLE t (a int)").await.unwrap();
    let error = session.copy_text("COPY t FROM stdin", "x\n").await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), Some("22P02"), "{error}");
    let error = session.copy_text("SELECT 1", "x\n").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    // Many pieces.
    let data = "1\n".repeat(200_000);
    let rows = session.copy_text("COPY t FROM stdin", &data).await.unwrap();
    assert_eq!(rows, 200_000);
}
