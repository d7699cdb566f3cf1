//! Who acts: what the audit columns are filled from.

use std::fmt;

/// The user or service on whose behalf rows are written; stamped into `created_by` and `updated_by`.
///
/// # Example
/// ```
/// use underpin_model::Actor;
///
/// assert_eq!(Actor::user("ada@example.org").name(), "ada@example.org");
/// assert_eq!(Actor::service("importer").name(), "service:importer");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// A person, by whatever names them for good: an id, an e-mail address.
    #[must_use]
    pub fn user(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A program.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self(format!("service:{name}"))
    }

    /// What is written into the audit columns.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The same, as a value to bind.
    pub(crate) const fn value(&self) -> &String {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
