//! A session's text is UTF-8: whoever changes that ends the session, and stores nothing wrong.

use crate::support::{options, pool_of, unique};
use underpin_core::Chain;
use underpin_pool::{Error, ErrorKind, Session};

/// Each way to another encoding, also where no text shows it.
const WAYS: [&str; 4] = [
    "SET client_encoding = 'LATIN1'",
    "SET NAMES 'LATIN1'",
    "SELECT set_config('client_encoding', 'LATIN1', false)",
    "DO $$ BEGIN EXECUTE format('SET %s = %L', 'client_' || 'encoding', 'LATIN1'); END $$",
];

fn check(error: &Error, way: &str) {
    let told = Chain(error).to_string();
    assert_eq!(error.kind(), ErrorKind::Refused, "{way}: {told}");
    assert!(told.contains("client_encoding=LATIN1"), "{way}: {told}");
    assert!(
        error
            .hint()
            .is_some_and(|it| it.contains("client_encoding")),
        "{way}: {told}"
    );
}

#[tokio::test]
async fn a_session_ends_when_its_encoding_is_changed() {
    for way in WAYS {
        let session = Session::connect(&options(|_| ()).await).await.unwrap();
        let error = session.execute(way, &[]).await.unwrap_err();
        check(&error, way);
        let error = session.batch("SELECT 1").await.unwrap_err();
        check(&error, way);
    }
}

#[tokio::test]
async fn nothing_of_the_transaction_is_kept_and_the_pool_goes_on_with_another_session() {
    let db = pool_of(1).await;
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (a text)"))
        .await
        .unwrap();
    for way in WAYS {
        let tx = db.begin().await.unwrap();
        tx.execute(&format!("INSERT INTO {table} VALUES ('é')"), &[])
            .await
            .unwrap();
        let error = tx.batch(way).await.unwrap_err();
        check(&error, way);
        drop(tx);
        let count = format!("SELECT count(*) FROM {table}");
        let row = db.query_one(&count, &[]).await.unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), 0, "{way}");
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn utf8_by_any_of_its_names_is_no_change() {
    let session = Session::connect(&options(|_| ()).await).await.unwrap();
    for same in ["UTF8", "utf-8", "UNICODE"] {
        let set = format!("SET client_encoding = '{same}'");
        session.batch(&set).await.unwrap();
    }
    session.batch("RESET client_encoding").await.unwrap();
    let row = session.query_one("SELECT 'é'", &[]).await.unwrap();
    assert_eq!(row.get::<String>(0).unwrap(), "é");
}
