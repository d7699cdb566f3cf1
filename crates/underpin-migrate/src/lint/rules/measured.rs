//! What a file did when it was run on a scratch server.

use crate::lint::measured::MeasuredStatement;
use crate::lint::rule::{Check, Needs, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use crate::sql::TableLock;

pub(super) static LOCK: Rule = Rule {
    name: "measured-lock",
    level: Level::Note,
    needs: Needs::Scratch,
    title: "A table that was there before is locked against writes, or against everything",
    lock: "The one that is told: it was read from pg_locks.",
    why: "The lock is held until the transaction ends, and whoever waits for it lets nobody past. A moment is no harm, \
          which is why this is a note: see whether the tables are those that you meant.",
    bad: "-- measured: ACCESS EXCLUSIVE on app.orders and app.customers\n\
          ALTER TABLE app.orders DROP CONSTRAINT orders_customer_fkey;",
    good: "-- measured: no lock against writes\nCREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    check: Check::Ours(lock),
    ..Rule::USUAL
};

pub(super) static REWRITE: Rule = Rule {
    name: "measured-rewrite",
    level: Level::Error,
    scales: true,
    needs: Needs::Scratch,
    title: "A table that was there before is written anew",
    lock: "ACCESS EXCLUSIVE for as long as it takes.",
    why: "PostgreSQL copies all rows into new files and builds every index again, and nobody reads or writes the table \
          until it is done. Add a column beside the old one, fill it in batches, and swap the names.",
    bad: "-- measured: app.orders is written anew\nALTER TABLE app.orders ALTER COLUMN total TYPE bigint;",
    good: "-- measured: nothing is written anew\nALTER TABLE app.orders ADD COLUMN total_big bigint;",
    check: Check::Ours(rewrite),
    ..Rule::USUAL
};

pub(super) static FAILURE: Rule = Rule {
    name: "measured-failure",
    level: Level::Error,
    needs: Needs::Scratch,
    title: "A statement fails",
    why: "It was run after everything that comes before it, on a server made for that, and the server refused it. What \
          follows it was not measured.",
    bad: "-- measured: column \"totl\" does not exist\nALTER TABLE app.orders DROP COLUMN totl;",
    good: "ALTER TABLE app.orders ADD COLUMN note text;",
    check: Check::Ours(failure),
    ..Rule::USUAL
};

fn lock(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (range, statement) in statements(script) {
        let locks = statement.locks.iter();
        for (table, lock) in locks.filter(|(_, lock)| *lock >= TableLock::Share) {
            let name = table.to_name();
            let message = format!("It took {lock} on {name}: {}.", lock.leaves());
            findings.push(script.finding(&LOCK, range, message));
        }
    }
}

fn rewrite(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (range, statement) in statements(script) {
        for table in &statement.rewritten {
            let name = table.to_name();
            let message = format!("{name} was written anew, with all its indexes.");
            let mut finding = script.finding(&REWRITE, range, message).help(
                "Add a column beside the old one, fill it in batches, and swap the names; or choose a window.",
            );
            finding.table = Some(name);
            findings.push(finding);
        }
    }
}

fn failure(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (range, statement) in statements(script) {
        if let Some(failed) = &statement.failed {
            let message = format!("It failed on the scratch server: {failed}.");
            findings.push(script.finding(&FAILURE, range, message));
        }
    }
}

/// What was measured, with the bytes of each statement.
fn statements<'a>(
    script: &'a Script<'_>,
) -> impl Iterator<Item = ((usize, usize), &'a MeasuredStatement)> {
    let measured = script.settings.measured.as_deref();
    let statements = measured.map(|it| it.statements.as_slice());
    let statements = statements.unwrap_or_default().iter();
    statements.map(|it| (script.range_at(it.line, it.column), it))
}
