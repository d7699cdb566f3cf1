//! A whole schema as SQL.

mod assembled;
mod making;
mod mentions;
mod named;
mod notes;
mod order;
mod owner;
mod parts;
mod script;
mod structure;
mod thing;

use crate::{Catalog, Dependencies, Object, Owners, Schema};
pub(crate) use assembled::{
    ambiguous, could_be_part, has_rival, is_index_of_key, over_partitions_of, taken_apart,
};
pub(crate) use named::named;
pub(crate) use notes::{Note, called};
use order::Graph;
pub(crate) use parts::{PartOfIndex, is_part_of, parts};
use serde::Serialize;
use std::collections::BTreeSet;
pub(crate) use structure::{needed_by, whole_table};
pub(crate) use thing::{Thing, all as all_things};

/// One SQL statement, without a semicolon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// What it makes, or a part of it.
    pub object: Object,
    /// Its text.
    pub sql: String,
}

/// The statements that make a schema in an empty database, each after what it needs.
///
/// What it needs is taken from the facts, and from the names of types, sequences and relations that their texts
/// mention. For a schema that was read from a database [`Catalog::create_sql`] knows more.
///
/// # Example
/// ```
/// use underpin_schema::{Column, QualifiedName, Schema, Table, create_sql};
///
/// let mut schema = Schema::default();
/// schema.tables.insert(
///     Table::new(QualifiedName::new("public", "notes")).column(Column::new("id", "uuid").not_null()),
/// );
/// let statements = create_sql(&schema);
/// assert_eq!(statements[0].sql, "CREATE TABLE public.notes (\n    id uuid NOT NULL\n)");
/// ```
#[must_use]
pub fn create_sql(schema: &Schema) -> Vec<Statement> {
    write(schema, &mentions::mentions(schema), &Owners::default())
}

impl Catalog {
    /// The statements that make this schema in an empty database, each after what it needs; with the owners that are not the
    /// role that read it.
    #[must_use]
    pub fn create_sql(&self) -> Vec<Statement> {
        write(&self.schema, &self.dependencies, &self.owners)
    }
}

fn write(schema: &Schema, dependencies: &Dependencies, owners: &Owners) -> Vec<Statement> {
    let schema = &*named(taken_apart(schema, &ambiguous(schema)), schema);
    let things = thing::all(schema);
    let mut graph = Graph::new(&things);
    structure::connect(&things, &mut graph);
    for (dependant, needed) in dependencies.iter() {
        graph.connect(dependant, needed);
    }
    let (places, apart) = graph.ordered();
    let mut statements = Vec::new();
    for place in places {
        let thing = &things[place];
        let object = thing.object();
        let owner = owners.named(&object).and_then(|owner| thing.give_to(owner));
        let texts = thing.statements(schema, &apart).into_iter().chain(owner);
        statements.extend(texts.map(|sql| Statement {
            object: object.clone(),
            sql,
        }));
    }
    around_function_bodies(schema, statements)
}

/// Bodies of functions may name what is made later: PostgreSQL is told not to look.
fn around_function_bodies(schema: &Schema, statements: Vec<Statement>) -> Vec<Statement> {
    let Some(function) = schema.functions.iter().next() else {
        return statements;
    };
    let setting = |sql: &str| Statement {
        object: Object::Function(function.signature.clone()),
        sql: sql.to_owned(),
    };
    std::iter::once(setting("SET check_function_bodies = off"))
        .chain(statements)
        .chain(std::iter::once(setting("RESET check_function_bodies")))
        .collect()
}

/// The parts of tables that are made by statements of their own.
pub(crate) type Apart = BTreeSet<Object>;
