//! Another process that uses a cluster: `examples/hold_cluster.rs`.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Killed when dropped.
pub(crate) struct Holder {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    /// Starts the process and does not wait for its cluster.
    pub(crate) fn begin(data_dir: &Path) -> Self {
        let exe = std::env::current_exe().expect("the running test");
        let target = exe
            .parent()
            .and_then(Path::parent)
            .expect("tests lie in target/<profile>/deps");
        let mut command = Command::new(target.join("examples/hold_cluster"));
        let command = command
            .arg(data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("examples are built with the tests");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines }
    }

    /// Its first line: did it start the server, and the server's process number.
    pub(crate) fn ready(&mut self) -> (bool, i32) {
        let line = self.line();
        let (how, pid) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("the holder failed: {line:?}"));
        (how == "started", pid.parse().expect("a process number"))
    }

    /// Lets it end in order; what became of the server.
    pub(crate) fn finish(mut self) -> String {
        drop(self.child.stdin.take());
        self.line()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    fn line(&mut self) -> String {
        self.lines
            .next()
            .map(|line| line.expect("UTF-8"))
            .unwrap_or_default()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // One that ended already is no problem.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
