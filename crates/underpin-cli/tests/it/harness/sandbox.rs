//! A home, a working folder and an environment that nothing outside can reach into.

use super::DEADLINE;
use super::process::{Finished, Running};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// One user's machine, gone when dropped: home, XDG folders and working folder are temporary.
#[derive(Debug)]
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        // 0711: as root, the embedded cluster runs as another user, who must pass through.
        let root = tempfile::Builder::new()
            .prefix("underpin-e2e-")
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        for folder in ["home", "work", "run", "tmp"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    /// The working folder of every command.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Where the embedded cluster goes when a command starts one.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.root.path().join("cluster")
    }

    /// States that no server runs on the embedded cluster, nor on the one beside it.
    #[track_caller]
    pub(crate) fn has_no_server(&self) {
        let mut folders = vec![self.cluster()];
        let beside = self.cluster().join("scratch").read_dir();
        folders.extend(
            beside
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path()),
        );
        for folder in folders {
            let file = folder.join("data/postmaster.pid");
            assert!(!file.exists(), "{} was left running", folder.display());
        }
    }

    /// Writes a file into the working folder, folders included.
    pub(crate) fn file(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// `underpin ARGUMENTS…`, with nothing of the test's own environment but what finds PostgreSQL.
    pub(crate) fn underpin<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Invocation {
        self.program(Path::new(env!("CARGO_BIN_EXE_underpin")), arguments)
    }

    /// The same with another program that has its commands.
    pub(crate) fn program<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Invocation {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.work()).env_clear();
        let folder = |name: &str| self.root.path().join(name);
        command
            .env("HOME", folder("home"))
            .env("TMPDIR", folder("tmp"))
            .env("LANG", "C.UTF-8")
            .env("UNDERPIN_DATA_DIR", self.cluster());
        for (variable, name) in [
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_STATE_HOME", "home/state"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            command.env(variable, folder(name));
        }
        for variable in ["PATH", "UNDERPIN_POSTGRES_BIN"] {
            if let Some(value) = inherited(variable) {
                command.env(variable, value);
            }
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Invocation {
            command,
            stdin: None,
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.cluster().exists() {
            // A test that failed may have left the server running; nobody is left to tell when this fails too.
            drop(self.underpin(["--quiet", "db", "stop"]).command.status());
        }
    }
}

/// A command about to run.
#[derive(Debug)]
pub(crate) struct Invocation {
    command: Command,
    stdin: Option<Vec<u8>>,
}

impl Invocation {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Standard input stays open and empty.
    pub(crate) fn open_stdin(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    /// What the command reads from standard input.
    pub(crate) fn stdin(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(content.into());
        self.command.stdin(Stdio::piped());
        self
    }

    /// Runs to the end; killed, and the test failed, when that takes longer than [`DEADLINE`].
    pub(crate) fn run(self) -> Finished {
        self.start().wait(DEADLINE)
    }

    /// Starts a command that stays; killed when dropped.
    pub(crate) fn start(mut self) -> Running {
        Running::spawn(&mut self.command, self.stdin)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests pass on what finds PostgreSQL and nothing else"
)]
fn inherited(variable: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(variable)
}
