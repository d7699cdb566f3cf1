//! Views and materialised views.

use super::fact::fact;
use super::{Columns, Facts, Index, Parameters, Privileges, QualifiedName, Rule, Trigger};
use serde::Serialize;

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Its name.
    pub name: QualifiedName,
    /// The query as PostgreSQL's `pg_get_viewdef` writes it, without a semicolon.
    pub definition: String,
    /// Its columns: names, types, defaults, comments and privileges.
    pub columns: Columns,
    /// `security_barrier`, `security_invoker`, `check_option`.
    pub parameters: Parameters,
    /// Its triggers.
    pub triggers: Facts<Trigger>,
    /// Its rules.
    pub rules: Facts<Rule>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// A materialised view. Whether it holds rows is not a matter of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MaterialisedView {
    /// Its name.
    pub name: QualifiedName,
    /// The query as PostgreSQL's `pg_get_viewdef` writes it, without a semicolon.
    pub definition: String,
    /// Its columns: names, types, storage, comments and privileges.
    pub columns: Columns,
    /// Storage parameters.
    pub parameters: Parameters,
    /// Its access method, when it is not `heap`.
    pub access_method: Option<String>,
    /// Its tablespace, when it is not the default one.
    pub tablespace: Option<String>,
    /// Its indexes.
    pub indexes: Facts<Index>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

impl View {
    /// Does it read its tables with the rights of its owner, or, with `security_invoker`, with those of whoever asks?
    #[must_use]
    pub fn runs_as_owner(&self) -> bool {
        let invoker = self.parameters.get("security_invoker");
        !invoker.is_some_and(|value| ["true", "on", "yes", "1"].contains(&value.as_str()))
    }
}

fact!(View, name: QualifiedName);
fact!(MaterialisedView, name: QualifiedName);
