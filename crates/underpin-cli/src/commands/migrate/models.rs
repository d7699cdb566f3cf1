//! The models that are linked into this program.

use super::source::Source as Migrations;
use crate::context::Context;
use std::collections::BTreeMap;
use underpin_migrate::diff::Source;
use underpin_model::{Table, models, models_of, schema_of};

/// The package whose models every program has that is made with this command line.
const BUILT_IN: &str = "underpin-stores";

/// Has the program models beside those of Underpin?
pub(super) fn are_own() -> bool {
    !of_program().is_empty()
}

/// The program's own models; those of Underpin in a program that has none of its own.
pub(super) fn own() -> Vec<&'static Table> {
    let own = of_program();
    if own.is_empty() {
        models_of(BUILT_IN)
    } else {
        own
    }
}

/// The models that the migrations are for.
pub(super) fn of(migrations: &Migrations) -> Vec<&'static Table> {
    if migrations.is_built_in() {
        models_of(BUILT_IN)
    } else {
        of_program()
    }
}

fn of_program() -> Vec<&'static Table> {
    let mut tables = models();
    tables.retain(|table| table.package != BUILT_IN);
    tables
}

/// What the program's models ask for, and what they say was renamed.
pub(super) fn source() -> Source {
    source_of(&own())
}

/// How many models each package has.
pub(super) fn by_package(tables: &[&'static Table]) -> BTreeMap<&'static str, usize> {
    let mut packages = BTreeMap::new();
    for table in tables {
        *packages.entry(table.package).or_default() += 1;
    }
    packages
}

/// Says which models are seen: a crate that nothing uses is not linked, and its models are missed by nobody.
pub(super) fn tell(packages: &BTreeMap<&str, usize>, context: &Context) {
    for (package, count) in packages {
        let models = super::show::count(*count, "model");
        context.note(format_args!("{models} of {package}"));
    }
}

/// What models ask for, and what they say was renamed.
pub(super) fn source_of(tables: &[&'static Table]) -> Source {
    let renames = tables.iter().flat_map(|table| table.renames());
    let schema = schema_of(tables.iter().copied());
    Source::Models(Box::new(schema), renames.collect())
}
