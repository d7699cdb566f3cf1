//! Who owns what.

use super::reader::Reader;
use crate::{Error, Object, Owners};
use underpin_pool::Executor;

impl<E: Executor> Reader<'_, E> {
    /// The owners of the objects that the other readers have met.
    pub(super) async fn owners(&self) -> Result<Owners, Error> {
        let reader = self.rows("SELECT current_user::text").await?;
        let reader = reader.first().map(|row| row.get(0)).transpose()?;
        let mut owners = Owners::read_by(reader);
        for row in self.rows(include_str!("sql/owners.sql")).await? {
            let object = self.objects.get(&(row.get("class")?, row.get("object")?));
            if let Some(object) = object.filter(|it| has_owner(it)) {
                owners.insert(object.clone(), row.get("owner")?);
            }
        }
        Ok(owners)
    }
}

/// A member of an extension goes with the extension, the sequence of an identity column with the table.
fn has_owner(object: &Object) -> bool {
    matches!(
        object,
        Object::Namespace(_)
            | Object::Collation(_)
            | Object::Type(_)
            | Object::Sequence(_)
            | Object::Function(_)
            | Object::Table(_)
            | Object::View(_)
            | Object::MaterialisedView(_)
            | Object::Statistics(_)
    )
}
