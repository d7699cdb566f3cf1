//! Every setting, in one struct a section, read once at start.
//!
//! [`Config::load`] looks each setting up in five places, strongest first: a flag, the environment, `.env` (in
//! development), the settings file, its default. A setting is declared in one place, the field of its section's
//! `read`: name, variable, kind, range, default and description stand together there, and loading, `underpin config
//! show`, the check for unknown keys and the [`reference()`] all come from it.
//!
//! - [`Sources`] says where to look; only [`Sources::of_process`] reads the environment.
//! - `reader` looks up, `kind` reads and shows values, `problem` collects what is wrong, `unknown` finds strays.
//! - `environment`, `database`, `pool`, `migrate`, `server`, `log`, `local` are the sections.

mod database;
mod dotenv;
mod environment;
mod file;
mod kind;
mod listen;
mod local;
mod log;
mod migrate;
mod pool;
mod problem;
mod reader;
mod reference;
mod server;
mod setting;
mod sources;
mod unknown;

pub use database::DatabaseSettings;
pub use environment::Environment;
pub use listen::Listen;
pub use local::LocalSettings;
pub use log::{LogFormat, LogSettings};
pub use migrate::MigrateSettings;
pub use pool::PoolSettings;
pub use problem::Error;
pub use reference::reference;
pub use server::ServerSettings;
pub use setting::{Entry, Origin};
pub use sources::Sources;

use crate::url::SslMode;
use problem::Problem;
use reader::Reader;

/// All settings, read once at start by [`Config::load`].
#[derive(Debug, Clone)]
pub struct Config {
    /// Development or production.
    pub environment: Environment,
    /// The database.
    pub database: DatabaseSettings,
    /// The pool.
    pub pool: PoolSettings,
    /// Migrations.
    pub migrate: MigrateSettings,
    /// The HTTP service.
    pub server: ServerSettings,
    /// Logging.
    pub log: LogSettings,
    /// The embedded cluster.
    pub local: LocalSettings,
    entries: Vec<Entry>,
}

impl Config {
    /// Reads and checks all settings; nothing is corrected, and all that is wrong is reported together.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): an unknown key, a value of the wrong kind or out of range, a
    /// combination that [`Config::validate`] refuses, a file that cannot be read. The message names key, source and
    /// what is allowed, and never contains a password.
    ///
    /// # Example
    /// ```
    /// use underpin_core::config::{Config, Sources};
    ///
    /// let sources = Sources::default().with_variable("DB_POOL_SIZE", "20");
    /// assert_eq!(Config::load(&sources)?.pool.size, 20);
    ///
    /// let error = Config::load(&sources.with_variable("DB_POOL_TIMEOUT", "5x")).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "pool.timeout (environment DB_POOL_TIMEOUT): \"5x\" has an unknown unit; \
    ///      allowed: 10ms to 10m (units ms, s, m, h)",
    /// );
    /// # Ok::<(), underpin_core::config::Error>(())
    /// ```
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let (config, mut problems) = Self::read(sources);
        // A setting that could not be read has its default here, which must not be blamed.
        if problems.is_empty() {
            problems = config.problems();
        }
        problem::check(problems)?;
        Ok(config)
    }

    /// Reads on with the default where something is wrong.
    fn read(sources: &Sources) -> (Self, Vec<Problem>) {
        let mut reader = Reader::open(sources);
        let mut config = Self {
            environment: Environment::read(&mut reader),
            database: DatabaseSettings::read(&mut reader),
            pool: PoolSettings::read(&mut reader),
            migrate: MigrateSettings::read(&mut reader),
            server: ServerSettings::read(&mut reader),
            log: LogSettings::read(&mut reader),
            local: LocalSettings::read(&mut reader),
            entries: Vec::new(),
        };
        let (entries, problems) = reader.finish();
        config.entries = entries;
        (config, problems)
    }

    /// Checks what settings say together: `load` has done so, a program that changes fields afterwards can again.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), as [`Config::load`]: in production no database URL, or a weak
    /// `sslmode` for a host that is not local; more idle sessions than the pool keeps.
    pub fn validate(&self) -> Result<(), Error> {
        problem::check(self.problems())
    }

    /// Every setting with its value and origin, in the order of the sections; secrets are masked.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = self.pool.problems();
        if self.environment == Environment::Production {
            problems.extend(self.refused_in_production());
        }
        problems
    }

    fn refused_in_production(&self) -> Option<Problem> {
        let origin = self.origin("database.url");
        let Some(url) = &self.database.url else {
            return Some(
                Problem::new(format!(
                    "environment is production, but database.url ({origin}) is the embedded cluster"
                ))
                .with_hint("set DATABASE_URL, or set ENVIRONMENT=development"),
            );
        };
        let mode = url.tls.mode;
        (!url.is_local() && mode != SslMode::VerifyFull).then(|| {
            Problem::new(format!(
                "environment is production, but database.url ({origin}) has sslmode={mode} for a host that is not local"
            ))
            .with_hint(
                "set sslmode=verify-full, with sslrootcert=FILE when the server's certificate comes from an authority \
                 of your own",
            )
        })
    }

    fn origin(&self, key: &str) -> &Origin {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map_or(&Origin::Default, |entry| &entry.origin)
    }
}
