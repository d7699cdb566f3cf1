//! Functions, triggers, rules and policies.

use crate::diff::change::{Change, ChangeKind};
use crate::diff::side::Side;
use crate::{
    Function, FunctionKind, Object, Part, Policy, QualifiedName, Rule, Trigger, WhenFired,
    quote_identifier, sql,
};

/// A function is replaced in place as long as it is called in the same way.
pub(super) fn function(from: &Function, to: &Function) -> Option<Vec<Change>> {
    if from.definition == to.definition {
        return Some(Vec::new());
    }
    let call = |it: &Function| (it.kind, it.arguments.clone(), it.returns.clone());
    if call(from) != call(to) || to.kind == FunctionKind::Aggregate {
        return None;
    }
    let object = Object::Function(to.signature.clone());
    let kind = match from.runs_as_owner() == to.runs_as_owner() {
        true => ChangeKind::Alter,
        false => ChangeKind::Access,
    };
    Some(vec![Change::new(object, kind, vec![to.definition.clone()])])
}

pub(super) fn trigger(
    from: &Trigger,
    table: &QualifiedName,
    to: &Trigger,
    sides: (&Side<'_>, &Side<'_>),
) -> Option<Vec<Change>> {
    if from.definition != to.definition {
        return None;
    }
    let object = Object::Trigger(Part::new(table.clone(), &to.name));
    let mut changes = fires(
        object.clone(),
        table,
        "TRIGGER",
        &to.name,
        (from.fires, to.fires),
    );
    // Said of the whole, it is said of all partitions.
    let is_said_of_all = !changes.is_empty();
    for part in from.parts.iter().filter(|_| !is_said_of_all) {
        let above = |side: &Side<'_>| parents(side, &part.partition);
        let stays = above(sides.0) == above(sides.1);
        if stays && !to.parts.contains(&part.partition) {
            let sql = sql::set_firing(&part.partition, &to.name, to.fires);
            changes.push(Change::alter(object.clone(), sql));
        }
    }
    for part in &to.parts {
        if is_said_of_all || from.parts.get(&part.partition) != Some(part) {
            let sql = sql::set_firing(&part.partition, &to.name, part.fires);
            changes.push(Change::alter(object.clone(), sql));
        }
    }
    Some(changes)
}

/// The tables that a partition is in, from the next one upwards.
fn parents(side: &Side<'_>, partition: &QualifiedName) -> Vec<QualifiedName> {
    let tables = &side.catalog.schema.tables;
    let parent = |name: &QualifiedName| {
        let partition = tables.get(name)?.partition.as_ref();
        partition.map(|it| it.parent.clone())
    };
    let above = std::iter::successors(parent(partition), parent);
    above.take(tables.len()).collect()
}

/// What has to be said again of a partition that is attached again.
pub(in crate::diff) fn parts_again(table: &QualifiedName, to: &Trigger) -> Vec<Change> {
    let object = Object::Trigger(Part::new(table.clone(), &to.name));
    let parts = sql::part_triggers(to).into_iter();
    parts
        .map(|sql| Change::alter(object.clone(), sql))
        .collect()
}

pub(super) fn rule(from: &Rule, table: &QualifiedName, to: &Rule) -> Option<Vec<Change>> {
    let object = Object::Rule(Part::new(table.clone(), &to.name));
    (from.definition == to.definition)
        .then(|| fires(object, table, "RULE", &to.name, (from.fires, to.fires)))
}

fn fires(
    object: Object,
    table: &QualifiedName,
    what: &str,
    name: &str,
    (from, to): (WhenFired, WhenFired),
) -> Vec<Change> {
    let action = match to {
        _ if from == to => return Vec::new(),
        to => to.sql(),
    };
    let sql = format!(
        "ALTER TABLE {table} {action} {what} {}",
        quote_identifier(name)
    );
    vec![Change::alter(object, sql)]
}

/// `ALTER POLICY` changes conditions and roles, and cannot take a condition away.
pub(super) fn policy(from: &Policy, table: &QualifiedName, to: &Policy) -> Option<Vec<Change>> {
    let goes = |old: &Option<String>, new: &Option<String>| old.is_some() && new.is_none();
    if from.permissive != to.permissive
        || from.command != to.command
        || goes(&from.using, &to.using)
        || goes(&from.with_check, &to.with_check)
    {
        return None;
    }
    let mut actions = Vec::new();
    if from.roles != to.roles {
        actions.push(format!("TO {}", sql::roles(&to.roles)));
    }
    let mut condition = |word: &str, old: &Option<String>, new: &Option<String>| {
        let changed = new.as_ref().filter(|_| old != new);
        actions.extend(changed.map(|condition| format!("{word} ({condition})")));
    };
    condition("USING", &from.using, &to.using);
    condition("WITH CHECK", &from.with_check, &to.with_check);
    if actions.is_empty() {
        return Some(Vec::new());
    }
    let name = quote_identifier(&to.name);
    let sql = format!("ALTER POLICY {name} ON {table} {}", actions.join(" "));
    let object = Object::Policy(Part::new(table.clone(), &to.name));
    Some(vec![Change::new(object, ChangeKind::Access, vec![sql])])
}
