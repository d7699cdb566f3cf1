//! Names of tables, indexes and types, as PostgreSQL reads them.

use squawk_syntax::ast::{Path, PathRef};
use squawk_syntax::quote::quote_ident;
use std::collections::HashMap;
use std::fmt;

/// A name with the schema it was written with: lower case unless quoted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

impl Name {
    pub(super) fn of_ref(path: &PathRef) -> Option<Self> {
        let schema = path.qualifier().and_then(|it| it.segment());
        Some(Self {
            schema: schema.map(|it| it.text()),
            name: path.segment()?.text(),
        })
    }

    pub(super) fn of_new(path: &Path) -> Option<Self> {
        let schema = path.qualifier().and_then(|it| it.segment());
        Some(Self {
            schema: schema.map(|it| it.text()),
            name: path.segment()?.text(),
        })
    }

    /// May both be the same object? A name without a schema may be in any.
    pub(super) fn is(&self, other: &Self) -> bool {
        let schemas = self.schema.as_ref().zip(other.schema.as_ref());
        self.name == other.name && schemas.is_none_or(|(one, other)| one == other)
    }
}

/// Names that are asked for often: a file may have a hundred thousand statements.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, Vec<Name>>);

impl Names {
    /// May it be one of them?
    pub(super) fn has(&self, name: &Name) -> bool {
        let mut namesakes = self.0.get(&name.name).into_iter().flatten();
        namesakes.any(|it| it.is(name))
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Extend<Name> for Names {
    fn extend<T: IntoIterator<Item = Name>>(&mut self, names: T) {
        for name in names {
            let namesakes = self.0.entry(name.name.clone()).or_default();
            if !namesakes.contains(&name) {
                namesakes.push(name);
            }
        }
    }
}

impl fmt::Display for Name {
    /// As SQL, quoted where it has to be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", quote_ident(schema))?;
        }
        f.write_str(&quote_ident(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        let check = |name: &str, expected: &str| {
            let name = Name {
                schema: Some(String::from("app")),
                name: String::from(name),
            };
            assert_eq!(name.to_string(), expected);
        };
        check("users", "app.users");
        check("Users", "app.\"Users\"");
        check("user", "app.\"user\"");
        check("a\"b", "app.\"a\"\"b\"");
    }
}
