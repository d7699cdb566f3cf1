//! Indexes.

use super::options::parameters;
use crate::diff::change::{Change, ChangeKind};
use crate::{Index, IndexKey, Object, Parameters, QualifiedName, quote_identifier, sql};

/// `is_rebuilt`: the old one is INVALID, and the new one is not to be.
pub(super) fn index(
    from: &Index,
    table: &QualifiedName,
    to: &Index,
    is_rebuilt: bool,
) -> Option<Vec<Change>> {
    let name = table.sibling(&to.name);
    let object = Object::Index(name.clone());
    if plain(from) != plain(to) {
        let drop = format!("DROP INDEX {name}");
        let create = sql::create_index(table, to, false);
        let settings = sql::index_settings(table, to);
        // The comment goes with the old one; one that is new is told with the others.
        let is_kept = to.comment.is_some() && from.comment == to.comment;
        let comment =
            is_kept.then(|| sql::comment_on(&format!("INDEX {name}"), to.comment.as_deref()));
        let statements = [drop, create].into_iter().chain(settings).chain(comment);
        let statements = statements.collect();
        let kind = ChangeKind::ReplaceIndex(table.clone(), Box::new(to.clone()));
        return Some(vec![Change::new(object, kind, statements)]);
    }
    let mut changes = Vec::new();
    if is_rebuilt {
        let kind = ChangeKind::RebuildIndex(name.clone());
        let sql = format!("REINDEX INDEX {name}");
        changes.push(Change::new(object.clone(), kind, vec![sql]));
    }
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

/// The same for an index of partitions: its comment, and that `CLUSTER` is to follow it.
pub(in crate::diff) fn rest_again(
    table: &QualifiedName,
    to: &Index,
    has_comment: bool,
) -> Vec<Change> {
    let name = table.sibling(&to.name);
    let comment =
        has_comment.then(|| sql::comment_on(&format!("INDEX {name}"), to.comment.as_deref()));
    let index = quote_identifier(&to.name);
    let cluster = (to.clustered).then(|| format!("ALTER TABLE {table} CLUSTER ON {index}"));
    let all = comment.into_iter().chain(cluster);
    all.map(|sql| Change::alter(Object::Index(name.clone()), sql))
        .collect()
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
