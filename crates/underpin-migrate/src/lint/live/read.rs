//! Asks a database about the tables that a migration names.

use super::{Facts, Relation};
use crate::lint::engine::with_room;
use crate::lint::name::Name;
use crate::lint::settings::PgVersion;
use crate::lint::suspect;
use crate::{Error, ledger};
use squawk_syntax::ast::{AstNode, RelationNameRef, TableNameRef};
use std::collections::BTreeSet;
use underpin_core::ErrorKind;
use underpin_pool::{Database, Row};

/// Most tables of one file that are looked up.
const NAMES_MAX: usize = 10_000;

const VERSION: &str = "SELECT current_setting('server_version_num')::int";

/// Sizes open the tables, so a table that is locked makes this wait: not for long.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '2s'";

const RELATIONS: &str = include_str!("relations.sql");

impl Facts {
    /// Looks up what a file names; `chain` is the ledger's name for its folder.
    ///
    /// # Errors
    /// Any of the database; also when a table is locked for longer than 2 s.
    ///
    /// # Cancel safety
    /// Reads only: dropping the future leaves nothing behind.
    ///
    /// # Locks
    /// ACCESS SHARE on each table, for a moment.
    pub async fn read(db: &Database, chain: &str, sql: &str) -> Result<Self, Error> {
        let failed =
            |error| Error::caused_by("could not look at the tables of the migration", error);
        let asked: Vec<String> = names(sql).iter().map(Name::to_string).collect();
        let asked = &asked;
        let (number, rows) = db
            .transaction(
                async |tx| -> Result<(i32, Vec<Row>), underpin_pool::Error> {
                    tx.batch(LOCK_TIMEOUT).await?;
                    let number = tx.query_one(VERSION, &[]).await?.get(0)?;
                    Ok((number, tx.query(RELATIONS, &[asked]).await?))
                },
            )
            .await
            .map_err(failed)?;
        let mut relations = Vec::new();
        for row in &rows {
            relations.push(relation(row.get(0).map_err(failed)?)?);
        }
        let ledger = ledger::read(db, chain).await?.unwrap_or_default();
        let applied: Vec<_> = ledger.migrations.keys().copied().collect();
        Ok(Self {
            server: PgVersion::from_number(number).unwrap_or(PgVersion::DEFAULT),
            relations,
            head: applied.iter().max().copied(),
            applied,
        })
    }
}

fn relation(json: &str) -> Result<Relation, Error> {
    serde_json::from_str(json).map_err(|cause| {
        Error::new(ErrorKind::Decode, "could not read what the catalog says").with_source(cause)
    })
}

/// All tables that a file names.
fn names(sql: &str) -> BTreeSet<Name> {
    let found = with_room(|| {
        let file = suspect::read(sql).parse.tree();
        let nodes = file.syntax().descendants();
        let paths = nodes.filter_map(|node| {
            let table = || TableNameRef::cast(node.clone())?.path_ref();
            table().or_else(|| RelationNameRef::cast(node.clone())?.path_ref())
        });
        let names = paths.filter_map(|it| Name::of_ref(&it));
        names.take(NAMES_MAX).collect()
    });
    found.unwrap_or_default()
}
