//! Temporary databases.

mod sweep;
mod traces;

use crate::Error;
use futures_util::{StreamExt as _, stream};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use traces::Traces;
use underpin_pool::{ErrorKind, Options, ServerVersion, Session, quote_identifier};
use underpin_schema::{Catalog, Owners};

/// Names of scratch databases: this, when it was made by the server's clock, and a number.
const PREFIX: &str = "underpin_scratch_";

/// The first half of the advisory lock that tells that a scratch database is in use; the second is its number.
const IN_USE: i32 = 0x5c4a_7c11;

/// At most this many databases are dropped at the same time.
const DROPS_MAX: usize = 4;

/// The code of DROP DATABASE when something in it must go first.
const OBJECT_IN_USE: &str = "55006";

/// Whose a server for scratch work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScratchServer {
    /// Somebody's: only what stays in a scratch database is run there.
    Foreign,
    /// There for such work alone: roles and their like are made there, and dropped at the end when the scripts name them.
    Disposable,
    /// A cluster of Underpin's own: as `Disposable`, and what killed programs left behind is dropped while nobody else
    /// works there.
    Own,
}

/// A server on which databases are made for a while.
#[derive(Debug)]
pub struct Scratch {
    admin: Session,
    options: Options,
    /// The role that makes everything.
    role: String,
    has_owners: bool,
    server: ScratchServer,
    made: Mutex<Made>,
    /// What was there when this began.
    before: Traces,
}

#[derive(Debug, Default)]
struct Made {
    databases: Vec<String>,
    roles: Vec<String>,
    /// Names in the statements that act on the whole server.
    mentioned: BTreeSet<String>,
    notes: BTreeSet<String>,
}

impl Scratch {
    /// Connects to a server that may be anybody's, and drops what killed programs left behind.
    ///
    /// # Errors
    /// What the pool reports; [`ErrorKind::PermissionDenied`] when the role may not create databases.
    pub async fn open(options: impl Into<Options>) -> Result<Self, Error> {
        Self::open_on(options, ScratchServer::Foreign).await
    }

