//! PgBouncer in front of a cluster: what stands between many services and their database.

use crate::{place, wait};
use rustix::process::geteuid;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use underpin_core::url::Host;
use underpin_core::{Chain, DatabaseUrl};
use underpin_pool::{Options, Session};

/// The user that root drops to: PgBouncer refuses to run as root.
const NOBODY: u32 = 65534;
/// Part of the name of its Unix socket, which lies in a folder of its own; nothing listens on a port.
const PORT: u16 = 6432;
const START_DEADLINE: Duration = Duration::from_secs(30);
/// Where Debian puts it; not in every user's `PATH`.
const SBIN: &str = "/usr/sbin";
/// The first version with `max_prepared_statements`.
const TRACKING_SINCE: (u32, u32) = (1, 21);

/// When a server connection goes back to PgBouncer's pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// After each transaction.
    Transaction,
    /// When the client leaves.
    Session,
    /// After each statement: transactions are refused.
    Statement,
}

/// How PgBouncer is to behave.
#[derive(Debug, Clone)]
pub struct PgBouncerSettings {
    /// When a server connection goes back.
    pub mode: PoolMode,
    /// Server connections a database.
    pub pool_size: usize,
    /// How many prepared statements it carries over to other server connections; None: none, which versions before
    /// 1.21 know no setting for.
    pub max_prepared_statements: Option<u32>,
    /// Further lines of the section `[pgbouncer]`, such as `ignore_startup_parameters = options`.
    pub further: Vec<String>,
}

impl Default for PgBouncerSettings {
    /// Transaction mode, two server connections, no prepared statements carried over.
    fn default() -> Self {
        Self {
            mode: PoolMode::Transaction,
            pool_size: 2,
            max_prepared_statements: None,
            further: Vec::new(),
        }
    }
}

/// A running PgBouncer. Dropping it ends it at once.
#[derive(Debug)]
pub struct PgBouncer {
    upstream: DatabaseUrl,
    folder: TempDir,
    process: Child,
    version: (u32, u32),
}

impl PgBouncer {
    /// Starts one in front of the server that `upstream` names by its loopback port.
    ///
    /// None when this machine has no PgBouncer, or one that is too old for the settings; says so, for the test to
    /// return.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn in_front_of(upstream: &DatabaseUrl, settings: PgBouncerSettings) -> Option<Self> {
        let Some(program) = find() else {
            skip("this machine has no pgbouncer (Debian: `apt-get install pgbouncer`)");
            return None;
        };
        let version = version_of(&program);
        if settings.max_prepared_statements.is_some() && version < TRACKING_SINCE {
            let (major, minor) = version;
            skip(&format!(
                "PgBouncer {major}.{minor} has no max_prepared_statements, 1.21 has"
            ));
            return None;
        }
        let folder = place::temporary_folder();
        write_files(folder.path(), upstream, &settings, version);
        let process = start(&program, folder.path());
        let bouncer = Self {
            upstream: upstream.clone(),
            folder,
            process,
            version,
        };
        let socket = bouncer.folder.path().join(format!(".s.PGSQL.{PORT}"));
        let listens = wait::wait_for(START_DEADLINE, async || {
            std::os::unix::net::UnixStream::connect(&socket).ok()
        })
        .await;
        assert!(
            listens.is_some(),
            "PgBouncer does not start: {}",
            bouncer.log()
        );
        Some(bouncer)
    }

    /// The way to a database through it.
    #[must_use]
    pub fn url(&self, database: &str) -> DatabaseUrl {
        let mut url = self.upstream.with_database(database);
        url.hosts = vec![Host::Unix {
            directory: self.folder.path().to_path_buf(),
            port: PORT,
        }];
        url
    }

    /// Its version, such as 1.24.
    #[must_use]
    pub const fn version(&self) -> (u32, u32) {
        self.version
    }

    /// Runs a command of its console: `RECONNECT`, `PAUSE`, `RESUME`, `KILL name`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn command(&self, command: &str) {
        let session = Session::connect(&Options::new(self.url("pgbouncer"))).await;
        let session =
            session.unwrap_or_else(|error| panic!("PgBouncer's console: {}", Chain(&error)));
        let outcome = session.batch(command).await;
        outcome.unwrap_or_else(|error| panic!("{command}: {}", Chain(&error)));
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // An orderly end would wait for the clients of the test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

fn find() -> Option<PathBuf> {
    let path = place::variable("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    folders.push(PathBuf::from(SBIN));
    folders
        .into_iter()
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
}

/// Reads `PgBouncer 1.24.1` from the first line of `--version`.
fn version_of(program: &Path) -> (u32, u32) {
    let output = Command::new(program).arg("--version").output();
    let output = output.expect("pgbouncer can be run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text
        .lines()
        .next()
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok());
    (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    )
}

fn write_files(
    folder: &Path,
    upstream: &DatabaseUrl,
    settings: &PgBouncerSettings,
    version: (u32, u32),
) {
    let Some(Host::Tcp { name, port }) = upstream.hosts.first() else {
        panic!("PgBouncer needs a TCP address behind it, not {upstream:?}")
    };
    let mode = match settings.mode {
        PoolMode::Transaction => "transaction",
        PoolMode::Session => "session",
        PoolMode::Statement => "statement",
    };
    let (user, place) = (&upstream.user, folder.display());
    let mut config = format!(
        "[databases]\n* = host={name} port={port}\n[pgbouncer]\nunix_socket_dir = {place}\nlisten_port = {PORT}\n\
         logfile = {place}/log\nauth_type = scram-sha-256\nauth_file = {place}/users\nadmin_users = {user}\n\
         pool_mode = {mode}\ndefault_pool_size = {}\nmax_client_conn = 1000\n",
        settings.pool_size
    );
    if version >= TRACKING_SINCE {
        let kept = settings.max_prepared_statements.unwrap_or_default();
        writeln!(config, "max_prepared_statements = {kept}").expect("a string takes it");
    }
    config.extend(settings.further.iter().map(|line| format!("{line}\n")));
    let password = upstream.password.as_ref().map(|password| password.expose());
    let users = format!(
        "\"{user}\" \"{}\"\n",
        password.map(String::as_str).unwrap_or_default()
    );
    for (name, text) in [("config.ini", config), ("users", users)] {
        let path = folder.join(name);
        fs::write(&path, text).expect("the folder is ours");
        give(&path);
    }
    give(folder);
}

/// Lets the user that PgBouncer runs as have it.
fn give(path: &Path) {
    if geteuid().is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
    }
}

fn start(program: &Path, folder: &Path) -> Child {
    let mut command = Command::new(program);
    command
        .arg("--quiet")
        .arg(folder.join("config.ini"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().expect("pgbouncer can be run")
}
