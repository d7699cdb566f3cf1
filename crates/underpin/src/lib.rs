#![doc = include_str!("../README.md")]

pub use underpin_core::{Chain, Config, DatabaseUrl, Diagnose, ErrorKind, Id, Secret};
pub use underpin_pool::{
    Database, Error, Executor, FromSql, Isolation, Options, Params, Row, Savepoint, Session, ToSql,
    Transaction, TransactionOptions,
};

// The crates whose types are in signatures of Underpin: their versions are in docs/first-steps.md.
#[cfg(feature = "server")]
pub use axum;
#[cfg(feature = "migrate")]
pub use include_dir;
#[cfg(feature = "vector")]
pub use pgvector;
pub use {bytes, futures_util, jiff, postgres_types, rust_decimal, serde, serde_json, uuid};

/// The command line with the models of your program: [`cli::main`].
#[cfg(feature = "cli")]
pub use underpin_cli as cli;
/// The vocabulary: errors, secrets, configuration, ids.
pub use underpin_core as vocabulary;
/// A private local PostgreSQL cluster, for development and tests.
#[cfg(feature = "local")]
pub use underpin_local as local;
/// Migration files, the ledger and the runner.
#[cfg(feature = "migrate")]
pub use underpin_migrate as migrate;
/// Connections, sessions and transactions.
pub use underpin_pool as pool;
/// Schemas as typed facts, read from a database and written as SQL.
#[cfg(feature = "schema")]
pub use underpin_schema as schema;
/// The HTTP service, and for your own handlers: errors as problem documents.
#[cfg(feature = "server")]
pub use underpin_server as server;
/// Ready-made stores: the registry of MCP servers.
#[cfg(feature = "stores")]
pub use underpin_stores as stores;

/// Models and repositories: [`underpin_model`], with the derives that find it through this crate.
#[cfg(feature = "model")]
pub mod model {
    // A name that is imported by itself wins over a glob's, and only among macros: the traits of the same names stay.
    pub use underpin_derive::{
        DbCompositeInFacade as DbComposite, DbDomainInFacade as DbDomain, DbEnumInFacade as DbEnum,
        FromRowInFacade as FromRow, ModelInFacade as Model,
    };
    pub use underpin_model::*;
}

/// What a service needs in almost every file: `use underpin::prelude::*;`
pub mod prelude {
    #[cfg(feature = "model")]
    pub use crate::model::{
        Actor, Base, DbComposite, DbDomain, DbEnum, Fields, Filter, FromRow, Json, Keep, Model,
        NewRow, Page, PageRequest, Patch, PatchRow, QueryRules, Repositories, Repository, Set,
    };
    pub use crate::{
        Config, Database, DatabaseUrl, ErrorKind, Executor, Id, Options, Row, Session, Transaction,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/first-steps.md")]
mod first_steps {}
