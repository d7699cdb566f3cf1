//! Which part of a database is read.

/// Which schemas of a database are read. PostgreSQL's own never are; extensions and default privileges always are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    pub(crate) only: Option<Vec<String>>,
    pub(crate) without: Vec<String>,
}

impl Scope {
    /// All schemas.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// These schemas.
    #[must_use]
    pub fn only(schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            only: Some(schemas.into_iter().map(Into::into).collect()),
            without: Vec::new(),
        }
    }

    /// Leaves a schema out: the one that the ledger of migrations lies in, for example.
    #[must_use]
    pub fn without(mut self, schema: impl Into<String>) -> Self {
        self.without.push(schema.into());
        self
    }
}
