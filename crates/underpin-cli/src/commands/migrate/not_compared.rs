//! Says what of a schema was neither compared nor copied.

use crate::context::Context;
use std::collections::BTreeSet;

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
