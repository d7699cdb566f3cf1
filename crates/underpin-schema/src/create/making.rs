//! The statements that make a thing.

use super::Apart;
use super::thing::Thing;
use crate::facts::*;
use crate::sql;

impl Thing<'_> {
    pub(crate) fn making(&self, schema: &Schema, apart: &Apart) -> Vec<String> {
        match self {
            Self::Namespace(it) => vec![sql::create_namespace(it)],
            Self::Extension(it) => vec![sql::create_extension(it)],
            Self::Collation(it) => vec![sql::create_collation(it)],
            Self::Enum(it) => vec![sql::create_enum(it)],
            Self::Domain(it) => sql::create_domain(it),
            Self::DomainDefault(it) => {
                let default = it.default.iter();
                default
                    .map(|text| format!("ALTER DOMAIN {} SET DEFAULT {text}", it.name))
                    .collect()
            }
            Self::DomainCheck(domain, it) => vec![sql::add_domain_check(&domain.name, it)],
            Self::Composite(it) => vec![sql::create_composite(it)],
            Self::Range(it) => vec![sql::create_range(it)],
            Self::Sequence(it) => vec![sql::create_sequence(it)],
            Self::Function(it) => vec![it.definition.clone()],
            Self::Table(it) => make_table(it, schema, apart),
            Self::Column(table, it) => {
                let add = format!(
                    "ALTER TABLE {} ADD COLUMN {}",
                    table.name,
                    sql::column_definition(it)
                );
                let settings = sql::column_settings(&table.name, it);
                std::iter::once(add).chain(settings).collect()
            }
            Self::Inherit(table, parent) => {
                vec![format!("ALTER TABLE {} INHERIT {parent}", table.name)]
            }
            Self::Default(table, it) => {
                let default = it.default.iter();
                default
                    .map(|text| {
                        sql::alter_column(&table.name, &it.name, &format!("SET DEFAULT {text}"))
                    })
                    .collect()
            }
            Self::Constraint(_, it) if it.comes_with_place() => Vec::new(),
            Self::Constraint(table, it) if it.origin.is_own() || table.inherits.is_empty() => {
                vec![sql::add_constraint(&table.name, it)]
            }
            Self::Constraint(..) => Vec::new(),
            Self::Index(table, it) => {
                let create = sql::create_index(table, it, false);
                std::iter::once(create)
                    .chain(sql::index_settings(table, it))
                    .collect()
            }
            Self::Attach(table, partition) => vec![sql::attach_partition(&table.name, partition)],
            Self::AttachIndex(it) => vec![sql::attach_index(&it.whole, &it.part)],
            Self::TableSettings(it) => sql::table_settings(it),
            Self::Ownership(it) => {
                let owner = it.owned_by.iter();
                owner
                    .map(|owner| sql::own_sequence(&it.name, Some(owner)))
                    .collect()
            }
            Self::View(it) => sql::create_view(it),
            Self::MaterialisedView(it) => sql::create_materialised_view(it),
            Self::Rule(table, it) => sql::create_rule(table, it),
            Self::Trigger(table, it) => sql::create_trigger(table, it),
            Self::Policy(table, it) => vec![sql::create_policy(table, it)],
            Self::Statistics(it) => sql::create_statistics(it),
            Self::DefaultPrivileges(it) => sql::grant_default(it),
            Self::Tie(it) => sql::depend_on_extension(it, true).into_iter().collect(),
            Self::Member(_) => Vec::new(),
        }
    }
}

/// The table without the parts that are made apart from it.
fn make_table(table: &Table, schema: &Schema, apart: &Apart) -> Vec<String> {
    let is_inline = |thing: &Thing<'_>| thing.is_inline() && !apart.contains(&thing.object());
    let columns = table.columns.iter().map(|column| {
        let mut column = column.clone();
        if !is_inline(&Thing::Default(table, &column)) {
            column.default = None;
        }
        column
    });
    let constraints = table.constraints.iter();
    let constraints =
        constraints.filter(|constraint| is_inline(&Thing::Constraint(table, constraint)));
    let create = sql::create_table(table, &columns.collect(), constraints);
    let parents: Vec<&Table> = table
        .inherits
        .iter()
        .filter_map(|name| schema.tables.get(name))
        .collect();
    let settings = if parents.is_empty() {
        table
            .columns
            .iter()
            .flat_map(|column| sql::column_settings(&table.name, column))
            .collect()
    } else {
        sql::inherited_settings(table, &parents)
    };
    std::iter::once(create).chain(settings).collect()
}
