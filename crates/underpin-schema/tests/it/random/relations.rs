//! Random views, materialised views, statistics and default privileges.

use super::{Dice, for_everybody};
use underpin_schema::{
    Column, Columns, DefaultPrivileges, DefaultPrivilegesKey, Facts, Grantable, Index,
    MaterialisedView, Parameters, Privileges, Schema, Statistics, View,
};

pub(super) fn add(dice: &mut Dice, schema: &mut Schema) {
    for _ in 0..dice.below(3) {
        let view = view(dice);
        schema.views.insert(view);
    }
    for _ in 0..dice.below(3) {
        let view = materialised_view(dice);
        schema.materialised_views.insert(view);
    }
    let tables: Vec<String> = schema
        .tables
        .iter()
        .filter(|it| it.columns.get("tags").is_some())
        .map(|it| it.name.to_string())
        .collect();
    if dice.chance(0.4) && !tables.is_empty() {
        let name = dice.name("statistics");
        let table = dice.pick(&tables).clone();
        let kinds = *dice.pick(&["", " (ndistinct)", " (ndistinct, dependencies)"]);
        schema.statistics.insert(Statistics {
            definition: format!("CREATE STATISTICS {name}{kinds} ON id, n FROM {table}"),
            name,
            target: dice.maybe(0.4, |_| 300),
            comment: dice.comment(),
        });
    }
    add_default_privileges(dice, schema);
}

fn add_default_privileges(dice: &mut Dice, schema: &mut Schema) {
    let mut add = |schema_name: Option<&str>, objects: Grantable, privileges: Privileges| {
        schema.default_privileges.insert(DefaultPrivileges {
            key: DefaultPrivilegesKey {
                role: None,
                schema: schema_name.map(str::to_owned),
                objects,
            },
            privileges,
        });
    };
    let (mut granted, mut revoked) = (Privileges::default(), Privileges::default());
    granted.granted.insert(for_everybody("SELECT"));
    revoked.revoked.insert(for_everybody("EXECUTE"));
    if dice.chance(0.3) {
        add(Some("public"), Grantable::Tables, granted.clone());
    }
    if dice.chance(0.3) {
        add(None, Grantable::Sequences, granted);
    }
    if dice.chance(0.3) {
        add(None, Grantable::Functions, revoked);
    }
}

fn one_column() -> Columns {
    Columns::from_iter([Column::new("a", "integer")])
}

fn view(dice: &mut Dice) -> View {
    let mut parameters = Parameters::new();
    if dice.chance(0.3) {
        parameters.insert("security_barrier".to_owned(), "true".to_owned());
    }
    let mut columns = one_column();
    if let Some(column) = columns.get_mut("a") {
        column.comment = dice.comment();
        column.privileges = dice.privileges("SELECT");
    }
    View {
        name: dice.name("view"),
        definition: "SELECT 1 AS a".to_owned(),
        columns,
        parameters,
        triggers: Facts::default(),
        rules: Facts::default(),
        comment: dice.comment(),
        privileges: dice.privileges("SELECT"),
    }
}

fn materialised_view(dice: &mut Dice) -> MaterialisedView {
    let mut columns = one_column();
    if let Some(column) = columns.get_mut("a") {
        column.statistics = dice.maybe(0.3, |_| 50);
        column.comment = dice.comment();
    }
    let mut indexes = Facts::default();
    if dice.chance(0.5) {
        let name = dice.word("idx");
        indexes.insert(Index::new(name, ["a"]).unique());
    }
    MaterialisedView {
        name: dice.name("snapshot"),
        definition: "SELECT 1 AS a".to_owned(),
        columns,
        parameters: Parameters::new(),
        access_method: None,
        tablespace: None,
        indexes,
        comment: dice.comment(),
        privileges: dice.privileges("SELECT"),
    }
}
