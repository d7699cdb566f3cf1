//! Triggers, rules and policies, by the relation they are on.

use super::class::{POLICY, RULE, TRIGGER};
use super::reader::{Reader, definition, expression, other_name};
use super::unknown;
use crate::{
    Error, Facts, Grantee, Object, Part, PartTrigger, Policy, PolicyCommand, QualifiedName, Rule,
    Signature, Trigger, WhenFired,
};
use std::collections::{BTreeSet, HashMap};
use underpin_pool::{Executor, Row};

type Relations = HashMap<u32, QualifiedName>;

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn triggers(
        &mut self,
        relations: &Relations,
    ) -> Result<HashMap<u32, Facts<Trigger>>, Error> {
        let mut all: HashMap<u32, Facts<Trigger>> = HashMap::new();
        let mut parts: HashMap<u32, Facts<PartTrigger>> = HashMap::new();
        for row in self.rows(include_str!("sql/part_triggers.sql")).await? {
            if let Some(partition) = relations.get(&row.get("relation")?) {
                let part = PartTrigger {
                    partition: partition.clone(),
                    fires: fires(&row)?,
                };
                parts.entry(row.get("root")?).or_default().insert(part);
            }
        }
        for row in self.rows(include_str!("sql/triggers.sql")).await? {
            let Some((relation, part)) = part(&row, relations)? else {
                continue;
            };
            let (id, name) = (row.get("oid")?, part.name.clone());
            self.knows(TRIGGER, id, Object::Trigger(part));
            let function = other_name(&row, "function")?;
            let trigger = Trigger {
                name,
                definition: definition(&row, "definition")?,
                function: Signature {
                    name: function.ok_or_else(|| unknown("trigger", "without a function"))?,
                    arguments: row.get("function_arguments")?,
                },
                fires: fires(&row)?,
                parts: parts.remove(&id).unwrap_or_default(),
                comment: self.notes.comment(TRIGGER, id),
            };
            all.entry(relation).or_default().insert(trigger);
        }
        Ok(all)
    }

    pub(super) async fn rules(
        &mut self,
        relations: &Relations,
    ) -> Result<HashMap<u32, Facts<Rule>>, Error> {
        let mut all: HashMap<u32, Facts<Rule>> = HashMap::new();
        for row in self.rows(include_str!("sql/rules.sql")).await? {
            let Some((relation, part)) = part(&row, relations)? else {
                continue;
            };
            let (id, name) = (row.get("oid")?, part.name.clone());
            if row.get("makes_the_view")? {
                let view = if row.get("is_materialised")? {
                    Object::MaterialisedView(part.of)
                } else {
                    Object::View(part.of)
                };
                self.knows(RULE, id, view);
                continue;
            }
            self.knows(RULE, id, Object::Rule(part));
            let definition = definition(&row, "definition")?;
            let rule = Rule {
                name,
                definition: definition.trim_end_matches(';').to_owned(),
                fires: fires(&row)?,
                comment: self.notes.comment(RULE, id),
            };
            all.entry(relation).or_default().insert(rule);
        }
        Ok(all)
    }

    pub(super) async fn policies(
        &mut self,
        relations: &Relations,
    ) -> Result<HashMap<u32, Facts<Policy>>, Error> {
        let mut all: HashMap<u32, Facts<Policy>> = HashMap::new();
        for row in self.rows(include_str!("sql/policies.sql")).await? {
            let Some((relation, part)) = part(&row, relations)? else {
                continue;
            };
            let (id, name) = (row.get("oid")?, part.name.clone());
            self.knows(POLICY, id, Object::Policy(part));
            let roles: Vec<String> = row.get("roles")?;
            let mut roles: BTreeSet<Grantee> = roles.into_iter().map(Grantee::Role).collect();
            if row.get("is_public")? {
                roles.insert(Grantee::Public);
            }
            let policy = Policy {
                name,
                permissive: row.get("permissive")?,
                command: command(&row.get::<String>("command")?)?,
                roles,
                using: expression(&row, "using_rows")?,
                with_check: expression(&row, "with_check")?,
                comment: self.notes.comment(POLICY, id),
            };
            all.entry(relation).or_default().insert(policy);
        }
        Ok(all)
    }
}

/// The relation and the name of what is on it; nothing when the relation is not in scope.
fn part(row: &Row, relations: &Relations) -> Result<Option<(u32, Part)>, Error> {
    let (relation, name): (u32, String) = (row.get("relation")?, row.get("name")?);
    let table = relations.get(&relation);
    Ok(table.map(|table| (relation, Part::new(table.clone(), name))))
}

fn fires(row: &Row) -> Result<WhenFired, Error> {
    let letter: String = row.get("fires")?;
    match letter.as_str() {
        "O" => Ok(WhenFired::Origin),
        "A" => Ok(WhenFired::Always),
        "R" => Ok(WhenFired::Replica),
        "D" => Ok(WhenFired::Never),
        other => Err(unknown("trigger", other)),
    }
}

fn command(letter: &str) -> Result<PolicyCommand, Error> {
    match letter {
        "*" => Ok(PolicyCommand::All),
        "r" => Ok(PolicyCommand::Select),
        "a" => Ok(PolicyCommand::Insert),
        "w" => Ok(PolicyCommand::Update),
        "d" => Ok(PolicyCommand::Delete),
        other => Err(unknown("policy", other)),
    }
}
