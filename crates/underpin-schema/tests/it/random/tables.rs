//! Random tables, constraints and indexes.

use super::Dice;
use super::columns::{collation, column, generated, identity};
use underpin_schema::{
    Action, Column, Constraint, ConstraintKind, Deferral, Exclusion, ForeignKey, Index, IndexKey,
    Key, Match, NullsOrder, OperatorClass, Origin, Parameters, Part, Partition, PartitionKey,
    QualifiedName, ReplicaIdentity, RowSecurity, Schema, Table, TableKind, Target,
    quote_identifier,
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

fn add_constraints(dice: &mut Dice, table: &mut Table) {
    let mut constraints = vec![Constraint::primary_key(dice.word("pkey"), ["id"])];
    if dice.chance(0.3) {
        let mut key = Key::new(["t", "n"]);
        key.nulls_distinct = dice.major < 15 || dice.chance(0.5);
        if dice.chance(0.3) {
            key.include = vec!["tags".to_owned()];
        }
        if dice.chance(0.3) {
            key.parameters = Parameters::from([("fillfactor".to_owned(), "80".to_owned())]);
        }
        let unique = Constraint::new(dice.word("key"), ConstraintKind::Unique(key));
        let deferral = *dice.pick(&[Deferral::NotDeferrable, Deferral::InitiallyDeferred]);
        constraints.push(unique.deferral(deferral));
    }
    if dice.chance(0.5) {
        let texts = [
            "(n > 0)",
            "((n > 0) AND (t <> ''::text))",
            "(t = ANY (ARRAY['a'::text, 'b'::text]))",
        ];
        let mut check = Constraint::check(dice.word("check"), *dice.pick(&texts));
        check.validated = dice.chance(0.7);
        check.enforced = dice.major < 18 || dice.chance(0.8);
        check.validated &= check.enforced;
        if let ConstraintKind::Check(check) = &mut check.kind {
            check.inherits = dice.chance(0.8);
        }
        constraints.push(check);
    }
    if dice.chance(0.2) {
        let definition = *dice.pick(&[
            "EXCLUDE USING gist (r WITH &&)",
            "EXCLUDE USING btree (n WITH =) WHERE ((n > 0))",
        ]);
        let exclusion = Exclusion {
            definition: definition.to_owned(),
        };
        let exclusion = Constraint::new(dice.word("apart"), ConstraintKind::Exclusion(exclusion));
        constraints.push(exclusion.deferral(*dice.pick(&[
            Deferral::NotDeferrable,
            Deferral::InitiallyImmediate,
            Deferral::InitiallyDeferred,
        ])));
    }
    for mut constraint in constraints {
        constraint.comment = dice.comment();
        table.constraints.insert(constraint);
    }
}

fn index(dice: &mut Dice, schema: &Schema) -> Index {
    let name = dice.word("idx");
    let none: [&str; 0] = [];
    let pattern = QualifiedName::new("pg_catalog", "text_pattern_ops");
    let mut index = match dice.below(7) {
        0 => Index::new(name, ["tags"]).using("gin"),
        1 => {
            let mut index = Index::new(name, ["n", "id"]).using("brin");
            index
                .parameters
                .insert("pages_per_range".to_owned(), "32".to_owned());
            index
        }
        2 => Index::new(name, ["t"]).using("hash"),
        3 => Index::new(name, none)
            .key(IndexKey::expression("lower(t)"))
            .key(IndexKey::expression("(n + id)").descending()),
        4 => Index::new(name, none).key(IndexKey::column("t").operator_class(pattern)),
        5 => {
            let mut key = IndexKey::column("t");
            key.collation = collation(dice, schema);
            Index::new(name, ["n"])
                .key(key.descending())
                .unique()
                .include(["tags", "r"])
        }
        _ => {
            let mut key = IndexKey::column("n").descending();
            key.nulls = *dice.pick(&[NullsOrder::First, NullsOrder::Last]);
            Index::new(name, ["id"]).key(key)
        }
    };
    index.predicate = dice.maybe(0.3, |_| "(n IS NOT NULL)".to_owned());
    index.nulls_distinct = !(index.unique && dice.major >= 15 && dice.chance(0.5));
    for key in &mut index.keys {
        if matches!(key.target, Target::Expression(_)) {
            key.statistics = dice.maybe(0.3, |_| 500);
        }
        if let Some(OperatorClass { options, .. }) = &mut key.operator_class {
            options.clear();
        }
    }
    index.comment = dice.comment();
    index
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
            let column = Part::new(table.name.clone(), "n");
            if let Some(column) = schema
                .tables
                .get(&column.of)
                .and_then(|it| it.columns.get("n"))
            {
                assert!(column.default.is_none(), "defaults are set below");
            }
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

/// A partitioned table with a key and an index, two partitions and a default one.
fn add_partitioned(dice: &mut Dice, schema: &mut Schema) {
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
fn add_child(dice: &mut Dice, schema: &mut Schema) {
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
    child
        .columns
        .insert(Column::new(quote_identifier("c"), "integer"));
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
