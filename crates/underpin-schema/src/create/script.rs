//! A whole schema as one file.

use crate::Catalog;
use std::fmt::Write as _;

const HEADER: &str = "\
-- A schema, as PostgreSQL itself tells it. Written by `underpin migrate dump`; equal schemas give equal bytes.
";

impl Catalog {
    /// The SQL that makes this schema in an empty database, as the text of a file.
    ///
    /// It depends on nothing but the schema: loaded and read again, it is the same byte for byte. What has no facts here
    /// is named in comments. Roles that are given privileges must exist.
    ///
    /// # Example
    /// ```
    /// use underpin_schema::{Catalog, Column, QualifiedName, Table};
    ///
    /// let mut catalog = Catalog::default();
    /// let notes = Table::new(QualifiedName::new("public", "notes")).column(Column::new("id", "uuid"));
    /// catalog.schema.tables.insert(notes);
    /// assert!(catalog.script().ends_with("\nCREATE TABLE public.notes (\n    id uuid\n);\n"));
    /// ```
    #[must_use]
    pub fn script(&self) -> String {
        let mut script = String::from(HEADER);
        for missing in self.schema.unmodelled.iter().filter(|it| it.is_told()) {
            let name = missing.description.replace('\n', " ");
            let _ = writeln!(script, "-- not in this file: {name}");
        }
        for index in &self.invalid_indexes {
            let name = index.to_string().replace('\n', " ");
            let _ = writeln!(
                script,
                "-- INVALID where this was read, after a failed CREATE INDEX CONCURRENTLY: index {name}"
            );
        }
        for statement in self.create_sql() {
            let _ = write!(script, "\n{};\n", statement.sql);
        }
        script
    }
}
