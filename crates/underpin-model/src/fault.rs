//! What is wrong with which model, field and constraint.

use crate::doing::Doing;
use crate::statement::Origin;
use crate::{InvalidLabel, Table, violation};
use std::fmt;
use underpin_core::{Chain, ErrorKind};
use underpin_pool::NulCharacter;

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
    /// There are several such rows where one was expected.
    TooManyRows,
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
            Self::TooManyRows => ErrorKind::TooManyRows,
            Self::TooLong | Self::Invalid | Self::UnknownColumn | Self::Limit => {
                ErrorKind::InvalidInput
            }
        }
    }
}

/// What is wrong with which model, field and constraint. Values of rows are in none of its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The model's name.
    pub model: &'static str,
    /// The field, when it is about one; several of a key are separated by commas.
    pub field: Option<String>,
    /// The parameter of a query string that it is about, as it was sent: `limit`, `created_at[gte]`. Shortened and escaped.
    pub parameter: Option<String>,
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
            parameter: None,
            constraint: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.parameter, &self.field) {
            (Some(parameter), _) => write!(f, "query parameter \"{parameter}\"")?,
            (None, Some(field)) => write!(f, "{}.{field}", self.model)?,
            (None, None) => f.write_str(self.model)?,
        }
        write!(f, " {}", self.message)?;
        if let Some(constraint) = &self.constraint {
            write!(f, " (constraint {constraint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// What is wrong with a model's row according to an error of the pool; None when the row is not what is wrong.
pub(crate) fn of_statement(
    table: &Table,
    doing: Doing,
    error: &underpin_pool::Error,
) -> Option<Fault> {
    match error.server() {
        Some(report) => violation::of_report(table, doing, error.kind(), report),
        None => of_decoding(table, error),
    }
}

/// A value of the database that does not fit its Rust type.
fn of_decoding(table: &Table, error: &underpin_pool::Error) -> Option<Fault> {
    let causes = || Chain(error).iter();
    let label = causes().find_map(|cause| cause.downcast_ref::<InvalidLabel>());
    let (kind, words) = if let Some(label) = label {
        (FaultKind::InvalidLabel, label.to_string())
    } else if causes().any(|cause| cause.is::<postgres_types::WasNull>()) {
        (FaultKind::Null, String::from("is NULL in the database"))
    } else {
        return None;
    };
    let field = error.column().map(|column| field_of(table, column));
    Some(Fault::new(kind, table.model, field.as_deref(), words))
}

/// A value that could not be sent, since it does not fit the type of its column.
pub(crate) fn of_sending(
    table: &Table,
    error: &underpin_pool::Error,
    column_of: impl FnOnce(usize) -> Option<Origin>,
) -> Option<Fault> {
    let Origin { column, of } = column_of(error.parameter()?)?;
    let table = of.unwrap_or(table);
    let has_nul = Chain(error).iter().any(|cause| cause.is::<NulCharacter>());
    let words = if has_nul {
        NUL
    } else {
        "does not fit its column"
    };
    let field = field_of(table, column);
    Some(Fault::new(
        FaultKind::Invalid,
        table.model,
        Some(&field),
        words,
    ))
}

/// What is wrong with text that has one.
pub(crate) const NUL: &str = "has a NUL character, which PostgreSQL cannot store";

/// The field of a column; the column itself when the model does not have it.
pub(crate) fn field_of(table: &Table, column: &str) -> String {
    let field = table.column(column).map(|column| column.field);
    String::from(field.unwrap_or(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_model_field_and_constraint() {
        let mut fault = Fault::new(
            FaultKind::Duplicate,
            "Note",
            Some("title"),
            "is what another row has",
        );
        fault.constraint = Some(String::from("notes_title_key"));
        assert_eq!(
            fault.to_string(),
            "Note.title is what another row has (constraint notes_title_key)"
        );
    }
}
