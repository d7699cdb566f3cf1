//! What must run alone, and where it does not (rule 2).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AlterTypeAction, AstNode, SetScope, Stmt};

/// Since this version ALTER TYPE … ADD VALUE may be in a transaction.
const ADD_VALUE_SINCE: u16 = 12;

pub(super) static IN_TRANSACTION: Rule = Rule {
    name: "non-transactional-in-transaction",
    numbers: &[2],
    level: Level::Error,
    title: "A statement that cannot be in a transaction is in one",
    lock: "None: the server refuses with error 25001.",
    why: "`CONCURRENTLY`, VACUUM and their like commit on their own. Files for Underpin need no BEGIN and COMMIT: the \
          parser decides what runs together and what alone.",
    bad: "BEGIN;\nDROP INDEX CONCURRENTLY app.orders_customer;\nCOMMIT;",
    good: "DROP INDEX CONCURRENTLY app.orders_customer;",
    check: Check::Ours(in_transaction),
    ..Rule::USUAL
};

pub(super) static BESIDE_OTHERS: Rule = Rule {
    name: "non-transactional-beside-others",
    numbers: &[2],
    title: "A statement that must be alone shares its file",
    lock: "None: where the file is sent as one, the server refuses with error 25001.",
    why: "Underpin sends statements one by one, so this is a note. sqlx and others send a file as one query, which is \
          one transaction: there, give the statement a file of its own that begins with `-- no-transaction`.",
    bad: "DROP INDEX CONCURRENTLY app.orders_customer;\nSELECT 1;",
    good: "DROP INDEX CONCURRENTLY app.orders_customer;",
    check: Check::Ours(beside_others),
    ..Rule::USUAL
};

pub(super) static SET_LOCAL: Rule = Rule {
    name: "set-local-before-concurrently",
    numbers: &[2],
    level: Level::Warning,
    title: "SET LOCAL does not reach a statement that runs alone",
    lock: "That of the statement, which runs as if nothing had been set: without the timeout, for example.",
    why: "SET LOCAL holds to the end of its transaction, and a statement that runs alone is in none: PostgreSQL warns at most. \
          Write SET, or an option at the top of the file: `-- underpin: lock_timeout=5s`.",
    bad: "SET LOCAL lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    good: "SET lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    check: Check::Ours(set_local),
    ..Rule::USUAL
};

fn in_transaction(script: &Script<'_>, findings: &mut Vec<Finding>) {
    // Squawk's own rule speaks of CREATE INDEX, where it sees the transaction and there are other statements.
    let mut squawk_sees = script.settings.assume_in_transaction;
    for it in &script.statements {
        match &it.stmt {
            Stmt::Begin(_) => squawk_sees = true,
            Stmt::Commit(_) => squawk_sees = false,
            _ => {}
        }
        let others = script.statements.len() > 1;
        let squawks = matches!(it.stmt, Stmt::CreateIndex(_)) && others && squawk_sees;
        if it.in_transaction && !squawks && must_be_alone(script, &it.stmt) {
            let message = "This statement cannot run inside a transaction.";
            findings.push(
                script
                    .at(&IN_TRANSACTION, it.stmt.syntax(), message)
                    .help("Take BEGIN and COMMIT out: Underpin runs it alone."),
            );
        }
    }
}

fn beside_others(script: &Script<'_>, findings: &mut Vec<Finding>) {
    if script.statements.len() < 2 {
        return;
    }
    for it in &script.statements {
        if !it.in_transaction && must_be_alone(script, &it.stmt) {
            let message = "This statement must run alone; a tool that sends the file as one query fails here.";
            findings.push(script.at(&BESIDE_OTHERS, it.stmt.syntax(), message));
        }
    }
}

fn set_local(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut settings: Vec<&Stmt> = Vec::new();
    for it in &script.statements {
        if it.in_transaction {
            settings.clear();
        } else if must_be_alone(script, &it.stmt) {
            for set in settings.drain(..) {
                let message =
                    "This ends with its own transaction, before the statement below runs alone.";
                findings.push(
                    script
                        .at(&SET_LOCAL, set.syntax(), message)
                        .help("SET without LOCAL: Underpin takes it back at the end of the file."),
                );
            }
        } else if is_set_local(&it.stmt) {
            settings.push(&it.stmt);
        } else {
            // It may have been meant for this one, which has it.
            settings.clear();
        }
    }
}

fn is_set_local(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Set(set) => matches!(set.set_scope(), Some(SetScope::LocalScope(_))),
        _ => false,
    }
}

pub(super) fn must_be_alone(script: &Script<'_>, stmt: &Stmt) -> bool {
    match stmt {
        Stmt::AlterType(alter) => {
            let adds = matches!(alter.action(), Some(AlterTypeAction::AddValue(_)));
            adds && script.settings.pg_version().major < ADD_VALUE_SINCE
        }
        Stmt::Vacuum(_)
        | Stmt::AlterSystem(_)
        | Stmt::CreateDatabase(_)
        | Stmt::DropDatabase(_)
        | Stmt::CreateTablespace(_)
        | Stmt::DropTablespace(_) => true,
        Stmt::CreateIndex(_) | Stmt::DropIndex(_) | Stmt::Reindex(_) | Stmt::AlterTable(_) => {
            let mut tokens = stmt.syntax().descendants_with_tokens();
            tokens.any(|it| it.kind() == SyntaxKind::CONCURRENTLY_KW)
        }
        _ => false,
    }
}
