//! The models that are linked into this program.

use super::source::Source as Migrations;
use crate::context::Context;
use crate::error::Error;
use std::collections::BTreeMap;
use underpin_core::ErrorKind;
use underpin_migrate::diff::Source;
use underpin_model::{Table, models, models_of, schema_of};

/// The package whose models every program has that is made with this command line.
const BUILT_IN: &str = "underpin-stores";

/// The models that the migrations are for; never those of Underpin beside a user's folder.
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

/// What the models ask for that the migrations are for.
///
/// # Errors
/// When this program has none: an empty schema would read as one that lost all its tables.
pub(super) fn source(migrations: &Migrations) -> Result<Source, Error> {
    let tables = of(migrations);
    match tables.is_empty() {
        true => Err(none()),
        false => Ok(source_of(&tables)),
    }
}

fn none() -> Error {
    let message = "this program has no models of its own to compare the migrations with";
    Error::new(ErrorKind::Config, message).with_hint(
        "add --empty to write the SQL by hand, or --to file:PATH for a schema in SQL; a service that calls \
         `underpin::cli::main` finds its models, and `diff` takes those of Underpin's own tables with --builtin",
    )
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
