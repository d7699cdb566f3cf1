//! The only place that writes to stdout and stderr: results, notes, errors.
//!
//! Whatever somebody else wrote is made harmless for the terminal here ([`mod@clean`]), so that no command has to think of it.
//!
//! Results go to stdout and can fail: a reader that went away ends the command quietly ([`is_broken_pipe`]), a full
//! disk ends it with an error. Notes and errors go to stderr and cannot fail: nobody is left to tell.

mod clean;
mod progress;
mod report;

pub(crate) use clean::{Ink, clean_json, one_line};
pub(crate) use progress::Progress;

use crate::args::Global;
use anyhow::Context as _;
use clap::ColorChoice;
use clean::{Breaks, clean};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Where and how to print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    quiet: bool,
    color_stdout: bool,
    color_stderr: bool,
}

impl Output {
    /// As the global options ask.
    pub(crate) fn new(global: &Global) -> Self {
        let color = |is_terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !no_color(),
        };
        Self {
            quiet: global.quiet,
            color_stdout: color(io::stdout().is_terminal()),
            color_stderr: color(io::stderr().is_terminal()),
        }
    }

    /// The colour, where results may carry any.
    pub(crate) fn ink(&self, ink: Ink) -> Ink {
        if self.color_stdout { ink } else { Ink::Plain }
    }

    /// Prints one line of the result to stdout: a line break in it is somebody else's, and shown as `\n`.
    pub(crate) fn out(&self, line: impl Display) -> anyhow::Result<()> {
        Self::stdout(&clean(line, Breaks::Shown, self.color_stdout))
    }

    /// Prints several lines of the result to stdout; what somebody else wrote in them is one line each ([`one_line`]).
    pub(crate) fn out_lines(&self, lines: impl Display) -> anyhow::Result<()> {
        Self::stdout(&clean(lines, Breaks::Kept, self.color_stdout))
    }

    /// Prints a text (SQL, Markdown) to stdout: into a file or a pipe as it is, for another program.
    pub(crate) fn out_text(text: impl Display) -> anyhow::Result<()> {
        if io::stdout().is_terminal() {
            Self::stdout(&clean(text, Breaks::Kept, false))
        } else {
            Self::stdout(&text.to_string())
        }
    }

    /// Prints the result as indented JSON to stdout.
    pub(crate) fn out_json(value: &impl Serialize) -> anyhow::Result<()> {
        let text =
            serde_json::to_string_pretty(value).context("could not write the result as JSON")?;
        Self::stdout(&clean_json(&text))
    }

    fn stdout(text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")
            .and_then(|()| stdout.flush())
            .context("could not write to standard output")
    }

    /// Tells what is being done, on stderr; `--quiet` silences it.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            let text = clean(line, Breaks::Kept, self.color_stderr);
            Self::stderr(&format!("{}\n", report::indent(&text, "  ")));
        }
    }

    /// The same of several lines; what somebody else wrote in them is one line each ([`one_line`]).
    pub(crate) fn note_lines(&self, lines: impl Display) {
        if !self.quiet {
            let text = clean(lines, Breaks::Kept, self.color_stderr);
            Self::stderr(&format!("{text}\n"));
        }
    }

    /// Asks on stderr, even with `--quiet`: the answer stands behind it.
    pub(crate) fn ask(&self, question: impl Display) -> anyhow::Result<()> {
        let mut stderr = io::stderr().lock();
        let text = clean(question, Breaks::Kept, self.color_stderr);
        write!(stderr, "{text}")
            .and_then(|()| stderr.flush())
            .context("could not ask")
    }

    /// Shows long work: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.
    pub(crate) fn progress(&self, len: u64, label: &str) -> Progress {
        Progress::new(*self, len, label)
    }

    /// Prints an error with its causes and the next step to stderr.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let report = report::Report(error);
        Self::stderr(&clean(report, Breaks::Kept, self.color_stderr));
    }

    fn stderr(text: &str) {
        // A closed stderr must not end the command.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Did the reader of stdout go away, as in `underpin registry list | head -1`?
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |io: &io::Error| io.kind() == io::ErrorKind::BrokenPipe;
    // Only the writer above attaches a bare io::Error directly below anyhow's context.
    error
        .chain()
        .nth(1)
        .and_then(|cause| cause.downcast_ref())
        .is_some_and(broken)
}

#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is a convention of terminals, not a setting of ours"
)]
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
