//! A new column whose default differs from row to row, without writing the whole table again while nobody reads or writes.

use super::{Context, not_null};
use crate::diff::route::Step;
use crate::sql::REPEATABLE;
use underpin_schema::{
    Change, Column, NotNull, Part, QualifiedName, Table, TableKind, quote_identifier, sql,
};

/// So many blocks of 8 kB are filled in a transaction.
const BLOCKS: u32 = 500;

pub(super) fn add(
    change: &Change,
    table: &QualifiedName,
    column: &Column,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    let default = column.default.as_deref()?;
    let added = |column: &Column| {
        let definition = sql::column_definition(column);
        format!("ALTER TABLE {table} ADD COLUMN {definition}")
    };
    let (first, rest) = change.statements.split_first()?;
    let is_usual = column.not_null.is_none() || column.not_null == Some(NotNull::default());
    let before = context.from.schema.tables.get(table)?;
    if !context.is_volatile(default) || !is_usual || *first != added(column) {
        return None;
    }
    if !is_by_itself(before, context) {
        return None;
    }
    let bare = Column {
        default: None,
        not_null: None,
        ..column.clone()
    };
    let statements = [
        added(&bare),
        sql::alter_column(table, &column.name, &format!("SET DEFAULT {default}")),
        fill(table, &quote_identifier(&column.name)),
    ];
    let step = |sql: &String| Step::new(change.object.clone(), sql);
    let mut steps: Vec<Step> = statements.iter().map(step).collect();
    if let Some(fill) = steps.last_mut() {
        fill.notes.push(String::from(
            "fills the rows that are there in many short transactions; when it is interrupted, run it again",
        ));
    }
    if column.not_null.is_some() {
        let part = Part::new(table.clone(), &column.name);
        steps.extend(not_null::checked(&change.object, &part, context));
    }
    steps.extend(rest.iter().map(step));
    Some(steps)
}

/// Is what an UPDATE of a table does no more than that?
fn is_by_itself(table: &Table, context: &Context<'_>) -> bool {
    let mut tables = context.from.schema.tables.iter();
    let has_children = tables.any(|other| other.inherits.contains(&table.name));
    table.kind == TableKind::Plain
        && table.partition.is_none()
        && table.inherits.is_empty()
        && table.triggers.is_empty()
        && table.rules.is_empty()
        && !has_children
}

/// Goes through the table once, block by block; rows that others have moved meanwhile are found at the end.
fn fill(table: &QualifiedName, column: &str) -> String {
    let name = table.to_string();
    let tag = dollar_tag(&[name.as_str(), column]);
    let relation = underpin_schema::quote_literal(&name);
    format!(
        "DO {tag}\n\
         {REPEATABLE}\n\
         DECLARE\n    \
             first bigint := 0;\n    \
             blocks bigint := pg_relation_size({relation}::regclass) / current_setting('block_size')::bigint;\n\
         BEGIN\n    \
             WHILE first <= blocks LOOP\n        \
                 UPDATE {name} SET {column} = DEFAULT\n        \
                 WHERE {column} IS NULL AND ctid >= format('(%s,0)', first)::tid AND ctid < format('(%s,0)', first + {BLOCKS})::tid;\n        \
                 COMMIT;\n        \
                 first := first + {BLOCKS};\n    \
             END LOOP;\n    \
             UPDATE {name} SET {column} = DEFAULT WHERE {column} IS NULL;\n\
         END\n\
         {tag}"
    )
}

/// A quote that does not occur in any of the texts.
fn dollar_tag(texts: &[&str]) -> String {
    let tags = (0..).map(|number: u32| match number {
        0 => String::from("$$"),
        _ => format!("$fill{number}$"),
    });
    let mut free = tags.filter(|tag| texts.iter().all(|text| !text.contains(tag.as_str())));
    free.next().unwrap_or_default()
}
