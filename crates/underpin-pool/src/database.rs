//! The handle a service keeps: a pool, and the shortest way to a statement or a transaction.

use crate::executor::executor;
use crate::lane::{Active, Seat};
use crate::pool::{Shared, Status};
use crate::read_pool::ReadPool;
use crate::retry::Retries;
use crate::rows::Sink;
use crate::telemetry::Watch;
use crate::{
    Error, Options, Params, Reads, Replicas, RowStream, Session, Transaction, TransactionHandle,
    TransactionOptions,
};
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};
use underpin_core::{DatabaseUrl, ErrorKind, Secret};

/// A database: cheap to clone, shared by the whole program.
///
/// Connections are opened when they are needed, up to pool size + overflow. Every wait ends at the checkout deadline
/// (`pool.timeout`, 5 s) with an error that says why.
///
/// ```no_run
/// # async fn example() -> Result<(), underpin_pool::Error> {
/// use underpin_pool::{Database, DatabaseUrl, Options};
///
/// let url: DatabaseUrl = "postgres://app@localhost/app".parse().expect("a valid URL");
/// let db = Database::connect(Options::new(url)).await?;
/// let row = db.query_one("SELECT $1::int + 1", &[&41]).await?;
/// assert_eq!(row.get::<i32>(0)?, 42);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Database {
    pool: Arc<Shared>,
    replicas: Option<Arc<ReadPool>>,
}

impl Database {
    /// Makes a pool and opens its first session, so that a wrong address or password shows at once.
    ///
    /// A server that is starting up is waited for, as long as a checkout would wait; any other failure is final.
    ///
    /// # Errors
    /// Why the session could not be opened, each cause with a kind of its own.
    ///
    /// # Cancel safety
    /// Dropping the future closes what was opened.
    pub async fn connect(options: impl Into<Options>) -> Result<Self, Error> {
        let database = Self::lazy(options)?;
        let patience = database.options().pool.timeout;
        let connector = &database.pool.connector;
        let first = tokio::time::timeout(patience, connector.connect_when_up()).await;
        let wire = first.map_err(|_| {
            Error::new(
                ErrorKind::ServerNotReady,
                format!("the server did not start within {patience:?}"),
            )
        })??;
        database.pool.adopt(wire);
        Ok(database)
    }

    /// Makes a pool without opening anything: the database may be down.
    ///
    /// # Errors
    /// When a certificate file cannot be read, or outside a Tokio runtime.
    pub fn lazy(options: impl Into<Options>) -> Result<Self, Error> {
        Ok(Self {
            pool: Shared::start(options.into())?,
            replicas: None,
        })
    }

    /// Lets [`read`](Self::read) use replicas. Handles cloned before stay without.
    ///
    /// Each replica gets a pool of the same size, opened when it is first used, and one more session looks at the
    /// primary.
    ///
    /// # Errors
    /// As [`lazy`](Self::lazy). A replica that cannot be reached is no error: it is not read until it can.
    pub fn with_replicas(self, replicas: Replicas) -> Result<Self, Error> {
        let replicas = ReadPool::start(self.options(), replicas)?;
        Ok(Self {
            replicas: Some(replicas),
            ..self
        })
    }

    /// For statements that only read and may see a slightly older state: runs them on a replica within its bound of
    /// lag, and on the primary when there is none.
    ///
    /// **Not read-your-writes**: what was committed a moment ago, also by the same caller, may be missing, and of two
    /// reads the later one may see the older state. Use the database itself where that matters, and for all writes:
    /// a replica refuses them with [`ErrorKind::ReadOnly`].
    #[must_use]
    pub fn read(&self) -> Reads {
        Reads::new(self.clone())
    }

    pub(crate) fn read_pool(&self) -> Option<&ReadPool> {
        self.replicas.as_deref()
    }

