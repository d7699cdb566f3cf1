//! How a migration runs: timeouts, transactions, running twice.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &REQUIRE_LOCK_TIMEOUT,
    &REQUIRE_STATEMENT_TIMEOUT,
    &REQUIRE_TIMEOUT_SETTINGS,
    &PREFER_ROBUST_STMTS,
    &BAN_UNCOMMITTED_TRANSACTION,
    &TRANSACTION_NESTING,
    &UNUSED_IGNORE,
];

pub(in crate::lint) static REQUIRE_LOCK_TIMEOUT: Rule = Rule {
    name: "require-lock-timeout",
    aliases: &["require-timeout-settings"],
    numbers: &[48],
    title: "Without lock_timeout a statement queues, and everybody queues behind it",
    lock: "Whatever the statement takes, from the moment it begins to wait.",
    why: "Underpin's runner sets a lock timeout of its own, gives way and tries again, so this is a note. It matters \
          where another tool runs the file; there, 1 to 2 s and a retry.",
    bad: "ALTER TABLE app.orders ADD COLUMN note text;",
    good: "SET lock_timeout = '1s';\nALTER TABLE app.orders ADD COLUMN note text;",
    check: Check::Squawk(Squawk::RequireLockTimeout),
    ..Rule::USUAL
};

pub(in crate::lint) static REQUIRE_STATEMENT_TIMEOUT: Rule = Rule {
    name: "require-statement-timeout",
    aliases: &["require-timeout-settings"],
    numbers: &[49],
    title: "Without statement_timeout a runaway statement runs until somebody notices",
    why: "Underpin's runner sets one for each kind of statement, so this is a note. A fixed one in the file would hold \
          for index builds, too, and cut them off.",
    bad: "ALTER TABLE app.orders ADD COLUMN note text;",
    good: "SET statement_timeout = '5s';\nALTER TABLE app.orders ADD COLUMN note text;",
    check: Check::Squawk(Squawk::RequireStatementTimeout),
    ..Rule::USUAL
};

pub(in crate::lint) static REQUIRE_TIMEOUT_SETTINGS: Rule = Rule {
    name: "require-timeout-settings",
    numbers: &[48, 49],
    title: "The file does not set both timeouts",
    why: "Squawk's name for `require-lock-timeout` and `require-statement-timeout` together, reported where one of the \
          two is. Underpin's runner sets both itself, so this is a note.",
    bad: "SET lock_timeout = '1s';\nALTER TABLE app.orders ADD COLUMN note text;",
    good: "SET lock_timeout = '1s';\nSET statement_timeout = '5s';\nALTER TABLE app.orders ADD COLUMN note text;",
    check: Check::Squawk(Squawk::RequireTimeoutSettings),
    ..Rule::USUAL
};

static PREFER_ROBUST_STMTS: Rule = Rule {
    name: "prefer-robust-stmts",
    numbers: &[50],
    title: "A statement that cannot run twice, in a file that may run half",
    why: "Underpin records every statement and goes on after the last one that is done, so this is a note. It matters \
          where another tool runs the file from its beginning again. `IF NOT EXISTS` also hides that something else \
          of that name exists.",
    bad: "SELECT 1;\nCREATE TABLE app.orders (id bigint);",
    good: "SELECT 1;\nCREATE TABLE IF NOT EXISTS app.orders (id bigint);",
    check: Check::Squawk(Squawk::PreferRobustStmts),
    ..Rule::USUAL
};

static BAN_UNCOMMITTED_TRANSACTION: Rule = Rule {
    name: "ban-uncommitted-transaction",
    numbers: &[51],
    level: Level::Error,
    title: "BEGIN without COMMIT: nothing is applied, silently",
    why: "The connection closes and the server rolls back. Files for Underpin need neither BEGIN nor COMMIT.",
    bad: "BEGIN;\nCREATE TABLE app.orders (id bigint);",
    good: "BEGIN;\nCREATE TABLE app.orders (id bigint);\nCOMMIT;",
    check: Check::Squawk(Squawk::BanUncommittedTransaction),
    ..Rule::USUAL
};

pub(in crate::lint) static TRANSACTION_NESTING: Rule = Rule {
    name: "transaction-nesting",
    numbers: &[51],
    level: Level::Error,
    title: "BEGIN inside a transaction, or COMMIT outside of one",
    why: "PostgreSQL only warns. A COMMIT ends the transaction of the tool that runs the file, and what follows is \
          applied without it.",
    bad: "BEGIN;\nBEGIN;\nCREATE TABLE app.orders (id bigint);\nCOMMIT;",
    good: "BEGIN;\nCREATE TABLE app.orders (id bigint);\nCOMMIT;",
    check: Check::Squawk(Squawk::TransactionNesting),
    ..Rule::USUAL
};

static UNUSED_IGNORE: Rule = Rule {
    name: "unused-ignore",
    level: Level::Warning,
    title: "A squawk-ignore comment names a rule that does not exist",
    why: "It ignores nothing. Files for Underpin say `-- underpin: allow=RULE reason=\"…\"` at the top instead.",
    bad: "-- squawk-ignore ban-drop-colunm\nSELECT 1;",
    good: "-- squawk-ignore ban-drop-column\nSELECT 1;",
    check: Check::Squawk(Squawk::UnusedIgnore),
    ..Rule::USUAL
};
