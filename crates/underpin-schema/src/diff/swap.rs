//! Types, collations and columns that are made anew while values are kept: the old ones have another name meanwhile.

use crate::create::Thing;
use crate::{QualifiedName, quote_identifier};

/// Gives the old one another name.
pub(super) fn move_aside(thing: &Thing<'_>) -> Vec<String> {
    match thing {
        Thing::Column(table, column) => {
            let (name, old) = (quote_identifier(&column.name), old_name(&column.name));
            let old = quote_identifier(&old);
            vec![format!(
                "ALTER TABLE {} RENAME COLUMN {name} TO {old}",
                table.name
            )]
        }
        _ => type_of(thing)
            .map(|(name, kind)| {
                let old = old_name(&name.name);
                format!("ALTER {kind} {name} RENAME TO {}", quote_identifier(&old))
            })
            .into_iter()
            .collect(),
    }
}

/// Takes the values over, and drops the old one.
pub(super) fn drop_old(thing: &Thing<'_>) -> Vec<String> {
    match thing {
        Thing::Column(table, column) => {
            let (name, old) = (quote_identifier(&column.name), old_name(&column.name));
            let (table, old) = (&table.name, quote_identifier(&old));
            vec![
                format!("UPDATE ONLY {table} SET {name} = {old}"),
                format!("ALTER TABLE {table} DROP COLUMN {old}"),
            ]
        }
        _ => type_of(thing)
            .map(|(name, kind)| format!("DROP {kind} {}", name.sibling(old_name(&name.name))))
            .into_iter()
            .collect(),
    }
}

fn type_of<'a>(thing: &'a Thing<'_>) -> Option<(&'a QualifiedName, &'static str)> {
    match thing {
        Thing::Enum(it) => Some((&it.name, "TYPE")),
        Thing::Composite(it) => Some((&it.name, "TYPE")),
        Thing::Range(it) => Some((&it.name, "TYPE")),
        Thing::Domain(it) => Some((&it.name, "DOMAIN")),
        Thing::Collation(it) => Some((&it.name, "COLLATION")),
        _ => None,
    }
}

fn old_name(name: &str) -> String {
    let clipped = &name[..name.floor_char_boundary(NAME_BYTES_MAX - SUFFIX.len())];
    format!("{clipped}{SUFFIX}")
}

const SUFFIX: &str = "__old";
const NAME_BYTES_MAX: usize = 63;
