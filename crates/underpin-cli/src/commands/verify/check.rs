//! What one check found.

use crate::context::Context;
use crate::output::Ink;
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

    /// The next step, where there is one.
    pub(super) fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
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

/// A check as it is printed, in colour or not; it reads the same without. Its next step stands below.
pub(super) struct Line<'a> {
    pub(super) check: &'a Check,
    pub(super) context: &'a Context,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, context } = self;
        let (word, ink) = match check.outcome {
            Outcome::Ok => ("ok", Ink::Green),
            Outcome::Warn => ("warn", Ink::Yellow),
            Outcome::Fail => ("fail", Ink::Red),
            Outcome::Skip => ("skip", Ink::Gray),
        };
        let ink = context.ink(ink);
        write!(f, "{ink}{word:<4}{ink:#} {}: {}", check.name, check.text)
    }
}

/// Without colour, its next step below.
#[cfg(test)]
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.outcome {
            Outcome::Ok => "ok",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
            Outcome::Skip => "skip",
        };
        write!(f, "{word:<4} {}: {}", self.name, self.text)?;
        self.hint
            .iter()
            .try_for_each(|hint| write!(f, "\n     hint: {hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_one_line_whatever_a_server_says() {
        let check = Check::warn("clock", "two\nlines").hint("run an NTP client");
        assert_eq!(check.text, "two lines");
        assert_eq!(check.next_step(), Some("run an NTP client"));
    }
}
