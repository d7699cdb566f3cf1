//! Columns and their defaults.

use super::identity::identity;
use super::options::parameters;
use super::{note_changes, owner_of};
use crate::create::Thing;
use crate::diff::change::{Change, ChangeKind};
use crate::diff::side::{Key, Side};
use crate::diff::type_change::{is_free, using};
use crate::{
    Column, Identity, NotNull, Object, Part, Privileges, Table, object_name, quote_identifier, sql,
};

/// The changes of a column; None when it can only be dropped and added.
pub(super) fn column(
    from: (&Table, &Column),
    to: (&Table, &Column),
    sides: (&Side<'_>, &Side<'_>),
) -> Option<Vec<Change>> {
    let (table, new) = to;
    let old = from.1;
    let object = Object::Column(Part::new(table.name.clone(), &new.name));
    let alter = |action: &str| {
        Change::alter(
            object.clone(),
            sql::alter_column(&table.name, &new.name, action),
        )
    };
    let mut changes = Vec::new();
    match (&old.generated, &new.generated) {
        (Some(generated), None) if generated.stored => changes.push(alter("DROP EXPRESSION")),
        (old, new) if old == new => {}
        _ => return None,
    }
    let identity = identity(from, to);
    let (drops, others) = match new.identity {
        None => (identity, Vec::new()),
        Some(_) => (Vec::new(), identity),
    };
    changes.extend(drops);
    if has_type_change(old, new) {
        changes.push(change_type(table, old, new, sides));
    }
    changes.extend(not_null(table, old.not_null.as_ref(), new, sides.1));
    changes.extend(others);
    changes.extend(settings(old, new).iter().map(|action| alter(action)));
    Some(changes)
}

/// What is to be said of a child's column after its parent's was added, and it with that.
pub(in crate::diff) fn differences_from_parent(
    above: &Column,
    table: &Table,
    new: &Column,
    sides: (&Side<'_>, &Side<'_>),
) -> Vec<Change> {
    let as_made = Column {
        name: new.name.clone(),
        identity: new.identity.clone().map(|identity| Identity {
            comment: None,
            privileges: Privileges::default(),
            ..identity
        }),
        not_null: above.not_null.as_ref().and(new.not_null.clone()),
        comment: None,
        privileges: Privileges::default(),
        ..above.clone()
    };
    let made = Thing::Column(table, &as_made);
    let mut changes = column((table, &as_made), (table, new), sides).unwrap_or_default();
    changes.extend(default(&as_made, table, new));
    if as_made.default.is_some() && new.default.is_none() {
        let sql = sql::alter_column(&table.name, &new.name, "DROP DEFAULT");
        let part = Part::new(table.name.clone(), &new.name);
        changes.push(Change::alter(Object::Default(part), sql));
    }
    let column = Thing::Column(table, new);
    changes.extend(note_changes(
        Some(&made),
        &column,
        owner_of(&column, sides.1),
    ));
    changes
}

fn has_type_change(old: &Column, new: &Column) -> bool {
    old.data_type != new.data_type || old.collation != new.collation
}

/// `ALTER COLUMN … TYPE`, with a cast where PostgreSQL has none that it takes by itself.
pub(in crate::diff) fn change_type(
    table: &Table,
    old: &Column,
    new: &Column,
    sides: (&Side<'_>, &Side<'_>),
) -> Change {
    let part = Part::new(table.name.clone(), &new.name);
    let name = quote_identifier(&new.name);
    let mut sql = format!(
        "ALTER TABLE {} ALTER COLUMN {name} TYPE {}",
        table.name, new.data_type
    );
    if let Some(collation) = &new.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if new.generated.is_none()
        && let Some(expression) = using(&name, old, new, sides)
    {
        sql.push_str(&format!(" USING {expression}"));
    }
    let kind = ChangeKind::ChangeType(part.clone(), !is_free(old, new));
    Change::new(Object::Column(part), kind, vec![sql])
}