    /// Takes a session, within the pool's checkout deadline.
    ///
    /// # Errors
    /// [`ErrorKind::CheckoutTimeout`] with the pool's numbers and the last connect error as cause;
    /// [`ErrorKind::Unavailable`] at once while the database is known to be down; [`ErrorKind::ShuttingDown`]; or why
    /// connecting is refused, when waiting cannot help.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the queue.
    #[track_caller]
    pub fn checkout(&self) -> impl Future<Output = Result<Session, Error>> + Send + '_ {
        self.checkout_within(self.pool.options().pool.timeout)
    }

    /// Takes a session within `patience`.
    ///
    /// # Errors
    /// As [`checkout`](Self::checkout).
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the queue.
    #[track_caller]
    pub fn checkout_within(
        &self,
        patience: Duration,
    ) -> impl Future<Output = Result<Session, Error>> + Send + '_ {
        let site = Some(Location::caller());
        async move {
            let lease = self.pool.checkout(Instant::now(), patience, site).await?;
            Ok(Session::new(lease))
        }
    }

    /// Opens a transaction on a session of its own. BEGIN travels with the first statement.
    ///
    /// # Errors
    /// As [`checkout`](Self::checkout).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    #[track_caller]
    pub fn begin(&self) -> impl Future<Output = Result<Transaction<'static>, Error>> + Send + '_ {
        self.begin_with(TransactionOptions::default())
    }

    /// Opens a transaction with its own isolation and access mode.
    ///
    /// # Errors
    /// As [`checkout`](Self::checkout).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    #[track_caller]
    pub fn begin_with(
        &self,
        options: TransactionOptions,
    ) -> impl Future<Output = Result<Transaction<'static>, Error>> + Send + '_ {
        let session = self.checkout();
        async move { Ok(Transaction::owning(session.await?, options)) }
    }

    /// Runs `body` in a transaction, commits when it returns `Ok`, rolls back when it returns `Err` or panics.
    ///
    /// When a statement or the commit fails with 40001 (serialization failure) or 40P01 (deadlock), everything is
    /// rolled back and `body` runs again, at most five more times, with growing random pauses; and so it does, at once,
    /// when a statement turns out to be prepared for a schema that has changed since, or for another `search_path`. It
    /// must therefore not do anything outside the database that may not be done twice. After COMMIT was sent it is never run again
    /// unless the server itself refused the commit.
    ///
    /// So `body` may use what is around it, but not change it: `async |tx| { runs += 1; … }` does not compile ("async
    /// closure does not implement `FnMut`"), because what a failed run had changed would stay. What a run collects is made
    /// in `body` and returned; what all runs share is an atomic or a `Mutex`; what a run uses up is cloned for it. (An
    /// `AsyncFnMut` could change what it captured, but none that captures anything could then be used in a spawned task:
    /// Rust cannot say yet that its future is `Send`.) Code that runs once is [`begin`](Self::begin) and
    /// [`commit`](Transaction::commit).
    ///
    /// ```no_run
    /// # async fn example(db: underpin_pool::Database) -> Result<(), underpin_pool::Error> {
    /// let balance: i64 = db
    ///     .transaction(async |tx| {
    ///         tx.execute("UPDATE account SET balance = balance - 5 WHERE id = $1", &[&1_i64]).await?;
    ///         tx.query_one("SELECT balance FROM account WHERE id = $1", &[&1_i64]).await?.get(0)
    ///     })
    ///     .await?;
    ///
    /// let runs = std::sync::atomic::AtomicU32::new(0);
    /// let titles: Vec<String> = db
    ///     .transaction(async |tx| {
    ///         runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    ///         let mut titles = Vec::new();
    ///         for row in tx.query("SELECT title FROM notes", &[]).await? {
    ///             titles.push(row.get(0)?);
    ///         }
    ///         Ok::<_, underpin_pool::Error>(titles)
    ///     })
    ///     .await?;
    /// # let _ = (balance, titles); Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What `body` returned, or why checkout or commit failed: see [`Transaction::commit`].
    ///
    /// # Cancel safety
    /// Dropping the future rolls back, unless COMMIT was already sent.
    pub async fn transaction<T, E, F, Fut>(&self, body: F) -> Result<T, E>
    where
        F: FnMut(TransactionHandle) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        self.transaction_with(TransactionOptions::default(), body)
            .await
    }

    /// As [`transaction`](Self::transaction), with its own isolation and access mode.
    ///
    /// # Errors
    /// As [`transaction`](Self::transaction).
    ///
    /// # Cancel safety
    /// Dropping the future rolls back, unless COMMIT was already sent.
    pub async fn transaction_with<T, E, F, Fut>(
        &self,
        options: TransactionOptions,
        mut body: F,
    ) -> Result<T, E>
    where
        F: FnMut(TransactionHandle) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let mut retries = Retries::default();
        loop {
            let tx = TransactionHandle::new(self.begin_with(options).await?);
            let outcome = body(tx.clone()).await;
            match outcome {
                // Its session is given back before the pause.
                Err(_) if retries.allow(tx.again()) => drop(tx),
                Err(error) => return Err(error),
                Ok(value) => match tx.commit().await {
                    Ok(()) => return Ok(value),
                    Err(error) if retries.allow(error.again()) => {}
                    Err(error) => return Err(error.into()),
                },
            }
            retries.pause().await;
        }
    }

    /// Runs a statement and hands out its rows as they come, on a session that the stream keeps until it is dropped.
    ///
    /// # Errors
    /// As [`checkout`](Self::checkout), and whatever the server reports before the first row.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn stream(&self, sql: &str, params: Params<'_>) -> Result<RowStream<'static>, Error> {
        let session = self.checkout().await?;
        let rows = RowStream::open(session.wire(), None, sql, params).await?;
        Ok(rows.owning(session))
    }

    /// A pool of one connection beside this one: for probes, which must get an answer while every session is in use.
    ///
    /// The connection is opened when it is first used, opened again when it is lost, counts neither to the pool's size nor
    /// to its [`status`](Self::status), and is closed by [`close`](Self::close). All clones share it.
    ///
    /// ```no_run
    /// # async fn example(db: underpin_pool::Database) -> Result<(), underpin_pool::Error> {
    /// let answers = db.reserved()?.query_one("SELECT 1", &[]).await.is_ok();
    /// # let _ = answers; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When a certificate file can no longer be read.
    pub fn reserved(&self) -> Result<Self, Error> {
        Ok(Self {
            pool: self.pool.reserved()?.clone(),
            replicas: None,
        })
    }

    /// The pool in numbers.
    #[must_use]
    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Where it connects to. Printing it masks the password.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.pool.options().url
    }

    /// What it was made of.
    #[must_use]
    pub fn options(&self) -> &Options {
        self.pool.options()
    }

    /// Connections opened from now on use this password; open ones stay.
    pub fn set_password(&self, password: Secret<String>) {
        if let Some(replicas) = &self.replicas {
            replicas.set_password(&password);
        }
        self.pool.set_password(password);
    }

    /// Changes pool size and overflow while running. Sessions beyond the new size are closed when they come back.
    pub fn resize(&self, size: usize, max_overflow: usize) {
        self.pool.resize(size, max_overflow);
    }

    /// Ends the pool: no more checkouts, waiters told, idle sessions closed, sessions in use awaited for up to 10 s.
    ///
    /// Idempotent; all clones of this handle are closed with it.
    ///
    /// # Cancel safety
    /// May be dropped at any point; the pool stays closed.
    pub async fn close(&self) {
        if let Some(replicas) = &self.replicas {
            // Boxed, because these are databases too.
            Box::pin(replicas.close()).await;
        }
        self.pool.close().await;
    }
}

