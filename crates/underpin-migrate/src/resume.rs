//! What an operator decides about a statement that was interrupted and that no catalog tells about.
//!
//! A statement that ends transactions as it goes (`DO` with `COMMIT`) may have kept a part of its work when it fails or
//! its connection ends. Running it again by itself would do that part twice, so the next run stops until somebody has
//! looked and decided. The decision names migration and statement: left in a script, it never covers a later one.

use crate::Error;
use crate::files::{Direction, Version};
use std::fmt;
use std::str::FromStr;
use underpin_core::ErrorKind;

/// A decision about one interrupted statement; spelled `20240501120000/3=done` or `20240501120000/3=again`.
///
/// ```
/// use underpin_migrate::{Decision, Resume};
///
/// let resume: Resume = "20240501120000/3=again".parse()?;
/// assert_eq!((resume.statement, resume.decision), (3, Decision::Again));
/// # Ok::<(), underpin_migrate::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The migration.
    pub version: Version,
    /// The number of the statement in its file, from 1.
    pub statement: u32,
    /// What to do with it.
    pub decision: Decision,
}

/// What to do with an interrupted statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// All of its work is there, or was finished by hand: go on after it.
    Done,
    /// Run it again from its beginning.
    Again,
}

impl Resume {
    /// Is it about this statement?
    pub(crate) fn is_about(&self, version: Version, statement: u32) -> bool {
        self.version == version && self.statement == statement
    }

    /// The error for a decision about a statement that was not interrupted.
    pub(crate) fn needless(&self) -> Error {
        let Self {
            version, statement, ..
        } = self;
        let message =
            format!("statement {statement} of migration {version} does not wait for a decision");
        Error::new(ErrorKind::InvalidInput, message).with_hint(
            "`underpin migrate status` says which statement was interrupted; without one leave --resume out",
        )
    }
}

/// What an operator may do about an interrupted statement, with the commands to type.
pub(crate) fn choices(direction: Direction, version: Version, statement: u32) -> String {
    let command = format!("underpin migrate {}", direction.as_str());
    let by_hand = match direction {
        Direction::Up => {
            format!(
                "; when all of the migration was done by hand: `underpin migrate stamp --to {version}`"
            )
        }
        Direction::Down => String::new(),
    };
    format!(
        "look at what it has done; when all of it is there or was finished by hand: `{command} --resume \
         {version}/{statement}=done`; to run it again from its beginning, once what must not happen twice is undone: \
         `{command} --resume {version}/{statement}=again`{by_hand}"
    )
}

impl fmt::Display for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = match self.decision {
            Decision::Done => "done",
            Decision::Again => "again",
        };
        write!(f, "{}/{}={decision}", self.version, self.statement)
    }
}

impl FromStr for Resume {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            let message = format!("{text:?} is not a decision about a statement");
            Error::new(ErrorKind::InvalidInput, message)
                .with_hint("write VERSION/STATEMENT=done or VERSION/STATEMENT=again, as in 20240501120000/3=done")
        };
        let (which, decision) = text.split_once('=').ok_or_else(wrong)?;
        let (version, statement) = which.split_once('/').ok_or_else(wrong)?;
        let decision = match decision {
            "done" => Decision::Done,
            "again" => Decision::Again,
            _ => return Err(wrong()),
        };
        Ok(Self {
            version: version.parse()?,
            statement: statement.parse().map_err(|_| wrong())?,
            decision,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_read_as_it_is_written() {
        for text in ["20240501120000/3=again", "20240501120000/1=done"] {
            let resume: Resume = text.parse().expect(text);
            assert_eq!(resume.to_string(), text);
        }
        for text in [
            "",
            "20240501120000=done",
            "20240501120000/x=done",
            "20240501120000/1=yes",
        ] {
            let error = text.parse::<Resume>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        }
    }
}
