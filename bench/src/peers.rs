//! Who takes part, one file a library or program.

mod deadpool;
mod diesel;
mod driver_rows;
mod pgbench;
mod raw;
mod sea_orm;
mod sqlalchemy;
mod sqlx;
mod underpin;
mod underpin_models;
mod underpin_repository;

use crate::address::Address;
use crate::burst::{Contestant, Library};
use crate::peer::Peer;
use crate::server::Server;
use anyhow::bail;
use std::sync::Arc;
use underpin_core::config::PoolSettings;

/// A row of the tables.
#[derive(Debug)]
pub struct Entry {
    /// What `--peers` takes.
    pub name: &'static str,
    pub about: &'static str,
    pub who: Who,
    /// Holds one connection that one task uses: no rival where many tasks work.
    pub single: bool,
}

/// How to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    UnderpinSessions,
    UnderpinLanes,
    UnderpinOneLane,
    UnderpinSession,
    UnderpinRepository,
    Raw,
    Deadpool,
    Sqlx,
    SqlxBest,
    SqlxConnection,
    SeaOrm,
    DieselAsync,
    Pgbench,
    SqlAlchemy,
}

impl Who {
    pub fn is_ours(self) -> bool {
        matches!(
            self,
            Self::UnderpinSessions
                | Self::UnderpinLanes
                | Self::UnderpinOneLane
                | Self::UnderpinSession
                | Self::UnderpinRepository
        )
    }
}

pub const ENTRIES: [Entry; 14] = [
    pool(
        "underpin-lanes",
        "Underpin, its pool with lanes",
        Who::UnderpinLanes,
    ),
    pool(
        "underpin-one-lane",
        "Underpin, its pool with a single lane",
        Who::UnderpinOneLane,
    ),
    pool(
        "underpin-sessions",
        "Underpin, its pool with sessions only",
        Who::UnderpinSessions,
    ),
    pool(
        "underpin-repository",
        "Underpin, repositories on its pool with lanes",
        Who::UnderpinRepository,
    ),
    held(
        "underpin-session",
        "Underpin, one session, no pool",
        Who::UnderpinSession,
    ),
    pool(
        "tokio-postgres",
        "tokio-postgres, one connection shared by all tasks",
        Who::Raw,
    ),
    pool(
        "deadpool",
        "tokio-postgres in deadpool-postgres",
        Who::Deadpool,
    ),
    pool(
        "sqlx-best",
        "sqlx, its pool without test_before_acquire",
        Who::SqlxBest,
    ),
    pool("sqlx", "sqlx, its pool as it comes", Who::Sqlx),
    held(
        "sqlx-connection",
        "sqlx, one connection, no pool",
        Who::SqlxConnection,
    ),
    pool("sea-orm", "SeaORM", Who::SeaOrm),
    pool(
        "diesel-async",
        "diesel-async in its deadpool",
        Who::DieselAsync,
    ),
    pool(
        "pgbench",
        "pgbench -M prepared: nothing is decoded",
        Who::Pgbench,
    ),
    pool(
        "sqlalchemy",
        "SQLAlchemy with asyncpg, pre-ping, uvloop",
        Who::SqlAlchemy,
    ),
];

const fn pool(name: &'static str, about: &'static str, who: Who) -> Entry {
    Entry {
        name,
        about,
        who,
        single: false,
    }
}

const fn held(name: &'static str, about: &'static str, who: Who) -> Entry {
    Entry {
        name,
        about,
        who,
        single: true,
    }
}

/// Opens a peer on `address`; an error is the reason why it cannot take part.
pub async fn open(
    who: Who,
    server: &Server,
    address: &Address,
    connections: usize,
) -> anyhow::Result<Box<dyn Contestant>> {
    match who {
        Who::Pgbench => {
            let program = server.program("pgbench")?;
            Ok(Box::new(pgbench::Pgbench::open(
                program,
                address,
                connections,
            )?))
        }
        Who::SqlAlchemy => Ok(Box::new(
            sqlalchemy::SqlAlchemy::open(address, connections).await?,
        )),
        library => with_library(library, address, connections, Boxed).await,
    }
}

/// What to do with an opened library, whichever it is.
pub trait Visitor {
    type Output;

    fn visit<P: Peer>(self, peer: P) -> Self::Output;
}

struct Boxed;

impl Visitor for Boxed {
    type Output = Box<dyn Contestant>;

    fn visit<P: Peer>(self, peer: P) -> Self::Output {
        Box::new(Library(Arc::new(peer)))
    }
}

/// Opens a library of this process and hands it to `visitor`.
pub async fn with_library<V: Visitor>(
    who: Who,
    address: &Address,
    connections: usize,
    visitor: V,
) -> anyhow::Result<V::Output> {
    Ok(match who {
        Who::UnderpinSessions => visitor.visit(underpin::Underpin::open(address, connections, 0)?),
        Who::UnderpinLanes => {
            let lanes = PoolSettings::default().lanes;
            visitor.visit(underpin::Underpin::open(address, connections, lanes)?)
        }
        Who::UnderpinOneLane => visitor.visit(underpin::Underpin::open(address, connections, 1)?),
        Who::UnderpinSession => visitor.visit(underpin::UnderpinSession::open(address).await?),
        Who::UnderpinRepository => visitor.visit(underpin_repository::UnderpinRepository::open(
            address,
            connections,
        )?),
        Who::Raw => visitor.visit(raw::Raw::open(address).await?),
        Who::Deadpool => visitor.visit(deadpool::Deadpool::open(address, connections)?),
        Who::Sqlx => visitor.visit(sqlx::Sqlx::open(address, connections)?),
        Who::SqlxBest => visitor.visit(sqlx::Sqlx::open_best(address, connections)?),
        Who::SqlxConnection => visitor.visit(sqlx::SqlxConnection::open(address).await?),
        Who::SeaOrm => visitor.visit(sea_orm::SeaOrm::open(address, connections).await?),
        Who::DieselAsync => visitor.visit(diesel::DieselAsync::open(address, connections)?),
        Who::Pgbench | Who::SqlAlchemy => bail!("a program of its own, not a library"),
    })
}
