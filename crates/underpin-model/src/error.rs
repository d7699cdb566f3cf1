//! The error of models and repositories: which model, which field, which constraint.

use crate::doing::Doing;
use crate::statement::Origin;
use crate::{Fault, FaultKind, Table, fault};
use std::borrow::Cow;
use std::fmt;
use underpin_core::ErrorKind;

underpin_core::define_error! {
    /// Why a row could not be read or written.
    ///
    /// `kind()` decides what to do; [`fault`](Error::fault) names model, field and constraint; `source()` keeps the
    /// cause. Values of rows are in none of its texts.
    ///
    /// # Example
    /// ```
    /// use underpin_model::{Error, FaultKind};
    ///
    /// fn status(error: &Error) -> u16 {
    ///     match error.fault().map(|fault| fault.kind) {
    ///         Some(FaultKind::NotFound) => 404,
    ///         Some(FaultKind::Duplicate | FaultKind::Stale) => 409,
    ///         Some(_) => 422,
    ///         None => 500,
    ///     }
    /// }
    /// # let _ = status;
    /// ```
    pub struct Error;
}

impl Error {
    /// An error about a model.
    pub(crate) fn of(message: impl Into<Cow<'static, str>>, fault: Fault) -> Self {
        let kind = fault.kind.error_kind();
        let faults = vec![fault];
        Self::new(kind, message).with_source(Faults {
            faults,
            cause: None,
        })
    }

    /// Everything that validation found, when it found anything.
    pub(crate) fn unless_valid(table: &Table, faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            return Ok(());
        }
        let message = format!("this is not a valid {}", table.model);
        let faults = Faults {
            faults,
            cause: None,
        };
        Err(Self::new(ErrorKind::InvalidInput, message).with_source(faults))
    }

    /// What a statement about a model ended in: `could not create a Note`.
    ///
    /// `column_of` says which column the value of a parameter is for.
    pub(crate) fn of_statement(
        table: &Table,
        doing: Doing,
        cause: underpin_pool::Error,
        column_of: impl FnOnce(usize) -> Option<Origin>,
    ) -> Self {
        let message = format!("could not {doing} {}", table.model);
        let sent = fault::of_sending(table, &cause, column_of);
        match sent.or_else(|| fault::of_statement(table, doing, &cause)) {
            Some(fault) => {
                let faults = vec![fault];
                let cause = Some(cause);
                let kind = cause
                    .as_ref()
                    .map_or(ErrorKind::Internal, underpin_pool::Error::kind);
                Self::new(kind, message).with_source(Faults { faults, cause })
            }
            None => Self::caused_by(message, cause),
        }
    }

    /// What is wrong with which model, field and constraint; the first of several.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.faults().first()
    }

    /// Everything that is wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        let mut causes = underpin_core::Chain(self).iter();
        let faults = causes.find_map(|cause| cause.downcast_ref::<Faults>());
        faults.map_or(&[], |faults| &faults.faults)
    }

    /// Is it this kind of fault?
    #[must_use]
    pub fn is(&self, kind: FaultKind) -> bool {
        self.fault().is_some_and(|fault| fault.kind == kind)
    }

    /// Will running the whole transaction again help: after 40001, 40P01, or a statement that was out of date?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let mut causes = underpin_core::Chain(self).iter();
        causes.any(|cause| {
            let cause = cause.downcast_ref::<underpin_pool::Error>();
            cause.is_some_and(underpin_pool::Error::is_retryable)
        })
    }
}

impl From<underpin_pool::Error> for Error {
    fn from(cause: underpin_pool::Error) -> Self {
        Self::caused_by("the statement failed", cause)
    }
}

/// What is wrong, and what the database said about it.
#[derive(Debug)]
struct Faults {
    faults: Vec<Fault>,
    cause: Option<underpin_pool::Error>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}
