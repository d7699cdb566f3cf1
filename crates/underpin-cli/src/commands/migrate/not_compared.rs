//! Says what of a schema was neither compared nor copied.

use crate::context::Context;
use crate::output::one_line;
use std::collections::BTreeSet;
use underpin_migrate::diff::NotCompared;
use underpin_schema::Schema;

/// One line for all options that the server keeps for itself or that this program does not know.
pub(super) fn tell(unknown_options: &BTreeSet<String>, context: &Context) {
    if unknown_options.is_empty() {
        return;
    }
    let options: Vec<&str> = unknown_options.iter().map(String::as_str).collect();
    context.note(format_args!(
        "note: options that the server keeps for itself, or that are not known here, are neither compared nor copied: {}",
        options.join(", ")
    ));
}

/// A line for each thing that differs, or may differ, and is in no statement.
pub(super) fn tell_beyond(all: &[NotCompared], context: &Context) {
    for it in all {
        let line = it.to_string();
        match it.is_difference() {
            true => context.note(format_args!("warning: {}", one_line(&line))),
            false => context.note(format_args!("note: {}", one_line(&line))),
        }
    }
}

/// A line for each thing that a file of the schema lacks.
pub(super) fn tell_left_out(schema: &Schema, context: &Context) {
    for it in schema.unmodelled.iter().filter(|it| it.is_told()) {
        context.note(format_args!(
            "note: not written, because it is of a kind that is not known here: {}",
            one_line(&it.description)
        ));
    }
}
