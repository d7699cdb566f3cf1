//! A sequence.

use super::fact::fact;
use super::{Part, Privileges, QualifiedName};
use serde::Serialize;

/// What `CREATE SEQUENCE` makes, or a `serial` column with it. Those of identity columns belong to the column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sequence {
    /// Its name.
    pub name: QualifiedName,
    /// How it counts.
    pub options: SequenceOptions,
    /// The column it is dropped with.
    pub owned_by: Option<Part>,
    /// Not written ahead; lost in a crash.
    pub unlogged: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// How a sequence counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SequenceOptions {
    /// `smallint`, `integer` or `bigint`.
    pub data_type: String,
    /// The first value.
    pub start: i64,
    /// What is added each time.
    pub increment: i64,
    /// The smallest value.
    pub minimum: i64,
    /// The greatest value.
    pub maximum: i64,
    /// How many values a session takes at once.
    pub cache: i64,
    /// Begins again after the last value.
    pub cycle: bool,
}

impl Sequence {
    /// A sequence of `bigint` from 1 upwards.
    #[must_use]
    pub fn new(name: QualifiedName) -> Self {
        Self {
            name,
            options: SequenceOptions::ascending("bigint"),
            owned_by: None,
            unlogged: false,
            comment: None,
            privileges: Privileges::default(),
        }
    }
}

impl SequenceOptions {
    /// What PostgreSQL does when nothing is said: from 1, by 1, up to the greatest value of the type.
    #[must_use]
    pub fn ascending(data_type: &str) -> Self {
        Self {
            data_type: data_type.to_owned(),
            start: 1,
            increment: 1,
            minimum: 1,
            maximum: greatest(data_type),
            cache: 1,
            cycle: false,
        }
    }

    /// What PostgreSQL takes for options left out, given type and direction.
    #[must_use]
    pub fn defaults_for(data_type: &str, increment: i64) -> Self {
        let ascending = Self::ascending(data_type);
        if increment >= 0 {
            return Self {
                increment,
                ..ascending
            };
        }
        Self {
            start: -1,
            increment,
            minimum: -greatest(data_type) - 1,
            maximum: -1,
            ..ascending
        }
    }
}

fn greatest(data_type: &str) -> i64 {
    match data_type {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    }
}

fact!(Sequence, name: QualifiedName);
