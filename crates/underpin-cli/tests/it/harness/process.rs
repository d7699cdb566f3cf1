//! A running command, and what it left.

use super::{DEADLINE, pattern};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A command that is still running; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    shown: String,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    pub(super) fn spawn(command: &mut Command, stdin: Option<Vec<u8>>) -> Self {
        let arguments: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
        let shown = format!("underpin {}", arguments.join(" "));
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("could not run {shown}: {error}"));
        if let Some(content) = stdin {
            let mut pipe = child.stdin.take().unwrap();
            // The command may end without reading everything.
            std::thread::spawn(move || drop(pipe.write_all(&content)));
        }
        let stdout = Stream::read(child.stdout.take().unwrap());
        let stderr = Stream::read(child.stderr.take().unwrap());
        Self {
            child,
            shown,
            stdout,
            stderr,
        }
    }

    /// The first line of stdout or stderr that contains `text`; fails the test when none comes in time.
    pub(crate) fn line_with(&self, text: &str) -> String {
        let until = Instant::now() + DEADLINE;
        loop {
            for stream in [&self.stdout, &self.stderr] {
                if let Some(line) = stream.find(text, Duration::from_millis(20)) {
                    return line;
                }
            }
            let both_ended = self.stdout.is_closed() && self.stderr.is_closed();
            let (out, err) = (self.stdout.text(), self.stderr.text());
            assert!(
                !both_ended && Instant::now() < until,
                "no line with {text:?} from {}\nstdout:\n{out}\nstderr:\n{err}",
                self.shown
            );
        }
    }

    /// Sends SIGTERM, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends SIGHUP, as a terminal that is closed does.
    pub(crate) fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self, deadline: Duration) -> Finished {
        let until = Instant::now() + deadline;
        // Its end closes both streams; a process it left behind may keep them open, so the status is asked for too.
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() >= until {
                let (out, err) = (self.stdout.text(), self.stderr.text());
                panic!(
                    "{} did not end within {deadline:?}\nstdout:\n{out}\nstderr:\n{err}",
                    self.shown
                );
            }
            self.stderr.wait_for_change(Duration::from_millis(20));
        };
        self.stdout.wait_closed(Duration::from_secs(2));
        self.stderr.wait_closed(Duration::from_secs(2));
        Finished {
            shown: self.shown.clone(),
            code: status.code(),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command left: exit code, stdout and stderr.
#[derive(Debug)]
pub(crate) struct Finished {
    shown: String,
    /// None: ended by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// States all that must have come out. In both texts `[..]` stands for any part of one line, a line `...` for any lines.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, stdout: &str, stderr: &str) -> &Self {
        let fits = self.code == Some(code)
            && pattern::matches(stdout, &self.stdout)
            && pattern::matches(stderr, &self.stderr);
        assert!(
            fits,
            "{}\nexpected exit code {code}, stdout:\n{stdout}\nstderr:\n{stderr}\n\
             --- got exit code {:?}, stdout:\n{}\nstderr:\n{}",
            self.shown, self.code, self.stdout, self.stderr
        );
        self
    }

    /// Fails the test when a secret is anywhere in the output.
    #[track_caller]
    pub(crate) fn hides(&self, secret: &str) -> &Self {
        assert!(
            !self.stdout.contains(secret),
            "{} printed {secret} to stdout:\n{}",
            self.shown,
            self.stdout
        );
        assert!(
            !self.stderr.contains(secret),
            "{} printed {secret} to stderr:\n{}",
            self.shown,
            self.stderr
        );
        self
    }
}

/// One of the command's output streams, read by a thread so that the command never blocks on it.
#[derive(Debug)]
struct Stream {
    state: Arc<(Mutex<Lines>, Condvar)>,
    _reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Lines {
    text: String,
    is_closed: bool,
}

impl Stream {
    fn read(pipe: impl Read + Send + 'static) -> Self {
        let state = Arc::new((Mutex::new(Lines::default()), Condvar::new()));
        let shared = Arc::clone(&state);
        let _reader = std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while matches!(pipe.read_until(b'\n', &mut line), Ok(1..)) {
                shared
                    .0
                    .lock()
                    .unwrap()
                    .text
                    .push_str(&String::from_utf8_lossy(&line));
                shared.1.notify_all();
                line.clear();
            }
            shared.0.lock().unwrap().is_closed = true;
            shared.1.notify_all();
        });
        Self { state, _reader }
    }

    fn text(&self) -> String {
        self.state.0.lock().unwrap().text.clone()
    }

    fn is_closed(&self) -> bool {
        self.state.0.lock().unwrap().is_closed
    }

    fn find(&self, text: &str, wait: Duration) -> Option<String> {
        let found = |lines: &Lines| {
            lines
                .text
                .lines()
                .find(|line| line.contains(text))
                .map(str::to_owned)
        };
        let lines = self.state.0.lock().unwrap();
        let waiting = |lines: &mut Lines| !lines.is_closed && found(lines).is_none();
        let (lines, _) = self
            .state
            .1
            .wait_timeout_while(lines, wait, waiting)
            .unwrap();
        found(&lines)
    }

    fn wait_for_change(&self, wait: Duration) {
        let lines = self.state.0.lock().unwrap();
        drop(self.state.1.wait_timeout(lines, wait).unwrap());
    }

    fn wait_closed(&self, wait: Duration) {
        let lines = self.state.0.lock().unwrap();
        drop(
            self.state
                .1
                .wait_timeout_while(lines, wait, |lines| !lines.is_closed)
                .unwrap(),
        );
    }
}
