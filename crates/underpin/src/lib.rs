#![doc = include_str!("../README.md")]

pub use underpin_core::{Chain, Config, DatabaseUrl, Diagnose, ErrorKind, Id, Secret};
pub use underpin_pool::{
    Database, Error, Executor, FromSql, Isolation, Options, Params, Row, Savepoint, Session, ToSql,
    Transaction, TransactionOptions,
};

/// The vocabulary: errors, secrets, configuration, ids.
pub use underpin_core as vocabulary;
/// Migration files, the ledger and the runner.
#[cfg(feature = "migrate")]
pub use underpin_migrate as migrate;
/// Connections, sessions and transactions.
pub use underpin_pool as pool;
/// Ready-made stores: the registry of MCP servers.
#[cfg(feature = "stores")]
pub use underpin_stores as stores;

/// What a service needs in almost every file: `use underpin::prelude::*;`
pub mod prelude {
    pub use crate::{
        Config, Database, DatabaseUrl, ErrorKind, Executor, Id, Options, Row, Session, Transaction,
    };
}
