//! Every type: created from the facts of its model, written, read, compared, found in the catalog again.

use crate::fixture::create_tables;
use jiff::civil::{DateTime, Time, date};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::ops::Bound;
use underpin_model::{
    Actor, DbComposite, DbDomain, DbEnum, Fields, FromRow, Id, Interval, Json, Model, Patch, Range,
    Repositories, Set, TsVector,
};
use underpin_schema::{Catalog, Scope};
use underpin_testkit::TestDb;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Default, DbEnum)]
enum Colour {
    #[default]
    Red,
    #[db_enum(label = "light blue")]
    LightBlue,
}

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Place {
    latitude: f64,
    name: Option<String>,
    colours: Vec<Colour>,
}

#[derive(Debug, Clone, PartialEq, DbDomain)]
#[db_domain(check = "VALUE > 0")]
struct Amount(i64);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Settings {
    theme: String,
}

/// A column of each type, and of each again that may be NULL.
#[derive(Debug, Clone, PartialEq, Model)]
struct AllType {
    #[model(primary_key)]
    id: Id<AllType>,
    small: i16,
    int: i32,
    big: i64,
    real: f32,
    double: f64,
    exact: Decimal,
    #[model(db_type = "numeric(12,2)")]
    money: Decimal,
    text: String,
    #[model(max_len = 10)]
    short: String,
    flag: bool,
    uuid: Uuid,
    at: Timestamp,
    local: DateTime,
    day: civil::Date,
    time: Time,
    every: Interval,
    bytes: Vec<u8>,
    json: Json,
    #[model(db_type = "json")]
    plain: serde_json::Value,
    settings: Json<Settings>,
    texts: Vec<String>,
    numbers: Vec<i32>,
    times: Vec<Timestamp>,
    colour: Colour,
    colours: Vec<Colour>,
    address: IpAddr,
    ints: Range<i32>,
    bigs: Range<i64>,
    exacts: Range<Decimal>,
    days: Range<civil::Date>,
    locals: Range<DateTime>,
    span: Range<Timestamp>,
    place: Option<Place>,
    places: Vec<Place>,
    #[model(default = "1")]
    amount: Amount,
    #[model(generated = "to_tsvector('english'::regconfig, text)", index = "gin")]
    words: TsVector,
    #[model(identity)]
    number: i64,
    maybe_text: Option<String>,
    maybe_colour: Option<Colour>,
    maybe_times: Option<Vec<Timestamp>>,
    maybe_span: Option<Range<Timestamp>>,
    maybe_settings: Option<Json<Settings>>,
    maybe_amount: Option<Amount>,
}

fn full() -> NewAllType {
    let at: Timestamp = "2026-05-01T12:34:56.789012Z".parse().unwrap();
    let place = Place {
        latitude: 1.5,
        name: None,
        colours: vec![Colour::LightBlue, Colour::Red],
    };
    NewAllType {
        small: i16::MIN,
        int: i32::MAX,
        big: i64::MIN,
        real: 0.5,
        double: -1e300,
        exact: Decimal::new(-123_456_789, 5),
        money: Decimal::new(1_050, 2),
        text: "the quick brown foxes".into(),
        short: "äöü".into(),
        flag: true,
        uuid: Uuid::from_u128(7),
        at,
        local: civil::datetime(2026, 5, 1, 1, 2, 3, 4_000),
        day: date(-44, 3, 15),
        time: civil::time(23, 59, 59, 999_999_000),
        every: Interval {
            months: -1,
            days: 2,
            microseconds: -3,
        },
        bytes: vec![0, 255],
        json: Json(serde_json::json!({"a": [1, null]})),
        plain: serde_json::json!([true]),
        settings: Json(Settings {
            theme: "dark".into(),
        }),
        texts: vec!["a,\"b".into(), String::new()],
        numbers: vec![-1, 2],
        times: vec![at],
        colour: Colour::LightBlue,
        colours: vec![Colour::Red],
        address: "2001:db8::1".parse().unwrap(),
        ints: (1..5).into(),
        bigs: Range::Empty,
        exacts: Range::Between(Bound::Excluded(Decimal::ONE), Bound::Unbounded),
        days: Range::Between(Bound::Unbounded, Bound::Unbounded),
        locals: Range::Between(Bound::Unbounded, Bound::Included(DateTime::ZERO)),
        span: (Timestamp::UNIX_EPOCH..at).into(),
        place: Some(place.clone()),
        places: vec![place],
        amount: Some(Amount(5)),
        maybe_text: Some("x".into()),
        maybe_colour: Some(Colour::Red),
        maybe_times: Some(vec![]),
        maybe_span: Some(Range::Empty),
        maybe_settings: Some(Json(Settings::default())),
        maybe_amount: Some(Amount(1)),
        ..NewAllType::default()
    }
}

