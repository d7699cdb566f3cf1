//! What else a foreign key costs (rule 22).

use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, altered, created, range};
use crate::lint::{Finding, Level};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{
    AddColumn, AstNode, Column, ColumnNameRef, CreateIndex, Expr, ForeignKeyConstraint, NameLike,
    PrimaryKeyConstraint, ReferencesConstraint, Stmt, UniqueConstraint,
};

pub(super) static ON_NEW_TABLE: Rule = Rule {
    name: "foreign-key-on-new-table",
    numbers: &[22],
    level: Level::Warning,
    title: "The foreign key of a new table locks the old table that it refers to",
    lock: "SHARE ROW EXCLUSIVE on the referenced table until the transaction ends: writes to it wait.",
    why: "There is nothing to check in a new table, so it takes a moment, but it queues behind every open transaction \
          that wrote to the referenced table, and new writes queue behind it. Keep the transaction short.",
    bad: "CREATE TABLE app.orders (customer_id bigint REFERENCES app.customers (id));",
    good: "CREATE TABLE app.customers (id bigint PRIMARY KEY);\n\
           CREATE TABLE app.orders (customer_id bigint REFERENCES app.customers (id));",
    check: Check::Ours(on_new_table),
    ..Rule::USUAL
};

pub(super) static WITHOUT_INDEX: Rule = Rule {
    name: "foreign-key-without-index",
    numbers: &[22],
    level: Level::Warning,
    title: "Without an index every DELETE in the referenced table reads this one",
    lock: "Row locks in the referenced table are held for a scan of this table.",
    why: "PostgreSQL makes no index for the referring columns. Each deleted or re-keyed row of the referenced table \
          looks for rows that refer to it. With a database URL the indexes that exist already are seen.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id) NOT VALID;",
    good: "CREATE INDEX CONCURRENTLY orders_customer_id ON app.orders (customer_id);\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id) NOT VALID;",
    check: Check::Ours(without_index),
    ..Rule::USUAL
};

/// A foreign key of a statement.
struct Key {
    node: SyntaxNode,
    table: Name,
    columns: Vec<String>,
    referenced: Name,
}

fn on_new_table(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for key in keys(script) {
        let own = key.table.is(&key.referenced);
        let at = range(&key.node).0;
        if script.is_new(&key.table, at) && !script.is_new(&key.referenced, at) && !own {
            let message = format!(
                "Adding this locks {} against writes until the transaction ends.",
                key.referenced
            );
            findings.push(script.at(&ON_NEW_TABLE, &key.node, &message));
        }
    }
}

fn without_index(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let indexes = indexes(script);
    for key in keys(script) {
        let here = indexes.iter().any(|(table, columns)| {
            let first = columns.get(..key.columns.len()).unwrap_or_default();
            table.is(&key.table)
                && !first.is_empty()
                && key.columns.iter().all(|it| first.contains(it))
        });
        let there = || {
            script
                .relation(&key.table)
                .is_some_and(|it| it.has_index_on(&key.columns))
        };
        if here || key.columns.is_empty() || there() {
            continue;
        }
        let columns = key.columns.join(", ");
        let message = format!("No index of {} begins with {columns}.", key.table);
        let help = format!("CREATE INDEX CONCURRENTLY ON {} ({columns});", key.table);
        findings.push(script.at(&WITHOUT_INDEX, &key.node, &message).help(help));
    }
}

fn keys(script: &Script<'_>) -> Vec<Key> {
    let mut keys = Vec::new();
    for it in &script.statements {
        let table = match &it.stmt {
            Stmt::CreateTable(create) => created(create),
            Stmt::AlterTable(alter) => altered(alter),
            _ => None,
        };
        let Some(table) = table else { continue };
        for node in it.stmt.syntax().descendants() {
            keys.extend(key(node, &table));
        }
    }
    keys
}

fn key(node: SyntaxNode, table: &Name) -> Option<Key> {
    let (columns, referenced) = if let Some(it) = ForeignKeyConstraint::cast(node.clone()) {
        let columns = it.from_columns()?.column_name_refs();
        (columns.map(|it| it.text()).collect(), it.table_name_ref()?)
    } else {
        let it = ReferencesConstraint::cast(node.clone())?;
        (vec![column_of(&node)?], it.table()?)
    };
    Some(Key {
        table: table.clone(),
        columns,
        referenced: Name::of_ref(&referenced.path_ref()?)?,
        node,
    })
}

/// The column that a constraint is written at.
fn column_of(node: &SyntaxNode) -> Option<String> {
    node.ancestors().find_map(|it| {
        let column = Column::cast(it.clone()).and_then(|it| it.name());
        column
            .or_else(|| AddColumn::cast(it)?.column_name())
            .map(|it| it.text())
    })
}

/// The columns of all indexes that the file makes, also by constraints.
fn indexes(script: &Script<'_>) -> Vec<(Name, Vec<String>)> {
    let mut indexes = Vec::new();
    for it in &script.statements {
        let table = match &it.stmt {
            Stmt::CreateIndex(create) => {
                let table = create
                    .table_relation_name()
                    .and_then(|it| it.table_name_ref()?.path_ref());
                let table = table.and_then(|it| Name::of_ref(&it));
                indexes.extend(table.map(|table| (table, indexed(create))));
                continue;
            }
            Stmt::CreateTable(create) => created(create),
            Stmt::AlterTable(alter) => altered(alter),
            _ => None,
        };
        let Some(table) = table else { continue };
        for node in it.stmt.syntax().descendants() {
            if PrimaryKeyConstraint::can_cast(node.kind())
                || UniqueConstraint::can_cast(node.kind())
            {
                let mut columns: Vec<_> = node
                    .descendants()
                    .filter_map(ColumnNameRef::cast)
                    .map(|it| it.text())
                    .collect();
                if columns.is_empty() {
                    columns.extend(column_of(&node));
                }
                indexes.push((table.clone(), columns));
            }
        }
    }
    indexes
}

fn indexed(create: &CreateIndex) -> Vec<String> {
    let items = create.partition_item_list().map(|it| it.partition_items());
    let names = items.into_iter().flatten().map_while(|it| match it.expr() {
        Some(Expr::NameRef(name)) => Some(name.text()),
        _ => None,
    });
    names.collect()
}
