//! Indexes.

use super::options::parameters;
use crate::diff::change::{Change, ChangeKind};
use crate::{Index, IndexKey, Object, Parameters, QualifiedName, quote_identifier, sql};

pub(super) fn index(from: &Index, table: &QualifiedName, to: &Index) -> Option<Vec<Change>> {
    let name = table.sibling(&to.name);
    let object = Object::Index(name.clone());
    if plain(from) != plain(to) {
        let drop = format!("DROP INDEX {name}");
        let create = sql::create_index(table, to, false);
        let settings = sql::index_settings(table, to);
        let statements = [drop, create].into_iter().chain(settings).collect();
        let kind = ChangeKind::ReplaceIndex(table.clone(), Box::new(to.clone()));
        return Some(vec![Change::new(object, kind, statements)]);
    }
    let mut changes = Vec::new();
    let mut alter = |sql: String| changes.push(Change::alter(object.clone(), sql));
    for action in parameters(&from.parameters, &to.parameters) {
        alter(format!("ALTER INDEX {name} {action}"));
    }
    if from.tablespace != to.tablespace {
        let tablespace = quote_identifier(to.tablespace.as_deref().unwrap_or("pg_default"));
        alter(format!("ALTER INDEX {name} SET TABLESPACE {tablespace}"));
    }
    if !from.clustered && to.clustered {
        let index = quote_identifier(&to.name);
        alter(format!("ALTER TABLE {table} CLUSTER ON {index}"));
    }
    let mut keys = from.keys.iter();
    changes.extend(statistics(table, to, |new| {
        keys.next()
            .is_some_and(|old| old.statistics != new.statistics)
    }));
    Some(changes)
}

/// What has to be said again when PostgreSQL builds an index anew because the type of a column changes.
pub(in crate::diff) fn statistics_again(table: &QualifiedName, to: &Index) -> Vec<Change> {
    statistics(table, to, |key| key.statistics.is_some())
}

fn statistics(
    table: &QualifiedName,
    to: &Index,
    mut is_told: impl FnMut(&IndexKey) -> bool,
) -> Vec<Change> {
    let name = table.sibling(&to.name);
    let keys = to.keys.iter().zip(1..).filter(|(key, _)| is_told(key));
    let change = keys.map(|(key, place)| {
        let target = key.statistics.unwrap_or(-1);
        let sql = format!("ALTER INDEX {name} ALTER COLUMN {place} SET STATISTICS {target}");
        Change::alter(Object::Index(name.clone()), sql)
    });
    change.collect()
}

/// Without what can be changed in place, and without what attaching changes.
pub(in crate::diff) fn plain(index: &Index) -> Index {
    let mut plain = index.clone();
    plain.parameters = Parameters::new();
    plain.tablespace = None;
    plain.clustered = false;
    plain.comment = None;
    plain.part_of = None;
    plain.valid = true;
    for key in &mut plain.keys {
        key.statistics = None;
    }
    plain
}