    /// The same on a server of which more is known.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_on(
        options: impl Into<Options>,
        server: ScratchServer,
    ) -> Result<Self, Error> {
        let options = Options::new(options.into().url);
        let admin = Session::connect(&options).await.map_err(failed)?;
        let sql = "SELECT rolcreatedb OR rolsuper, current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user";
        let row = admin.query_opt(sql, &[]).await.map_err(failed)?;
        let row = row
            .map_or(Ok((false, String::new(), false)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .map_err(failed)?;
        let (may_create, role, is_superuser): (bool, String, bool) = row;
        if !may_create {
            let message = "the role may not create databases for scratch work";
            return Err(Error::new(ErrorKind::PermissionDenied, message).with_hint(
                "name another server with --scratch; without it a cluster of Underpin's own is used",
            ));
        }
        sweep::databases(&admin, server).await?;
        if server == ScratchServer::Own {
            sweep::roles(&admin).await?;
        }
        Ok(Self {
            before: Traces::read(&admin).await?,
            admin,
            options,
            role,
            has_owners: is_superuser,
            server,
            made: Mutex::default(),
        })
    }

    /// Leaves owners alone, those of live databases too.
    #[must_use]
    pub fn without_owners(mut self) -> Self {
        self.has_owners = false;
        self
    }

    /// Are the owners of a live database copied? Only a superuser can give objects to every role.
    #[must_use]
    pub fn has_owners(&self) -> bool {
        self.has_owners
    }

    /// A live database as it is to be copied: with all owners but those that everything here has anyway.
    pub(super) fn copied(&self, live: &Catalog) -> Catalog {
        let owners = match self.has_owners {
            true => live.owners.with_reader(Some(&self.role)),
            false => Owners::default(),
        };
        Catalog {
            owners,
            ..live.clone()
        }
    }

    /// The version of the server.
    #[must_use]
    pub fn server_version(&self) -> ServerVersion {
        self.admin.server_version()
    }

    /// What was left out of scripts, each by file and line.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.made().notes.iter().cloned().collect()
    }

    pub(crate) fn server(&self) -> ScratchServer {
        self.server
    }

    /// Remembers what was left out of a script.
    pub(super) fn note(&self, note: String) {
        self.made().notes.insert(note);
    }

    /// Remembers names in a statement that acts on the whole server: what it makes under them is dropped at the end.
    pub(super) fn mention(&self, names: Vec<&str>) {
        let mut made = self.made();
        for name in names {
            made.mentioned.insert(name.to_lowercase());
            made.mentioned.insert(name.to_owned());
        }
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self) -> Result<Options, Error> {
        let sql = "SELECT extract(epoch FROM clock_timestamp())::bigint";
        let row = self.admin.query_one(sql, &[]).await.map_err(failed)?;
        let now: i64 = row.get(0).map_err(failed)?;
        let name = format!("{PREFIX}{now}_{:08x}", rand::random::<u32>());
        // Noted before it is made: whoever drops this future half way still has it dropped by `close`.
        self.made().databases.push(name.clone());
        self.run(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await?;
        // Held by the session that is open as long as this is: a sweep of another program leaves the database alone.
        let lock = "SELECT pg_advisory_lock_shared($1, oid::bigint::bit(32)::int) FROM pg_database WHERE datname = $2";
        let locked = self.admin.execute(lock, &[&IN_USE, &name]).await;
        locked.map_err(failed)?;
        Ok(Options::new(self.options.url.with_database(&name)))
    }

    /// Drops a database before the end, with the roles that only it needed.
    pub(crate) async fn discard(&self, options: &Options) -> Result<(), Error> {
        let name = options.url.database.clone();
        self.made().databases.retain(|made| *made != name);
        self.drop_beside(&name).await?;
        // What another database still needs stays until the end.
        let _ = self.drop_traces().await;
        Ok(())
    }

    /// Makes a role that a schema names, unless another schema has named it meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] on a server that is not ours.
    pub(crate) async fn create_role(&self, name: &str) -> Result<(), Error> {
        let exists = "SELECT FROM pg_roles WHERE rolname = $1";
        let found = self.admin.query_opt(exists, &[&name]).await;
        if found.map_err(failed)?.is_some() {
            return Ok(());
        }
        if self.server == ScratchServer::Foreign {
            return Err(no_such_role(name));
        }
        // Noted before it is made, as a database is, and forgotten when another was faster.
        self.made().roles.push(name.to_owned());
        let sql = format!("CREATE ROLE {} NOLOGIN", quote_identifier(name));
        match self.admin.batch(&sql).await {
            Ok(()) => Ok(()),
            Err(error) if error.code() == Some("42710") => {
                self.made().roles.retain(|made| made != name);
                Ok(())
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Drops what was made. Call it on every path; what could not be dropped is dropped by a later `open`.
    ///
    /// # Errors
    /// What the server reports for the first that could not be dropped.
    pub async fn close(self) -> Result<(), Error> {
        // A statement whose future was dropped may still be making one: this comes after it.
        // What it says is not ours to report.
        let _ = self.run("SELECT 1").await;
        let databases = std::mem::take(&mut self.made().databases);
        let drops = databases.iter().map(|name| self.drop_beside(name));
        let drops = stream::iter(drops).buffer_unordered(DROPS_MAX);
        let result = drops
            .fold(Ok(()), async |result, done| Result::and(result, done))
            .await;
        result.and(self.drop_traces().await)
    }

    /// Drops roles and tablespaces that were made here.
    async fn drop_traces(&self) -> Result<(), Error> {
        let (roles, mentioned) = {
            let made = self.made();
            (made.roles.clone(), made.mentioned.clone())
        };
        if roles.is_empty() && mentioned.is_empty() {
            return Ok(());
        }
        let now = Traces::read(&self.admin).await?;
        let new = now.since(&self.before, |name| {
            roles.iter().any(|role| role == name) || mentioned.contains(name)
        });
        let mut result = Ok(());
        for sql in new.drop_sql() {
            result = result.and(self.run(&sql).await);
        }
        result
    }

    /// Drops a database on a session of its own.
    ///
    /// Each drop is followed by a checkpoint. One after the other, the first would bring all files of the second to the disk,
    /// only to be removed.
    async fn drop_beside(&self, name: &str) -> Result<(), Error> {
        let session = Session::connect(&self.options).await.map_err(failed)?;
        match session.batch(&drop_database(name)).await {
            Err(error) if error.code() == Some(OBJECT_IN_USE) => {
                let inside = Options::new(self.options.url.with_database(name));
                traces::drop_subscriptions(&inside).await?;
                session.batch(&drop_database(name)).await.map_err(failed)
            }
            done => done.map_err(failed),
        }
    }

    async fn run(&self, sql: &str) -> Result<(), Error> {
        self.admin.batch(sql).await.map_err(failed)
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drop_database(name: &str) -> String {
    format!(
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
        quote_identifier(name)
    )
}

fn no_such_role(name: &str) -> Error {
    let message = format!(
        "the role {} is not on the scratch server, and none is made on a server that is not Underpin's own",
        quote_identifier(name)
    );
    Error::new(ErrorKind::Refused, message).with_hint(format!(
        "make it there yourself: CREATE ROLE {} NOLOGIN; or leave --scratch out, so that a cluster of Underpin's own is used; \
         with --no-owners nobody needs the owners of a live database; or add --scratch-cluster-wide when the server is there for such work alone: it is then made, and dropped afterwards",
        quote_identifier(name)
    ))
}

/// A session on a scratch database, which has nothing that must outlive a crash.
pub(super) async fn connect(options: &Options) -> Result<Session, Error> {
    let session = Session::connect(options).await.map_err(failed)?;
    let settings = session.batch("SET synchronous_commit = off").await;
    settings.map_err(failed)?;
    Ok(session)
}

/// The scratch server, not a statement of the user's.
pub(super) fn failed(cause: underpin_pool::Error) -> Error {
    Error::caused_by("the scratch server does not do what it should", cause)
}
