//! What a patch does to one column.

use crate::DbValue;
use serde::{Deserialize, Deserializer};

/// Sets a column, or keeps what it has. The fields of `NotePatch` are of this type; the default keeps.
///
/// In a request's body with `#[serde(default)]`, a field that is there is set, to NULL too where that may be; one that is
/// not is kept.
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_body_does_not_say_is_kept() {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Body {
            title: Patch<String>,
            summary: Patch<Option<String>>,
        }
        let check = |text: &str, title: Patch<String>, summary: Patch<Option<String>>| {
            let body: Body = serde_json::from_str(text).unwrap();
            assert_eq!((body.title, body.summary), (title, summary), "{text}");
        };
        check("{}", Patch::Keep, Patch::Keep);
        check(
            r#"{"title": "a", "summary": null}"#,
            Patch::Set("a".into()),
            Patch::Set(None),
        );
        assert!(serde_json::from_str::<Body>(r#"{"title": null}"#).is_err());
    }
}
