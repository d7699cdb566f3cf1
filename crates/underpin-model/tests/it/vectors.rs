//! pgvector on a server that has it: `cargo xtask test --postgres 18` takes one.

use crate::fixture::create_tables;
use underpin_model::{
    Actor, Base, HalfVector, Model, Repositories, Repository, Set, Statement, Vector,
};
use underpin_schema::{Catalog, Scope};
use underpin_testkit::TestDb;

#[derive(Debug, Clone, Model)]
#[model(soft_delete)]
struct Passage {
    #[model(flatten)]
    base: Base,
    text: String,
    #[model(
        dimensions = 3,
        index(
            method = "hnsw",
            opclass = "vector_cosine_ops",
            with = "m = 8, ef_construction = 32"
        )
    )]
    embedding: Vector,
    #[model(dimensions = 3, index(method = "hnsw", opclass = "halfvec_l2_ops"))]
    sketch: Option<HalfVector>,
}

fn passage(text: &str, embedding: [f32; 3]) -> NewPassage {
    NewPassage {
        text: text.into(),
        embedding: Vector::from(embedding.to_vec()),
        sketch: Some(HalfVector::from_f32_slice(&embedding)),
        ..NewPassage::default()
    }
}

/// A database with the table and no rows; None, said aloud, where the server has no pgvector.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
async fn passages() -> Option<(TestDb, Repository<Passage>)> {
    let db = TestDb::empty().await;
    let available = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'";
    if db
        .database()
        .query(available, &[])
        .await
        .unwrap()
        .is_empty()
    {
        println!("skipped: the server has no pgvector");
        return None;
    }
    create_tables(&db, &[Passage::TABLE]).await;
    let passages = db.database().repository();
    Some((db, passages))
}

fn texts(passages: Vec<Passage>) -> Vec<String> {
    passages.into_iter().map(|passage| passage.text).collect()
}

#[tokio::test]
async fn columns_and_indexes_of_vectors_are_read_back_as_they_were_declared() {
    let Some((db, _)) = passages().await else {
        return;
    };
    let scope = Scope::only(["public"]);
    let schema = Catalog::read(db.database(), &scope).await.unwrap().schema;
    let table = schema.tables.iter().next().unwrap();
    let declared = Passage::TABLE.facts();
    let types = |table: &underpin_schema::Table| -> Vec<String> {
        let columns = table.columns.iter();
        columns.map(|column| column.data_type.to_string()).collect()
    };
    assert_eq!(types(table), types(&declared));
    assert_eq!(table.indexes, declared.indexes);
}

#[tokio::test]
async fn vectors_are_written_one_by_one_and_in_bulk_and_come_back() {
    let Some((_db, passages)) = passages().await else {
        return;
    };
    let actor = Actor::service("test");
    let one = passages.create(passage("one", [1.0, 0.5, -2.0]), &actor);
    let one = one.await.unwrap();
    assert_eq!(one.embedding.as_slice(), [1.0, 0.5, -2.0]);
    let patch = PassagePatch {
        embedding: Set(Vector::from(vec![0.0, 0.0, 1.0])),
        sketch: Set(None),
        ..PassagePatch::default()
    };
    let changed = passages.update(one.id(), patch, &actor).await.unwrap();
    assert_eq!(changed.embedding.as_slice(), [0.0, 0.0, 1.0]);
    assert!(changed.sketch.is_none());
    for count in [3, 1_500] {
        let rows = (0..count).map(|n| passage(&format!("{n} of {count}"), [n as f32, 1.0, 0.0]));
        let written = passages.bulk_create(rows.collect(), &actor).await;
        assert_eq!(written.unwrap(), count);
    }
    let last = passages.get_by(Passage::TEXT.eq("1499 of 1500")).await;
    let last = last.unwrap();
    assert_eq!(last.embedding.as_slice(), [1499.0, 1.0, 0.0]);
    assert_eq!(last.sketch.unwrap().as_slice().len(), 3);
    let short = NewPassage {
        embedding: Vector::from(vec![1.0]),
        ..passage("short", [0.0; 3])
    };
    assert!(passages.create(short, &actor).await.is_err());
}

#[tokio::test]
async fn the_nearest_come_first_by_each_distance() {
    let Some((_db, passages)) = passages().await else {
        return;
    };
    let actor = Actor::service("test");
    // By angle the long one is nearest, by distance the short one.
    let rows = [
        passage("long", [10.0, 0.1, 0.0]),
        passage("short", [0.5, 0.5, 0.0]),
        passage("away", [-5.0, -5.0, 0.0]),
    ];
    passages.bulk_create(rows.into(), &actor).await.unwrap();
    let to = || Vector::from(vec![1.0, 0.0, 0.0]);
    let nearest = async |distance: underpin_model::Distance<Passage>| {
        let list = passages.find_all().order_by(distance.nearest()).limit(3);
        texts(list.all().await.unwrap())
    };
    let cosine = nearest(Passage::EMBEDDING.cosine_distance(to())).await;
    assert_eq!(cosine, ["long", "short", "away"]);
    let euclidean = nearest(Passage::EMBEDDING.l2_distance(to())).await;
    assert_eq!(euclidean, ["short", "away", "long"]);
    let inner = nearest(Passage::EMBEDDING.inner_product(to())).await;
    assert_eq!(inner, ["long", "short", "away"]);
    let half = HalfVector::from_f32_slice(&[1.0, 0.0, 0.0]);
    let sketches = nearest(Passage::SKETCH.l1_distance(half)).await;
    assert_eq!(sketches, ["short", "long", "away"]);
    let close = Passage::EMBEDDING.cosine_distance(to()).at_most(0.5);
    assert_eq!(passages.find(close).count().await.unwrap(), 2);
}

#[tokio::test]
async fn the_nearest_are_read_from_the_index_of_their_distance() {
    let Some((db, passages)) = passages().await else {
        return;
    };
    let actor = Actor::service("test");
    let row = |n: u16| passage("some", [f32::from(n % 17), f32::from(n % 23), 1.0]);
    let rows = (0..3_000).map(row).collect();
    passages.bulk_create(rows, &actor).await.unwrap();
    db.database().batch("ANALYZE passages").await.unwrap();
    let explain = async |statement: Statement| {
        let sql = format!("EXPLAIN (COSTS OFF) {}", statement.sql());
        let plan = db
            .database()
            .query_as::<(String,)>(&sql, &statement.values())
            .await;
        let plan: Vec<String> = plan.unwrap().into_iter().map(|(line,)| line).collect();
        plan.join("\n")
    };
    let list = |distance: underpin_model::Distance<Passage>| {
        let list = passages.find_all().order_by(distance.nearest());
        list.limit(5).statement()
    };
    let cosine = Passage::EMBEDDING.cosine_distance(Vector::from(vec![1.0, 2.0, 3.0]));
    let plan = explain(list(cosine)).await;
    assert!(plan.contains("passages_embedding_idx"), "{plan}");
    let half = HalfVector::from_f32_slice(&[1.0, 2.0, 3.0]);
    let plan = explain(list(Passage::SKETCH.l2_distance(half))).await;
    assert!(plan.contains("passages_sketch_idx"), "{plan}");
}
