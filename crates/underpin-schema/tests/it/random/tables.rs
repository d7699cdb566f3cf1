//! Random tables.

use super::Dice;
use super::columns::{column, generated, identity};
use super::constraints::{add_constraints, index};
use super::families::{add_child, add_partitioned};
use underpin_schema::{
    Action, Column, Constraint, ForeignKey, Match, Part, QualifiedName, ReplicaIdentity,
    RowSecurity, Schema, Table,
};

pub(super) fn add(dice: &mut Dice, schema: &mut Schema) {
    for _ in 0..1 + dice.below(6) {
        let table = table(dice, schema);
        schema.tables.insert(table);
    }
    add_foreign_keys(dice, schema);
    own_sequences(dice, schema);
    if dice.chance(0.5) {
        add_partitioned(dice, schema);
    }
    if dice.chance(0.5) {
        add_child(dice, schema);
    }
}

/// With two integers, `id` and `n`, and a text `t` for keys, checks and indexes.
fn table(dice: &mut Dice, schema: &Schema) -> Table {
    let name = dice.name("table");
    let mut table = Table::new(name.clone())
        .column(Column::new("id", "integer").not_null())
        .column(Column::new("n", "integer"))
        .column(Column::new("t", "text"))
        .column(Column::new("r", "int4range"))
        .column(Column::new("tags", "text[]"));
    for _ in 0..dice.below(8) {
        let column = column(dice, schema);
        table.columns.insert(column);
    }
    if dice.chance(0.4) {
        let column = identity(dice, &name);
        table.columns.insert(column);
    }
    if dice.chance(0.4) {
        let column = generated(dice, &Column::new("n", "integer"));
        table.columns.insert(column);
    }
    add_constraints(dice, &mut table);
    for _ in 0..dice.below(5) {
        let index = index(dice, schema);
        table.indexes.insert(index);
    }
    add_settings(dice, &mut table);
    table
}

fn add_settings(dice: &mut Dice, table: &mut Table) {
    table.unlogged = dice.chance(0.1);
    if dice.chance(0.2) {
        let pairs = [("fillfactor", "70"), ("toast.autovacuum_enabled", "false")];
        table.parameters = pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    }
    table.row_security = RowSecurity {
        enabled: dice.chance(0.2),
        forced: dice.chance(0.1),
    };
    let identities = [ReplicaIdentity::Full, ReplicaIdentity::Nothing];
    if dice.chance(0.2) {
        table.replica_identity = dice.pick(&identities).clone();
    }
    table.comment = dice.comment();
    table.privileges = dice.privileges("INSERT");
}

/// Between any two tables, to and fro.
fn add_foreign_keys(dice: &mut Dice, schema: &mut Schema) {
    let names: Vec<(QualifiedName, bool)> = schema
        .tables
        .iter()
        .map(|it| (it.name.clone(), it.unlogged))
        .collect();
    for table in schema.tables.iter_mut() {
        let others: Vec<&QualifiedName> = names
            .iter()
            .filter(|(_, unlogged)| table.unlogged || !unlogged)
            .map(|(name, _)| name)
            .collect();
        for _ in 0..dice.below(3) {
            let Some(other) = others.get(dice.below(others.len().max(1))) else {
                continue;
            };
            let actions = [
                Action::NoAction,
                Action::Restrict,
                Action::Cascade,
                Action::SetNull,
                Action::SetDefault,
            ];
            let mut key = ForeignKey::new(["n"], (*other).clone(), ["id"])
                .on_delete(*dice.pick(&actions))
                .on_update(*dice.pick(&actions));
            key.matching = *dice.pick(&[Match::Simple, Match::Full]);
            if key.on_delete == Action::SetNull && dice.major >= 15 && dice.chance(0.3) {
                key.on_delete_columns = vec!["n".to_owned()];
            }
            let mut constraint = Constraint::foreign_key(dice.word("fkey"), key);
            constraint.validated = dice.chance(0.8);
            constraint.comment = dice.comment();
            table.constraints.insert(constraint);
        }
    }
}

fn own_sequences(dice: &mut Dice, schema: &mut Schema) {
    for sequence in schema.sequences.iter_mut() {
        let tables = schema.tables.iter();
        let fitting: Vec<&Table> = tables
            .filter(|table| {
                table.name.schema == sequence.name.schema && table.unlogged == sequence.unlogged
            })
            .collect();
        if let Some(table) = fitting.first().filter(|_| dice.chance(0.6)) {
            sequence.owned_by = Some(Part::new(table.name.clone(), "id"));
        }
    }
    let serials: Vec<(QualifiedName, QualifiedName)> = schema
        .sequences
        .iter()
        .filter_map(|it| Some((it.owned_by.as_ref()?.of.clone(), it.name.clone())))
        .collect();
    for (table, sequence) in serials {
        let column = schema
            .tables
            .get_mut(&table)
            .and_then(|it| it.columns.get_mut("id"));
        if let Some(column) = column {
            let text = underpin_schema::quote_literal(&sequence.to_string());
            column.default = Some(format!("nextval({text}::regclass)"));
        }
    }
}
