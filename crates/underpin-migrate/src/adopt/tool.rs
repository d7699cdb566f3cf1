//! The tools that can be taken over from, and what is particular to each.

mod alembic;
mod dbmate;
mod diesel;
mod flyway;
mod golang_migrate;
mod refinery;
mod sea_orm;
mod sqlx;

pub(super) use alembic::take_sql as take_alembic_sql;

use super::history::Row;
use super::project::{Change, Project};
use crate::Error;
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use underpin_core::ErrorKind;

/// A migration tool that Underpin takes over from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Tool {
    /// sqlx: `_sqlx_migrations`.
    Sqlx,
    /// refinery: `refinery_schema_history`.
    Refinery,
    /// diesel: `__diesel_schema_migrations`.
    Diesel,
    /// SeaORM: `seaql_migrations`.
    SeaOrm,
    /// Alembic: `alembic_version`.
    Alembic,
    /// Flyway: `flyway_schema_history`.
    Flyway,
    /// golang-migrate: `schema_migrations`, with a `dirty` flag.
    GolangMigrate,
    /// dbmate: `schema_migrations`, without one.
    Dbmate,
}

/// What is particular to a tool.
pub(super) trait Format: Sync {
    /// The table of its history.
    fn table(&self) -> &'static str;

    /// The columns by which that table is known, sorted: two tools may use one name.
    fn columns(&self) -> &'static [&'static str];

    /// Reads `{table}` in the order in which it was written, as [`Row`] wants it.
    fn history(&self) -> &'static str;

    /// Where its files usually lie.
    fn folders(&self) -> &'static [&'static str];

    /// Reads its files, in the order in which the tool runs them.
    fn read(&self, folder: &Path) -> Result<Project, Error>;

    /// One row for each migration that is applied, where the table does not say it so.
    fn applied(&self, rows: Vec<Row>, project: &mut Project) -> Result<Vec<Row>, Error> {
        let _ = project;
        Ok(rows)
    }

    /// Is the file still what was applied? True where the tool keeps no checksum.
    fn is_unchanged(&self, row: &Row, change: &Change) -> bool {
        let _ = (row, change);
        true
    }

    /// What to do about an applied migration that is in no file.
    fn find(&self, row: &Row) -> String {
        let _ = row;
        String::from("restore its file, or name the folder that it lies in with --source")
    }

    /// What to do about a migration that the tool says is half done.
    fn mend(&self) -> &'static str;
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sqlx,
        Self::Refinery,
        Self::Diesel,
        Self::SeaOrm,
        Self::Alembic,
        Self::Flyway,
        Self::GolangMigrate,
        Self::Dbmate,
    ];

    /// Its name, as `--from` takes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::Diesel => "diesel",
            Self::SeaOrm => "sea-orm",
            Self::Alembic => "alembic",
            Self::Flyway => "flyway",
            Self::GolangMigrate => "golang-migrate",
            Self::Dbmate => "dbmate",
        }
    }

    pub(super) fn format(self) -> &'static dyn Format {
        match self {
            Self::Sqlx => &sqlx::Sqlx,
            Self::Refinery => &refinery::Refinery,
            Self::Diesel => &diesel::Diesel,
            Self::SeaOrm => &sea_orm::SeaOrm,
            Self::Alembic => &alembic::Alembic,
            Self::Flyway => &flyway::Flyway,
            Self::GolangMigrate => &golang_migrate::GolangMigrate,
            Self::Dbmate => &dbmate::Dbmate,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tool {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|tool| tool.as_str() == text);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|tool| tool.as_str()).collect();
            let message = format!("{text:?} is no tool that can be taken over from");
            Error::new(ErrorKind::InvalidInput, message)
                .with_hint(format!("known are {}", names.join(", ")))
        })
    }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tools_name_is_read_as_it_is_written() {
        for tool in Tool::ALL {
            assert_eq!(tool.to_string().parse::<Tool>().expect("known"), tool);
        }
        let error = "liquibase".parse::<Tool>().expect_err("unknown");
        assert!(error.hint().is_some_and(|it| it.contains("golang-migrate")));
    }

    #[test]
    fn columns_are_sorted_because_they_are_compared_so() {
        for tool in Tool::ALL {
            assert!(tool.format().columns().is_sorted(), "{tool}");
        }
    }
}
