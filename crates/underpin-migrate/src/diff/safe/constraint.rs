//! Constraints, checked beside readers and writers.

use super::Context;
use crate::diff::route::Step;
use underpin_schema::{
    Change, Constraint, ConstraintKind, Index, Key, QualifiedName, quote_identifier, sql,
};

pub(super) fn add(
    change: &Change,
    table: &QualifiedName,
    constraint: &Constraint,
    context: &Context<'_>,
) -> Option<Vec<Step>> {
    if !context.was_there(table) || !constraint.validated || !constraint.enforced {
        return None;
    }
    match &constraint.kind {
        ConstraintKind::Check(_) => Some(validated(change, table, constraint)),
        ConstraintKind::ForeignKey(_) if !context.is_partitioned(table) => {
            Some(validated(change, table, constraint))
        }
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)
            if !context.is_partitioned(table) && !key.without_overlaps =>
        {
            Some(using_index(change, table, constraint, key))
        }
        _ => None,
    }
}

/// `NOT VALID`, which looks at no row, then `VALIDATE`, which lets others go on.
fn validated(change: &Change, table: &QualifiedName, constraint: &Constraint) -> Vec<Step> {
    let unchecked = Constraint {
        validated: false,
        ..constraint.clone()
    };
    let name = quote_identifier(&constraint.name);
    let statements = [
        sql::add_constraint(table, &unchecked),
        format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
    ];
    with_rest(change, statements)
}

/// The index is built beside writers, and becomes the constraint's.
fn using_index(
    change: &Change,
    table: &QualifiedName,
    constraint: &Constraint,
    key: &Key,
) -> Vec<Step> {
    let index = Index {
        include: key.include.clone(),
        unique: true,
        nulls_distinct: key.nulls_distinct,
        parameters: key.parameters.clone(),
        tablespace: key.tablespace.clone(),
        ..Index::new(&constraint.name, &key.columns)
    };
    let statements = [
        sql::create_index(table, &index, true),
        sql::add_key_using_index(table, constraint, &constraint.name),
    ];
    with_rest(change, statements)
}

/// The first statement of the change is replaced by these.
fn with_rest(change: &Change, statements: [String; 2]) -> Vec<Step> {
    let rest = change.statements.iter().skip(1).cloned();
    let step = |sql| Step::new(change.object.clone(), sql);
    statements.into_iter().chain(rest).map(step).collect()
}
