//! Functions, triggers, rules and policies.

use crate::diff::change::{Change, ChangeKind};
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
    Some(vec![Change::alter(object, to.definition.clone())])
}

pub(super) fn trigger(from: &Trigger, table: &QualifiedName, to: &Trigger) -> Option<Vec<Change>> {
    let object = Object::Trigger(Part::new(table.clone(), &to.name));
    (from.definition == to.definition)
        .then(|| fires(object, table, "TRIGGER", &to.name, (from.fires, to.fires)))
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
        WhenFired::Origin => "ENABLE",
        WhenFired::Always => "ENABLE ALWAYS",
        WhenFired::Replica => "ENABLE REPLICA",
        WhenFired::Never => "DISABLE",
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
