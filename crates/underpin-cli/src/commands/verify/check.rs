//! What one check found.

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;
use std::fmt;
use underpin_core::{Chain, Diagnose};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    /// The program would not work, or not for long.
    Fail,
    /// Not checked, because something it needs failed.
    Skip,
}

/// One line of the report.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    name: &'static str,
    outcome: Outcome,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Outcome::Ok, text)
    }

    pub(super) fn warn(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Outcome::Warn, text)
    }

    pub(super) fn fail(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Outcome::Fail, text)
    }

    pub(super) fn skip(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Outcome::Skip, text)
    }

    /// A failure with all its causes in one line, and its hint.
    pub(super) fn error(name: &'static str, error: &impl Diagnose) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self {
            hint,
            ..Self::fail(name, Chain(error).to_string())
        }
    }

    /// The same for an error of any kind.
    pub(super) fn any_error(name: &'static str, error: &anyhow::Error) -> Self {
        let hint = crate::error::hint(error).map(str::to_owned);
        Self {
            hint,
            ..Self::fail(name, Chain(error.as_ref()).to_string())
        }
    }

    /// Adds the next step.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn is_failure(&self) -> bool {
        self.outcome == Outcome::Fail
    }

    fn new(name: &'static str, outcome: Outcome, text: impl Into<String>) -> Self {
        // One line a check, whatever a server puts into its messages.
        let text = text.into().replace('\n', " ");
        Self {
            name,
            outcome,
            text,
            hint: None,
        }
    }
}

/// A check as it is printed, in colour or not; it reads the same without.
pub(super) struct Line<'a> {
    pub(super) check: &'a Check,
    pub(super) color: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Check {
            name,
            outcome,
            text,
            hint,
        } = self.check;
        let (word, color) = match outcome {
            Outcome::Ok => ("ok", AnsiColor::Green),
            Outcome::Warn => ("warn", AnsiColor::Yellow),
            Outcome::Fail => ("fail", AnsiColor::Red),
            Outcome::Skip => ("skip", AnsiColor::BrightBlack),
        };
        let style = if self.color {
            color.on_default()
        } else {
            Style::new()
        };
        write!(f, "{style}{word:<4}{style:#} {name}: {text}")?;
        if let Some(hint) = hint {
            write!(f, "\n     hint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line {
            check: self,
            color: false,
        }
        .fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_one_line_and_its_hint_stands_below() {
        assert_eq!(
            Check::ok("server", "PostgreSQL 15.8").to_string(),
            "ok   server: PostgreSQL 15.8"
        );
        let check = Check::warn("clock", "two\nlines").hint("run an NTP client");
        assert_eq!(
            check.to_string(),
            "warn clock: two lines\n     hint: run an NTP client"
        );
    }
}
