//! The models that are linked into this program.

use underpin_migrate::diff::Source;
use underpin_model::{Table, models, schema_of};

/// The package whose models every program has that is made with this command line.
const BUILT_IN: &str = "underpin-stores";

/// The program's own models; those of Underpin in a program that has none of its own.
pub(super) fn own() -> Vec<&'static Table> {
    let (built_in, own): (Vec<_>, Vec<_>) = models()
        .into_iter()
        .partition(|table| table.package == BUILT_IN);
    if own.is_empty() { built_in } else { own }
}

/// What they ask for, and what they say was renamed.
pub(super) fn source() -> Source {
    let tables = own();
    let renames = tables.iter().flat_map(|table| table.renames());
    Source::Models(
        Box::new(schema_of(tables.iter().copied())),
        renames.collect(),
    )
}
