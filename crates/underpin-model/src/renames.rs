//! What models say was renamed.

use crate::Table;
use underpin_schema::{Namespace, Part, QualifiedName, Rename};

impl Table {
    /// The table and its columns as far as they are declared with `renamed_from`. Columns are told by the new name of the table.
    pub fn renames(&self) -> impl Iterator<Item = Rename> {
        let schema = self.schema.unwrap_or(Namespace::PUBLIC);
        let table = self.renamed_from;
        let table = table
            .map(|old| Rename::Table(QualifiedName::new(schema, old), String::from(self.name)));
        let columns = self.columns.iter().filter_map(move |column| {
            let old = Part::new(QualifiedName::new(schema, self.name), column.renamed_from?);
            Some(Rename::Column(old, String::from(column.name)))
        });
        table.into_iter().chain(columns)
    }
}
