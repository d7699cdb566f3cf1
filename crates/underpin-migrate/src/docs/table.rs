//! One table: columns, constraints, indexes, what refers to what.

use super::text::{anchor, block, cell, code, prose};
use std::fmt::Write as _;
use underpin_schema::sql::{constraint_definition, create_index, create_policy};
use underpin_schema::{
    Column, Columns, Constraint, IdentityKind, QualifiedName, Schema, Table, TableKind,
};

pub(super) fn write(out: &mut String, schema: &Schema, table: &Table) {
    heading(out, &table.name, table.comment.as_deref());
    facts(out, table);
    columns(out, &table.columns);
    constraints(out, table);
    let indexes = table.indexes.iter();
    let indexes: Vec<_> = indexes
        .map(|it| (create_index(&table.name, it, false), it.comment.as_deref()))
        .collect();
    list(out, "Indexes", &indexes);
    relations(out, schema, table);
    let triggers = table.triggers.iter();
    let triggers: Vec<_> = triggers
        .map(|it| (it.definition.clone(), it.comment.as_deref()))
        .collect();
    list(out, "Triggers", &triggers);
    let rules = table.rules.iter();
    let rules: Vec<_> = rules
        .map(|it| (it.definition.clone(), it.comment.as_deref()))
        .collect();
    list(out, "Rules", &rules);
    let policies = table.policies.iter();
    let policies: Vec<_> = policies
        .map(|it| (create_policy(&table.name, it), it.comment.as_deref()))
        .collect();
    list(out, "Row-level security", &policies);
}

/// The name, where links lead to, and the comment.
pub(super) fn heading(out: &mut String, name: &QualifiedName, comment: Option<&str>) {
    let (shown, anchor) = (code(&name.to_string()), anchor(name));
    let _ = write!(out, "\n<a id=\"{anchor}\"></a>\n\n### {shown}\n");
    if let Some(comment) = comment {
        let _ = write!(out, "\n{}\n", prose(comment));
    }
}

/// What the table is, when it is not a plain one.
fn facts(out: &mut String, table: &Table) {
    let mut facts = Vec::new();
    if let TableKind::Partitioned(key) = &table.kind {
        facts.push(format!("Partitioned by {}.", code(&key.0)));
    }
    if let Some(partition) = &table.partition {
        let bound = code(&partition.bound);
        facts.push(format!(
            "Partition of {}: {bound}.",
            link(&partition.parent)
        ));
    }
    for parent in &table.inherits {
        facts.push(format!("Inherits from {}.", link(parent)));
    }
    if table.unlogged {
        facts.push(String::from("Unlogged: empty after a crash."));
    }
    if table.row_security.enabled {
        facts.push(String::from("Row-level security is on."));
    }
    if !facts.is_empty() {
        let _ = write!(out, "\n{}\n", facts.join(" "));
    }
}

pub(super) fn columns(out: &mut String, columns: &Columns) {
    if columns.is_empty() {
        return;
    }
    out.push_str("\n| Column | Type | NULL | Default | |\n| --- | --- | --- | --- | --- |\n");
    for column in columns {
        let null = if column.not_null.is_some() {
            "no"
        } else {
            "yes"
        };
        let comment = prose(column.comment.as_deref().unwrap_or_default());
        let (name, data_type) = (cell(&column.name), cell(&column.data_type));
        let value = value(column);
        let _ = writeln!(
            out,
            "| {name} | {data_type} | {null} | {value} | {comment} |"
        );
    }
}

/// Where a value comes from when none is given.
fn value(column: &Column) -> String {
    match (&column.identity, &column.generated, &column.default) {
        (Some(identity), ..) => String::from(match identity.kind {
            IdentityKind::Always => "identity, always",
            IdentityKind::ByDefault => "identity",
        }),
        (_, Some(generated), _) => format!("generated: {}", cell(&generated.expression)),
        (.., Some(default)) => cell(default),
        _ => String::new(),
    }
}

fn constraints(out: &mut String, table: &Table) {
    let shown = |it: &Constraint| {
        let not_valid = if it.validated { "" } else { " NOT VALID" };
        format!("{}{not_valid}", constraint_definition(it))
    };
    let constraints: Vec<_> = table
        .constraints
        .iter()
        .map(|it| (shown(it), it.comment.as_deref()))
        .collect();
    list(out, "Constraints", &constraints);
}

/// Definitions with their comments, short ones in a line.
pub(super) fn list(out: &mut String, title: &str, items: &[(String, Option<&str>)]) {
    if items.is_empty() {
        return;
    }
    let _ = write!(out, "\n**{title}**\n\n");
    for (definition, comment) in items {
        let comment = comment.map(|it| format!(": {}", prose(it)));
        let comment = comment.unwrap_or_default();
        if definition.contains('\n') {
            let block = block(definition).replace('\n', "\n  ");
            let _ = writeln!(out, "- {}{comment}", block.trim_end());
        } else {
            let _ = writeln!(out, "- {}{comment}", code(definition));
        }
    }
}

/// What it refers to and what refers to it.
fn relations(out: &mut String, schema: &Schema, table: &Table) {
    let mut lines = Vec::new();
    for key in keys(table) {
        lines.push(format!(
            "{} → {}",
            code(&key.columns.join(", ")),
            link(&key.table)
        ));
    }
    for other in &schema.tables {
        for key in keys(other).filter(|it| it.table == table.name) {
            let columns = code(&key.columns.join(", "));
            lines.push(format!(
                "{} ← {} {columns}",
                code(&key.referenced.join(", ")),
                link(&other.name)
            ));
        }
    }
    if !lines.is_empty() {
        let _ = write!(out, "\n**Relations**\n\n");
        for line in lines {
            let _ = writeln!(out, "- {line}");
        }
    }
}

fn keys(table: &Table) -> impl Iterator<Item = &underpin_schema::ForeignKey> {
    table
        .constraints
        .iter()
        .filter_map(Constraint::as_foreign_key)
}

fn link(name: &QualifiedName) -> String {
    format!("[{}](#{})", code(&name.to_string()), anchor(name))
}
