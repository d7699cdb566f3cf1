//! Names, and how they are written in SQL.

use super::keyword::is_keyword;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// PostgreSQL cuts longer names off.
const NAME_BYTES_MAX: usize = 63;

/// The name of an object that lives in a schema. Displayed as SQL writes it, quoted where it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct QualifiedName {
    /// The schema.
    pub schema: String,
    /// The name within it.
    pub name: String,
}

impl QualifiedName {
    /// `schema.name`, neither of them quoted.
    #[must_use]
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// Another name in the same schema: that of a table's index, for example.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self::new(self.schema.clone(), name)
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (schema, name) = (quote_identifier(&self.schema), quote_identifier(&self.name));
        write!(f, "{schema}.{name}")
    }
}

/// A part of a table or another object: a column, a constraint, a trigger. Displayed as `schema.table.part`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Part {
    /// What it is a part of.
    pub of: QualifiedName,
    /// Its name.
    pub name: String,
}

impl Part {
    /// The part `name` of `of`.
    #[must_use]
    pub fn new(of: QualifiedName, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { of, name }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.of, quote_identifier(&self.name))
    }
}

/// Quotes an identifier where SQL needs it, as PostgreSQL's own `quote_ident` does.
///
/// # Example
/// ```
/// use underpin_schema::quote_identifier;
///
/// assert_eq!(quote_identifier("notes"), "notes");
/// assert_eq!(quote_identifier("user"), r#""user""#);
/// assert_eq!(quote_identifier(r#"We"ird"#), r#""We""ird""#);
/// ```
#[must_use]
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let starts_plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if starts_plain && name.chars().all(is_plain) && !is_keyword(name) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(underpin_pool::quote_identifier(name))
    }
}

/// Quotes a text as an SQL literal that means the same whatever `standard_conforming_strings` says.
///
/// # Example
/// ```
/// assert_eq!(underpin_schema::quote_literal("it's"), "'it''s'");
/// ```
#[must_use]
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

/// The name that PostgreSQL itself gives: `notes_owner_id_fkey`, both parts shortened when it would be too long.
///
/// # Example
/// ```
/// use underpin_schema::object_name;
///
/// assert_eq!(object_name("notes", "owner_id", "fkey"), "notes_owner_id_fkey");
/// assert_eq!(object_name("notes", "", "pkey"), "notes_pkey");
/// assert_eq!(object_name(&"t".repeat(70), "column", "key").len(), 63);
/// ```
#[must_use]
pub fn object_name(table: &str, column: &str, label: &str) -> String {
    let separators = if column.is_empty() { 1 } else { 2 };
    let room = NAME_BYTES_MAX.saturating_sub(label.len() + separators);
    let (mut first, mut second) = (table.len(), column.len());
    while first + second > room {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let parts = [clipped(table, first), clipped(column, second), label];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// At most that many bytes, without half a character.
fn clipped(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_is_escaped_in_a_literal() {
        assert_eq!(quote_literal(r"a\b'c"), r"E'a\\b''c'");
    }

    #[test]
    fn names_are_clipped_between_characters() {
        assert_eq!(clipped("aé", 2), "a");
    }

    #[test]
    fn a_name_is_displayed_as_sql_writes_it() {
        let name = QualifiedName::new("public", "Order");
        assert_eq!(name.to_string(), r#"public."Order""#);
    }
}
