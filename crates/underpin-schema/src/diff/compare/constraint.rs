//! Constraints of tables.

use super::options::parameters;
use crate::diff::change::{Change, ChangeKind};
use crate::{
    Constraint, ConstraintKind, Deferral, Key, Object, Origin, Parameters, Part, Table,
    quote_identifier,
};

pub(super) fn constraint(from: &Constraint, table: &Table, to: &Constraint) -> Option<Vec<Change>> {
    let part = Part::new(table.name.clone(), &to.name);
    let object = Object::Constraint(part.clone());
    let mut changes = Vec::new();
    let mut alter = |sql: String| changes.push(Change::alter(object.clone(), sql));
    let (name, table_name) = (quote_identifier(&to.name), &table.name);
    if let (Some(old), Some(new)) = (from.as_key(), to.as_key()) {
        let index = table.name.sibling(&to.name);
        for action in parameters(&old.parameters, &new.parameters) {
            alter(format!("ALTER INDEX {index} {action}"));
        }
        if old.tablespace != new.tablespace {
            let tablespace = quote_identifier(new.tablespace.as_deref().unwrap_or("pg_default"));
            alter(format!("ALTER INDEX {index} SET TABLESPACE {tablespace}"));
        }
    }
    let mut before = with_defaults(from);
    let after = with_defaults(to);
    if before.deferral != after.deferral && before.as_foreign_key().is_some() {
        let deferral = match after.deferral {
            Deferral::NotDeferrable => "NOT DEFERRABLE",
            Deferral::InitiallyImmediate => "DEFERRABLE INITIALLY IMMEDIATE",
            Deferral::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
        };
        alter(format!(
            "ALTER TABLE {table_name} ALTER CONSTRAINT {name} {deferral}"
        ));
        before.deferral = after.deferral;
    }
    if !before.validated && after.validated && after.enforced {
        let sql = format!("ALTER TABLE {table_name} VALIDATE CONSTRAINT {name}");
        let kind = ChangeKind::ValidateConstraint(part);
        changes.push(Change::new(object, kind, vec![sql]));
        before.validated = true;
    }
    (before == after).then_some(changes)
}

/// Without what can be changed in place, and without what attaching and inheriting change.
fn with_defaults(constraint: &Constraint) -> Constraint {
    let mut plain = constraint.clone();
    plain.origin = Origin::Own;
    plain.comment = None;
    plain.index_comment = None;
    if let ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) = &mut plain.kind {
        *key = Key {
            parameters: Parameters::new(),
            tablespace: None,
            complete: true,
            part_of: None,
            ..key.clone()
        };
    }
    plain
}
