//! The pool for programs that are not async: scripts, command-line tools, tests.
//!
//! A thin layer: one background thread runs the pool, every call waits for its answer. Deadlines, errors and retries
//! are those of the async types.
//!
//! ```no_run
//! use underpin_pool::{DatabaseUrl, blocking::Database};
//!
//! let url: DatabaseUrl = "postgres://app@localhost/app".parse()?;
//! let db = Database::connect(url)?;
//! let answer: i32 = db.query_one("SELECT $1::int + 1", &[&41])?.get(0)?;
//! assert_eq!(answer, 42);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[expect(unused_imports, reason = "for the links of the documentation")]
use crate::Executor;
use crate::retry::Retries;
use crate::{Error, Options, Params, Row, Status};
use std::sync::Arc;
use tokio::runtime::{Builder, Handle, Runtime};
use underpin_core::ErrorKind;

/// A database, as [`crate::Database`], whose methods wait. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    database: crate::Database,
    runtime: Arc<Runtime>,
}

impl Database {
    /// See [`crate::Database::connect`].
    ///
    /// # Errors
    /// As there; [`ErrorKind::Internal`] when called from async code, which would stall it.
    pub fn connect(options: impl Into<Options>) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.map_err(|cause| {
            Error::new(ErrorKind::Io, "could not start the pool's thread").with_source(cause)
        })?;
        let database = wait(&runtime, crate::Database::connect(options))?;
        Ok(Self {
            database,
            runtime: Arc::new(runtime),
        })
    }

    /// See [`Executor::query`].
    ///
    /// # Errors
    /// As there.
    pub fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        wait(&self.runtime, self.database.query(sql, params))
    }

    /// See [`Executor::query_opt`].
    ///
    /// # Errors
    /// As there.
    pub fn query_opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, Error> {
        wait(&self.runtime, self.database.query_opt(sql, params))
    }

    /// See [`Executor::query_one`].
    ///
    /// # Errors
    /// As there.
    pub fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, Error> {
        wait(&self.runtime, self.database.query_one(sql, params))
    }

    /// See [`Executor::execute`].
    ///
    /// # Errors
    /// As there.
    pub fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        wait(&self.runtime, self.database.execute(sql, params))
    }

    /// See [`Executor::batch`].
    ///
    /// # Errors
    /// As there.
    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        wait(&self.runtime, self.database.batch(sql))
    }

    /// See [`crate::Database::transaction`]: commits on `Ok`, rolls back on `Err` and panic, runs again after a
    /// serialization failure or a deadlock.
    ///
    /// # Errors
    /// As there.
    pub fn transaction<T, E: From<Error>>(
        &self,
        mut body: impl FnMut(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut retries = Retries::default();
        loop {
            let inner = wait(&self.runtime, self.database.begin())?;
            let transaction = Transaction {
                inner,
                runtime: &self.runtime,
            };
            match body(&transaction) {
                Err(_) if retries.allow(transaction.inner.is_retryable()) => {}
                Err(error) => return Err(error),
                Ok(value) => match wait(&self.runtime, transaction.inner.commit()) {
                    Ok(()) => return Ok(value),
                    Err(error) if retries.allow(error.is_retryable()) => {}
                    Err(error) => return Err(error.into()),
                },
            }
            self.runtime.block_on(retries.pause());
        }
    }

    /// The pool in numbers.
    #[must_use]
    pub fn status(&self) -> Status {
        self.database.status()
    }

    /// See [`crate::Database::close`].
    pub fn close(&self) {
        let closed = async {
            self.database.close().await;
            Ok(())
        };
        // In async code nothing is closed: the pool ends with its last handle.
        let _ = wait(&self.runtime, closed);
    }
}

/// An open transaction, as [`crate::Transaction`]; rolled back unless the body that got it returns `Ok`.
#[derive(Debug)]
pub struct Transaction<'a> {
    inner: crate::Transaction<'static>,
    runtime: &'a Runtime,
}

impl Transaction<'_> {
    /// See [`Executor::query`].
    ///
    /// # Errors
    /// As there.
    pub fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        wait(self.runtime, self.inner.query(sql, params))
    }

    /// See [`Executor::query_opt`].
    ///
    /// # Errors
    /// As there.
    pub fn query_opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, Error> {
        wait(self.runtime, self.inner.query_opt(sql, params))
    }

    /// See [`Executor::query_one`].
    ///
    /// # Errors
    /// As there.
    pub fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, Error> {
        wait(self.runtime, self.inner.query_one(sql, params))
    }

    /// See [`Executor::execute`].
    ///
    /// # Errors
    /// As there.
    pub fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        wait(self.runtime, self.inner.execute(sql, params))
    }

    /// See [`Executor::batch`].
    ///
    /// # Errors
    /// As there.
    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        wait(self.runtime, self.inner.batch(sql))
    }
}

/// Waits for an answer, unless that would stall an async program.
fn wait<T>(runtime: &Runtime, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            ErrorKind::Internal,
            "a blocking call was made from async code",
        )
        .with_hint("use underpin_pool::Database there, or tokio::task::spawn_blocking"));
    }
    runtime.block_on(answer)
}
