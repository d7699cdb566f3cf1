//! Random partitions and tables that inherit.

use super::Dice;
use underpin_schema::{
    Column, Constraint, Index, Origin, Partition, PartitionKey, Schema, Table, TableKind,
};

/// A partitioned table with a key and an index, two partitions and a default one.
pub(super) fn add_partitioned(dice: &mut Dice, schema: &mut Schema) {
    let name = dice.name("parted");
    let mut parent = Table::new(name.clone())
        .column(Column::new("at", "integer").not_null())
        .column(Column::new("t", "text").default("'x'::text"))
        .constraint(Constraint::primary_key(dice.word("pkey"), ["at"]))
        .constraint(Constraint::check(dice.word("check"), "(at > 0)"))
        .index(Index::new(dice.word("idx"), ["t"]));
    parent.kind = TableKind::Partitioned(PartitionKey("RANGE (at)".to_owned()));
    let bounds = [
        "FOR VALUES FROM (1) TO (10)",
        "FOR VALUES FROM (10) TO (MAXVALUE)",
        "DEFAULT",
    ];
    for bound in bounds {
        let mut part = Table::new(dice.name("part"));
        part.partition = Some(Partition {
            parent: name.clone(),
            bound: bound.to_owned(),
        });
        part.columns = parent.columns.clone();
        part.columns
            .iter_mut()
            .for_each(|column| column.origin = Origin::Inherited);
        for whole in &parent.constraints {
            let mut constraint = whole.clone();
            if constraint.as_key().is_some() {
                constraint.name = dice.word("pkey");
            }
            constraint.origin = Origin::Inherited;
            part.constraints.insert(constraint);
        }
        for whole in &parent.indexes {
            let mut index = whole.clone();
            index.name = dice.word("idx");
            index.part_of = Some(name.sibling(&whole.name));
            part.indexes.insert(index);
        }
        if dice.major >= 18 {
            // NOT NULL of a partition has the name of that of the partitioned table.
            let usual = underpin_schema::object_name(&name.name, "at", "not_null");
            if let Some(not_null) = part
                .columns
                .get_mut("at")
                .and_then(|it| it.not_null.as_mut())
            {
                not_null.name = Some(usual);
            }
        }
        part.comment = dice.comment();
        schema.tables.insert(part);
    }
    schema.tables.insert(parent);
}

/// A table that inherits two columns and has one of its own.
pub(super) fn add_child(dice: &mut Dice, schema: &mut Schema) {
    let parent = Table::new(dice.name("parent"))
        .column(Column::new("a", "integer").default("1"))
        .column(Column::new("b", "text"))
        .constraint(Constraint::check(dice.word("check"), "(a > 0)"));
    let mut child = Table::new(dice.name("child"));
    child.inherits = vec![parent.name.clone()];
    child.columns = parent.columns.clone();
    child
        .columns
        .iter_mut()
        .for_each(|column| column.origin = Origin::Inherited);
    if let Some(column) = child.columns.get_mut("a") {
        column.default = dice
            .pick(&[Some("1".to_owned()), Some("2".to_owned()), None])
            .clone();
    }
    if let Some(column) = child.columns.get_mut("b").filter(|_| dice.chance(0.5)) {
        column.origin = Origin::Merged;
    }
    child.columns.insert(Column::new("c", "integer"));
    for constraint in &parent.constraints {
        let origin = *dice.pick(&[Origin::Inherited, Origin::Merged]);
        child.constraints.insert(Constraint {
            origin,
            ..constraint.clone()
        });
    }
    schema.tables.insert(parent);
    schema.tables.insert(child);
}
