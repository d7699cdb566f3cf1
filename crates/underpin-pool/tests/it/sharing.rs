//! One connection, several statements at once: whoever reads the socket must not leave the others waiting.

use crate::support::{SOON, pool_of, unique};
use futures_util::future::{join_all, select};
use std::pin::pin;
use tokio::time::timeout;
use underpin_pool::{Error, ErrorKind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_share_a_transaction_all_get_their_answers_though_some_give_up() {
    let db = pool_of(1).await;
    let shared = timeout(SOON * 4, db.transaction(share)).await;
    shared.unwrap().unwrap();
}

/// Four hundred tasks, of which each seventh is aborted while it waits, unless it was quicker.
async fn share(tx: underpin_pool::TransactionHandle) -> Result<(), Error> {
    let tasks: Vec<_> = (0..400_i64)
        .map(|number| {
            let tx = tx.clone();
            let task = tokio::spawn(async move {
                let row = tx.query_one("SELECT $1::int8", &[&number]).await?;
                row.get::<i64>(0)
            });
            if number % 7 == 3 {
                task.abort();
            }
            task
        })
        .collect();
    for (number, answer) in (0..).zip(join_all(tasks).await) {
        match answer {
            Ok(answer) => assert_eq!(answer?, number),
            Err(_) => assert_eq!(number % 7, 3, "nobody else gave up"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn stream_that_nobody_reads_does_not_stop_the_statement_behind_it() {
    let db = pool_of(1).await;
    let tx = db.begin().await.unwrap();
    let mut numbers = tx
        .stream("SELECT generate_series(1, 50000)", &[])
        .await
        .unwrap();
    let first = numbers.next().await.unwrap().unwrap();
    assert_eq!(first.get::<i32>(0).unwrap(), 1);
    let behind = timeout(SOON, tx.query_one("SELECT 'behind'", &[])).await;
    let behind = behind.unwrap().unwrap();
    assert_eq!(behind.get::<&str>(0).unwrap(), "behind");
    let mut count = 1;
    while let Some(row) = numbers.next().await {
        row.unwrap();
        count += 1;
    }
    assert_eq!(count, 50_000, "the rows in the way were kept");
}

#[tokio::test]
async fn statement_goes_on_when_the_one_that_read_for_it_is_dropped() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let quick = pin!(session.query_one("SELECT 1 FROM pg_sleep(0.2)", &[]));
    // Sent behind the quick one and polled after it, so that the socket wakes this one; then dropped.
    let slow = Box::pin(session.query_one("SELECT 2 FROM pg_sleep(0.2)", &[]));
    let either = select(quick, slow);
    let answer = timeout(SOON, either).await.unwrap();
    let row = match answer {
        futures_util::future::Either::Left((row, _)) => row.unwrap(),
        futures_util::future::Either::Right(_) => panic!("answers come in order"),
    };
    assert_eq!(row.get::<i32>(0).unwrap(), 1);
    let row = timeout(SOON, session.query_one("SELECT 3", &[])).await;
    assert_eq!(row.unwrap().unwrap().get::<i32>(0).unwrap(), 3);
}

#[tokio::test]
async fn copy_from_stdin_without_data_is_an_error_and_not_a_wait() {
    let db = pool_of(1).await;
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (id int)"))
        .await
        .unwrap();
    let copy = format!("COPY {table} FROM STDIN");
    let refused = timeout(SOON, db.batch(&copy)).await.unwrap();
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Cancelled);
    let refused = timeout(SOON, db.execute(&copy, &[])).await.unwrap();
    refused.unwrap_err();
    let dropped = timeout(SOON, db.batch(&format!("DROP TABLE {table}"))).await;
    dropped.expect("the session is not stuck").unwrap();
}

#[tokio::test]
async fn types_of_the_database_are_looked_up_with_the_types_they_are_made_of() {
    let db = pool_of(1).await;
    let schema = unique("types");
    db.batch(&format!(
        "CREATE SCHEMA {schema};
         CREATE TYPE {schema}.mood AS ENUM ('happy', 'sad');
         CREATE DOMAIN {schema}.positive AS int CHECK (VALUE > 0);
         CREATE TYPE {schema}.span AS RANGE (subtype = {schema}.positive);
         CREATE TABLE {schema}.node (name {schema}.mood, weights {schema}.positive[])"
    ))
    .await
    .unwrap();
    let sql = format!(
        "SELECT 'sad'::{schema}.mood, ARRAY['happy']::{schema}.mood[], 7::{schema}.positive, NULL::{schema}.span,
                NULL::{schema}.node"
    );
    let row = db.query_one(&sql, &[]).await.unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Sad);
    assert_eq!(row.get::<Vec<Mood>>(1).unwrap(), [Mood::Happy]);
    assert_eq!(row.get::<i32>(2).unwrap(), 7);
    let row = db
        .query_one(&format!("SELECT $1::{schema}.mood"), &[&Mood::Happy])
        .await
        .unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Happy);
    db.batch(&format!("DROP SCHEMA {schema} CASCADE"))
        .await
        .unwrap();
}

#[derive(Debug, PartialEq)]
enum Mood {
    Happy,
    Sad,
}

impl<'a> underpin_pool::FromSql<'a> for Mood {
    fn from_sql(
        _: &underpin_pool::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match raw {
            b"happy" => Ok(Self::Happy),
            b"sad" => Ok(Self::Sad),
            _ => Err("no mood".into()),
        }
    }

    fn accepts(r#type: &underpin_pool::Type) -> bool {
        matches!(r#type.kind(), postgres_types::Kind::Enum(labels) if *labels == ["happy", "sad"])
    }
}

impl underpin_pool::ToSql for Mood {
    fn to_sql(
        &self,
        _: &underpin_pool::Type,
        out: &mut bytes::BytesMut,
    ) -> Result<postgres_types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(match self {
            Self::Happy => b"happy",
            Self::Sad => b"sad",
        });
        Ok(postgres_types::IsNull::No)
    }

    fn accepts(r#type: &underpin_pool::Type) -> bool {
        <Self as underpin_pool::FromSql>::accepts(r#type)
    }

    postgres_types::to_sql_checked!();
}
