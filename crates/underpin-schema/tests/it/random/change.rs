//! A few random changes of a schema. PostgreSQL may refuse what comes out: nobody looks at what needs what.

use super::Dice;
use super::columns::column;
use underpin_schema::{
    Column, Constraint, Fact, Facts, Index, Origin, QualifiedName, Schema, Table, quote_identifier,
};

/// Types, and others that their values can be cast to.
const CASTS: [(&str, &str); 9] = [
    ("smallint", "integer"),
    ("integer", "bigint"),
    ("integer", "text"),
    ("numeric(10,2)", "numeric(12,2)"),
    ("text", "character varying(200)"),
    ("character varying(255)", "text"),
    ("character varying", "character varying(300)"),
    ("date", "timestamp without time zone"),
    ("cidr", "inet"),
];

/// The schema of a seed with up to six changes.
pub(crate) fn changed(seed: u64, major: i32, schema: &Schema) -> Schema {
    let mut dice = Dice::new(seed, major);
    dice.named = 10_000;
    let mut schema = schema.clone();
    for _ in 0..=dice.below(6) {
        change(&mut dice, &mut schema);
    }
    schema
}

fn change(dice: &mut Dice, schema: &mut Schema) {
    match dice.below(10) {
        0 => drop(take(dice, &mut schema.views)),
        1 => drop(take(dice, &mut schema.functions)),
        2 => drop(take(dice, &mut schema.tables)),
        3 => labels(dice, schema),
        _ => {
            let names: Vec<QualifiedName> =
                schema.tables.iter().map(|it| it.name.clone()).collect();
            if names.is_empty() {
                return;
            }
            let name = dice.pick(&names).clone();
            let new = column(dice, schema);
            if let Some(table) = schema.tables.get_mut(&name) {
                change_table(dice, table, new);
            }
        }
    }
}

/// Takes one out at random.
fn take<T: Fact>(dice: &mut Dice, facts: &mut Facts<T>) -> Option<T> {
    let keys: Vec<T::Key> = facts.iter().map(|fact| fact.key().clone()).collect();
    (!keys.is_empty()).then(|| facts.remove(dice.pick(&keys)))?
}

fn labels(dice: &mut Dice, schema: &mut Schema) {
    let names: Vec<QualifiedName> = schema.enums.iter().map(|it| it.name.clone()).collect();
    if names.is_empty() {
        return;
    }
    let label = dice.word("label");
    let place = dice.below(4);
    let adds = dice.chance(0.7);
    let Some(it) = schema.enums.get_mut(dice.pick(&names)) else {
        return;
    };
    if adds {
        it.labels.insert(place.min(it.labels.len()), label);
    } else if place < it.labels.len() && it.labels.len() > 1 {
        it.labels.remove(place);
    }
}

fn change_table(dice: &mut Dice, table: &mut Table, new: Column) {
    // No statement makes a column inherited that a table has of its own, or the other way about.
    let own = table.columns.iter().filter(|it| it.origin == Origin::Own);
    let names: Vec<String> = own.map(|it| it.name.clone()).collect();
    if names.is_empty() {
        return;
    }
    let name = dice.pick(&names).clone();
    let quoted = quote_identifier(&name).into_owned();
    match dice.below(9) {
        0 | 1 => table.columns.insert(new),
        2 => {
            let others = table.columns.iter().filter(|it| it.name != name);
            table.columns = others.cloned().collect();
        }
        3 => drop(take(dice, &mut table.indexes)),
        4 => {
            if let Some(taken) =
                take(dice, &mut table.constraints).filter(|it| it.origin != Origin::Own)
            {
                table.constraints.insert(taken);
            }
        }
        5 => drop(table.indexes.insert(Index::new(dice.word("index"), [name]))),
        6 => {
            let check = Constraint::check(dice.word("check"), format!("({quoted} IS NOT NULL)"));
            table.constraints.insert(check);
        }
        7 => table.comment = dice.comment(),
        _ => {
            if let Some(column) = table.columns.get_mut(&name) {
                change_column(dice, column);
            }
        }
    }
}

fn change_column(dice: &mut Dice, column: &mut Column) {
    match dice.below(4) {
        0 => column.default = None,
        1 if column.not_null.is_some() => column.not_null = None,
        1 => column.not_null = Some(Default::default()),
        2 => column.comment = dice.comment(),
        _ => {
            let cast = CASTS.iter().find(|(from, _)| *from == column.data_type);
            if let Some((_, to)) = cast {
                column.data_type = String::from(*to);
                column.default = None;
            }
        }
    }
}
