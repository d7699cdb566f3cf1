//! What a peer must be able to do to take part.

use crate::tables::Event;
use std::fmt;
use uuid::Uuid;

/// What is measured, as each library's own documentation would have a user write it.
///
/// Rows are decoded into structs of 28 typed fields: a benchmark that leaves values in the network buffer measures
/// nothing anybody runs. What a library has no form for stays at its default and is left out of the table.
pub trait Peer: Send + Sync + 'static {
    /// Reads one document by its key into a struct; returns the key that was read.
    fn document(&self, _id: i64) -> impl Future<Output = anyhow::Result<i64>> + Send {
        async { unsupported() }
    }

    /// Reads this many documents into a vector of structs; returns how many there are.
    fn documents(&self, _limit: i64) -> impl Future<Output = anyhow::Result<usize>> + Send {
        async { unsupported() }
    }

    /// Reads the newest active documents of one status, this many, into structs; returns how many there are.
    fn list(&self, _limit: i64) -> impl Future<Output = anyhow::Result<usize>> + Send {
        async { unsupported() }
    }

    /// Changes the title of a document, stamps who did it when, and reads the row back; returns its key.
    fn patch(&self, _id: i64, _title: String) -> impl Future<Output = anyhow::Result<i64>> + Send {
        async { unsupported() }
    }

    /// Inserts one event, committed, and reads it back into a struct; returns the owner.
    fn create(&self, _event: &Event) -> impl Future<Output = anyhow::Result<i64>> + Send {
        async { unsupported() }
    }

    /// Inserts one event, committed.
    fn insert(&self, _event: &Event) -> impl Future<Output = anyhow::Result<()>> + Send {
        async { unsupported() }
    }

    /// Inserts many events in the form that is fastest for this library.
    fn insert_many(&self, _events: &[Event]) -> impl Future<Output = anyhow::Result<()>> + Send {
        async { unsupported() }
    }

    /// Reads authors, their articles and the comments on those, grouped by what they belong to; returns how many
    /// articles and comments there are.
    fn relations(&self, _authors: &[Uuid]) -> impl Future<Output = anyhow::Result<usize>> + Send {
        async { unsupported() }
    }

    /// Reads a balance with a row lock, adds 1, writes it back, commits.
    fn transaction(&self, _account: i64) -> impl Future<Output = anyhow::Result<()>> + Send {
        async { unsupported() }
    }

    /// Takes a connection out of the pool and gives it back.
    fn checkout(&self) -> impl Future<Output = anyhow::Result<()>> + Send {
        async { unsupported() }
    }

    /// Opens a connection outside any pool and closes it.
    fn connect(&self) -> impl Future<Output = anyhow::Result<()>> + Send {
        async { unsupported() }
    }

    /// Runs the slow report; returns how many rows it has.
    fn report(&self) -> impl Future<Output = anyhow::Result<usize>> + Send {
        async { unsupported() }
    }
}

/// This library has no form for what was asked.
#[derive(Debug)]
pub struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this peer has no form for it")
    }
}

impl std::error::Error for Unsupported {}

pub fn unsupported<T>() -> anyhow::Result<T> {
    Err(Unsupported.into())
}
