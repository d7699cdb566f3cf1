//! A model's table as facts of `underpin-schema`.

use crate::index::{CheckConstraint, Index, IndexKey, IndexTarget, Reference};
use crate::{Field, Identity, Model, Table};
use underpin_schema as schema;
use underpin_schema::{
    Constraint, ConstraintKind, ForeignKey, Key, QualifiedName, Schema, object_name,
};

/// A model that is part of this program. The derive submits one for each.
#[derive(Debug)]
pub struct Registered {
    table: fn() -> &'static Table,
}

inventory::collect!(Registered);

impl Registered {
    /// The registration of a model.
    #[must_use]
    pub const fn of<M: Model>() -> Self {
        Self { table: || M::TABLE }
    }
}

/// The tables of all models that are linked into this program, by name.
///
/// A package is linked when something of it is used; [`Table::package`] says where a model comes from.
#[must_use]
pub fn models() -> Vec<&'static Table> {
    let mut tables: Vec<_> = inventory::iter::<Registered>()
        .map(|model| (model.table)())
        .collect();
    tables.sort_by_key(|table| (table.schema, table.name));
    tables
}

/// Of [`models`], those of one package: a program's own, or those that a chain of migrations is for.
///
/// ```
/// # use underpin_model::{Base, Model, models_of, schema_of};
/// # #[derive(Debug, Clone, Model)] struct Note { #[model(flatten)] base: Base }
/// let mine = schema_of(models_of(env!("CARGO_PKG_NAME")));
/// assert!(mine.tables.iter().any(|table| table.name.name == "notes"));
/// assert!(models_of("another").is_empty());
/// ```
#[must_use]
pub fn models_of(package: &str) -> Vec<&'static Table> {
    let mut tables = models();
    tables.retain(|table| table.package == package);
    tables
}

/// The schema that models ask for.
#[must_use]
pub fn schema_of<'a>(tables: impl IntoIterator<Item = &'a Table>) -> Schema {
    let mut schema = Schema::default();
    for table in tables {
        table.declare(&mut schema);
    }
    schema
}

/// The schema that all models of this program ask for, whatever package they are in.
#[must_use]
pub fn schema_of_models() -> Schema {
    schema_of(models())
}

impl Table {
    /// Adds the table, and what it needs, to a schema.
    pub fn declare(&self, schema: &mut Schema) {
        if let Some(name) = self
            .schema
            .filter(|name| *name != schema::Namespace::PUBLIC)
        {
            schema.namespaces.insert(schema::Namespace::new(name));
        }
        for extension in self.extensions {
            schema.extensions.insert(schema::Extension::new(*extension));
        }
        for column in self.columns {
            (column.facts.declare)(schema);
        }
        schema.tables.insert(self.facts());
    }

    fn qualified_name(&self) -> QualifiedName {
        QualifiedName::new(self.schema.unwrap_or(schema::Namespace::PUBLIC), self.name)
    }

    /// The table as a fact.
    #[must_use]
    pub fn facts(&self) -> schema::Table {
        let mut table = schema::Table::new(self.qualified_name());
        for column in self.columns {
            table = table.column(column_fact(column));
        }
        let name = object_name(self.name, "", "pkey");
        table = table.constraint(Constraint::primary_key(name, self.key.iter().copied()));
        for column in self.columns {
            if let Some(reference) = &column.references {
                table = table.constraint(self.foreign_key(column, reference));
            }
        }
        for check in self.checks {
            let fact = self.check_fact(check, &table);
            table = table.constraint(fact);
        }
        for index in self.indexes {
            table = self.add_index(table, index);
        }
        if let Some(comment) = self.comment {
            table = table.comment(comment);
        }
        table
    }

    fn foreign_key(&self, column: &Field, reference: &Reference) -> Constraint {
        let other = (reference.table)();
        let referenced: Vec<&str> = match reference.field {
            Some(field) => vec![
                other
                    .columns
                    .iter()
                    .find(|c| c.field == field)
                    .map_or(field, |c| c.name),
            ],
            None => other.key.to_vec(),
        };
        let key = ForeignKey::new([column.name], other.qualified_name(), referenced)
            .on_delete(reference.on_delete)
            .on_update(reference.on_update);
        Constraint::foreign_key(object_name(self.name, column.name, "fkey"), key)
    }

    fn check_fact(&self, check: &CheckConstraint, table: &schema::Table) -> Constraint {
        let chosen = || {
            self.free_name(check.column, "check", |name| {
                table.constraints.contains(name)
            })
        };
        let name = check.name.map_or_else(chosen, String::from);
        Constraint::check(name, check.expression)
    }

