//! The live layer: what a database says about the tables of a migration.

mod read;

use super::name::Name;
use super::settings::PgVersion;
use crate::files::Version;
use serde::Deserialize;

/// Most rows that a scan under a lock gets through before anybody notices.
const ROWS_SMALL: f64 = 10_000.0;

/// Most bytes of a table that may be rewritten before anybody notices.
const BYTES_SMALL: i64 = 16 * 1024 * 1024;

/// What is known of a database.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The server's version.
    pub server: PgVersion,
    /// The tables that were asked about and exist.
    pub relations: Vec<Relation>,
    /// The newest migration that was applied, when there is a ledger.
    pub head: Option<Version>,
    /// All migrations that were applied.
    pub applied: Vec<Version>,
}

/// A table, a partition or a materialised view.
#[derive(Debug, Clone, Deserialize)]
pub struct Relation {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `pg_class.relkind`: `r` table, `p` partitioned table, `m` materialised view.
    pub kind: char,
    /// The planner's estimate; none before the first ANALYZE.
    pub rows: Option<f64>,
    /// Size with indexes and TOAST.
    pub bytes: i64,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// Its CHECK constraints that are valid.
    pub checks: Vec<CheckConstraint>,
    /// The columns that decide the partition of a row; expressions are left out.
    pub partition_key: Vec<String>,
    /// Has it a constraint that is deferred unless told otherwise, or is it referred to by one?
    pub deferred: bool,
}

/// A column.
#[derive(Debug, Clone, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as `format_type` spells it.
    pub ty: String,
    /// Is it NOT NULL?
    pub not_null: bool,
}

/// An index.
#[derive(Debug, Clone, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Did its build end well?
    pub valid: bool,
    /// Is it unique?
    pub unique: bool,
    /// Its plain columns, in order; expressions are left out.
    pub columns: Vec<String>,
}

/// A CHECK constraint.
#[derive(Debug, Clone, Deserialize)]
pub struct CheckConstraint {
    /// Its name.
    pub name: String,
    /// `pg_get_constraintdef`.
    pub definition: String,
    /// The columns that it reads.
    pub columns: Vec<String>,
}

impl Facts {
    pub(super) fn relation(&self, table: &Name) -> Option<&Relation> {
        self.relations.iter().find(|it| {
            it.name == table.name
                && table
                    .schema
                    .as_ref()
                    .is_none_or(|schema| *schema == it.schema)
        })
    }
}

impl Relation {
    /// Is work that grows with the table done before anybody notices?
    pub(super) fn is_small(&self) -> bool {
        self.rows.is_none_or(|rows| rows <= ROWS_SMALL) && self.bytes <= BYTES_SMALL
    }

    /// `12.3 million rows, 4.5 GiB`.
    pub(super) fn size(&self) -> String {
        let rows = match self.rows {
            None => String::from("never analysed"),
            Some(rows) if rows >= 1e6 => format!("{:.1} million rows", rows / 1e6),
            Some(rows) => format!("{rows} row{}", if rows == 1.0 { "" } else { "s" }),
        };
        format!("{rows}, {}", bytes(self.bytes))
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|it| it.name == name)
    }

    /// Is there a usable index that begins with these columns, in any order?
    pub(super) fn has_index_on(&self, columns: &[String]) -> bool {
        self.indexes.iter().any(|index| {
            let first = index.columns.get(..columns.len()).unwrap_or_default();
            index.valid && !first.is_empty() && columns.iter().all(|it| first.contains(it))
        })
    }

    /// Does a valid constraint promise that the column is never NULL, by itself or as one of several conditions?
    pub(super) fn is_checked_not_null(&self, column: &str) -> bool {
        let quoted = squawk_syntax::quote::quote_ident(column);
        let promise = format!("({quoted} IS NOT NULL)");
        self.checks.iter().any(|check| {
            let either = ["OR", "NOT", "CASE"];
            let rest = check.definition.replace("IS NOT NULL", "");
            let mut words = rest.split(|it: char| !it.is_ascii_alphanumeric());
            check.definition.contains(&promise) && !words.any(|it| either.contains(&it))
        })
    }

    /// Does a valid constraint read the columns that decide the partition, as one with the partition's bounds does?
    pub(super) fn has_check_on(&self, columns: &[String]) -> bool {
        self.checks
            .iter()
            .any(|check| columns.iter().all(|it| check.columns.contains(it)))
    }
}

fn bytes(count: i64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut whole = count;
    let mut tenths = 0;
    while whole >= 1024 && unit + 1 < units.len() {
        tenths = (whole % 1024) * 10 / 1024;
        whole /= 1024;
        unit += 1;
    }
    match unit {
        0 => format!("{whole} bytes"),
        _ => format!("{whole}.{tenths} {}", units[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        let check = |count, expected: &str| assert_eq!(bytes(count), expected);
        check(0, "0 bytes");
        check(8192, "8.0 KiB");
        check(1_610_612_736, "1.5 GiB");
        check(i64::MAX, "8388607.9 TiB");
    }
}
