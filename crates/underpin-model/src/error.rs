//! The error of models and repositories: which model, which field, which constraint.

use std::fmt;
use underpin_core::ErrorKind;

underpin_core::define_error! {
    /// Why a row could not be read or written.
    ///
    /// `kind()` decides what to do; [`fault`](Error::fault) names model, field and constraint; `source()` keeps the
    /// cause.
    pub struct Error;
}

impl Error {
    /// An error about a model.
    pub(crate) fn of(message: impl Into<std::borrow::Cow<'static, str>>, fault: Fault) -> Self {
        Self::new(fault.kind.error_kind(), message).with_source(fault)
    }

    /// What is wrong with which model, field and constraint.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        underpin_core::Chain(self)
            .iter()
            .find_map(|cause| cause.downcast_ref())
    }
}

impl From<underpin_pool::Error> for Error {
    fn from(cause: underpin_pool::Error) -> Self {
        Self::caused_by("the statement failed", cause)
    }
}

/// What is wrong, finer than [`ErrorKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// There is no such row, or it is deleted.
    NotFound,
    /// Another row has this value.
    Duplicate,
    /// The row was changed by someone else.
    Stale,
    /// The value points to a row that does not exist, or the row is still pointed at.
    ForeignKey,
    /// A check of the table refuses the value.
    Check,
    /// Another row excludes this one.
    Exclusion,
    /// NULL where a value is required.
    Null,
    /// The text is longer than its column.
    TooLong,
    /// The database holds a label that the enum does not know, or the other way round.
    InvalidLabel,
    /// A value is not what validation asks for.
    Invalid,
    /// The model has no such column, or it may not be used here.
    UnknownColumn,
    /// A limit of the library: too many values, a page too large.
    Limit,
}

impl FaultKind {
    /// The coarse kind.
    #[must_use]
    pub const fn error_kind(self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Duplicate => ErrorKind::UniqueViolation,
            Self::Stale => ErrorKind::StaleVersion,
            Self::ForeignKey => ErrorKind::ForeignKeyViolation,
            Self::Check => ErrorKind::CheckViolation,
            Self::Exclusion => ErrorKind::ExclusionViolation,
            Self::Null => ErrorKind::NotNullViolation,
            Self::InvalidLabel => ErrorKind::Decode,
            Self::TooLong | Self::Invalid | Self::UnknownColumn | Self::Limit => {
                ErrorKind::InvalidInput
            }
        }
    }
}

/// What is wrong with which model, field and constraint. Values of rows are in none of its texts.
#[derive(Debug)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The model's name.
    pub model: &'static str,
    /// The field, when it is about one.
    pub field: Option<String>,
    /// The constraint of the database, when one was violated.
    pub constraint: Option<String>,
    /// What is wrong in words, without values.
    pub message: String,
}

impl Fault {
    /// A fault of a model.
    pub(crate) fn new(
        kind: FaultKind,
        model: &'static str,
        field: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            model,
            field: field.map(String::from),
            constraint: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        write!(f, " {}", self.message)?;
        if let Some(constraint) = &self.constraint {
            write!(f, " (constraint {constraint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