    /// The name that PostgreSQL would choose: numbered from the second of a kind on.
    fn free_name(&self, column: &str, label: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let mut name = object_name(self.name, column, label);
        let mut number = 0;
        while is_taken(&name) {
            number += 1;
            name = object_name(self.name, column, &format!("{label}{number}"));
        }
        name
    }

    /// Unique columns are a constraint, everything else an index. Among rows that are deleted softly only the living
    /// are unique, else a deleted name would be lost for ever.
    fn add_index(&self, table: schema::Table, index: &Index) -> schema::Table {
        let live = (index.unique && self.soft_delete).then_some("deleted_at IS NULL");
        let condition = index.condition.or(live);
        let named = index
            .keys
            .iter()
            .map(IndexKey::in_name)
            .collect::<Vec<_>>()
            .join("_");
        let is_constraint =
            index.unique && condition.is_none() && index.keys.iter().all(IndexKey::is_plain);
        let label = if is_constraint { "key" } else { "idx" };
        let is_taken =
            |name: &str| table.constraints.contains(name) || table.indexes.contains(name);
        let chosen = || self.free_name(&named, label, is_taken);
        let name = index.name.map_or_else(chosen, String::from);
        if is_constraint {
            let mut key = Key::new(index.keys.iter().map(IndexKey::in_name));
            key.include = index
                .include
                .iter()
                .map(|name| String::from(*name))
                .collect();
            key.nulls_distinct = index.nulls_distinct;
            return table.constraint(Constraint::new(name, ConstraintKind::Unique(key)));
        }
        let mut fact = schema::Index::new(name, [""; 0])
            .using(index.method.unwrap_or("btree"))
            .include(index.include.iter().copied());
        fact.unique = index.unique;
        fact.nulls_distinct = index.nulls_distinct;
        fact.predicate = condition.map(String::from);
        fact.parameters = index.with.map(parameters).unwrap_or_default();
        table.index(
            index
                .keys
                .iter()
                .fold(fact, |fact, key| fact.key(key.fact())),
        )
    }
}

fn column_fact(column: &Field) -> schema::Column {
    let mut fact = schema::Column::new(column.name, column.data_type());
    if !column.nullable {
        fact = fact.not_null();
    }
    if let Some(collation) = column.collate {
        // PostgreSQL's own, unless a schema is named.
        let (schema, name) = collation
            .split_once('.')
            .unwrap_or(("pg_catalog", collation));
        fact = fact.collation(QualifiedName::new(schema, name));
    }
    if let Some(default) = column.default {
        fact = fact.default(default);
    }
    if let Some(expression) = column.generated {
        fact = fact.generated(expression);
    }
    if let Some(identity) = column.identity {
        fact = fact.identity(match identity {
            Identity::Always => schema::IdentityKind::Always,
            Identity::ByDefault => schema::IdentityKind::ByDefault,
        });
    }
    match column.comment {
        Some(comment) => fact.comment(comment),
        None => fact,
    }
}

/// `m = 16, ef_construction = 64`
fn parameters(text: &str) -> schema::Parameters {
    text.split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (String::from(name.trim()), String::from(value.trim())))
        .collect()
}

impl IndexKey {
    /// What stands for it in the name of the index.
    fn in_name(&self) -> &'static str {
        match self.target {
            IndexTarget::Column(name) => name,
            IndexTarget::Expression(_) => "expr",
        }
    }

    /// Is it a column, without an order or an operator class of its own?
    fn is_plain(&self) -> bool {
        let Self {
            target,
            operator_class,
            descending,
            nulls_first,
        } = self;
        matches!(target, IndexTarget::Column(_))
            && operator_class.is_none()
            && !descending
            && nulls_first.is_none()
    }

    fn fact(&self) -> schema::IndexKey {
        let mut key = match self.target {
            IndexTarget::Column(name) => schema::IndexKey::column(name),
            IndexTarget::Expression(sql) => schema::IndexKey::expression(sql),
        };
        if self.descending {
            key = key.descending();
        }
        key.operator_class = self.operator_class.map(operator_class);
        if let Some(first) = self.nulls_first {
            key.nulls = if first {
                schema::NullsOrder::First
            } else {
                schema::NullsOrder::Last
            };
        }
        key
    }
}

/// Operator classes are PostgreSQL's own, or those of an extension in the schema public.
fn operator_class(name: &'static str) -> schema::OperatorClass {
    let is_of_extension =
        name.contains("_trgm_") || name.starts_with("vector_") || name.starts_with("halfvec_");
    let namespace = if is_of_extension {
        "public"
    } else {
        "pg_catalog"
    };
    schema::OperatorClass {
        name: QualifiedName::new(namespace, name),
        options: schema::Parameters::new(),
    }
}

/// Makes a model known to the program it is linked into; the derive calls it.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    ($model:ty) => {
        $crate::derive::inventory::submit! { $crate::Registered::of::<$model>() }
    };
}
