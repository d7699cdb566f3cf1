//! Renames that the target declares, as far as they have not happened yet.

use super::annotation::{Annotation, Name, annotations};
use super::route::Route;
use super::source::Source;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_schema::{Catalog, Part, QualifiedName, Rename};

/// The renames to be made first.
///
/// A rename whose old name is gone has happened, or never had to; one of which both names are there is a mistake.
pub(super) fn declared(
    source: &Source,
    from: &Catalog,
    to: &Catalog,
) -> Result<Vec<Rename>, Error> {
    let mut renames = of_source(source, to)?;
    // Tables and types first: columns and labels are then told by the new name of what they are in.
    renames.sort_by_key(|rename| !matches!(rename, Rename::Table(..) | Rename::Type(..)));
    let mut pending = Vec::new();
    for rename in renames {
        if is_pending(&rename, &pending, from)? {
            pending.push(rename);
        }
    }
    Ok(pending)
}

fn of_source(source: &Source, to: &Catalog) -> Result<Vec<Rename>, Error> {
    let mut renames = Vec::new();
    match source {
        Source::Models(_, declared) => renames.clone_from(declared),
        Source::Files(files) => {
            for file in files {
                let annotations = annotations(file)?;
                renames.extend(annotations.into_iter().filter_map(|it| resolve(it, to)));
            }
        }
        Source::Several(sources) => {
            for source in sources {
                renames.extend(of_source(source, to)?);
            }
        }
        Source::Migrations(_) | Source::Database(_) => {}
    }
    Ok(renames)
}

/// The annotation by whole names; what it is about is looked up in the target.
fn resolve(annotation: Annotation, to: &Catalog) -> Option<Rename> {
    let schema = &to.schema;
    let is = |written: &Name, name: &QualifiedName| {
        written.name == name.name && written.schema.as_ref().is_none_or(|it| *it == name.schema)
    };
    let table = |written: &Name| schema.tables.iter().find(|it| is(written, &it.name));
    let enum_type = |written: &Name| schema.enums.iter().find(|it| is(written, &it.name));
    Some(match annotation {
        Annotation::Table { new, old } => {
            let new = &table(&new)?.name;
            Rename::Table(new.sibling(old), new.name.clone())
        }
        Annotation::Column {
            table: of,
            new,
            old,
        } => {
            let table = table(&of)?;
            table.columns.get(&new)?;
            Rename::Column(Part::new(table.name.clone(), old), new)
        }
        Annotation::Type { new, old } => {
            let new = &enum_type(&new)?.name;
            Rename::Type(new.sibling(old), new.name.clone())
        }
        Annotation::Label { of, new, old } => {
            let name = &enum_type(&of)?.name;
            Rename::Label(Part::new(name.clone(), old), new)
        }
        Annotation::Index { new, old } => {
            let table = schema.tables.iter().find(|it| it.indexes.contains(&new))?;
            Rename::Index(table.name.sibling(old), new)
        }
    })
}

/// Those of declared renames that can be taken back: the old name may have been given to something new.
pub(super) fn taken_back(route: &Route, from: &Catalog) -> Vec<Rename> {
    let mut pending = Vec::new();
    for rename in route.taken_back() {
        if is_pending(&rename, &pending, from).unwrap_or(false) {
            pending.push(rename);
        }
    }
    pending
}

fn is_pending(rename: &Rename, before: &[Rename], from: &Catalog) -> Result<bool, Error> {
    let schema = &from.schema;
    // What the whole is called before the renames.
    let earlier = |name: &QualifiedName| {
        let whole = before.iter().find_map(|it| match it {
            Rename::Table(old, new) | Rename::Type(old, new) if old.sibling(new) == *name => {
                Some(old)
            }
            _ => None,
        });
        whole.cloned().unwrap_or_else(|| name.clone())
    };
    let (old, new) = match rename {
        Rename::Table(old, new) => (
            schema.tables.contains(old),
            schema.tables.contains(&old.sibling(new)),
        ),
        Rename::Type(old, new) => (
            schema.enums.contains(old),
            schema.enums.contains(&old.sibling(new)),
        ),
        Rename::Column(old, new) => {
            let table = schema.tables.get(&earlier(&old.of));
            let has = |name: &str| table.is_some_and(|it| it.columns.get(name).is_some());
            (has(&old.name), has(new))
        }
        Rename::Label(old, new) => {
            let labels = schema.enums.get(&earlier(&old.of)).map(|it| &it.labels);
            let has = |name: &String| labels.is_some_and(|it| it.contains(name));
            (has(&old.name), has(new))
        }
        Rename::Index(old, new) => {
            let has = |name: &str| {
                let mut tables = schema.tables.iter();
                tables.any(|it| it.name.schema == old.schema && it.indexes.contains(name))
            };
            (has(&old.name), has(new))
        }
        Rename::Constraint(..) | Rename::Sequence(..) => (true, false),
    };
    if old && new {
        let message = format!(
            "{} is declared as renamed, and both names are there",
            rename.object()
        );
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("remove the declaration when the two are different things"));
    }
    Ok(old)
}
