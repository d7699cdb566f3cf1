//! The only place that writes to stdout and stderr: results, notes, errors.
//!
//! Results go to stdout and can fail: a reader that went away ends the command quietly ([`is_broken_pipe`]), a full
//! disk ends it with an error. Notes and errors go to stderr and cannot fail: nobody is left to tell.

mod progress;
mod report;

pub(crate) use progress::Progress;

use crate::args::Global;
use anyhow::Context as _;
use clap::ColorChoice;
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

    /// May results carry colour?
    pub(crate) fn color(&self) -> bool {
        self.color_stdout
    }

    /// Prints one line (or several) of the result to stdout.
    pub(crate) fn out(line: impl Display) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{line}")
            .and_then(|()| stdout.flush())
            .context("could not write to standard output")
    }

    /// Prints the result as indented JSON to stdout.
    pub(crate) fn out_json(value: &impl Serialize) -> anyhow::Result<()> {
        let text =
            serde_json::to_string_pretty(value).context("could not write the result as JSON")?;
        Self::out(text)
    }

    /// Tells what is being done, on stderr; `--quiet` silences it.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            Self::stderr(format_args!("{line}\n"));
        }
    }

    /// Shows long work: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.
    pub(crate) fn progress(&self, len: u64, label: &str) -> Progress {
        Progress::new(*self, len, label)
    }

    /// Prints an error with its causes and the next step to stderr.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        Self::stderr(report::Report {
            error,
            color: self.color_stderr,
        });
    }

    fn stderr(text: impl Display) {
        // A closed stderr must not end the command.
        let _ = write!(io::stderr().lock(), "{text}");
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
