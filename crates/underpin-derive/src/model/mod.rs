//! `#[derive(Model)]`: read the attributes, check what belongs together, write the code.

mod check;
mod columns;
mod deserialize;
mod expand;
mod field;
mod index;
mod options;
mod rules;
mod sql;
mod table;

pub(crate) use expand::expand;

use crate::names;
use columns::Column;
use field::FieldOptions;
use options::Options;
use syn::{DeriveInput, Field, Ident, Result};

/// A model as it was written.
struct Model<'a> {
    input: &'a DeriveInput,
    options: Options,
    fields: &'a [ModelField<'a>],
    /// The columns of all fields, in order; a flattened base stands for seven.
    columns: Vec<Column<'a>>,
}

/// A field of the struct.
struct ModelField<'a> {
    field: &'a Field,
    ident: &'a Ident,
    options: FieldOptions,
}

/// The fields of a struct, with their options.
fn fields(input: &DeriveInput) -> Result<Vec<ModelField<'_>>> {
    crate::attributes::named_fields(input, "Model")?
        .into_iter()
        .map(|field| {
            Ok(ModelField {
                field,
                ident: crate::attributes::ident(field)?,
                options: FieldOptions::read(field)?,
            })
        })
        .collect()
}

impl<'a> Model<'a> {
    fn read(input: &'a DeriveInput, fields: &'a [ModelField<'a>]) -> Result<Self> {
        crate::attributes::without_generics(input, "Model")?;
        let options = Options::read(input)?;
        let columns = columns::of(fields, &options)?;
        let model = Self {
            input,
            options,
            fields,
            columns,
        };
        model.check()?;
        Ok(model)
    }

    fn ident(&self) -> &'a Ident {
        &self.input.ident
    }

    fn table_name(&self) -> String {
        match &self.options.table {
            Some(name) => name.value(),
            None => names::table(&self.ident().to_string()),
        }
    }

    /// The table's name as SQL needs it.
    fn sql_name(&self) -> String {
        let table = names::quoted(&self.table_name());
        match &self.options.schema {
            Some(schema) => format!("{}.{table}", names::quoted(&schema.value())),
            None => table,
        }
    }

    fn column(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the primary key, in its order.
    fn key(&self) -> Vec<&Column<'a>> {
        if self.options.primary_key.is_empty() {
            return self.columns.iter().filter(|column| column.is_key).collect();
        }
        self.options
            .primary_key
            .iter()
            .filter_map(|field| self.columns.iter().find(|column| column.is_field(field)))
            .collect()
    }

    /// Are rows marked deleted rather than removed? With a column for it they are, unless it is switched off.
    fn soft_delete(&self) -> bool {
        let wanted = self.options.soft_delete.as_ref().map(|(wanted, _)| *wanted);
        wanted.unwrap_or(true) && self.column("deleted_at").is_some()
    }
}
