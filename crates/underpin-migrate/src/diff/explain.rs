//! Which object differs, with both definitions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use underpin_schema::{Catalog, Object};

/// At most this many objects are told.
const OBJECTS_MAX: usize = 5;

/// The objects that differ; None when the schemas are equal.
pub(crate) fn differing(wanted: &Catalog, found: &Catalog) -> Option<String> {
    if wanted.schema == found.schema {
        return None;
    }
    let (wanted, found) = (definitions(wanted), definitions(found));
    let mut objects: Vec<&Object> = wanted.keys().chain(found.keys()).collect();
    objects.sort();
    objects.dedup();
    objects.retain(|object| wanted.get(object) != found.get(object));
    let mut text = String::new();
    let nothing = String::from("nothing");
    for object in objects.iter().take(OBJECTS_MAX) {
        let (wanted, found) = (wanted.get(object), found.get(object));
        let (wanted, found) = (wanted.unwrap_or(&nothing), found.unwrap_or(&nothing));
        let _ = write!(
            text,
            "{object} differs\nwanted: {wanted}\nfound:  {found}\n"
        );
    }
    if objects.len() > OBJECTS_MAX {
        let _ = write!(text, "and {} more", objects.len() - OBJECTS_MAX);
    }
    if text.is_empty() {
        text.push_str(
            "something differs that no statement tells, such as where a column is inherited from",
        );
    }
    Some(text.trim_end().to_owned())
}

fn definitions(catalog: &Catalog) -> BTreeMap<Object, String> {
    let mut all: BTreeMap<Object, String> = BTreeMap::new();
    for statement in catalog.create_sql() {
        let text = all.entry(statement.object).or_default();
        let _ = write!(text, "{};", statement.sql);
    }
    all
}
