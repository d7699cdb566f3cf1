//! The pool for programs that are not async: scripts, command-line tools, tests.
//!
//! A thin layer: one background thread runs the pool, every call waits for its answer. Deadlines, errors and retries
//! are those of the async types.
//!
//! It works on every thread that may wait: plain threads, `tokio::task::spawn_blocking`, `block_in_place`. In async code
//! each call is an error, because it would stall the runtime; a handle may be dropped there.
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

mod background;

#[expect(unused_imports, reason = "for the links of the documentation")]
use crate::Executor;
use crate::retry::Retries;
use crate::{Error, Options, Params, Row, Status};
use background::Background;
use std::sync::Arc;
#[expect(unused_imports, reason = "for the links of the documentation")]
use underpin_core::ErrorKind;

/// A database, as [`crate::Database`], whose methods wait. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    database: crate::Database,
    background: Arc<Background>,
}

impl Database {
    /// See [`crate::Database::connect`].
    ///
    /// # Errors
    /// As there; [`ErrorKind::Internal`] when called from async code, which would stall it.
    pub fn connect(options: impl Into<Options>) -> Result<Self, Error> {
        let background = Background::start()?;
        let database = background.wait(crate::Database::connect(options))?;
        Ok(Self {
            database,
            background: Arc::new(background),
        })
    }

    /// See [`Executor::query`].
    ///
    /// # Errors
    /// As there.
    pub fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        self.background.wait(self.database.query(sql, params))
    }

    /// See [`Executor::query_opt`].
    ///
    /// # Errors
    /// As there.
    pub fn query_opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, Error> {
        self.background.wait(self.database.query_opt(sql, params))
    }

    /// See [`Executor::query_one`].
    ///
    /// # Errors
    /// As there.
    pub fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, Error> {
        self.background.wait(self.database.query_one(sql, params))
    }

    /// See [`Executor::execute`].
    ///
    /// # Errors
    /// As there.
    pub fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        self.background.wait(self.database.execute(sql, params))
    }

    /// See [`Executor::batch`].
    ///
    /// # Errors
    /// As there.
    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        self.background.wait(self.database.batch(sql))
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
            let inner = self.background.wait(self.database.begin())?;
            let transaction = Transaction {
                inner,
                background: &self.background,
            };
            match body(&transaction) {
                // Its session is given back before the pause.
                Err(_) if retries.allow(transaction.inner.again()) => drop(transaction),
                Err(error) => return Err(error),
                Ok(value) => match self.background.wait(transaction.inner.commit()) {
                    Ok(()) => return Ok(value),
                    Err(error) if retries.allow(error.again()) => {}
                    Err(error) => return Err(error.into()),
                },
            }
            self.background.block_on(retries.pause());
        }
    }

    /// The pool in numbers.
    #[must_use]
    pub fn status(&self) -> Status {
        self.database.status()
    }

    /// See [`crate::Database::close`]. In async code it does not wait until everything is closed.
    pub fn close(&self) {
        let database = self.database.clone();
        let closed = async {
            database.close().await;
            Ok(())
        };
        if self.background.wait(closed).is_err() {
            self.background.spawn(async move { database.close().await });
        }
    }
}

/// An open transaction, as [`crate::Transaction`]; rolled back unless the body that got it returns `Ok`.
#[derive(Debug)]
pub struct Transaction<'a> {
    inner: crate::Transaction<'static>,
    background: &'a Background,
}

impl Transaction<'_> {
    /// See [`Executor::query`].
    ///
    /// # Errors
    /// As there.
    pub fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        self.background.wait(self.inner.query(sql, params))
    }

    /// See [`Executor::query_opt`].
    ///
    /// # Errors
    /// As there.
    pub fn query_opt(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>, Error> {
        self.background.wait(self.inner.query_opt(sql, params))
    }

    /// See [`Executor::query_one`].
    ///
    /// # Errors
    /// As there.
    pub fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, Error> {
        self.background.wait(self.inner.query_one(sql, params))
    }

    /// See [`Executor::execute`].
    ///
    /// # Errors
    /// As there.
    pub fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        self.background.wait(self.inner.execute(sql, params))
    }

    /// See [`Executor::batch`].
    ///
    /// # Errors
    /// As there.
    pub fn batch(&self, sql: &str) -> Result<(), Error> {
        self.background.wait(self.inner.batch(sql))
    }
}