impl Database {
    /// Runs one autocommit statement where it is best served: on a lane when it is known to be short and sessions are
    /// busy, else on a session. What a lane has no time for is rolled back there and runs again on a session. All its waits
    /// for a place share one deadline.
    pub(crate) async fn fetch<S: Sink>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        let active = self.pool.lanes.enter();
        let began = Instant::now();
        loop {
            let place = match active.fits(sql) {
                true => self.first_free(&active, sql, began).await?,
                false => Place::Session(self.checkout_since(began).await?),
            };
            match place {
                Place::Session(session) => {
                    let began = Instant::now();
                    let outcome = session.fetch::<S>(sql, params).await;
                    active.learn(sql, began.elapsed());
                    return outcome;
                }
                Place::Lane(seat) => {
                    let watch = Watch::start(sql);
                    match seat.fetch::<S>(sql, params).await {
                        Err(error) if active.must_leave(sql, &seat, &error) => {}
                        outcome => {
                            active.learn(sql, seat.took());
                            self.pool.observe(sql, &watch, &outcome);
                            return outcome;
                        }
                    }
                }
            }
        }
    }

    /// A place for a statement that is fit for a lane: the better one of those that are free, else whatever comes first, a
    /// seat or a session.
    ///
    /// # Cancel safety
    /// Dropping the future gives up both places in the queues.
    async fn first_free(
        &self,
        active: &Active<'_>,
        sql: &str,
        began: Instant,
    ) -> Result<Place, Error> {
        if let Some(seat) = active.seat(sql, || self.pool.has_idle()) {
            return Ok(Place::Lane(seat));
        }
        tokio::select! {
            biased;
            session = self.checkout_since(began) => session.map(Place::Session),
            seat = active.seat_in_turn(sql) => Ok(Place::Lane(seat)),
        }
    }

    /// Takes a session within the pool's deadline, counted from `began`.
    #[track_caller]
    fn checkout_since(
        &self,
        began: Instant,
    ) -> impl Future<Output = Result<Session, Error>> + Send + '_ {
        let site = Some(Location::caller());
        let patience = self.pool.options().pool.timeout;
        async move {
            Ok(Session::new(
                self.pool.checkout(began, patience, site).await?,
            ))
        }
    }

    pub(crate) async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        self.checkout().await?.run_batch(sql).await
    }
}

/// Where a statement runs.
enum Place {
    Lane(Seat),
    Session(Session),
}

executor!(Database);
