//! What the pool itself refuses, and how it says so.

use crate::support::pool_of;
use underpin_core::Chain;
use underpin_pool::{ErrorKind, ToSql};

/// `SELECT count(*) FROM (VALUES ($1::int), ($2), …) AS v`
fn values(count: usize) -> String {
    let mut places = String::from("($1::int)");
    for number in 2..=count {
        places.push_str(&format!(", (${number})"));
    }
    format!("SELECT count(*) FROM (VALUES {places}) AS v")
}

#[tokio::test]
async fn parameters_beyond_the_protocols_limit_are_counted_right_and_refused() {
    let db = pool_of(2).await;
    let params: Vec<&(dyn ToSql + Sync)> = vec![&1_i32; 70_000];
    let sql = values(params.len());
    let tx = db.begin().await.unwrap();
    let session = db.checkout().await.unwrap();
    let once: Vec<_> = params
        .iter()
        .map(|it| (*it, underpin_pool::Type::INT4))
        .collect();
    let refused = [
        tx.query(&sql, &params).await.unwrap_err(),
        session.query(&sql, &params).await.unwrap_err(),
        session.query_once(&sql, &once).await.unwrap_err(),
        tx.stream(&sql, &params).await.unwrap_err(),
        // Only the server knows how many parameters there are.
        session.query(&sql, &params[..3]).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = Chain(&error).to_string();
        assert!(
            text.contains("70000 parameters") && text.contains("65535"),
            "{text}"
        );
        let hint = error.hint().unwrap();
        assert!(hint.contains("unnest") && hint.contains("COPY"), "{hint}");
    }
    let row = tx.query_one("SELECT 1", &[]).await.unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 1, "the transaction goes on");
    let row = session
        .query_one(&values(65_535), &params[..65_535])
        .await
        .unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), 65_535);
}

#[tokio::test]
async fn a_wrong_number_of_values_is_said_in_plain_english() {
    let db = pool_of(1).await;
    let said = async |sql: &str, params: &[&(dyn ToSql + Sync)]| {
        db.query(sql, params).await.unwrap_err().to_string()
    };
    assert_eq!(
        said("SELECT $1::int", &[&1, &2]).await,
        "the statement has 1 parameter, 2 values were given"
    );
    assert_eq!(
        said("SELECT $1::int + $2", &[&1]).await,
        "the statement has 2 parameters, 1 value was given"
    );
    assert_eq!(
        said("SELECT 1", &[&1]).await,
        "the statement has 0 parameters, 1 value was given"
    );
}

#[tokio::test]
async fn several_rows_where_one_was_expected_are_the_queries_fault() {
    let db = pool_of(1).await;
    let two = "SELECT * FROM generate_series(1, 2)";
    for error in [
        db.query_one(two, &[]).await.unwrap_err(),
        db.query_opt(two, &[]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooManyRows);
        assert_eq!(
            error.to_string(),
            "the query returned 2 rows where at most one was expected"
        );
        assert!(error.hint().unwrap().contains("LIMIT 1"));
    }
}

#[tokio::test]
async fn a_nul_character_names_its_parameter_before_anything_is_sent() {
    let db = pool_of(1).await;
    let bad: [(&str, &(dyn ToSql + Sync)); 5] = [
        ("SELECT $1::text", &"a\0"),
        ("SELECT $1::text[]", &vec!["a", "b\0"]),
        ("SELECT $1::jsonb", &serde_json::json!({"a": "\0"})),
        ("SELECT $1::jsonb[]", &vec![serde_json::json!(["\0"])]),
        ("SELECT $1::name", &"\0"),
    ];
    let tx = db.begin().await.unwrap();
    for (sql, value) in bad {
        let sql = format!("{sql}, $2::int");
        let error = tx.query(&sql, &[value, &1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.parameter(), Some(1), "{sql}");
        let text = Chain(&error).to_string();
        assert!(
            text.contains("parameter $1") && text.contains("NUL character"),
            "{text}"
        );
    }
    let row = tx
        .query_one("SELECT $1::bytea", &[&vec![0_u8]])
        .await
        .unwrap();
    assert_eq!(row.get::<Vec<u8>>(0).unwrap(), [0], "bytes may be zero");
}

#[tokio::test]
async fn a_value_of_another_type_names_its_parameter() {
    let db = pool_of(1).await;
    let error = db
        .query("SELECT $1::int, $2::int", &[&1, &"two"])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.parameter()),
        (ErrorKind::InvalidInput, Some(2))
    );
    assert!(error.hint().unwrap().contains("i32"), "{error:?}");
    let missing = db.query("SELECT 1 FROM nowhere", &[]).await.unwrap_err();
    assert_eq!(missing.parameter(), None);
}

#[tokio::test]
async fn a_column_that_cannot_be_read_says_how_it_can() {
    let db = pool_of(1).await;
    let row = db
        .query_one(
            "SELECT count(*), NULL::text FROM generate_series(1, 2)",
            &[],
        )
        .await;
    let row = row.unwrap();
    let error = row.get::<i32>(0).unwrap_err();
    assert!(error.hint().unwrap().contains("i64"), "{error:?}");
    let error = row.get::<String>(1).unwrap_err();
    assert!(error.hint().unwrap().contains("Option"), "{error:?}");
}
