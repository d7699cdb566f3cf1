//! Indexes, built and dropped beside readers and writers.

use super::Context;
use super::interim::{built_already, free_name, is_relation};
use crate::diff::route::Step;
use underpin_schema::{Change, Index, QualifiedName, quote_identifier, sql};

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

/// The new one is built under another name, so that there is always one. One that an interrupted plan has built is taken.
pub(super) fn replace(
    change: &Change,
    table: &QualifiedName,
    index: &Index,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    if context.is_partitioned(table) {
        return None;
    }
    let built = built_already(table, index, context);
    let interim = Index {
        name: match built {
            Some(built) => built.name.clone(),
            None => free_name(&index.name, SUFFIX, |name| {
                is_relation(context, &table.sibling(name))
            }),
        },
        ..index.clone()
    };
    let (name, new) = (table.sibling(&index.name), table.sibling(&interim.name));
    let drop = match change.statements.first() {
        Some(sql) if !sql.starts_with("DROP INDEX ") => sql.clone(),
        _ => format!("DROP INDEX CONCURRENTLY {name}"),
    };
    let create = match built {
        Some(_) => None,
        None => Some(sql::create_index(table, &interim, true)),
    };
    let statements = [
        drop,
        format!(
            "ALTER INDEX {new} RENAME TO {}",
            quote_identifier(&index.name)
        ),
    ];
    // After DROP and CREATE come the settings, which the drop took away.
    let rest = change.statements.iter().skip(2).cloned();
    let step = |sql| Step::new(change.object.clone(), sql);
    let statements = create.into_iter().chain(statements).chain(rest);
    Some(statements.map(step).collect())
}
