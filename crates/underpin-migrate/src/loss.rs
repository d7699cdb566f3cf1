//! What a way back would destroy, counted before it runs.

mod called;
mod doomed;
mod guard;
mod keep;
mod look;
mod measure;
mod purge;
mod restore;
mod rows;
mod seen;
mod target;
mod trial;

pub use purge::Kept;
pub use restore::Restored;

pub(crate) use guard::{Guard, Stop};
pub(crate) use keep::Keeper;
pub(crate) use measure::misfits;
pub(crate) use purge::{purge, quarantined};
pub(crate) use restore::{Mode, restore};
pub(crate) use trial::Trial;

use crate::Error;
use crate::sql::Statement;
use serde::Serialize;
use std::fmt;
use underpin_core::ErrorKind;

/// Where kept tables and columns go.
pub(crate) const QUARANTINE: &str = "underpin_quarantine";

/// Most losses that an error spells out.
const SHOWN_MAX: usize = 10;

/// What to do when a way back would destroy data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataLoss {
    /// Refuse, with the numbers.
    #[default]
    Refuse,
    /// Copy what would be lost into the schema `underpin_quarantine`, in the same transaction; refuse what cannot be
    /// copied.
    Quarantine,
    /// Copy what can be copied, and go ahead with the rest.
    QuarantineOrAllow,
    /// Go ahead.
    Allow,
}

/// Data that a statement would destroy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The file and the line of the statement.
    pub place: String,
    /// What would be lost of what.
    pub object: String,
    /// What is counted.
    pub what: Lost,
    /// How many.
    pub count: u64,
    /// Why nobody can tell, of what is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is counted of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lost {
    /// Rows of a table.
    Rows,
    /// Values of a column that are not NULL.
    Values,
    /// Values of a column that do not fit its new type, or would not come back as they are.
    Casts,
    /// Rows that a statement deletes, itself or by a trigger, a rule or a foreign key: not kept by a quarantine.
    Deleted,
    /// Rows with values that a statement overwrites, as it deletes: not kept by a quarantine either.
    Overwritten,
    /// Nobody can tell before the statement has run.
    Unknown,
}

impl Loss {
    fn counted(statement: &Statement, object: String, what: Lost, count: u64) -> Self {
        Self {
            place: statement.place().to_string(),
            object,
            what,
            count,
            reason: None,
        }
    }

    fn unknown(statement: &Statement, reason: impl Into<String>) -> Self {
        Self {
            place: statement.place().to_string(),
            object: String::from("this statement"),
            what: Lost::Unknown,
            count: 1,
            reason: Some(reason.into()),
        }
    }

    fn can_be_kept(&self) -> bool {
        !matches!(self.what, Lost::Deleted | Lost::Overwritten | Lost::Unknown)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            object,
            what,
            count,
            reason,
        } = self;
        let s = if *count == 1 { "" } else { "s" };
        match what {
            Lost::Rows => write!(f, "{place}: {count} row{s} of {object}"),
            Lost::Values => write!(f, "{place}: {count} value{s} of {object}"),
            Lost::Casts => write!(
                f,
                "{place}: {count} value{s} of {object} that its new type does not keep"
            ),
            Lost::Deleted => write!(
                f,
                "{place}: {count} row{s} that this statement deletes from {object}"
            ),
            Lost::Overwritten => write!(
                f,
                "{place}: values of {count} row{s} that this statement overwrites in {object}"
            ),
            Lost::Unknown => {
                write!(
                    f,
                    "{place}: {object} may destroy anything, and nobody can count it"
                )?;
                match reason {
                    Some(reason) => write!(f, ": {reason}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Refuses, with numbers, what the settings do not allow, before anything is run.
pub(crate) fn refuse(losses: &[Loss], allowed: DataLoss) -> Result<(), Error> {
    refused(
        losses,
        allowed,
        "reverting would destroy data",
        "nothing was run",
    )
}

/// The same while it runs: more is there than was counted before.
fn refuse_late(losses: &[Loss], allowed: DataLoss) -> Result<(), Error> {
    let message =
        "reverting would destroy data that was not there, or not seen, when it was counted";
    refused(losses, allowed, message, "its transaction was rolled back")
}

fn refused(
    losses: &[Loss],
    allowed: DataLoss,
    message: &str,
    state: &'static str,
) -> Result<(), Error> {
    let refused: Vec<&Loss> = match allowed {
        DataLoss::Allow | DataLoss::QuarantineOrAllow => Vec::new(),
        DataLoss::Refuse => losses.iter().collect(),
        DataLoss::Quarantine => losses.iter().filter(|it| !it.can_be_kept()).collect(),
    };
    if refused.is_empty() {
        return Ok(());
    }
    let mut message = String::from(message);
    for loss in refused.iter().take(SHOWN_MAX) {
        message.push_str(&format!("\n{loss}"));
    }
    if refused.len() > SHOWN_MAX {
        message.push_str(&format!("\nand {} more", refused.len() - SHOWN_MAX));
    }
    let hint = if refused.iter().all(|it| it.can_be_kept()) {
        "add --quarantine to keep a copy in the schema underpin_quarantine, or --allow-data-loss to go ahead without"
    } else {
        "add --allow-data-loss to go ahead, and --quarantine to keep a copy of what can be kept"
    };
    Err(Error::new(ErrorKind::Refused, message).with_hint(format!("{hint}; {state}")))
}
