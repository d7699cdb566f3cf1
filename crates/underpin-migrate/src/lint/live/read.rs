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
use underpin_pool::Executor;

/// Most tables of one file that are looked up.
const NAMES_MAX: usize = 10_000;

const VERSION: &str = "SELECT current_setting('server_version_num')::int";

/// Sizes open the tables, so a table that is locked makes this wait: not for longer than its own timeout.
const LOCK_TIMEOUT: &str = "SELECT set_config('lock_timeout', '2s', true)";

const RELATIONS: &str = include_str!("relations.sql");

impl Facts {
    /// Looks up what a file names; `chain` is the ledger's name for its folder.
    ///
    /// # Errors
    /// Any of the database; also when a table is locked for longer than 2 s.
    ///
    /// # Locks
    /// ACCESS SHARE on each table, for a moment.
    ///
    /// # Cancel safety
    /// Reads only: dropping the future leaves nothing behind.
    pub async fn read(db: &impl Executor, chain: &str, sql: &str) -> Result<Self, Error> {
        let failed =
            |error| Error::caused_by("could not look at the tables of the migration", error);
        let asked: Vec<String> = names(sql).iter().map(Name::to_string).collect();
        let number: i32 = (db.query_one(VERSION, &[]).await)
            .and_then(|row| row.get(0))
            .map_err(failed)?;
        db.query(LOCK_TIMEOUT, &[]).await.map_err(failed)?;
        let mut relations: Vec<Relation> = Vec::new();
        for row in db.query(RELATIONS, &[&asked]).await.map_err(failed)? {
            let text: String = row.get(0).map_err(failed)?;
            let relation = serde_json::from_str(&text).map_err(|cause| {
                Error::new(ErrorKind::Decode, "could not read what the catalog says")
                    .with_source(cause)
            })?;
            relations.push(relation);
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

/// All tables that a file names.
fn names(sql: &str) -> BTreeSet<Name> {
    let found = with_room(|| {
        let file = suspect::read(sql).parse.tree();
        let nodes = file.syntax().descendants();
        let paths = nodes.filter_map(|node| {
            let table = || TableNameRef::cast(node.clone())?.path_ref();
            table().or_else(|| RelationNameRef::cast(node.clone())?.path_ref())
        });
        paths
            .filter_map(|it| Name::of_ref(&it))
            .take(NAMES_MAX)
            .collect()
    });
    found.unwrap_or_default()
}
