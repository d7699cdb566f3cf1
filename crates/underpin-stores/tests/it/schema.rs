//! Models and migrations say the same.

use crate::support::registry;
use underpin_model::{models_of, schema_of};
use underpin_schema::{Catalog, Schema, Scope, create_sql};
use underpin_testkit::TestDb;

async fn tables(db: &TestDb) -> Schema {
    let scope = Scope::only(["public"]);
    Catalog::read(db.database(), &scope).await.unwrap().schema
}

/// The models' facts are compared as PostgreSQL writes them: both schemas are made, and read back.
#[tokio::test]
async fn the_migrations_make_what_the_models_ask_for() {
    let migrated = tables(&registry().await).await;
    if !migrated.extensions.contains("pg_trgm") {
        println!(
            "skipped: this PostgreSQL has no pg_trgm, without which the migrations make no index for searches"
        );
        return;
    }
    let made = TestDb::empty().await;
    let models = schema_of(models_of("underpin-stores"));
    for statement in create_sql(&models) {
        made.database().batch(&statement.sql).await.unwrap();
    }
    let made = tables(&made).await;
    assert_eq!(migrated.tables, made.tables);
    assert_eq!(migrated.enums, made.enums);
    assert_eq!(made.tables.len(), 2);
}
