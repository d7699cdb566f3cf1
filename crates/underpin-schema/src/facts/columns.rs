//! The columns of a table.

use super::Column;
use serde::Serialize;

/// Columns in their order, found by name.
///
/// Two lists are equal when they have the same columns, in whatever order: `ADD COLUMN` appends, and no statement moves
/// a column.
#[derive(Debug, Clone, Default, Eq, Serialize)]
#[serde(transparent)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Adds a column at the end; one of the same name is replaced where it stands.
    pub fn insert(&mut self, column: Column) {
        match self.0.iter_mut().find(|known| known.name == column.name) {
            Some(known) => *known = column,
            None => self.0.push(column),
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.0.iter().find(|column| column.name == name)
    }

    /// The column of this name, to be changed in everything but its name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.0.iter_mut().find(|column| column.name == name)
    }

    /// In their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.0.iter()
    }

    /// In their order, to be changed in everything but their names.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Column> {
        self.0.iter_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && (self.iter().zip(other))
                .all(|(ours, theirs)| ours == theirs || other.get(&ours.name) == Some(ours))
    }
}

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        let mut all = Self::default();
        for column in columns {
            all.insert(column);
        }
        all
    }
}

impl<'a> IntoIterator for &'a Columns {
    type Item = &'a Column;
    type IntoIter = std::slice::Iter<'a, Column>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_columns_does_not_make_a_difference() {
        let (id, title) = (Column::new("id", "uuid"), Column::new("title", "text"));
        let one: Columns = [id.clone(), title.clone()].into_iter().collect();
        let other: Columns = [title, id.clone()].into_iter().collect();
        assert_eq!(one, other);
        let less: Columns = [id.clone(), id].into_iter().collect();
        assert_ne!(one, less);
    }
}
