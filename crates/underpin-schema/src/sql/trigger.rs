//! Triggers, rules and policies.

use super::annotate::role;
use super::list::joined;
use crate::{
    Grantee, Policy, PolicyCommand, QualifiedName, Rule, Trigger, WhenFired, quote_identifier,
};
use std::collections::BTreeSet;

/// `CREATE TRIGGER`, and in which sessions it fires.
#[must_use]
pub fn create_trigger(table: &QualifiedName, trigger: &Trigger) -> Vec<String> {
    let fires = firing(table, "TRIGGER", &trigger.name, trigger.fires);
    std::iter::once(trigger.definition.clone())
        .chain(fires)
        .chain(part_triggers(trigger))
        .collect()
}

/// On which partitions a trigger fires otherwise.
#[must_use]
pub fn part_triggers(trigger: &Trigger) -> Vec<String> {
    let parts = trigger.parts.iter();
    parts
        .map(|part| set_firing(&part.partition, &trigger.name, part.fires))
        .collect()
}

/// When a trigger fires on one table alone, whatever it does on the partitions below.
#[must_use]
pub fn set_firing(table: &QualifiedName, trigger: &str, fires: WhenFired) -> String {
    let (action, trigger) = (fires.sql(), quote_identifier(trigger));
    format!("ALTER TABLE ONLY {table} {action} TRIGGER {trigger}")
}

/// `CREATE RULE`, and in which sessions it fires.
#[must_use]
pub fn create_rule(table: &QualifiedName, rule: &Rule) -> Vec<String> {
    let fires = firing(table, "RULE", &rule.name, rule.fires);
    std::iter::once(rule.definition.clone())
        .chain(fires)
        .collect()
}

fn firing(table: &QualifiedName, what: &str, name: &str, fires: WhenFired) -> Option<String> {
    if fires == WhenFired::Origin {
        return None;
    }
    let action = fires.sql();
    Some(format!(
        "ALTER TABLE {table} {action} {what} {}",
        quote_identifier(name)
    ))
}

/// `CREATE POLICY`.
#[must_use]
pub fn create_policy(table: &QualifiedName, policy: &Policy) -> String {
    let mut sql = format!(
        "CREATE POLICY {} ON {table}",
        quote_identifier(&policy.name)
    );
    if !policy.permissive {
        sql.push_str(" AS RESTRICTIVE");
    }
    if policy.command != PolicyCommand::All {
        sql.push_str(&format!(" FOR {}", policy.command.sql()));
    }
    sql.push_str(&format!(" TO {}", roles(&policy.roles)));
    if let Some(using) = &policy.using {
        sql.push_str(&format!(" USING ({using})"));
    }
    if let Some(with_check) = &policy.with_check {
        sql.push_str(&format!(" WITH CHECK ({with_check})"));
    }
    sql
}

/// Roles as policies name them: `PUBLIC, reader`.
pub(crate) fn roles(roles: &BTreeSet<Grantee>) -> String {
    joined(roles.iter().map(role))
}
