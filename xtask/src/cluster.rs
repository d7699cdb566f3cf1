//! The test kit's cluster, held for a whole test run by the program `testkit-cluster`.

use crate::{postgres, shell};
use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The PostgreSQL that tests run on.
#[derive(Debug, Clone)]
pub(crate) enum Server {
    /// What the machine has.
    Default,
    /// This major version.
    Major(u32),
    /// The programs in this folder.
    In(PathBuf),
}

impl Server {
    /// Tells the test kit, which the command runs, what to run on.
    pub(crate) fn told_to(&self, mut command: Command) -> Command {
        match self {
            Self::Default => &mut command,
            Self::Major(major) => command.env("UNDERPIN_TEST_POSTGRES", major.to_string()),
            Self::In(folder) => command.env("UNDERPIN_POSTGRES_BIN", folder),
        };
        command
    }
}

/// Runs as long as this value lives: the program stops the cluster when its standard input ends.
#[derive(Debug)]
pub(crate) struct SharedCluster {
    holder: Child,
    stdout: BufReader<ChildStdout>,
}

impl SharedCluster {
    /// Starts it. A major version that this machine does not have is installed first.
    pub(crate) fn hold(server: &Server) -> anyhow::Result<Self> {
        let Server::Major(major) = *server else {
            return Self::start(server, Stdio::inherit());
        };
        // Why the first attempt fails is of interest only when the second one does too.
        if let Ok(cluster) = Self::start(server, Stdio::null()) {
            return Ok(cluster);
        }
        shell::say(format_args!(
            "installing the portable build of PostgreSQL {major}"
        ));
        postgres::install_portable(&shell::built("underpin")?, major)?;
        Self::start(server, Stdio::inherit())
    }

    fn start(server: &Server, stderr: Stdio) -> anyhow::Result<Self> {
        let program = shell::built("testkit-cluster")?;
        let mut command = server.told_to(shell::program(program, [""; 0]));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut holder = command.spawn().context("could not run testkit-cluster")?;
        let stdout = holder
            .stdout
            .take()
            .context("testkit-cluster has no standard output")?;
        let mut cluster = Self {
            holder,
            stdout: BufReader::new(stdout),
        };
        let mut line = String::new();
        // The program has a deadline of its own for the start, then ends.
        cluster
            .stdout
            .read_line(&mut line)
            .context("could not read from testkit-cluster")?;
        let Some(ready) = line.trim_end().strip_prefix("ready ") else {
            bail!("the test cluster did not start")
        };
        shell::say(format_args!("test cluster on port {ready}"));
        Ok(cluster)
    }
}

impl Drop for SharedCluster {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // What it says last is of no interest, but it must be able to say it.
        let _ = std::io::copy(&mut self.stdout, &mut std::io::sink());
        // The tests have their result by now; a cluster that could not be stopped says so itself.
        let _ = self.holder.wait();
    }
}
