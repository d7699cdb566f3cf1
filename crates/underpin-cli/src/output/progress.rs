//! Progress of long work: a bar on a terminal, plain lines elsewhere.

use super::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a plain line tells where the work is.
const PLAIN_LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far work is; dropped without [`Progress::finish`] it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Progress {
    output: Output,
    label: String,
    bar: ProgressBar,
    is_plain: bool,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub(super) fn new(output: Output, len: u64, label: &str) -> Self {
        let on_terminal = io::stderr().is_terminal();
        // Nothing is drawn until the amount of work is known: a question may come before.
        let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::hidden());
        bar.set_style(style(output.color_stderr));
        bar.set_message(label.to_owned());
        let progress = Self {
            output,
            label: label.to_owned(),
            bar,
            is_plain: !on_terminal,
            last_line: Mutex::new(Instant::now()),
        };
        if len > 0 {
            progress.show();
        }
        progress
    }

    /// `count` more are done.
    pub(crate) fn inc(&self, count: u64) {
        self.bar.inc(count);
        if self.is_plain && self.line_is_due() {
            let (done, len) = (self.bar.position(), self.bar.length().unwrap_or_default());
            self.output
                .note(format_args!("{}: {done} of {len}", self.label));
        }
    }

    /// The amount of work is known better now.
    pub(crate) fn set_len(&self, len: u64) {
        self.bar.set_length(len);
        self.show();
    }

    fn show(&self) {
        if !self.is_plain && !self.output.quiet {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Prints a line above the bar.
    pub(crate) fn note(&self, line: impl Display) {
        self.bar.suspend(|| self.output.note(line));
    }

    /// Removes the bar; the command prints its own result.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }

    fn line_is_due(&self) -> bool {
        let Ok(mut last) = self.last_line.lock() else {
            return false;
        };
        let is_due = last.elapsed() >= PLAIN_LINE_EVERY;
        if is_due {
            *last = Instant::now();
        }
        is_due
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(color: bool) -> ProgressStyle {
    let template = if color {
        "{msg} {bar:30.cyan/blue} {pos}/{len} ({per_sec}, {eta} left)"
    } else {
        "{msg} {bar:30} {pos}/{len} ({per_sec}, {eta} left)"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
