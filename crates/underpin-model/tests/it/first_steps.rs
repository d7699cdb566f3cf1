//! What a program needs before it has migrations, and what its tests compare.

use crate::models::{Note, NotePatch, User};
use underpin_model::{
    Actor, DbEnum, ErrorKind, FaultKind, Id, Json, Model, Repositories, Set, create_tables,
};
use underpin_testkit::TestDb;

#[derive(Debug, Clone, Copy, PartialEq, Default, DbEnum)]
#[db_enum(name = "weather", schema = "outside")]
enum Weather {
    #[default]
    Fine,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(schema = "outside", extension = "citext")]
struct Walk {
    #[model(primary_key)]
    id: Id<Walk>,
    weather: Weather,
}

/// Later than `Walk`, and needs the same type.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(schema = "outside")]
struct Swim {
    #[model(primary_key)]
    id: Id<Swim>,
    #[model(references = Walk)]
    walk_id: Option<Id<Walk>>,
    weather: Weather,
}

#[tokio::test]
async fn tables_are_created_with_what_they_need_and_what_is_there_stays() {
    let test = TestDb::empty().await;
    let (db, actor) = (test.database(), Actor::user("ada"));
    create_tables(db, [Walk::TABLE]).await.unwrap();
    let walk = db
        .repository::<Walk>()
        .create(NewWalk::default(), &actor)
        .await
        .unwrap();
    create_tables(db, [Walk::TABLE, Swim::TABLE]).await.unwrap();
    create_tables(db, [Walk::TABLE, Swim::TABLE]).await.unwrap();
    let swim = NewSwim {
        walk_id: Some(walk.id),
        ..NewSwim::default()
    };
    let swim = db.repository::<Swim>().create(swim, &actor).await.unwrap();
    assert_eq!(swim.walk_id, Some(walk.id));
    assert_eq!(
        db.repository::<Walk>().get(walk.id).await,
        Ok(walk),
        "the row is still there"
    );
}

#[tokio::test]
async fn programs_that_create_the_same_tables_at_once_all_succeed() {
    let test = TestDb::empty().await;
    let create = async || create_tables(test.database(), [User::TABLE, Note::TABLE]).await;
    let all = tokio::join!(create(), create(), create(), create());
    assert_eq!(all, (Ok(()), Ok(()), Ok(()), Ok(())));
    let users = test.database().repository::<User>();
    assert_eq!(users.find_all().count().await, Ok(0));
}

#[tokio::test]
async fn a_table_that_refers_to_nothing_creates_nothing_and_says_what_to_do() {
    let test = TestDb::empty().await;
    let error = create_tables(test.database(), [Note::TABLE])
        .await
        .unwrap_err();
    assert_eq!(error, ErrorKind::Sql);
    assert!(error.to_string().contains("notes"), "{error}");
    assert!(error.hint().unwrap().contains("refers to"));
    let row = test
        .database()
        .query_one("SELECT to_regclass('notes') IS NULL", &[]);
    assert!(row.await.unwrap().get::<bool>(0).unwrap());
}

#[tokio::test]
async fn results_are_compared_as_a_test_compares_them() {
    let test = TestDb::empty().await;
    let (db, actor) = (test.database(), Actor::user("ada"));
    create_tables(db, [Walk::TABLE, Swim::TABLE]).await.unwrap();
    let swims = db.repository::<Swim>();
    let swim = swims.create(NewSwim::default(), &actor).await.unwrap();
    assert_eq!(swims.get(swim.id).await, Ok(swim.clone()));
    assert_eq!(swims.find_all().all().await, Ok(vec![swim.clone()]));
    let missing = swims.get(Id::now()).await;
    assert_eq!(
        missing,
        swims.get(Id::now()).await,
        "errors that read the same are equal"
    );
    let error = missing.unwrap_err();
    assert_eq!(error, ErrorKind::NotFound);
    assert!(error.is(FaultKind::NotFound));
    let again = NewSwim {
        id: Some(swim.id),
        ..NewSwim::default()
    };
    assert_ne!(swims.create(again, &actor).await.unwrap_err(), error);
    let rows = async || db.query("SELECT * FROM outside.swims", &[]).await;
    assert_eq!(rows().await, rows().await);
    assert_ne!(rows().await, db.query("SELECT 1", &[]).await);
}

/// A type that cannot be compared does not keep a model from being one, nor does its name.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Opaque;

#[derive(Debug, Clone, Model)]
struct Box {
    #[model(primary_key)]
    id: Id<Box>,
    content: Json<Opaque>,
}

#[test]
fn new_rows_and_patches_are_compared_where_their_fields_can_be() {
    let title = |title: &str| NotePatch {
        title: Set(title.into()),
        ..NotePatch::default()
    };
    assert_eq!(title("a"), title("a"));
    assert_ne!(title("a"), title("b"));
    assert_ne!(title("a"), NotePatch::default());
    let new = NewSwim {
        weather: Weather::Fine,
        ..NewSwim::default()
    };
    assert_eq!(new, NewSwim::default());
    assert_eq!(NewBox::default().id, None);
}
