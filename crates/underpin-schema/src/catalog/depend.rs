//! What depends on what.

use super::class::{RELATION, TYPE};
use super::reader::{ObjectId, Reader};
use crate::{Dependencies, Error, Object, Part, QualifiedName};
use underpin_pool::Executor;

impl<E: Executor> Reader<'_, E> {
    /// Reads the dependencies among the objects that the other readers have met.
    pub(super) async fn dependencies(&mut self) -> Result<Dependencies, Error> {
        for row in self.rows(include_str!("sql/array_types.sql")).await? {
            let element: ObjectId = (TYPE, row.get("type")?);
            if let Some(object) = self.objects.get(&element).cloned() {
                self.knows(TYPE, row.get("alias")?, object);
            } else if self.unmodelled.contains(&element) {
                self.unmodelled.insert((TYPE, row.get("alias")?));
            }
        }
        let mut dependencies = Dependencies::default();
        for row in self.rows(include_str!("sql/dependencies.sql")).await? {
            let dependant = self.object(row.get("class")?, row.get("object")?, row.get("part")?);
            let (class, id): ObjectId = (row.get("needed_class")?, row.get("needed_object")?);
            if self.unmodelled.contains(&(class, id)) {
                self.needing_unmodelled.extend(dependant.clone());
            }
            let needed = self.object(class, id, row.get("needed_part")?);
            let here: ObjectId = (row.get("class")?, row.get("object")?);
            if self.unmodelled.contains(&here) && row.get("is_plain")? {
                self.needed_by_unmodelled.extend(needed.clone());
            }
            if let Some((dependant, needed)) = dependant.zip(needed)
                && !is_told_by_facts(&dependant, &needed)
            {
                dependencies.insert(dependant, needed);
            }
        }
        Ok(dependencies)
    }

    /// What has facts, by the numbers of the catalog.
    pub(super) fn object(&self, class: u32, id: u32, part: i32) -> Option<Object> {
        let whole = self.objects.get(&(class, id))?;
        let column = self.columns.get(&(id, part));
        match (relation(whole), column) {
            (Some(name), Some(column)) if class == RELATION => {
                Some(Object::Column(Part::new(name.clone(), column)))
            }
            _ => Some(whole.clone()),
        }
    }
}

/// What has columns.
fn relation(object: &Object) -> Option<&QualifiedName> {
    match object {
        Object::Table(name)
        | Object::View(name)
        | Object::MaterialisedView(name)
        | Object::Type(name) => Some(name),
        _ => None,
    }
}

/// A part and its whole, an owned sequence and its column.
fn is_told_by_facts(dependant: &Object, needed: &Object) -> bool {
    match (dependant, needed) {
        (Object::Sequence(_), Object::Column(_)) => true,
        (Object::Default(default), Object::Column(column)) => default == column,
        (dependant, Object::Table(name)) => dependant.whole() == Some(name),
        (dependant, Object::View(name)) => dependant.whole() == Some(name),
        _ => false,
    }
}
