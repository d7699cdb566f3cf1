//! What is read, and what is left as it was.

use crate::support::{difference, read, run_script};
use underpin_core::ErrorKind;
use underpin_schema::{Catalog, Object, Part, QualifiedName, Schema, Scope, Unmodelled};
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
    assert_eq!(read(db.database()).await.schema, Schema::default());
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
    assert_eq!(
        found[0].description,
        "operator public.===(pg_catalog.text,pg_catalog.text)"
    );
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

#[tokio::test]
async fn options_that_the_server_keeps_for_itself_are_listed_and_are_not_facts() {
    let script = "CREATE TABLE t (id integer PRIMARY KEY, words tsvector) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
        ALTER TABLE t ALTER id SET (n_distinct = -0.5);
        CREATE INDEX i ON t USING gist (words tsvector_ops (siglen = 32)) WITH (buffering = on);
        CREATE INDEX j ON t (id) WITH (deduplicate_items = off);
        CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t;
        CREATE MATERIALIZED VIEW m WITH (fillfactor = 60) AS SELECT id FROM t;";
    let db = with(script).await;
    let before = read(db.database()).await;
    // What PostgreSQL 15.20 does by itself, and what a later release may do; SET (…) takes none of these names.
    run_script(
        db.database(),
        "UPDATE pg_attribute SET attoptions = array_prepend('pg_attver=' || attrelid, attoptions)
             WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
         UPDATE pg_class SET reloptions = array_append(reloptions, 'pg_relver=' || oid)
             WHERE relnamespace = 'public'::regnamespace;
         UPDATE pg_class SET reloptions = array_append(reloptions, 'newer_option=1') WHERE relname = 't';",
    )
    .await
    .expect("a superuser may change the catalog");
    let after = read(db.database()).await;
    let lines = difference(&before.schema, &after.schema);
    assert!(lines.is_none(), "{}", lines.unwrap_or_default());
    let known = before.unknown_options;
    let found: Vec<_> = after.unknown_options.difference(&known).collect();
    let expected = [
        "newer_option of tables",
        "pg_attver of operator classes",
        "pg_relver of indexes",
        "pg_relver of tables",
        "pg_relver of views",
    ];
    let found: Vec<&str> = found.iter().map(|it| it.as_str()).collect();
    let found: Vec<&str> = found
        .into_iter()
        .filter(|it| *it != "pg_attver of columns")
        .collect();
    assert_eq!(found, expected);
    assert!(after.unknown_options.contains("pg_attver of columns"));
    let script = after.script();
    for option in ["pg_attver", "pg_relver", "newer_option"] {
        assert!(!script.contains(option), "{option} is in {script}");
    }
    for option in [
        "fillfactor",
        "n_distinct",
        "siglen",
        "buffering",
        "deduplicate_items",
        "security_barrier",
    ] {
        assert!(script.contains(option), "{option} is not in {script}");
    }
}
