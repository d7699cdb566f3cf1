//! Databases that are made for a while.

use crate::Error;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use underpin_pool::{ErrorKind, Options, ServerVersion, Session, quote_identifier};
use underpin_schema::{Catalog, Owners};

/// Names of scratch databases: this, when it was made, and a number.
const PREFIX: &str = "underpin_scratch_";

/// A scratch database that is older was left behind by a program that was killed.
const LEFT_BEHIND_SECONDS: i64 = 3600;

/// At most this many databases are dropped at the same time.
const DROPS_MAX: usize = 4;

/// A server on which databases, and roles that a schema names, are made for a while.
#[derive(Debug)]
pub struct Scratch {
    admin: Session,
    options: Options,
    /// The role that makes everything.
    role: String,
    has_owners: bool,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    databases: Vec<String>,
    roles: Vec<String>,
}

impl Scratch {
    /// Connects, and drops what killed programs left behind.
    ///
    /// # Errors
    /// What the pool reports; [`ErrorKind::PermissionDenied`] when the role may not create databases.
    pub async fn open(options: impl Into<Options>) -> Result<Self, Error> {
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
        let scratch = Self {
            admin,
            options,
            role,
            has_owners: is_superuser,
            made: Mutex::default(),
        };
        scratch.sweep().await?;
        Ok(scratch)
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

    /// Makes an empty database.
    pub(crate) async fn create(&self) -> Result<Options, Error> {
        let now = Timestamp::now().as_second();
        let name = format!("{PREFIX}{now}_{:08x}", rand::random::<u32>());
        // Noted before it is made: whoever drops this future half way still has it dropped by `close`.
        self.made().databases.push(name.clone());
        self.run(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await?;
        Ok(Options::new(self.options.url.with_database(&name)))
    }

    /// Makes a role that a schema names, unless another schema has named it meanwhile.
    pub(crate) async fn create_role(&self, name: &str) -> Result<(), Error> {
        let exists = "SELECT FROM pg_roles WHERE rolname = $1";
        let found = self.admin.query_opt(exists, &[&name]).await;
        if found.map_err(failed)?.is_some() {
            return Ok(());
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
        let Made { databases, roles } = std::mem::take(&mut *self.made());
        let drops = databases.iter().map(|name| self.drop_beside(name));
        let drops = stream::iter(drops).buffer_unordered(DROPS_MAX);
        let mut result = drops
            .fold(Ok(()), async |result, done| Result::and(result, done))
            .await;
        for name in roles {
            let sql = format!("DROP ROLE IF EXISTS {}", quote_identifier(&name));
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
        session.batch(&drop_database(name)).await.map_err(failed)
    }

    async fn sweep(&self) -> Result<(), Error> {
        let sql = "SELECT d.datname::text FROM pg_database d \
                   WHERE starts_with(d.datname, $1) AND NOT EXISTS ( \
                       SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)";
        let found = self.admin.query(sql, &[&PREFIX]).await.map_err(failed)?;
        for row in found {
            let name: String = row.get(0).map_err(failed)?;
            let made_at = name[PREFIX.len()..]
                .split('_')
                .next()
                .and_then(|it| it.parse().ok());
            let age = made_at.map(|made_at: i64| Timestamp::now().as_second() - made_at);
            if age.is_some_and(|age| age > LEFT_BEHIND_SECONDS) {
                self.run(&drop_database(&name)).await?;
            }
        }
        Ok(())
    }

    async fn run(&self, sql: &str) -> Result<(), Error> {
        self.admin.batch(sql).await.map_err(failed)
    }

    fn made(&self) -> std::sync::MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drop_database(name: &str) -> String {
    format!(
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
        quote_identifier(name)
    )
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
