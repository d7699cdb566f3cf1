//! Indexes, built and dropped beside readers and writers.

use super::Context;
use crate::diff::route::Step;
use underpin_schema::{Change, Index, QualifiedName, quote_identifier, sql};

const NAME_BYTES_MAX: usize = 63;
const SUFFIX: &str = "__new";

pub(super) fn create(
    change: &Change,
    table: &QualifiedName,
    index: &Index,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    if !context.was_there(table) || context.is_partitioned(table) {
        return None;
    }
    let create = sql::create_index(table, index, true);
    let plain = sql::create_index(table, index, false);
    let rest = change.statements.iter().filter(|sql| **sql != plain);
    let rest = rest.map(|sql| Step::new(change.object.clone(), sql));
    Some(
        std::iter::once(Step::new(change.object.clone(), create))
            .chain(rest)
            .collect(),
    )
}

pub(super) fn drop(
    change: &Change,
    name: &QualifiedName,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    let mut tables = context.from.schema.tables.iter();
    let table =
        tables.find(|it| it.name.schema == name.schema && it.indexes.contains(&name.name))?;
    let index = table.indexes.get(&name.name)?;
    if index.part_of.is_some() || table.kind != underpin_schema::TableKind::Plain {
        return None;
    }
    let sql = format!("DROP INDEX CONCURRENTLY {name}");
    Some(vec![Step::new(change.object.clone(), sql)])
}

/// What a failed build left is built anew beside readers and writers.
pub(super) fn rebuild(change: &Change) -> Option<Vec<Step>> {
    let sql = change.statements.first()?;
    let sql = sql.replacen("REINDEX INDEX ", "REINDEX INDEX CONCURRENTLY ", 1);
    Some(vec![Step::new(change.object.clone(), sql)])
}

/// The new one is built under another name, so that there is always one.
pub(super) fn replace(
    change: &Change,
    table: &QualifiedName,
    index: &Index,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    if context.is_partitioned(table) {
        return None;
    }
    let clipped = &index.name[..index
        .name
        .floor_char_boundary(NAME_BYTES_MAX - SUFFIX.len())];
    let interim = Index {
        name: format!("{clipped}{SUFFIX}"),
        ..index.clone()
    };
    let (name, new) = (table.sibling(&index.name), table.sibling(&interim.name));
    let drop = match change.statements.first() {
        Some(sql) if !sql.starts_with("DROP INDEX ") => sql.clone(),
        _ => format!("DROP INDEX CONCURRENTLY {name}"),
    };
    let statements = [
        sql::create_index(table, &interim, true),
        drop,
        format!(
            "ALTER INDEX {new} RENAME TO {}",
            quote_identifier(&index.name)
        ),
    ];
    // After DROP and CREATE come the settings, which the drop took away.
    let rest = change.statements.iter().skip(2).cloned();
    let step = |sql| Step::new(change.object.clone(), sql);
    Some(statements.into_iter().chain(rest).map(step).collect())
}
