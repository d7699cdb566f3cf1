//! What a report of PostgreSQL's says about a model's row: told by codes, routines and names, never by words, which the
//! server translates.

use crate::doing::Doing;
use crate::fault::field_of;
use crate::{Fault, FaultKind, Table, models};
use underpin_core::ErrorKind;
use underpin_pool::ServerError;
use underpin_schema::{ConstraintKind, IndexKey, Target};

/// What is wrong with a model's row; None when the row is not what is wrong.
pub(crate) fn of_report(
    table: &Table,
    doing: Doing,
    kind: ErrorKind,
    report: &ServerError,
) -> Option<Fault> {
    let is_pointed_at = || doing.may_be_pointed_at() && !(doing.writes() && is_own(table, report));
    let (kind, words) = match (report.code.as_str(), kind) {
        ("22001", _) => (FaultKind::TooLong, "is longer than its column"),
        ("22P02", _) if is_of_enum(report) => (
            FaultKind::InvalidLabel,
            "is no label of its enum in the database",
        ),
        (_, ErrorKind::UniqueViolation) => (FaultKind::Duplicate, "is what another row has"),
        (_, ErrorKind::ForeignKeyViolation) if is_pointed_at() => {
            let mut fault = fault(
                table,
                report,
                FaultKind::ForeignKey,
                "is still pointed at by another row",
            );
            fault.field = pointed_at(table, report).or_else(|| in_detail(table, report));
            return Some(fault);
        }
        (_, ErrorKind::ForeignKeyViolation) => {
            (FaultKind::ForeignKey, "points to a row that does not exist")
        }
        (_, ErrorKind::CheckViolation) => (FaultKind::Check, "is refused by a check"),
        (_, ErrorKind::ExclusionViolation) => (FaultKind::Exclusion, "is excluded by another row"),
        (_, ErrorKind::NotNullViolation) => (FaultKind::Null, "is required"),
        _ => return None,
    };
    let mut fault = fault(table, report, kind, words);
    fault.field = match &report.column {
        Some(column) => Some(field_of(table, column)),
        None => of_constraint(table, report)
            .or_else(|| in_detail(table, report))
            .or_else(|| of_check(table, report)),
    };
    Some(fault)
}

fn fault(table: &Table, report: &ServerError, kind: FaultKind, words: &'static str) -> Fault {
    let mut fault = Fault::new(kind, table.model, None, words);
    fault.constraint.clone_from(&report.constraint);
    fault
}

/// Is the value that could not be read one of an enum?
fn is_of_enum(report: &ServerError) -> bool {
    matches!(report.routine.as_deref(), Some("enum_in" | "enum_recv"))
}

/// Is it a constraint of this model's own table? A partition has its constraints under the same names.
fn is_own(table: &Table, report: &ServerError) -> bool {
    let is_table = report.table.as_deref() == Some(table.name)
        && (table.schema.is_none() || report.schema.as_deref() == table.schema);
    is_table || of_constraint(table, report).is_some()
}

/// The fields of the model's constraint, or unique index, that is violated.
fn of_constraint(table: &Table, report: &ServerError) -> Option<String> {
    let name = report.constraint.as_deref()?;
    let facts = table.facts();
    if let Some(constraint) = facts.constraints.get(name) {
        return match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                fields(table, &key.columns)
            }
            ConstraintKind::ForeignKey(key) => fields(table, &key.columns),
            ConstraintKind::Check(_) | ConstraintKind::Exclusion(_) => None,
        };
    }
    let index = facts.indexes.get(name)?;
    let column = |key: &IndexKey| match &key.target {
        Target::Column(name) => Some(name.clone()),
        Target::Expression(_) => None,
    };
    let columns: Option<Vec<String>> = index.keys.iter().map(column).collect();
    fields(table, &columns?)
}

/// The fields that a foreign key of another model points at.
fn pointed_at(table: &Table, report: &ServerError) -> Option<String> {
    let name = report.constraint.as_deref()?;
    let is_other = |other: &&&Table| Some(other.name) == report.table.as_deref();
    let all = models();
    let facts = all.iter().find(is_other)?.facts();
    match &facts.constraints.get(name)?.kind {
        ConstraintKind::ForeignKey(key) if key.table.name == table.name => {
            fields(table, &key.referenced)
        }
        _ => None,
    }
}

/// The columns in `(owner_id, title)=(…)`, which stands so in the detail of every language, without the values. For
/// constraints that the model does not know; only what are columns of the model counts.
fn in_detail(table: &Table, report: &ServerError) -> Option<String> {
    let (before, _) = report.detail()?.split_once(")=(")?;
    let (_, columns) = before.rsplit_once('(')?;
    let columns: Vec<&str> = columns
        .split(", ")
        .map(|column| column.trim_matches('"'))
        .collect();
    fields(table, &columns)
}

/// The fields of columns, separated by commas; None when one is not the model's.
fn fields<T: AsRef<str>>(table: &Table, columns: &[T]) -> Option<String> {
    let fields = columns
        .iter()
        .map(|name| table.column(name.as_ref()).map(|column| column.field));
    Some(fields.collect::<Option<Vec<_>>>()?.join(", "))
}

/// The field at which the check of this name was written.
fn of_check(table: &Table, report: &ServerError) -> Option<String> {
    let name = report.constraint.as_deref()?;
    let at_column = |column: &&str| {
        !column.is_empty()
            && name
                .strip_prefix(table.name)
                .is_some_and(|rest| rest.starts_with(&format!("_{column}_check")))
    };
    let named = table
        .checks
        .iter()
        .find(|check| check.name == Some(name))
        .map(|check| check.column);
    let column = named.or_else(|| {
        table
            .checks
            .iter()
            .map(|check| check.column)
            .find(at_column)
    })?;
    (!column.is_empty()).then(|| field_of(table, column))
}
