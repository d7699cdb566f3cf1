//! What is read, and what is left as it was.

use crate::support::{read, run_script};
use underpin_core::ErrorKind;
use underpin_schema::{Catalog, Object, Part, QualifiedName, Scope, Unmodelled};
use underpin_testkit::TestDb;

async fn with(script: &str) -> TestDb {
    let db = TestDb::empty().await;
    run_script(db.database(), script)
        .await
        .expect("the script is right");
    db
}

fn public(name: &str) -> QualifiedName {
    QualifiedName::new("public", name)
}

#[tokio::test]
async fn an_empty_database_has_an_empty_schema() {
    let db = TestDb::empty().await;
    assert_eq!(read(db.database()).await, Catalog::default());
}

#[tokio::test]
async fn dependencies_name_columns_defaults_and_functions() {
    let db = with(
        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE notes (id integer DEFAULT one(), title text, CHECK (id > one()));
         CREATE VIEW titles AS SELECT title FROM notes;",
    )
    .await;
    let dependencies = read(db.database()).await.dependencies;
    let one = dependencies.iter().find_map(|(_, needed)| match needed {
        Object::Function(signature) => {
            Some(needed.clone()).filter(|_| signature.to_string() == "public.one()")
        }
        _ => None,
    });
    let one = one.expect("something needs the function");
    let needing: Vec<Object> = dependencies.on(&one).cloned().collect();
    let default = Object::Default(Part::new(public("notes"), "id"));
    let check = Object::Constraint(Part::new(public("notes"), "notes_id_check"));
    assert_eq!(needing, [default, check]);
    let view = Object::View(public("titles"));
    let title = Object::Column(Part::new(public("notes"), "title"));
    assert_eq!(dependencies.of(&view).collect::<Vec<_>>(), [&title]);
}

#[tokio::test]
async fn only_the_schemas_in_scope_are_read() {
    let script = "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (); CREATE TABLE b.t (); CREATE TABLE t ();";
    let db = with(script).await;
    let check = async |scope: Scope, expected: &[&str]| {
        let found = Catalog::read(db.database(), &scope)
            .await
            .expect("the catalog");
        let schemas: Vec<&str> = found
            .schema
            .tables
            .iter()
            .map(|it| it.name.schema.as_str())
            .collect();
        assert_eq!(schemas, expected);
    };
    check(Scope::all(), &["a", "b", "public"]).await;
    check(Scope::all().without("a"), &["b", "public"]).await;
    check(Scope::only(["a"]), &["a"]).await;
}

#[tokio::test]
async fn what_has_no_facts_is_told() {
    let db = with("CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)").await;
    let found = read(db.database()).await.schema.unmodelled;
    let found: Vec<&Unmodelled> = found.iter().collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].description, "operator public.===(text,text)");
}

#[tokio::test]
async fn the_settings_of_a_transaction_are_put_back() {
    let db = TestDb::empty().await;
    let transaction = db.database().begin().await.expect("a transaction");
    transaction
        .batch("SET LOCAL search_path = public, pg_temp; SET LOCAL TimeZone = 'Asia/Tokyo'")
        .await
        .expect("settings");
    Catalog::read_in_txn(&transaction, &Scope::all())
        .await
        .expect("the catalog");
    let sql = "SELECT current_setting('search_path') || ' ' || current_setting('TimeZone')";
    let row = transaction.query_one(sql, &[]).await.expect("a row");
    assert_eq!(
        row.get::<String>(0).expect("a text"),
        "public, pg_temp Asia/Tokyo"
    );
    transaction.commit().await.expect("nothing was written");
}

#[tokio::test]
async fn outside_of_a_transaction_reading_is_refused() {
    let db = TestDb::empty().await;
    let refused = Catalog::read_in_txn(db.database(), &Scope::all()).await;
    assert_eq!(
        refused.expect_err("there is no transaction").kind(),
        ErrorKind::TransactionState
    );
}
