//! What is wrong with the settings: collected, so that one start reports all of it.

use crate::{Chain, ErrorKind};
use std::error::Error as StdError;
use std::io;
use std::path::Path;

crate::define_error! {
    /// Why the settings cannot be used; names each key, its source and what is allowed.
    pub struct Error;
}

const PROBLEMS_MAX: usize = 50;

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    hint: Option<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    pub(super) fn new(message: String) -> Self {
        Self {
            message,
            hint: None,
            cause: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Keeps the cause; it must be safe to print.
    pub(super) fn with_cause(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// A file of settings that cannot be read.
    pub(super) fn unreadable(path: &Path, cause: io::Error) -> Self {
        Self::new(format!("could not read {}", path.display()))
            .with_cause(cause)
            .with_hint("correct the path, or make the file readable")
    }

    fn into_error(self) -> Error {
        let Self {
            message,
            hint,
            cause,
        } = self;
        let mut error = Error::new(ErrorKind::Config, message);
        if let Some(hint) = hint {
            error = error.with_hint(hint);
        }
        match cause {
            Some(cause) => error.with_source(cause),
            None => error,
        }
    }

    fn line(&self) -> String {
        match &self.cause {
            Some(cause) => format!("\n- {}: {}", self.message, Chain(cause.as_ref())),
            None => format!("\n- {}", self.message),
        }
    }
}

/// One problem is the error; of several, each gets a line.
pub(super) fn check(mut problems: Vec<Problem>) -> Result<(), Error> {
    let count = problems.len();
    let Some(last) = problems.pop() else {
        return Ok(());
    };
    if count == 1 {
        return Err(last.into_error());
    }
    problems.push(last);
    let mut message = format!("{count} settings are wrong");
    let mut hints: Vec<&str> = Vec::new();
    for problem in problems.iter().take(PROBLEMS_MAX) {
        message.push_str(&problem.line());
        hints.extend(problem.hint.as_deref().filter(|hint| !hints.contains(hint)));
    }
    if count > PROBLEMS_MAX {
        message.push_str(&format!("\n- and {} more", count - PROBLEMS_MAX));
    }
    let error = Error::new(ErrorKind::Config, message);
    Err(if hints.is_empty() {
        error
    } else {
        error.with_hint(hints.join("\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_problem_is_the_error_itself() {
        let problem = Problem::new(String::from("a is wrong")).with_hint("do b");
        let error = check(vec![problem]).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint()),
            ("a is wrong", Some("do b"))
        );
        assert!(check(Vec::new()).is_ok());
    }

    #[test]
    fn several_problems_get_a_line_each() {
        let make =
            |name: &str, hint: &str| Problem::new(format!("{name} is wrong")).with_hint(hint);
        let error = check(vec![make("a", "x"), make("b", "x"), make("c", "y")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "3 settings are wrong\n- a is wrong\n- b is wrong\n- c is wrong"
        );
        assert_eq!(error.hint(), Some("x\ny"));
    }

    #[test]
    fn the_list_has_an_end() {
        let problems = (0..60)
            .map(|n| Problem::new(format!("{n} is wrong")))
            .collect();
        let text = check(problems).unwrap_err().to_string();
        assert!(
            text.starts_with("60 settings") && text.ends_with("- 49 is wrong\n- and 10 more"),
            "{text}"
        );
    }
}
