//! Indexes: built, dropped and rebuilt without stopping anybody.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &REQUIRE_CONCURRENT_INDEX_CREATION,
    &BAN_CONCURRENT_INDEX_CREATION_IN_TRANSACTION,
    &REQUIRE_CONCURRENT_INDEX_DELETION,
    &BAN_DROP_INDEX,
    &REQUIRE_CONCURRENT_REINDEX,
];

pub(in crate::lint) static REQUIRE_CONCURRENT_INDEX_CREATION: Rule = Rule {
    name: "require-concurrent-index-creation",
    numbers: &[1],
    level: Level::Error,
    scales: true,
    title: "CREATE INDEX stops all writes to the table",
    lock: "SHARE on the table for the whole build: reads go on, writes wait.",
    why: "A build of some minutes is an outage of some minutes for everybody who writes. `CONCURRENTLY` scans the \
          table twice and holds up nobody. It cannot run in a transaction: Underpin runs it alone, looks afterwards \
          whether the index is valid, and heals a broken one.",
    bad: "CREATE INDEX orders_customer ON app.orders (customer_id);",
    good: "CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    check: Check::Squawk(Squawk::RequireConcurrentIndexCreation),
    ..Rule::USUAL
};

pub(in crate::lint) static BAN_CONCURRENT_INDEX_CREATION_IN_TRANSACTION: Rule = Rule {
    name: "ban-concurrent-index-creation-in-transaction",
    numbers: &[2],
    level: Level::Error,
    title: "CREATE INDEX CONCURRENTLY inside a transaction fails",
    lock: "None: the server refuses with error 25001.",
    why: "The build waits for other transactions to end, so it cannot be part of one. Files for Underpin need no \
          BEGIN and COMMIT: the parser decides what runs together and what alone.",
    bad: "BEGIN;\nCREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);\nCOMMIT;",
    good: "CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    check: Check::Squawk(Squawk::BanConcurrentIndexCreationInTransaction),
    ..Rule::USUAL
};

pub(in crate::lint) static REQUIRE_CONCURRENT_INDEX_DELETION: Rule = Rule {
    name: "require-concurrent-index-deletion",
    numbers: &[3],
    level: Level::Error,
    spares_new: true,
    title: "DROP INDEX waits for all users of the table, and all new ones wait for it",
    lock: "ACCESS EXCLUSIVE on the table, from the moment it begins to wait.",
    why: "The drop itself is quick. The wait is not: behind a long report the DROP queues, and behind the DROP every \
          other query.",
    bad: "DROP INDEX app.orders_customer;",
    good: "DROP INDEX CONCURRENTLY app.orders_customer;",
    check: Check::Squawk(Squawk::RequireConcurrentIndexDeletion),
    ..Rule::USUAL
};

static BAN_DROP_INDEX: Rule = Rule {
    name: "ban-drop-index",
    numbers: &[3],
    title: "A dropped index takes its guarantee and its plans along",
    why: "A unique index is a rule about the data, and any index may carry a hot query. Look at \
          `pg_stat_user_indexes.idx_scan` on every replica first.",
    bad: "DROP INDEX CONCURRENTLY app.orders_customer;",
    good: "-- leave it until `idx_scan` stands still on all replicas\n\
           ALTER INDEX app.orders_customer RENAME TO orders_customer_unused;",
    check: Check::Squawk(Squawk::BanDropIndex),
    ..Rule::USUAL
};

pub(in crate::lint) static REQUIRE_CONCURRENT_REINDEX: Rule = Rule {
    name: "require-concurrent-reindex",
    numbers: &[4],
    level: Level::Error,
    scales: true,
    title: "REINDEX stops writes, and reads that use the index",
    lock: "SHARE on the table and ACCESS EXCLUSIVE on the index, for the whole build.",
    why: "Since PostgreSQL 12 `REINDEX … CONCURRENTLY` builds a second index beside the first and swaps them.",
    bad: "REINDEX INDEX app.orders_customer;",
    good: "REINDEX INDEX CONCURRENTLY app.orders_customer;",
    check: Check::Squawk(Squawk::RequireConcurrentReindex),
    ..Rule::USUAL
};
