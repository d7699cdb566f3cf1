//! What a way back would destroy, counted before it runs.

mod count;
mod doomed;
mod keep;
mod purge;
mod restore;
mod rows;
mod target;

pub use purge::Kept;
pub use restore::Restored;

pub(crate) use count::{count, misfits};
pub(crate) use keep::keep;
pub(crate) use purge::{purge, quarantined};
pub(crate) use restore::{Mode, restore};

use crate::Error;
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
    /// Rows that a DELETE finds: gone with it, and not kept by a quarantine.
    Deleted,
    /// Rows with values that an UPDATE overwrites: not kept by a quarantine either.
    Overwritten,
    /// Nobody can tell before the statement has run.
    Unknown,
}

impl Loss {
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
        } = self;
        let s = if *count == 1 { "" } else { "s" };
        match what {
            Lost::Rows => write!(f, "{place}: {count} row{s} of {object}"),
            Lost::Values => write!(f, "{place}: {count} value{s} of {object}"),
            Lost::Casts => write!(
                f,
                "{place}: {count} value{s} of {object}, which do not fit its new type"
            ),
            Lost::Deleted => write!(f, "{place}: {count} row{s} that {object} deletes"),
            Lost::Overwritten => write!(
                f,
                "{place}: values of {count} row{s} that {object} overwrites"
            ),
            Lost::Unknown => write!(
                f,
                "{place}: {object} may destroy anything, and nobody can count it"
            ),
        }
    }
}

/// Refuses, with numbers, what the settings do not allow.
pub(crate) fn refuse(losses: &[Loss], allowed: DataLoss) -> Result<(), Error> {
    let refused: Vec<&Loss> = match allowed {
        DataLoss::Allow | DataLoss::QuarantineOrAllow => Vec::new(),
        DataLoss::Refuse => losses.iter().collect(),
        DataLoss::Quarantine => losses.iter().filter(|it| !it.can_be_kept()).collect(),
    };
    if refused.is_empty() {
        return Ok(());
    }
    let mut message = String::from("reverting would destroy data");
    for loss in refused.iter().take(SHOWN_MAX) {
        message.push_str(&format!("\n{loss}"));
    }
    if refused.len() > SHOWN_MAX {
        message.push_str(&format!("\nand {} more", refused.len() - SHOWN_MAX));
    }
    let hint = if refused.iter().all(|it| it.can_be_kept()) {
        "add --quarantine to keep a copy in the schema underpin_quarantine, or --allow-data-loss to go ahead without; \
         nothing was run"
    } else {
        "add --allow-data-loss to go ahead, and --quarantine to keep a copy of what can be kept; nothing was run"
    };
    Err(Error::new(ErrorKind::Refused, message).with_hint(hint))
}
