//! What is known beyond the statement changes how bad a finding is: a new table, a small table, a free change.

mod constant;
mod free_change;
mod remedy;

use super::finding::Finding;
use super::floor;
use super::script::{Script, range};
use squawk_syntax::ast::{AddColumn, AlterColumn, AstNode, Constraint, NameLike};

/// Takes false alarms out, weighs the rest, and adds the fixes that squawk does not have.
pub(super) fn adjust(script: &Script<'_>, findings: &mut Vec<Finding>) {
    findings.retain(|it| !is_false_alarm(script, it));
    for finding in findings.iter_mut() {
        remedy::attach(script, finding);
        weigh(script, finding);
    }
}

/// Squawk takes `DEFAULT -1` and `DEFAULT CURRENT_DATE` for volatile.
fn is_false_alarm(script: &Script<'_>, finding: &Finding) -> bool {
    if *finding.rule != floor::ADDING_FIELD_WITH_DEFAULT {
        return false;
    }
    let Some(column) = node_at::<AddColumn>(script, finding) else {
        return false;
    };
    let default = column.constraints().find_map(|it| match it {
        Constraint::DefaultConstraint(it) => it.expr(),
        _ => None,
    });
    let since = script.settings.pg_version().major >= constant::FREE_SINCE;
    since && default.is_some_and(|it| constant::is_constant(&it))
}

fn weigh(script: &Script<'_>, finding: &mut Finding) {
    let Some(table) = finding.table.clone() else {
        return;
    };
    if finding.rule.scales && script.is_new(&table) {
        finding.lower(format_args!(
            "The table is new in this file, so it is empty."
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
