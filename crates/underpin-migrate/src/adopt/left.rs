//! What a tool leaves in a database that was taken over from it: its history, which no migration makes.

use super::history;
use crate::diff::{self, SqlFile};
use crate::{Error, ledger};
use std::fmt::Write;
use underpin_pool::{Options, Session};
use underpin_schema::{Schema, create_sql, quote_identifier};

/// SQL that makes the history tables beside a chain that was adopted; None where none was, or they are gone.
pub(crate) async fn left(
    session: &Session,
    options: &Options,
    chain: &str,
) -> Result<Option<SqlFile>, Error> {
    let ledger = ledger::read(session, chain).await?.unwrap_or_default();
    if !ledger.migrations.values().any(|it| it.origin == "adopt") {
        return Ok(None);
    }
    let (tables, _) = history::tables(session).await?;
    if tables.is_empty() {
        return Ok(None);
    }
    let live = diff::read(options).await?.schema;
    let mut text = String::new();
    let mut schema = Schema::default();
    for table in tables {
        let namespace = quote_identifier(&table.name.schema);
        writeln!(text, "CREATE SCHEMA IF NOT EXISTS {namespace};")
            .expect("a string takes everything");
        if let Some(table) = live.tables.get(&table.name) {
            schema.tables.insert(table.clone());
        }
    }
    for statement in create_sql(&schema) {
        writeln!(text, "{};", statement.sql).expect("a string takes everything");
    }
    Ok(Some(SqlFile::new("the history of another tool", text)))
}
