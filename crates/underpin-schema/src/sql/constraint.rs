//! Constraints.

use super::list::{names, tablespace_clause, with_clause};
use crate::{
    Action, Constraint, ConstraintKind, Deferral, ForeignKey, Key, Match, QualifiedName,
    quote_identifier,
};

/// `ALTER TABLE … ADD CONSTRAINT`, `NOT VALID` when it is not validated. The key of a partitioned table that is not
/// complete is added to that table alone.
#[must_use]
pub fn add_constraint(table: &QualifiedName, constraint: &Constraint) -> String {
    let definition = constraint_definition(constraint);
    let is_unchecked = !constraint.validated && constraint.enforced;
    let not_valid = if is_unchecked { " NOT VALID" } else { "" };
    let only = if constraint.is_complete() {
        ""
    } else {
        "ONLY "
    };
    format!("ALTER TABLE {only}{table} ADD {definition}{not_valid}")
}

/// A constraint as `CREATE TABLE` takes it: `CONSTRAINT notes_pkey PRIMARY KEY (id)`.
#[must_use]
pub fn constraint_definition(constraint: &Constraint) -> String {
    let what = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => format!("PRIMARY KEY {}", key_clause(key)),
        ConstraintKind::Unique(key) if key.nulls_distinct => format!("UNIQUE {}", key_clause(key)),
        ConstraintKind::Unique(key) => format!("UNIQUE NULLS NOT DISTINCT {}", key_clause(key)),
        ConstraintKind::ForeignKey(key) => foreign_key_clause(key),
        ConstraintKind::Check(check) => {
            let inherits = if check.inherits { "" } else { " NO INHERIT" };
            format!("CHECK ({}){inherits}", check.expression)
        }
        ConstraintKind::Exclusion(exclusion) => exclusion.definition.clone(),
    };
    let deferral = deferral(constraint);
    let enforced = if constraint.enforced {
        ""
    } else {
        " NOT ENFORCED"
    };
    let name = quote_identifier(&constraint.name);
    format!("CONSTRAINT {name} {what}{deferral}{enforced}")
}

/// `ALTER TABLE … ADD CONSTRAINT … USING INDEX`: an index of the table becomes that of a key, and gets its name.
#[must_use]
pub fn add_key_using_index(table: &QualifiedName, constraint: &Constraint, index: &str) -> String {
    let what = match constraint.kind {
        ConstraintKind::PrimaryKey(_) => "PRIMARY KEY",
        _ => "UNIQUE",
    };
    let (name, index) = (quote_identifier(&constraint.name), quote_identifier(index));
    let deferral = deferral(constraint);
    format!("ALTER TABLE {table} ADD CONSTRAINT {name} {what} USING INDEX {index}{deferral}")
}

fn deferral(constraint: &Constraint) -> &'static str {
    match constraint.deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " DEFERRABLE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn key_clause(key: &Key) -> String {
    let overlaps = if key.without_overlaps {
        " WITHOUT OVERLAPS"
    } else {
        ""
    };
    let mut sql = format!("({}{overlaps})", names(&key.columns));
    if !key.include.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", names(&key.include)));
    }
    sql.push_str(&with_clause(&key.parameters));
    if let Some(tablespace) = &key.tablespace {
        sql.push_str(&format!(
            " USING INDEX{}",
            tablespace_clause(Some(tablespace))
        ));
    }
    sql
}

fn foreign_key_clause(key: &ForeignKey) -> String {
    let (columns, referenced) = (
        key_columns(&key.columns, key.period),
        key_columns(&key.referenced, key.period),
    );
    let mut sql = format!(
        "FOREIGN KEY ({columns}) REFERENCES {} ({referenced})",
        key.table
    );
    if key.matching == Match::Full {
        sql.push_str(" MATCH FULL");
    }
    if key.on_update != Action::NoAction {
        sql.push_str(&format!(" ON UPDATE {}", key.on_update.sql()));
    }
    if key.on_delete != Action::NoAction {
        sql.push_str(&format!(" ON DELETE {}", key.on_delete.sql()));
    }
    if !key.on_delete_columns.is_empty() {
        sql.push_str(&format!(" ({})", names(&key.on_delete_columns)));
    }
    sql
}

/// With `PERIOD` before the last one.
fn key_columns(columns: &[String], period: bool) -> String {
    match columns.split_last() {
        Some((last, [])) if period => format!("PERIOD {}", quote_identifier(last)),
        Some((last, rest)) if period => {
            format!("{}, PERIOD {}", names(rest), quote_identifier(last))
        }
        _ => names(columns),
    }
}
