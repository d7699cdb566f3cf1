//! Reading a schema from `pg_catalog`: one query for each kind of object, whatever their number.

mod canonical;
mod catalogs;
mod class;
mod columns;
mod constraints;
mod database;
mod depend;
mod functions;
mod indexes;
mod notes;
mod options;
mod owners;
mod reader;
mod relations;
mod rest;
mod sequences;
mod settings;
mod triggers;
mod types;
mod version;

use crate::{Dependencies, Error, Object, Owners, QualifiedName, Schema, Scope};
use reader::Reader;
use serde::Serialize;
use settings::Settings;
use std::collections::BTreeSet;
use underpin_core::ErrorKind;
use underpin_pool::{Database, Executor, Isolation, TransactionOptions};

/// A schema as it was found in a database, with what depends on what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Catalog {
    /// The facts.
    pub schema: Schema,
    /// What depends on what.
    pub dependencies: Dependencies,
    /// Options that are neither copied nor compared, because the server keeps them for itself or they are not known yet:
    /// `pg_attver of columns`.
    pub unknown_options: BTreeSet<String>,
    /// Who owns what. They are no part of the schema, since files and models do not know them.
    pub owners: Owners,
    /// Indexes that a failed concurrent build left INVALID. Among the facts they count as valid: they only have to be
    /// built again.
    pub invalid_indexes: BTreeSet<QualifiedName>,
    /// Materialised views that were never filled.
    pub unpopulated: BTreeSet<QualifiedName>,
    /// What needs something of [`Schema::unmodelled`], and so cannot be made where that is not.
    pub needing_unmodelled: BTreeSet<Object>,
    /// What something of [`Schema::unmodelled`] needs, and so cannot be dropped while that is there.
    pub needed_by_unmodelled: BTreeSet<Object>,
}

impl Catalog {
    /// Reads the schema of a database, in a transaction of its own that only reads.
    ///
    /// Expressions and definitions are PostgreSQL's own text, written with an empty search path: names in them are
    /// qualified, and equal things have equal texts.
    ///
    /// # Errors
    /// What the pool and the server report; [`ErrorKind::Unsupported`] before PostgreSQL 14.
    ///
    /// # Locks
    /// `ACCESS SHARE` on tables of the catalog; and, for a moment each, on views and on what is defined by an expression.
    pub async fn read(database: &Database, scope: &Scope) -> Result<Self, Error> {
        let options = TransactionOptions {
            isolation: Some(Isolation::RepeatableRead),
            read_only: true,
            deferrable: false,
        };
        let transaction = database.begin_with(options).await?;
        let catalog = Self::read_in_txn(&transaction, scope).await?;
        transaction.commit().await?;
        Ok(catalog)
    }

    /// Reads the schema as a transaction sees it. Settings that it changes, the search path for one, are put back.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`ErrorKind::TransactionState`] outside a transaction.
    pub async fn read_in_txn(executor: &impl Executor, scope: &Scope) -> Result<Self, Error> {
        let settings = Settings::make_canonical(executor).await?;
        let catalog = read(executor, scope).await?;
        settings.put_back(executor).await?;
        Ok(catalog)
    }

    /// Are both the same, as far as both can tell? Owners that one of them does not know make no difference.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.invalid_indexes == other.invalid_indexes
            && self.owners.differing(&other.owners).next().is_none()
    }
}

async fn read(executor: &impl Executor, scope: &Scope) -> Result<Catalog, Error> {
    let version = version::of_server(executor).await?;
    let mut reader = Reader::new(executor, version);
    let mut schema = Schema {
        namespaces: reader.namespaces(scope).await?,
        ..Schema::default()
    };
    schema.extensions = reader.extensions().await?;
    schema.collations = reader.collations().await?;
    schema.enums = reader.enums().await?;
    schema.domains = reader.domains().await?;
    schema.ranges = reader.ranges().await?;
    schema.functions = reader.functions().await?;
    let (sequences, identities) = reader.sequences().await?;
    schema.sequences = sequences;
    reader.relations(identities, &mut schema).await?;
    schema.statistics = reader.statistics().await?;
    schema.default_privileges = reader.default_privileges().await?;
    schema.extension_ties = reader.extension_ties().await?;
    schema.extension_privileges = reader.extension_privileges().await?;
    schema.unmodelled = reader.unmodelled().await?;
    let owners = reader.owners().await?;
    let dependencies = reader.dependencies().await?;
    Ok(Catalog {
        schema,
        dependencies,
        unknown_options: reader.unknown_options,
        owners,
        invalid_indexes: reader.invalid_indexes,
        unpopulated: reader.unpopulated,
        needing_unmodelled: reader.needing_unmodelled,
        needed_by_unmodelled: reader.needed_by_unmodelled,
    })
}

/// A value of the catalog that this program does not know.
fn unknown(what: &str, value: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("the catalog has a {what} of kind {value:?}, which is not known"),
    )
    .with_hint("use a version of Underpin that knows this version of PostgreSQL")
}
