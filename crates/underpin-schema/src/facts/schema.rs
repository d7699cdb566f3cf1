//! Everything in a database, or in some of its schemas.

use super::{
    Collation, Composite, DefaultPrivileges, Domain, EnumType, Extension, ExtensionPrivileges,
    ExtensionTie, Facts, Function, MaterialisedView, Namespace, Range, Sequence, Statistics, Table,
    Unmodelled, View,
};
use serde::Serialize;

/// The schema of a database, or of a part of it. Two of them are equal when PostgreSQL would not tell them apart.
///
/// Roles and rows are no part of it; owners are told by the [`Catalog`](crate::Catalog).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Schema {
    /// The namespaces; `public` is listed only when it is not as it came.
    pub namespaces: Facts<Namespace>,
    /// Extensions.
    pub extensions: Facts<Extension>,
    /// Collations.
    pub collations: Facts<Collation>,
    /// Enum types.
    pub enums: Facts<EnumType>,
    /// Domains.
    pub domains: Facts<Domain>,
    /// Composite types.
    pub composites: Facts<Composite>,
    /// Range types.
    pub ranges: Facts<Range>,
    /// Sequences, all but those of identity columns.
    pub sequences: Facts<Sequence>,
    /// Tables, partitions too.
    pub tables: Facts<Table>,
    /// Views.
    pub views: Facts<View>,
    /// Materialised views.
    pub materialised_views: Facts<MaterialisedView>,
    /// Functions, procedures and aggregates.
    pub functions: Facts<Function>,
    /// Extended statistics.
    pub statistics: Facts<Statistics>,
    /// Privileges that objects made later are given.
    pub default_privileges: Facts<DefaultPrivileges>,
    /// What is dropped with an extension although it is no member of it.
    pub extension_ties: Facts<ExtensionTie>,
    /// Privileges on members of extensions that differ from those which the extension's script gave.
    pub extension_privileges: Facts<ExtensionPrivileges>,
    /// What is there and has no facts here. It is never written.
    pub unmodelled: Facts<Unmodelled>,
}
