//! Tables of models without migrations: for tests, scripts and first steps.

#[expect(unused_imports, reason = "for the links of the documentation")]
use crate::ErrorKind;
use crate::{Error, Table, schema_of};
use std::collections::HashSet;
use underpin_pool::{Database, Transaction};
use underpin_schema::{Fact, Facts, Schema, create_sql, quote_identifier};

/// The SQLSTATE of a table that is not there.
const UNDEFINED_TABLE: &str = "42P01";

/// Creates the tables of models, with what they need: schemas, extensions, types, indexes, foreign keys. All or nothing.
///
/// What is there already, by its name, stays **as it is**, whether it fits the model or not. So a script may begin with
/// this each time, and tests that share a database may begin with it at once. A table that has to change is what
/// migrations are for.
///
/// # Example
/// ```no_run
/// use underpin_model::{Base, Id, Model, create_tables, models_of};
///
/// #[derive(Debug, Clone, Model)]
/// struct Author {
///     #[model(flatten)]
///     base: Base,
///     name: String,
/// }
///
/// #[derive(Debug, Clone, Model)]
/// struct Note {
///     #[model(flatten)]
///     base: Base,
///     #[model(references = Author)]
///     author_id: Id<Author>,
/// }
///
/// # async fn example(db: underpin_pool::Database) -> Result<(), underpin_model::Error> {
/// create_tables(&db, [Author::TABLE, Note::TABLE]).await?;
/// // Or all models of this package:
/// create_tables(&db, models_of(env!("CARGO_PKG_NAME"))).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// Whatever the pool reports, with the object that could not be created; [`ErrorKind::Sql`] when a table refers to one
/// that is neither named nor there.
///
/// # Cancel safety
/// Dropped midway, everything is created or nothing.
pub async fn create_tables(
    db: &Database,
    tables: impl IntoIterator<Item = &'static Table>,
) -> Result<(), Error> {
    let schema = schema_of(tables);
    let tx = db.begin().await?;
    // One at a time: two could find the same table missing.
    tx.query_one(
        "SELECT pg_advisory_xact_lock(hashtext('underpin create_tables'))",
        &[],
    )
    .await?;
    let schema = missing(&tx, schema).await?;
    for statement in create_sql(&schema) {
        tx.batch(&statement.sql).await.map_err(|cause| {
            let refers_to_nothing = cause.code() == Some(UNDEFINED_TABLE);
            let error = Error::caused_by(format!("could not create {}", statement.object), cause);
            match refers_to_nothing {
                true => error.with_hint("name the models that it refers to as well"),
                false => error,
            }
        })?;
    }
    tx.commit().await?;
    Ok(())
}

/// What of a schema of models the database does not have.
async fn missing(tx: &Transaction<'_>, schema: Schema) -> Result<Schema, Error> {
    let is_extension = "EXISTS (SELECT FROM pg_extension WHERE extname = name)";
    let (is_schema, is_type, is_table) = (
        "to_regnamespace(name) IS NOT NULL",
        "to_regtype(name) IS NOT NULL",
        "to_regclass(name) IS NOT NULL",
    );
    let Schema {
        namespaces,
        extensions,
        enums,
        domains,
        composites,
        tables,
        ..
    } = schema;
    Ok(Schema {
        namespaces: without(tx, is_schema, namespaces, |it| {
            quote_identifier(&it.name).into_owned()
        })
        .await?,
        extensions: without(tx, is_extension, extensions, |it| it.name.clone()).await?,
        enums: without(tx, is_type, enums, |it| it.name.to_string()).await?,
        domains: without(tx, is_type, domains, |it| it.name.to_string()).await?,
        composites: without(tx, is_type, composites, |it| it.name.to_string()).await?,
        tables: without(tx, is_table, tables, |it| it.name.to_string()).await?,
        ..Schema::default()
    })
}

/// Those facts whose name does not fulfil a condition on `name`.
async fn without<T: Fact>(
    tx: &Transaction<'_>,
    is_there: &str,
    facts: Facts<T>,
    name: fn(&T) -> String,
) -> Result<Facts<T>, Error> {
    let names: Vec<String> = facts.iter().map(name).collect();
    let sql = format!("SELECT name FROM unnest($1::text[]) AS name WHERE {is_there}");
    let rows = tx.query(&sql, &[&names]).await?;
    let there = rows.iter().map(|row| row.get(0));
    let there: HashSet<String> = there.collect::<Result<_, _>>()?;
    let facts = facts.into_iter();
    Ok(facts.filter(|fact| !there.contains(&name(fact))).collect())
}
