//! What a Rust type cannot hold is an error, and never another value.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;
use std::time::SystemTime;
use underpin_model::{DbComposite, DbDomain, Range};
use underpin_pool::{Database, ErrorKind, FromSql};
use underpin_testkit::TestDb;

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Price(Decimal);

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Offer {
    price: Decimal,
}

async fn read<T: for<'a> FromSql<'a> + Send>(db: &Database, sql: &str) -> Result<T, ErrorKind> {
    let row = db.query_one(&format!("SELECT {sql}"), &[]).await.unwrap();
    let single = row.get::<T>(0).map_err(|error| error.kind());
    let rows = db.query_as::<(T,)>(&format!("SELECT {sql}"), &[]).await;
    assert_eq!(
        rows.map(drop).map_err(|error| error.kind()).err(),
        single.as_ref().err().copied()
    );
    single
}

#[tokio::test]
async fn numeric_that_a_decimal_cannot_hold_is_an_error_wherever_it_stands() {
    let db = TestDb::empty().await;
    let db = db.database();
    db.batch(
        "CREATE DOMAIN price AS numeric; CREATE TYPE offer AS (price numeric);
         CREATE TABLE offers (p price, o offer)",
    )
    .await
    .unwrap();
    let too_fine = [
        "1e-200",
        "1e-29",
        "0.12345678901234567890123456789",
        "12345678901234567890.1234567890123456",
        "79228162514264337593543950336",
        "-79228162514264337593543950335.5",
        "1e29",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
    ];
    for value in too_fine {
        let refused = Some(ErrorKind::Decode);
        let value = format!("{value}::numeric");
        assert_eq!(read::<Decimal>(db, &value).await.err(), refused, "{value}");
        assert_eq!(
            read::<Option<Decimal>>(db, &value).await.err(),
            refused,
            "{value}"
        );
        let list = format!("ARRAY[NULL, 1, {value}]");
        assert_eq!(
            read::<Vec<Option<Decimal>>>(db, &list).await.err(),
            refused,
            "{value}"
        );
        if !value.contains("NaN") {
            let range = format!("numrange(NULL, {value}, '[]')");
            assert_eq!(
                read::<Range<Decimal>>(db, &range).await.err(),
                refused,
                "{value}"
            );
        }
        db.batch(&format!(
            "TRUNCATE offers; INSERT INTO offers VALUES ({value}, ROW({value}))"
        ))
        .await
        .unwrap();
        assert_eq!(
            read::<Price>(db, "p FROM offers").await.err(),
            refused,
            "{value}"
        );
        assert_eq!(
            read::<Offer>(db, "o FROM offers").await.err(),
            refused,
            "{value}"
        );
    }
}

#[tokio::test]
async fn numeric_that_fits_is_read_and_written_to_the_last_digit() {
    let db = TestDb::empty().await;
    let db = db.database();
    let mut values = vec![
        String::from("79228162514264337593543950335"),
        String::from("-7.9228162514264337593543950335"),
        String::from("0.0000000000000000000000000001"),
        String::from("1.00"),
        String::from("1.0000000000000000000000000000000000"),
        String::from("0"),
        String::from("10000000000000000000000000000"),
    ];
    // Each number of digits, each place of the point.
    for digits in 1..=28 {
        for scale in 0..=digits {
            let all: String = "9876543210987654321098765432"[..digits].into();
            let (whole, fraction) = all.split_at(digits - scale);
            values.push(format!("{whole:0>1}.{fraction:0<1}"));
        }
    }
    for value in values {
        let found: Decimal = read(db, &format!("{value}::numeric")).await.unwrap();
        let same = db
            .query_one("SELECT $1::numeric = $2::text::numeric", &[&found, &value])
            .await;
        assert!(same.unwrap().get::<bool>(0).unwrap(), "{value} is {found}");
    }
}

#[tokio::test]
async fn times_beyond_those_of_the_type_are_errors() {
    let db = TestDb::empty().await;
    let db = db.database();
    let refused = Some(ErrorKind::Decode);
    for value in ["infinity", "-infinity"] {
        for r#type in ["timestamptz", "timestamp", "date"] {
            let sql = format!("'{value}'::{type}");
            let outcome = match r#type {
                "timestamptz" => {
                    assert_eq!(read::<SystemTime>(db, &sql).await.err(), refused, "{sql}");
                    read::<Timestamp>(db, &sql).await.err()
                }
                "timestamp" => read::<DateTime>(db, &sql).await.err(),
                _ => read::<Date>(db, &sql).await.err(),
            };
            assert_eq!(outcome, refused, "{sql}");
        }
    }
    let far = "'20000-01-01'::timestamptz";
    assert_eq!(read::<Timestamp>(db, far).await.err(), refused);
    let far = "'20000-01-01'::timestamp";
    assert_eq!(read::<DateTime>(db, far).await.err(), refused);
    assert_eq!(read::<Date>(db, "'20000-01-01'::date").await.err(), refused);
    assert_eq!(read::<Time>(db, "'24:00'::time").await.err(), refused);
    let list = "ARRAY['infinity', NULL]::timestamptz[]";
    assert_eq!(
        read::<Vec<Option<SystemTime>>>(db, list).await.err(),
        refused
    );
}
