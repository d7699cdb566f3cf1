//! The crate's error.

use crate::files::Place;
use underpin_core::ErrorKind;

underpin_core::define_error! {
    /// Why migrations could not be read, planned or run.
    ///
    /// `kind()` decides what a caller does: [`LockDeadline`](ErrorKind::LockDeadline) is worth trying again,
    /// [`HistoryConflict`](ErrorKind::HistoryConflict) means files and ledger contradict each other,
    /// [`Refused`](ErrorKind::Refused) that going on would not be safe. The message names the file.
    pub struct Error;
}

impl Error {
    /// The text at `place` is not what it should be.
    pub(crate) fn bad_input(place: &Place, what: impl std::fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidInput, format!("{place}: {what}"))
    }

    /// Files and ledger contradict each other.
    pub(crate) fn conflict(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::HistoryConflict, message)
    }
}
