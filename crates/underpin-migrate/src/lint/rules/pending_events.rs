//! Rows that are changed before their table, while a constraint has yet to look at them (rule 52).

use super::backfill::changes;
use crate::lint::name::{Name, Names};
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, Statement, altered, created};
use crate::lint::{Finding, Level};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{
    AstNode, ConstraintTiming, ForeignKeyConstraint, InitiallyDeferredConstraintOption, Insert,
    ReferencesConstraint, Stmt,
};

pub(super) static RULE: Rule = Rule {
    name: "pending-trigger-events",
    numbers: &[52],
    level: Level::Error,
    title: "A table is altered while deferred constraints have yet to look at rows changed in the same transaction",
    lock: "None: the server refuses with error 55006, \"it has pending trigger events\".",
    why: "A deferred constraint looks at changed rows when the transaction ends; until then PostgreSQL changes no definition of \
          their table. Let the constraints look first with SET CONSTRAINTS ALL IMMEDIATE, or change the rows in a migration of \
          their own. With a database URL deferred constraints that exist already are seen.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id)\n    \
          DEFERRABLE INITIALLY DEFERRED NOT VALID;\n\
          UPDATE app.orders SET customer_id = 1 WHERE id = 1;\n\
          ALTER TABLE app.orders ALTER COLUMN customer_id SET NOT NULL;",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id)\n    \
           DEFERRABLE INITIALLY DEFERRED NOT VALID;\n\
           UPDATE app.orders SET customer_id = 1 WHERE id = 1;\n\
           SET CONSTRAINTS ALL IMMEDIATE;\n\
           ALTER TABLE app.orders ALTER COLUMN customer_id SET NOT NULL;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut changed = Names::default();
    let mut deferred = Names::default();
    let mut all_deferred = false;
    let mut transaction = None;
    for it in &script.statements {
        // Without BEGIN and COMMIT, Underpin runs neighbours together, up to one that runs alone.
        let is_other = transaction.replace(it.in_transaction) != Some(it.in_transaction);
        if is_other || super::concurrently::must_be_alone(script, &it.stmt) {
            changed.clear();
            all_deferred = false;
        }
        if let Stmt::SetConstraints(set) = &it.stmt {
            all_deferred = matches!(set.constraint_timing(), Some(ConstraintTiming::Deferred(_)));
            if !all_deferred {
                changed.clear();
            }
        }
        if let Some(table) = defined(it).filter(|table| changed.has(table)) {
            let there = script.relation(&table).is_some_and(|it| it.deferred);
            let is_known = all_deferred || deferred.has(&table) || there;
            if is_known || script.facts().is_none() {
                findings.push(finding(script, it, table, is_known));
            }
        }
        deferred.extend(with_deferred(it));
        changed.extend(with_changed_rows(it));
    }
}

fn finding(script: &Script<'_>, it: &Statement, table: Name, is_known: bool) -> Finding {
    let (message, level) = match is_known {
        true => (
            format!(
                "This fails: deferred constraints have yet to look at rows of {table} changed above."
            ),
            RULE.level,
        ),
        false => (
            format!(
                "This fails when {table} has deferred constraints: rows of it are changed above."
            ),
            Level::Note,
        ),
    };
    let mut finding = script.at(&RULE, it.stmt.syntax(), &message);
    finding.table = Some(table);
    finding.at_level(level).help(
        "SET CONSTRAINTS ALL IMMEDIATE before it, or change the rows in a migration of their own.",
    )
}

/// The table whose definition a statement changes.
fn defined(it: &Statement) -> Option<Name> {
    match &it.stmt {
        Stmt::AlterTable(alter) => altered(alter),
        Stmt::CreateIndex(create) => {
            let table = create.table_relation_name()?.table_name_ref()?;
            Name::of_ref(&table.path_ref()?)
        }
        Stmt::DropTable(drop) => Name::of_ref(&drop.table_name_refs().next()?.path_ref()?),
        _ => None,
    }
}

/// The table that a statement gives a deferred constraint, and those that it refers to.
fn with_deferred(it: &Statement) -> Vec<Name> {
    let table = match &it.stmt {
        Stmt::AlterTable(alter) => altered(alter),
        Stmt::CreateTable(create) => created(create),
        _ => None,
    };
    let nodes = || it.stmt.syntax().descendants();
    let mut options = nodes().filter_map(InitiallyDeferredConstraintOption::cast);
    let Some((table, _)) = table.zip(options.next()) else {
        return Vec::new();
    };
    std::iter::once(table)
        .chain(nodes().filter_map(referred))
        .collect()
}

fn referred(node: SyntaxNode) -> Option<Name> {
    let table = match ForeignKeyConstraint::cast(node.clone()) {
        Some(key) => key.table_name_ref()?,
        None => ReferencesConstraint::cast(node)?.table()?,
    };
    Name::of_ref(&table.path_ref()?)
}

fn with_changed_rows(it: &Statement) -> Vec<Name> {
    let inserts = it.stmt.syntax().descendants().filter_map(Insert::cast);
    let inserts = inserts.filter_map(|it| Name::of_ref(&it.relation_name_ref()?.path_ref()?));
    let is_later = matches!(
        it.stmt,
        Stmt::CreateFunction(_) | Stmt::CreateProcedure(_) | Stmt::CreateRule(_) | Stmt::Prepare(_)
    );
    let inserts = inserts.filter(|_| !is_later);
    changes(it)
        .filter_map(|it| it.table())
        .chain(inserts)
        .collect()
}
