//! Types, collations and columns that are made anew while values are kept: the old ones have another name meanwhile.

use crate::create::Thing;
use crate::{QualifiedName, Range, quote_identifier};

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
        Thing::Range(range) => range_aside(range),
        _ => type_of(thing)
            .map(|(name, kind)| aside(&format!("{kind} {name}"), &name.name))
            .into_iter()
            .collect(),
    }
}

/// A range's multirange type and the functions that make both would be in the way of the new ones: none of them follows
/// the range to its other name, all of them go with it.
fn range_aside(range: &Range) -> Vec<String> {
    let (name, multi) = (&range.name, range.multirange_name());
    let old = name.sibling(old_name(&name.name));
    let subtype = &range.subtype;
    let makers = [
        (name, format!("{subtype}, {subtype}")),
        (name, format!("{subtype}, {subtype}, text")),
        (&multi, String::new()),
        (&multi, old.to_string()),
        (&multi, format!("{old}[]")),
    ];
    let makers = makers
        .into_iter()
        .map(|(maker, arguments)| aside(&format!("FUNCTION {maker}({arguments})"), &maker.name));
    [name, &multi]
        .into_iter()
        .map(|it| aside(&format!("TYPE {it}"), &it.name))
        .chain(makers)
        .collect()
}

fn aside(what: &str, name: &str) -> String {
    let old = old_name(name);
    format!("ALTER {what} RENAME TO {}", quote_identifier(&old))
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
