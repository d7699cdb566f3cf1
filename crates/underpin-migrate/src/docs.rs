//! A schema as a document: Markdown with a Mermaid diagram of tables and what they refer to.
//!
//! It depends on the schema alone, so that a file of it can be kept in git and compared.

mod diagram;
mod others;
mod table;
mod text;

use std::fmt::Write as _;
use text::{anchor, cell};
use underpin_schema::{Schema, Table};

const HEADER: &str = "\
# Schema

Written by `underpin migrate docs` from the catalog of PostgreSQL; changes by hand are lost.
";

/// The document of a schema.
///
/// # Example
/// ```
/// use underpin_migrate::docs::markdown;
/// use underpin_schema::{Column, QualifiedName, Schema, Table};
///
/// let mut schema = Schema::default();
/// let notes = Table::new(QualifiedName::new("public", "notes")).column(Column::new("id", "uuid").not_null());
/// schema.tables.insert(notes.comment("What people | write"));
///
/// let document = markdown(&schema);
/// assert!(document.contains("erDiagram"));
/// assert!(document.contains("| [`public.notes`](#public.notes) | What people \\| write |"));
/// ```
#[must_use]
pub fn markdown(schema: &Schema) -> String {
    let mut out = String::from(HEADER);
    if schema.tables.is_empty() {
        out.push_str("\nThere are no tables.\n");
    } else {
        contents(&mut out, schema);
        out.push_str("\n## Diagram\n\n");
        diagram::write(&mut out, schema);
        out.push_str("\n## Tables\n");
        for table in &schema.tables {
            table::write(&mut out, schema, table);
        }
    }
    others::write(&mut out, schema);
    out
}

fn contents(out: &mut String, schema: &Schema) {
    out.push_str("\n| Table | |\n| --- | --- |\n");
    for table in whole_tables(schema) {
        let comment = text::prose(table.comment.as_deref().unwrap_or_default());
        let (name, anchor) = (cell(&table.name.to_string()), anchor(&table.name));
        let _ = writeln!(out, "| [{name}](#{anchor}) | {comment} |");
    }
}

/// The tables that are not a part of another.
fn whole_tables(schema: &Schema) -> impl Iterator<Item = &Table> {
    schema.tables.iter().filter(|it| it.partition.is_none())
}
