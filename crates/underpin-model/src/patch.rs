//! What a patch does to one column.

use crate::DbValue;

/// Sets a column, or keeps what it has. The fields of `NotePatch` are of this type; the default keeps.
///
/// # Example
/// ```
/// use underpin_model::Patch::{self, Keep, Set};
///
/// let title: Patch<String> = Set("second".into());
/// assert_eq!(title.as_set().map(String::as_str), Some("second"));
/// assert_eq!(Patch::<i32>::default(), Keep);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The new value.
    Set(T),
    /// The column stays as it is.
    #[default]
    Keep,
}

impl<T> Patch<T> {
    /// The new value, when there is one.
    pub const fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep => None,
        }
    }
}

impl<T: DbValue> Patch<T> {
    /// Adds the column to a list of changes, when it is set.
    pub fn add<'a>(&'a self, column: &'static str, to: &mut Vec<(&'static str, &'a dyn DbValue)>) {
        if let Self::Set(value) = self {
            to.push((column, value));
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}