/// What the database made of a new row must be what the row said.
fn assert_written(row: &AllType, new: &NewAllType) {
    macro_rules! same {
        ($($field:ident),+) => {$(assert_eq!(row.$field, new.$field, stringify!($field));)+};
    }
    same!(
        small,
        int,
        big,
        real,
        double,
        exact,
        money,
        text,
        short,
        flag,
        uuid,
        at,
        local,
        day,
        time,
        every,
        bytes,
        json,
        plain,
        settings,
        texts,
        numbers,
        times,
        colour,
        colours,
        address,
        ints,
        bigs,
        exacts,
        days,
        locals,
        span,
        place,
        places,
        maybe_text,
        maybe_colour,
        maybe_times,
        maybe_span,
        maybe_settings,
        maybe_amount
    );
    assert_eq!(Some(&row.amount), new.amount.as_ref().or(Some(&Amount(1))));
}

async fn database() -> TestDb {
    let db = TestDb::empty().await;
    create_tables(&db, &[AllType::TABLE]).await;
    db
}

#[tokio::test]
async fn every_type_is_written_and_read_back() {
    let db = database().await;
    let rows = db.database().repository::<AllType>();
    let actor = Actor::service("test");
    let new = full();
    let row = rows.create(new.clone(), &actor).await.unwrap();
    assert_written(&row, &new);
    assert_eq!(rows.get(row.id()).await.unwrap(), row);
    let words: Vec<&str> = row
        .words
        .0
        .iter()
        .map(|lexeme| lexeme.word.as_str())
        .collect();
    assert_eq!(words, ["brown", "fox", "quick"]);

    let blank = NewAllType {
        uuid: Uuid::from_u128(1),
        ..NewAllType::default()
    };
    let row = rows.create(blank.clone(), &actor).await.unwrap();
    assert_written(&row, &blank);
    assert_eq!(row.number, 2);
}

#[tokio::test]
async fn every_type_is_patched() {
    let db = database().await;
    let rows = db.database().repository::<AllType>();
    let actor = Actor::service("test");
    let row = rows.create(full(), &actor).await.unwrap();
    let patch = AllTypePatch {
        colours: Set(vec![]),
        ints: Set(Range::Empty),
        place: Set(None),
        maybe_amount: Set(None),
        bytes: Set(vec![1]),
        text: Patch::Keep,
        ..AllTypePatch::default()
    };
    let changed = rows.update(row.id(), patch, &actor).await.unwrap();
    let changes = row.changes(&changed);
    let fields: Vec<_> = changes.fields().collect();
    assert_eq!(
        fields,
        ["bytes", "colours", "ints", "place", "maybe_amount"]
    );
}

#[tokio::test]
async fn every_type_goes_through_copy_and_upsert() {
    let db = database().await;
    let rows = db.database().repository::<AllType>();
    let actor = Actor::service("test");
    assert_eq!(
        rows.bulk_create(vec![full(), full(), full()], &actor)
            .await
            .unwrap(),
        3
    );
    for row in rows.find_all().all().await.unwrap() {
        assert_written(&row, &full());
    }
    let first = rows.create(full(), &actor).await.unwrap();
    let again = NewAllType {
        id: Some(first.id()),
        ..NewAllType {
            uuid: Uuid::from_u128(9),
            ..full()
        }
    };
    let upserted = rows.upsert(again, AllType::ID, &actor).await.unwrap();
    assert_eq!(
        (upserted.number, upserted.uuid),
        (first.number, Uuid::from_u128(9))
    );
}

