//! Names and leftovers of what is only there for a while: a new index beside the old one, a check beside its column.

use super::Context;
use underpin_schema::{Change, ChangeKind, Index, QualifiedName, Schema};

const NAME_BYTES_MAX: usize = 63;

/// A name that neither side has: `name` with a suffix, and a number when somebody has that.
pub(super) fn free_name(name: &str, suffix: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let clipped = |suffix: &str| {
        let end = name.floor_char_boundary(NAME_BYTES_MAX - suffix.len());
        format!("{}{suffix}", &name[..end])
    };
    let first = clipped(suffix);
    if !is_taken(&first) {
        return first;
    }
    let numbered = (2_u32..).map(|number| clipped(&format!("{suffix}{number}")));
    numbered
        .into_iter()
        .find(|name| !is_taken(name))
        .unwrap_or(first)
}

/// Has either side a relation of this name? Tables, indexes and their like share one space of names.
pub(super) fn is_relation(context: &Context<'_>, name: &QualifiedName) -> bool {
    [context.from, context.to]
        .iter()
        .any(|side| has_relation(&side.schema, name))
}

fn has_relation(schema: &Schema, name: &QualifiedName) -> bool {
    let on_table = schema.tables.iter().any(|table| {
        table.name.schema == name.schema
            && (table.indexes.contains(&name.name) || table.constraints.contains(&name.name))
    });
    let on_view = schema
        .materialised_views
        .iter()
        .any(|view| view.name.schema == name.schema && view.indexes.contains(&name.name));
    // Foreign tables and the like have no facts: their description ends with their name.
    let described = schema.unmodelled.iter().any(|it| {
        let words = it.description.split(|letter: char| " .\"".contains(letter));
        words.into_iter().any(|word| word == name.name)
    });
    on_table
        || on_view
        || described
        || schema.tables.contains(name)
        || schema.views.contains(name)
        || schema.materialised_views.contains(name)
        || schema.sequences.contains(name)
        || schema.composites.contains(name)
}

/// The index that an interrupted plan has built already to take the place of another: it is what that is to become, is
/// whole, and goes away otherwise.
pub(super) fn built_already<'a>(
    table: &QualifiedName,
    index: &Index,
    context: &Context<'a>,
) -> Option<&'a Index> {
    let (from, to) = (&context.from.schema, &context.to.schema);
    let before = match from.tables.get(table) {
        Some(table) => &table.indexes,
        None => &from.materialised_views.get(table)?.indexes,
    };
    let stays = |name: &str| has_relation(to, &table.sibling(name));
    let is_whole = |it: &Index| {
        it.valid
            && !context
                .from
                .invalid_indexes
                .contains(&table.sibling(&it.name))
    };
    before
        .iter()
        .find(|it| is_whole(it) && !stays(&it.name) && same_build(it, index))
}

/// Would both be built in the same way, names aside?
fn same_build(one: &Index, other: &Index) -> bool {
    let built = |index: &Index| {
        let mut built = Index {
            name: String::new(),
            comment: None,
            clustered: false,
            valid: true,
            part_of: None,
            ..index.clone()
        };
        built.keys.iter_mut().for_each(|key| key.statistics = None);
        built
    };
    built(one) == built(other)
}

/// The changes without the drops of indexes that are used to take the place of others.
pub(super) fn without_used<'c>(changes: &'c [Change], context: &Context<'_>) -> Vec<&'c Change> {
    let used = |name: &QualifiedName| {
        changes.iter().any(|change| match &change.kind {
            ChangeKind::ReplaceIndex(table, index) => {
                !context.is_partitioned(table)
                    && built_already(table, index, context)
                        .is_some_and(|it| table.sibling(&it.name) == *name)
            }
            _ => false,
        })
    };
    let is_left = |change: &&Change| match &change.kind {
        ChangeKind::DropIndex(name) => !used(name),
        _ => true,
    };
    changes.iter().filter(is_left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_no_name_is_too_long() {
        let taken = |names: &'static [&str]| move |name: &str| names.contains(&name);
        assert_eq!(free_name("i", "__new", taken(&[])), "i__new");
        assert_eq!(
            free_name("i", "__new", taken(&["i__new", "i__new2"])),
            "i__new3"
        );
        let long = "é".repeat(40);
        let name = free_name(&long, "__new", |it| it.ends_with("__new"));
        assert!(
            name.len() <= NAME_BYTES_MAX && name.ends_with("__new2"),
            "{name}"
        );
    }
}