fn not_null(table: &Table, old: Option<&NotNull>, new: &Column, side: &Side<'_>) -> Vec<Change> {
    let part = Part::new(table.name.clone(), &new.name);
    let object = Object::Column(part.clone());
    let (name, table_name) = (quote_identifier(&new.name), &table.name);
    let only = match is_shared_by_children(&part, new, side) {
        true => "",
        false => "ONLY ",
    };
    let validated = |it: &NotNull| it.validated;
    match (old, &new.not_null) {
        (Some(_), None) => {
            let sql = format!("ALTER TABLE {only}{table_name} ALTER COLUMN {name} DROP NOT NULL");
            vec![Change::alter(object, sql)]
        }
        (None, Some(now)) if now.validated && now.inherits && now.name.is_none() => {
            let sql = format!("ALTER TABLE {only}{table_name} ALTER COLUMN {name} SET NOT NULL");
            vec![Change::new(object, ChangeKind::SetNotNull(part), vec![sql])]
        }
        (None, Some(now)) => {
            let constraint = now.name.as_deref().map(quote_identifier);
            let constraint = constraint.map(|name| format!("CONSTRAINT {name} "));
            let valid = if now.validated { "" } else { " NOT VALID" };
            let inherits = if now.inherits { "" } else { " NO INHERIT" };
            let constraint = constraint.unwrap_or_default();
            let sql = format!(
                "ALTER TABLE {table_name} ADD {constraint}NOT NULL {name}{inherits}{valid}"
            );
            vec![Change::new(object, ChangeKind::SetNotNull(part), vec![sql])]
        }
        (Some(before), Some(now)) => {
            let called = |it: &NotNull| called_not_null(table, &new.name, it);
            let (was, is) = (called(before), called(now));
            let mut changes = Vec::new();
            if validated(before) && !validated(now) {
                let sql = format!("ALTER TABLE {table_name} ALTER COLUMN {name} DROP NOT NULL");
                changes.push(Change::alter(object, sql));
                changes.extend(not_null(table, None, new, side));
                return changes;
            }
            if was != is {
                let (was, is) = (quote_identifier(&was), quote_identifier(&is));
                let sql = format!("ALTER TABLE {table_name} RENAME CONSTRAINT {was} TO {is}");
                changes.push(Change::alter(object.clone(), sql));
            }
            if before.inherits != now.inherits {
                let (is, inherits) = (quote_identifier(&is), if now.inherits { "" } else { "NO " });
                let sql =
                    format!("ALTER TABLE {table_name} ALTER CONSTRAINT {is} {inherits}INHERIT");
                changes.push(Change::alter(object.clone(), sql));
            }
            if !validated(before) && validated(now) {
                let is = quote_identifier(&is);
                let sql = format!("ALTER TABLE {table_name} VALIDATE CONSTRAINT {is}");
                let kind = ChangeKind::ValidateConstraint(Part::new(table.name.clone(), is));
                changes.push(Change::new(object, kind, vec![sql]));
            }
            changes
        }
        (None, None) => Vec::new(),
    }
}

/// What a NOT NULL is called, from 18 on.
pub(in crate::diff) fn called_not_null(table: &Table, column: &str, it: &NotNull) -> String {
    let usual = || object_name(&table.name.name, column, "not_null");
    it.name.clone().unwrap_or_else(usual)
}

/// Do all tables that inherit a column refuse NULL where it does? Before PostgreSQL 18 each may do as it likes.
fn is_shared_by_children(part: &Part, column: &Column, side: &Side<'_>) -> bool {
    let key = Key::Object(Object::Column(part.clone()));
    let mut children = side.followers(&key).filter_map(|child| side.thing(child));
    children.all(|child| match child {
        Thing::Column(table, child) => {
            table.partition.is_some() || child.not_null.is_some() == column.not_null.is_some()
        }
        _ => true,
    })
}

/// Storage, compression, statistics, options.
fn settings(old: &Column, new: &Column) -> Vec<String> {
    let mut actions = Vec::new();
    if old.storage != new.storage {
        let storage = new.storage.as_deref().unwrap_or(usual_storage(new));
        actions.push(format!("SET STORAGE {}", storage.to_uppercase()));
    }
    if old.compression != new.compression {
        let compression = new.compression.as_deref().unwrap_or("default");
        actions.push(format!("SET COMPRESSION {compression}"));
    }
    if old.statistics != new.statistics {
        actions.push(format!("SET STATISTICS {}", new.statistics.unwrap_or(-1)));
    }
    actions.extend(parameters(&old.options, &new.options));
    actions
}

/// How a type that can be stored in several ways usually is: `SET STORAGE DEFAULT` came with 16.
fn usual_storage(column: &Column) -> &'static str {
    let name = column.data_type.split('(').next().unwrap_or_default();
    match name {
        "numeric" | "inet" | "cidr" => "main",
        _ => "extended",
    }
}

pub(super) fn default(old: &Column, table: &Table, new: &Column) -> Vec<Change> {
    if old.default == new.default {
        return Vec::new();
    }
    let object = Object::Default(Part::new(table.name.clone(), &new.name));
    let set = new.default.iter().map(|default| {
        sql::alter_column(&table.name, &new.name, &format!("SET DEFAULT {default}"))
    });
    set.map(|sql| Change::alter(object.clone(), sql)).collect()
}
