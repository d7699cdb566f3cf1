//! What is known beyond the statement changes how bad a finding is: a new table, a small table, a free change.

mod constant;
mod false_alarm;
mod free_change;
mod remedy;

use super::finding::{Finding, Level};
use super::floor;
use super::fresh::{self, What};
use super::script::{Script, range};
use squawk_syntax::ast::{
    AddConstraint, AlterColumn, AstNode, Constraint, DropColumn, DropConstraint, NameLike,
    RenameColumn,
};

pub(super) use constant::{is_constant, operands};

/// Takes false alarms out, weighs the rest, and adds the fixes that squawk does not have.
pub(super) fn adjust(script: &Script<'_>, findings: &mut Vec<Finding>) {
    findings.retain(|it| !false_alarm::is_one(script, it));
    for finding in findings.iter_mut() {
        point_to_the_better_rule(script, finding);
        match false_alarm::why_harmless(script, finding) {
            Some(why) => finding.lower(format_args!("{why}")),
            None => remedy::attach(script, finding),
        }
        weigh(script, finding);
    }
}

/// Squawk asks for NOT VALID also where there is no such form.
fn point_to_the_better_rule(script: &Script<'_>, finding: &mut Finding) {
    if *finding.rule != floor::CONSTRAINT_MISSING_NOT_VALID {
        return;
    }
    let constraint = node_at::<AddConstraint>(script, finding).and_then(|it| it.constraint());
    let better = match constraint {
        Some(Constraint::UniqueConstraint(_)) => "disallowed-unique-constraint",
        Some(Constraint::PrimaryKeyConstraint(_)) => "adding-serial-primary-key-field",
        Some(Constraint::ExcludeConstraint(_)) => "adding-exclusion-constraint",
        _ => return,
    };
    finding.help = Some(format!("It has no NOT VALID form: see {better}."));
    finding.level = Level::Note;
}

/// A constraint that the file itself adds guarantees nothing to anybody yet.
fn is_added_here(script: &Script<'_>, finding: &Finding) -> bool {
    let name = || {
        let path = node_at::<DropConstraint>(script, finding)?.constraint_name_ref()?;
        Some(path.path_ref()?.segment()?.text())
    };
    let named = finding.table.clone().zip(name());
    named.is_some_and(|(table, name)| {
        script.has_made(&What::Constraint(table, name), finding.range.0)
    })
}

/// Did the file itself make what the finding is about? Then nobody else uses it yet.
fn is_made_here(script: &Script<'_>, finding: &Finding) -> bool {
    let Some(statement) = script.statement_at(finding.range.0) else {
        return false;
    };
    let at = statement.range.0;
    if let Some(about) = fresh::about(&statement.stmt) {
        return about.iter().all(|it| script.has_made(it, at));
    }
    let Some(table) = &finding.table else {
        return false;
    };
    let dropped = node_at::<DropColumn>(script, finding).and_then(|it| it.column_name_ref());
    let renamed = node_at::<RenameColumn>(script, finding).and_then(|it| it.column_name_ref());
    let altered = node_at::<AlterColumn>(script, finding).and_then(|it| it.column_name_ref());
    let column = dropped.or(renamed).or(altered);
    let column = column.map(|it| What::Column(table.clone(), it.text()));
    script.is_new(table, at) || column.is_some_and(|it| script.has_made(&it, at))
}

fn weigh(script: &Script<'_>, finding: &mut Finding) {
    if *finding.rule == floor::BAN_DROP_CONSTRAINT && is_added_here(script, finding) {
        finding.lower(format_args!("It was added in this file."));
    }
    if finding.rule.spares_new && is_made_here(script, finding) {
        finding.lower(format_args!(
            "This file made it, so nobody else uses it yet."
        ));
    }
    let Some(table) = finding.table.clone() else {
        return;
    };
    if finding.rule.scales && script.is_new(&table, finding.range.0) {
        finding.lower(format_args!(
            "The table is new in this file, so nobody else uses it yet."
        ));
        return;
    }
    let Some(relation) = script.relation(&table) else {
        return;
    };
    if let Some(why) = free_change::why(script, finding, relation) {
        finding.lower(format_args!("{why}"));
    } else if *finding.rule == floor::ADDING_NOT_NULLABLE_FIELD {
        let column = node_at::<AlterColumn>(script, finding).and_then(|it| it.column_name_ref());
        let column = column.map(|it| it.text()).unwrap_or_default();
        if relation.column(&column).is_some_and(|it| it.not_null) {
            finding.lower(format_args!("It is NOT NULL already."));
            return;
        }
        if relation.is_checked_not_null(&column) {
            finding.lower(format_args!(
                "A valid CHECK says the same, so nothing is read."
            ));
            return;
        }
    }
    if !finding.rule.scales {
        return;
    }
    let size = relation.size();
    if relation.is_small() {
        finding.lower(format_args!(
            "The table is small ({size}), so it takes a moment."
        ));
    } else {
        finding.say(format_args!("The table has {size}."));
    }
}

/// The node of a kind that a finding is in.
fn node_at<N: AstNode>(script: &Script<'_>, finding: &Finding) -> Option<N> {
    let statement = script.statement_at(finding.range.0)?;
    let mut nodes = statement.stmt.syntax().descendants().filter_map(N::cast);
    nodes.find(|it| {
        let (start, end) = range(it.syntax());
        (start..end).contains(&finding.range.0)
    })
}
