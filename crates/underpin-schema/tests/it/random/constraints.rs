//! Random constraints and indexes.

use super::Dice;
use super::columns::collation;
use underpin_schema::{
    Constraint, ConstraintKind, Deferral, Exclusion, Index, IndexKey, Key, NullsOrder, Parameters,
    QualifiedName, Schema, Table, Target,
};

pub(super) fn add_constraints(dice: &mut Dice, table: &mut Table) {
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

pub(super) fn index(dice: &mut Dice, schema: &Schema) -> Index {
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
    }
    index.comment = dice.comment();
    index
}
