//! Names of NOT NULL that PostgreSQL would choose otherwise than usual.

use crate::facts::*;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The schema in which NOT NULL, from 18 on, is told with its usual name where a table of the same schema has that
/// name already: PostgreSQL chooses a name that is free in the schema, but takes any that is free in the table.
pub(crate) fn named<'a>(schema: Cow<'a, Schema>, before: &Schema) -> Cow<'a, Schema> {
    let mut taken = BTreeSet::new();
    for table in before.tables.iter().chain(&schema.tables) {
        for not_null in table.columns.iter().filter_map(|it| it.not_null.as_ref()) {
            taken.extend(not_null.name.iter().map(|name| table.name.sibling(name)));
        }
    }
    if taken.is_empty() {
        return schema;
    }
    let mut schema = schema;
    for table in schema.to_mut().tables.iter_mut() {
        let name = table.name.clone();
        for column in table.columns.iter_mut() {
            let usual = object_name(&name.name, &column.name, "not_null");
            if let Some(not_null) = &mut column.not_null
                && not_null.name.is_none()
                && taken.contains(&name.sibling(&usual))
            {
                not_null.name = Some(usual);
            }
        }
    }
    schema
}
