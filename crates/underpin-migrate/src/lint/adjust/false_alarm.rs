//! What squawk reports and PostgreSQL does not do.

use super::constant::{self, is_constant};
use super::node_at;
use crate::lint::finding::Finding;
use crate::lint::floor;
use crate::lint::script::Script;
use squawk_syntax::ast::{
    AddColumn, AddConstraint, AlterDomain, Commit, Constraint, ConstraintOption, GeneratedAs,
    GeneratedKind, GeneratedStored, Rollback, Stmt,
};

/// From here on a generated column is virtual unless it says STORED.
const VIRTUAL_SINCE: u16 = 18;

/// Is nothing of it true?
pub(super) fn is_one(script: &Script<'_>, finding: &Finding) -> bool {
    if *finding.rule == floor::ADDING_FIELD_WITH_DEFAULT {
        script.settings.pg_version().major > constant::FREE_SINCE && has_constant(script, finding)
    } else if *finding.rule == floor::BAN_CONCURRENT_INDEX_CREATION_IN_TRANSACTION {
        // Squawk does not see that ROLLBACK ends a transaction.
        let statement = script.statement_at(finding.range.0);
        statement.is_some_and(|it| !it.in_transaction)
    } else if *finding.rule == floor::TRANSACTION_NESTING {
        is_nested_well(script, finding)
    } else {
        false
    }
}

/// Why it is no more than worth knowing, when it is not.
pub(super) fn why_harmless(script: &Script<'_>, finding: &Finding) -> Option<&'static str> {
    if *finding.rule == floor::ADDING_FIELD_WITH_DEFAULT {
        let identity = "This is an identity column: see adding-self-numbering-column.";
        return match generated(script, finding) {
            Some(GeneratedAs::GeneratedIdentity(_)) => Some(identity),
            Some(GeneratedAs::GeneratedStored(it)) if is_virtual(script, &it) => {
                Some("A virtual column is computed when it is read: nothing is rewritten.")
            }
            None if script.settings.pg_version().major == constant::FREE_SINCE
                && has_constant(script, finding) =>
            {
                Some("PostgreSQL 11 was the first to keep it in the catalog: nothing is rewritten.")
            }
            _ => None,
        };
    }
    let unchecked = [
        &floor::ADDING_FOREIGN_KEY_CONSTRAINT,
        &floor::CONSTRAINT_MISSING_NOT_VALID,
    ];
    if unchecked.contains(&finding.rule) {
        let constraint = node_at::<AddConstraint>(script, finding)?.constraint()?;
        let mut options = constraint.constraint_options();
        let enforced = !options.any(|it| matches!(it, ConstraintOption::NotEnforced(_)));
        return (!enforced).then_some("It is NOT ENFORCED, so nothing is checked.");
    }
    if *finding.rule == floor::BAN_ALTER_DOMAIN_WITH_ADD_CONSTRAINT {
        node_at::<AlterDomain>(script, finding)?;
        let constraint = node_at::<AddConstraint>(script, finding)?.constraint()?;
        return (constraint.is_not_valid())
            .then_some("It is NOT VALID, so no row is read before VALIDATE.");
    }
    None
}

/// Is the default the same for every row?
fn has_constant(script: &Script<'_>, finding: &Finding) -> bool {
    let Some(column) = node_at::<AddColumn>(script, finding) else {
        return false;
    };
    let default = column.constraints().find_map(|it| match it {
        Constraint::DefaultConstraint(it) => it.expr(),
        _ => None,
    });
    default.is_some_and(|it| is_constant(&it))
}

fn generated(script: &Script<'_>, finding: &Finding) -> Option<GeneratedAs> {
    let column = node_at::<AddColumn>(script, finding)?;
    column.constraints().find_map(|it| match it {
        Constraint::GeneratedConstraint(it) => it.generated_as(),
        _ => None,
    })
}

fn is_virtual(script: &Script<'_>, generated: &GeneratedStored) -> bool {
    match generated.generated_kind() {
        Some(GeneratedKind::Virtual(_)) => true,
        Some(GeneratedKind::Stored(_)) => false,
        None => script.settings.pg_version().major >= VIRTUAL_SINCE,
    }
}

/// Squawk takes `ROLLBACK TO` and `COMMIT PREPARED` for the end of a transaction, and forgets `AND CHAIN`.
fn is_nested_well(script: &Script<'_>, finding: &Finding) -> bool {
    let statements = &script.statements;
    let before = statements.partition_point(|it| it.range.0 < finding.range.0);
    let before = before.checked_sub(1).and_then(|it| statements.get(it));
    let assumed = script.settings.assume_in_transaction;
    let inside = before.map_or(assumed, |it| it.in_transaction);
    let Some(statement) = script.statement_at(finding.range.0) else {
        return false;
    };
    match &statement.stmt {
        Stmt::Begin(_) => !inside,
        Stmt::Commit(Commit::CommitPrepared(_))
        | Stmt::Rollback(Rollback::RollbackPrepared(_) | Rollback::RollbackToSavepoint(_)) => true,
        Stmt::Commit(_) | Stmt::Rollback(_) => inside && !assumed,
        _ => false,
    }
}
