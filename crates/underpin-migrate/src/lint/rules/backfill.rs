//! Changes of many rows (rule 52).

use crate::lint::name::{Name, Names};
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, Statement};
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Delete, Stmt, Update, WhereClauseOrCurrentOf};
use squawk_syntax::{SyntaxKind, SyntaxNode};

pub(super) static WITH_SCHEMA_CHANGE: Rule = Rule {
    name: "backfill-with-schema-change",
    numbers: &[52],
    level: Level::Error,
    scales: true,
    title: "Rows are changed in the transaction that locked the table",
    lock: "The lock of the ALTER TABLE, held while all the rows are written.",
    why: "A transaction holds its locks to its end: the ALTER took a moment, the UPDATE takes minutes, and nobody may \
          use the table for the sum of both. Give the rows a migration of their own, in batches.",
    bad: "ALTER TABLE app.orders ADD COLUMN channel text;\nUPDATE app.orders SET channel = 'web' WHERE channel IS NULL;",
    good: "UPDATE app.orders SET channel = 'web' WHERE id IN (SELECT id FROM app.orders WHERE channel IS NULL LIMIT 1000);",
    check: Check::Ours(with_schema_change),
    ..Rule::USUAL
};

pub(super) static UNBATCHED: Rule = Rule {
    name: "unbatched-backfill",
    numbers: &[52],
    level: Level::Warning,
    scales: true,
    title: "One statement changes every row of a table",
    lock: "Row locks on all rows until the transaction ends.",
    why: "Whoever wants to change one of the rows waits, replicas fall behind, the old row versions cannot be cleaned \
          up, and a cancelled run starts from the beginning. Go in batches, each in a transaction of its own.",
    bad: "UPDATE app.orders SET channel = 'web';",
    good: "UPDATE app.orders SET channel = 'web' WHERE id BETWEEN 1 AND 1000;",
    check: Check::Ours(unbatched),
    ..Rule::USUAL
};

fn with_schema_change(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut locked = Names::default();
    let mut transaction = None;
    for it in &script.statements {
        // Without BEGIN and COMMIT, Underpin runs neighbours together.
        if transaction.replace(it.in_transaction) != Some(it.in_transaction) {
            locked.clear();
        }
        if let Stmt::AlterTable(alter) = &it.stmt {
            locked.extend(crate::lint::script::altered(alter));
        }
        for change in changes(it).filter(|_| !is_batch(it)) {
            let message = "These rows are written while the lock of the ALTER TABLE above is held.";
            let mut finding = script.at(&WITH_SCHEMA_CHANGE, it.stmt.syntax(), message);
            let table = change.table();
            if table.as_ref().is_some_and(|it| locked.has(it)) {
                finding.table = table;
                findings.push(finding.help("Move it into a migration of its own, in batches."));
            }
        }
    }
}

fn unbatched(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for change in script.statements.iter().flat_map(changes) {
        if is_always_true(change.filter()) {
            let message = "Every row of the table is changed in one transaction.";
            let mut finding = script.at(&UNBATCHED, change.syntax(), message);
            finding.table = change.table();
            findings
                .push(finding.help("Change some thousand rows at a time, by ranges of the key."));
        }
    }
}

/// An UPDATE or a DELETE, also one inside WITH.
pub(super) enum Change {
    Update(Update),
    Delete(Delete),
}

impl Change {
    fn syntax(&self) -> &SyntaxNode {
        match self {
            Self::Update(it) => it.syntax(),
            Self::Delete(it) => it.syntax(),
        }
    }

    pub(super) fn table(&self) -> Option<Name> {
        let table = match self {
            Self::Update(it) => it.relation_name()?,
            Self::Delete(it) => it.relation_name()?,
        };
        Name::of_ref(&table.relation_name_ref()?.path_ref()?)
    }

    fn filter(&self) -> Option<WhereClauseOrCurrentOf> {
        match self {
            Self::Update(it) => it.where_clause_or_current_of(),
            Self::Delete(it) => it.where_clause_or_current_of(),
        }
    }
}

/// The changes of rows that a statement makes when it runs; a function that it creates makes them later.
pub(super) fn changes(it: &Statement) -> impl Iterator<Item = Change> {
    let later = matches!(
        it.stmt,
        Stmt::CreateFunction(_)
            | Stmt::CreateProcedure(_)
            | Stmt::CreateRule(_)
            | Stmt::Prepare(_)
            | Stmt::Explain(_)
    );
    let nodes = (!later).then(|| it.stmt.syntax().descendants());
    nodes.into_iter().flatten().filter_map(|node| {
        let delete = || Delete::cast(node.clone()).map(Change::Delete);
        Update::cast(node.clone())
            .map(Change::Update)
            .or_else(delete)
    })
}

/// Is there a LIMIT inside, as batches have?
fn is_batch(it: &Statement) -> bool {
    let mut nodes = it.stmt.syntax().descendants();
    nodes.any(|it| it.kind() == SyntaxKind::LIMIT_CLAUSE)
}

fn is_always_true(filter: Option<WhereClauseOrCurrentOf>) -> bool {
    match filter {
        None => true,
        Some(WhereClauseOrCurrentOf::WhereCurrentOf(_)) => false,
        Some(WhereClauseOrCurrentOf::WhereClause(it)) => {
            let text = it.expr().map(|it| it.syntax().text().to_string());
            text.is_some_and(|it| it.trim().eq_ignore_ascii_case("true"))
        }
    }
}
