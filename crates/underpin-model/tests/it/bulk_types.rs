//! Whatever the type of a column: many rows at once are the rows that single ones are.

use crate::fixture::create_tables;
use ::uuid::Uuid;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use std::net::IpAddr;
use std::ops::Bound;
use underpin_model::{
    Actor, Blank, DbComposite, DbDomain, DbEnum, Id, Interval, Json, Lexeme, Model, Range,
    Repositories, Set, TsVector,
};
use underpin_testkit::TestDb;

#[derive(Debug, Clone, Copy, PartialEq, Default, DbEnum)]
enum Mood {
    #[default]
    Fine,
    #[db_enum(label = "so, \"so\"")]
    SoSo,
}

#[derive(Debug, Clone, PartialEq, DbDomain)]
#[db_domain(check = "VALUE > 0")]
struct Positive(i64);

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Words(Vec<String>);

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Point {
    x: Option<i32>,
    label: Option<String>,
}

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Line {
    from: Point,
    via: Vec<Point>,
    mood: Option<Mood>,
    length: Option<Positive>,
    price: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Origin(Point);

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Route(Vec<Point>);

impl Blank for Point {
    fn blank() -> Self {
        point(None, None)
    }
}

impl Blank for Line {
    fn blank() -> Self {
        line(None)
    }
}

fn point(x: Option<i32>, label: Option<&str>) -> Point {
    let label = label.map(String::from);
    Point { x, label }
}

fn line(mood: Option<Mood>) -> Line {
    Line {
        from: point(Some(1), None),
        via: vec![point(None, Some("a,(\"b")), point(Some(-1), Some(""))],
        mood,
        length: mood.map(|_| Positive(7)),
        price: mood.map(|_| Decimal::new(-15, 1)),
    }
}

/// A model for each type, with a column of it and one that may be NULL; and what is done with it.
macro_rules! types {
    ($($module:ident $(($feature:meta))?: $type:ty = [$($value:expr),+ $(,)?];)+) => {
        $(
            $(#[$feature])?
            mod $module {
                use super::*;

                #[derive(Debug, Clone, Model)]
                #[model(table = "rows_of_a_type")]
                struct Row {
                    #[model(primary_key)]
                    id: Id<Row>,
                    place: i32,
                    value: $type,
                    maybe: Option<$type>,
                }

                fn rows(count: usize) -> Vec<NewRow> {
                    let values: Vec<$type> = vec![$($value),+];
                    let row = |(place, value): (i32, &$type)| NewRow {
                        place,
                        value: value.clone(),
                        maybe: (place % 3 != 0).then(|| value.clone()),
                        ..NewRow::default()
                    };
                    (0..).zip(values.iter().cycle()).map(row).take(count).collect()
                }

                #[tokio::test]
                async fn many_rows_are_what_single_rows_are() {
                    let db = TestDb::empty().await;
                    if super::lacks_extension(&db, Row::TABLE).await {
                        return;
                    }
                    create_tables(&db, &[Row::TABLE]).await;
                    let (table, actor) = (db.database().repository::<Row>(), Actor::service("test"));
                    for row in rows(7) {
                        table.create(row, &actor).await.unwrap();
                    }
                    let expected = super::written(&db).await;
                    assert_eq!(expected.len(), 7);
                    assert_eq!(table.find_all().all().await.unwrap().len(), 7);

                    for how in ["at once", "in a transaction", "by COPY"] {
                        db.database().execute("TRUNCATE rows_of_a_type", &[]).await.unwrap();
                        match how {
                            "at once" => table.bulk_create(rows(7), &actor).await.unwrap(),
                            "by COPY" => table.bulk_create(rows(2_100), &actor).await.unwrap(),
                            _ => {
                                let tx = db.database().begin().await.unwrap();
                                let count = table.on(&tx).bulk_create(rows(7), &actor).await;
                                tx.commit().await.unwrap();
                                count.unwrap()
                            }
                        };
                        let written = super::written(&db).await;
                        assert_eq!(written[..7], expected, "{how}");
                    }

                    let all = table.find(Row::PLACE.lt(7)).order_by(Row::PLACE.asc()).all();
                    let patches = all.await.unwrap().into_iter().zip(rows(8).into_iter().skip(1));
                    let patches = patches.map(|(row, next)| {
                        let (value, maybe) = (Set(next.value), Set(next.maybe));
                        let patch = RowPatch { value, maybe, ..RowPatch::default() };
                        (row.id, patch)
                    });
                    assert_eq!(table.bulk_update(patches.collect(), &actor).await.unwrap(), 7);
                    let changed = super::written(&db).await;
                    let values = |rows: &[super::Written]| {
                        rows.iter().map(|row| (row.1.clone(), row.2.clone())).collect::<Vec<_>>()
                    };
                    assert_eq!(values(&changed[..6]), values(&expected[1..]), "bulk_update");

                    for row in rows(7) {
                        let id = table.get_by(Row::PLACE.eq(row.place)).await.unwrap().id;
                        let again = NewRow { id: Some(id), ..row };
                        table.upsert(again, Row::ID, &actor).await.unwrap();
                    }
                    assert_eq!(super::written(&db).await[..7], expected, "upsert");
                }
            }
        )+
    };
}

/// A row as the server prints it.
type Written = (i32, Option<String>, Option<String>);

async fn written(db: &TestDb) -> Vec<Written> {
    let sql = "SELECT place, value::text, maybe::text FROM rows_of_a_type ORDER BY place";
    db.database().query_as(sql, &[]).await.unwrap()
}

/// Says so when the test cannot run, because the server does not have the type.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
async fn lacks_extension(db: &TestDb, table: &underpin_model::Table) -> bool {
    for name in table.extensions {
        let sql = "SELECT 1 FROM pg_available_extensions WHERE name = $1";
        if db.database().query(sql, &[name]).await.unwrap().is_empty() {
            println!("skipped: the server has no {name}");
            return true;
        }
    }
    false
}

fn at() -> Timestamp {
    "2026-05-01T12:34:56.789012Z".parse().unwrap()
}

types! {
    boolean: bool = [true, false];
    smallint: i16 = [i16::MIN, 0, i16::MAX];
    integer: i32 = [i32::MIN, 0, i32::MAX];
    bigint: i64 = [i64::MIN, 0, i64::MAX];
    real: f32 = [f32::MIN_POSITIVE, f32::NEG_INFINITY, f32::NAN, -0.0];
    double: f64 = [f64::MIN_POSITIVE, f64::INFINITY, f64::NAN, 0.1];
    numeric: Decimal = [Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::new(100, 2), Decimal::ZERO];
    text: String = [String::new(), "NULL".into(), "a\n\\N\t\"{ü}".into()];
    uuid: Uuid = [Uuid::from_u128(1), Uuid::max()];
    id: Id<Actor> = [Id::from_uuid(Uuid::from_u128(2)), Id::from_uuid(Uuid::from_u128(3))];
    timestamptz: Timestamp = [at(), Timestamp::UNIX_EPOCH];
    timestamp: DateTime = [civil::datetime(-44, 3, 15, 1, 2, 3, 4_000), DateTime::ZERO];
    day: Date = [date(-44, 3, 15), date(9999, 12, 31)];
    time: Time = [civil::time(23, 59, 59, 999_999_000), Time::midnight()];
    interval: Interval = [Interval { months: -1, days: 2, microseconds: -3 }, Interval::default()];
    bytea: Vec<u8> = [vec![], vec![0, 255, b'\\']];
    jsonb: Json = [Json(serde_json::json!({"a": [1, null, "\"\\"]})), Json(serde_json::json!(null))];
    inet: IpAddr = ["2001:db8::1".parse().unwrap(), "10.0.0.1".parse().unwrap()];
    tsvector: TsVector = [
        TsVector::default(),
        TsVector(vec![Lexeme { word: "it's".into(), positions: vec![1, 0xC002] }]),
    ];
    int4range: Range<i32> = [(1..5).into(), Range::Empty, Range::Between(Bound::Unbounded, Bound::Unbounded)];
    int8range: Range<i64> = [Range::Between(Bound::Excluded(1), Bound::Unbounded)];
    numrange: Range<Decimal> = [Range::Between(Bound::Excluded(Decimal::ONE), Bound::Included(Decimal::TEN))];
    daterange: Range<Date> = [(date(2026, 1, 1)..date(2026, 2, 1)).into()];
    tsrange: Range<DateTime> = [Range::Between(Bound::Unbounded, Bound::Included(DateTime::ZERO))];
    tstzrange: Range<Timestamp> = [(Timestamp::UNIX_EPOCH..at()).into(), Range::Empty];
    enumeration: Mood = [Mood::Fine, Mood::SoSo];
    domain: Positive = [Positive(1), Positive(i64::MAX)];
    domain_over_an_array: Words = [Words(vec![]), Words(vec!["a,\"b".into(), String::new()])];
    composite: Point = [point(None, None), point(Some(1), Some("a,(\"b"))];
    composite_of_composites: Line = [line(None), line(Some(Mood::SoSo))];
    domain_over_a_composite: Origin = [Origin(point(None, Some(""))), Origin(point(Some(1), None))];
    domain_over_composites: Route = [Route(vec![]), Route(vec![point(Some(1), None), point(None, None)])];
    texts: Vec<String> = [vec![], vec!["a,\"b".into(), "NULL".into()]];
    numbers: Vec<i32> = [vec![], vec![-1, 2]];
    decimals: Vec<Decimal> = [vec![Decimal::MAX, Decimal::new(1, 28)], vec![]];
    moods: Vec<Mood> = [vec![Mood::SoSo, Mood::Fine], vec![]];
    domains: Vec<Positive> = [vec![Positive(1), Positive(2)], vec![]];
    points: Vec<Point> = [vec![point(None, None), point(Some(1), Some("a,(\"b"))], vec![]];
    origins: Vec<Origin> = [vec![Origin(point(None, None))], vec![]];
    ranges: Vec<Range<i32>> = [vec![(1..5).into(), Range::Empty], vec![]];
    vector (cfg(feature = "vector")): underpin_model::Vector = [vec![0.5, 1.0].into(), vec![-2.0].into()];
    halfvec (cfg(feature = "vector")): underpin_model::HalfVector = [
        underpin_model::HalfVector::from_f32_slice(&[0.5, 1.0]),
        underpin_model::HalfVector::from_f32_slice(&[-2.0]),
    ];
}
