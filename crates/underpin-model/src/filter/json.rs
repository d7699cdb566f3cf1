//! Questions about `jsonb`.

use crate::filter::{Node, Test};
use crate::{Column, ColumnType, Filter, Json, SqlValue};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A value that is JSON. Its column must be `jsonb`: the type `json` has none of these operators.
#[diagnostic::on_unimplemented(message = "`{Self}` is not JSON")]
pub trait JsonValue: SqlValue {}

impl JsonValue for serde_json::Value {}
impl<T> JsonValue for Json<T> where Self: SqlValue {}

impl<M, T: ColumnType> Column<M, T> {
    /// Has this key, or is a list with this text, on the outermost level. A GIN index serves this.
    #[must_use]
    pub fn has_key(self, key: impl Into<String>) -> Filter<M>
    where
        T::Inner: JsonValue,
    {
        self.test("{c} ? {v}", [Arc::new(key.into())])
    }

    /// Has at least one of these keys.
    #[must_use]
    pub fn has_any_key(self, keys: impl IntoIterator<Item = impl Into<String>>) -> Filter<M>
    where
        T::Inner: JsonValue,
    {
        self.test("{c} ?| {v}", [Arc::new(texts(keys))])
    }

    /// Has all of these keys.
    #[must_use]
    pub fn has_all_keys(self, keys: impl IntoIterator<Item = impl Into<String>>) -> Filter<M>
    where
        T::Inner: JsonValue,
    {
        self.test("{c} ?& {v}", [Arc::new(texts(keys))])
    }

    /// What lies at a path of keys and positions: `Note::METADATA.path(["author", "name"]).eq("ada")`.
    #[must_use]
    pub fn path(self, keys: impl IntoIterator<Item = impl Into<String>>) -> JsonPath<M>
    where
        T::Inner: JsonValue,
    {
        JsonPath {
            column: self.name(),
            keys: texts(keys),
            model: PhantomData,
        }
    }

    /// Has something where an SQL/JSON path leads; `variables` fill its `$name`s.
    ///
    /// The path is part of the program: `path_exists("$.port ? (@ > $min)", json!({"min": 1024}))`. What comes from
    /// outside belongs into the variables. A wrong path is an error of the server.
    #[must_use]
    pub fn path_exists(
        self,
        path: &'static str,
        variables: impl Into<serde_json::Value>,
    ) -> Filter<M>
    where
        T::Inner: JsonValue,
    {
        self.test(
            "jsonb_path_exists({c}, {v}::text::jsonpath, {v})",
            [Arc::new(path), Arc::new(variables.into())],
        )
    }
}

/// A place inside a JSON column.
pub struct JsonPath<M> {
    column: &'static str,
    keys: Vec<String>,
    model: PhantomData<fn() -> M>,
}

impl<M> JsonPath<M> {
    /// Equal to a JSON value: `eq(5)` and `eq("5")` differ.
    #[must_use]
    pub fn eq(self, value: impl Into<serde_json::Value>) -> Filter<M> {
        self.with("{c} #> {v} = {v}", value.into())
    }

    /// One of several texts; numbers and booleans count as their text.
    #[must_use]
    pub fn text_in(self, values: impl IntoIterator<Item = impl Into<String>>) -> Filter<M> {
        self.with("{c} #>> {v} = ANY({v})", texts(values))
    }

    /// Text that fits a pattern, in any case: see [`Column::ilike`].
    #[must_use]
    pub fn ilike(self, pattern: impl Into<String>) -> Filter<M> {
        self.with("{c} #>> {v} ILIKE {v}", pattern.into())
    }

    /// There is something, even if it is a JSON null.
    #[must_use]
    pub fn exists(self) -> Filter<M> {
        let test = Test::new(self.column, "{c} #> {v} IS NOT NULL", [Arc::new(self.keys)]);
        Filter::new(Node::Test(test))
    }

    fn with(self, template: &'static str, value: impl SqlValue) -> Filter<M> {
        let test = Test::new(
            self.column,
            template,
            [Arc::new(self.keys), Arc::new(value)],
        );
        // Where the path leads nowhere the answer is NULL, whatever the column.
        Filter::new(Node::Test(test.nullable(true)))
    }
}

impl<M> fmt::Debug for JsonPath<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonPath")
            .field("column", &self.column)
            .finish_non_exhaustive()
    }
}

fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