#[tokio::test]
async fn every_type_becomes_json() {
    let db = database().await;
    let rows = db.database().repository::<AllType>();
    let row = rows.create(full(), &Actor::service("test")).await.unwrap();
    let mut map = row.to_map(Fields::Without(&["id"])).unwrap();
    map.sort_keys();
    let text = serde_json::to_string_pretty(&map).unwrap();
    crate::compare_with_golden_file("all_types.json", &format!("{text}\n"));
}

#[tokio::test]
async fn the_catalog_tells_the_facts_of_the_model() {
    let db = database().await;
    let found = Catalog::read(db.database(), &Scope::only(["public"]))
        .await
        .unwrap()
        .schema;
    let mut wanted = underpin_schema::Schema::default();
    AllType::TABLE.declare(&mut wanted);
    assert_eq!(found.enums, wanted.enums);
    assert_eq!(found.composites, wanted.composites);
    assert_eq!(found.domains.len(), wanted.domains.len());
    let (found, wanted) = (
        found.tables.iter().next().unwrap(),
        wanted.tables.iter().next().unwrap(),
    );
    for column in &wanted.columns {
        let found = found.columns.get(&column.name).unwrap();
        assert_eq!(found.data_type, column.data_type, "{}", column.name);
        assert_eq!(
            found.not_null.is_some(),
            column.not_null.is_some(),
            "{}",
            column.name
        );
    }
    assert_eq!(found.indexes, wanted.indexes);
}

/// A row of a join.
#[derive(Debug, PartialEq, FromRow)]
struct Joined {
    #[from_row(flatten)]
    colour: Coloured,
    #[from_row(column = "how_many")]
    count: i64,
}

#[derive(Debug, PartialEq, FromRow)]
struct Coloured {
    colour: Colour,
    text: Option<String>,
}

#[tokio::test]
async fn rows_of_any_query_are_read_into_structs() {
    let db = database().await;
    let rows = db.database().query_as::<Joined>(
        "SELECT 7::bigint AS how_many, 'light blue'::colour AS colour, NULL::text AS text",
        &[],
    );
    let expected = Joined {
        colour: Coloured {
            colour: Colour::LightBlue,
            text: None,
        },
        count: 7,
    };
    assert_eq!(rows.await.unwrap(), [expected]);
}

#[cfg(feature = "vector")]
mod vector {
    use super::*;
    use underpin_model::{HalfVector, Vector};

    #[derive(Debug, Clone, Model)]
    struct Embedding {
        #[model(primary_key)]
        id: Id<Embedding>,
        #[model(dimensions = 3, index(method = "hnsw", opclass = "vector_cosine_ops"))]
        whole: Vector,
        #[model(dimensions = 3)]
        half: HalfVector,
    }

    #[tokio::test]
    async fn vectors_are_written_and_read_back() {
        let db = TestDb::empty().await;
        let found = db.database().query(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'",
            &[],
        );
        if found.await.unwrap().is_empty() {
            println!("skipped: the server has no pgvector");
            return;
        }
        create_tables(&db, &[Embedding::TABLE]).await;
        let rows = db.database().repository::<Embedding>();
        let half: Vec<_> = [0.5_f32, 1.0, -2.0].into_iter().collect();
        let new = NewEmbedding {
            whole: Vector::from(half.clone()),
            half: HalfVector::from_f32_slice(&half),
            ..NewEmbedding::default()
        };
        let row = rows.create(new, &Actor::service("test")).await.unwrap();
        assert_eq!(row.whole.as_slice(), [0.5, 1.0, -2.0]);
        assert_eq!(
            row.to_map(Fields::Only(&["half"])).unwrap()["half"],
            serde_json::json!([0.5, 1.0, -2.0])
        );
    }
}
