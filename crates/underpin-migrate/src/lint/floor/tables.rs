//! Tables, schemas and what else is dropped or renamed.

use crate::lint::Level;
use crate::lint::rule::{Check, Needs, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &BAN_DROP_TABLE,
    &BAN_TRUNCATE_CASCADE,
    &BAN_DROP_SCHEMA,
    &BAN_DROP_DATABASE,
    &RENAMING_TABLE,
    &RENAMING_OBJECT,
    &REQUIRE_CONCURRENT_PARTITION_DETACH,
    &PREFER_REPACK,
    &BAN_REPLICA_IDENTITY,
    &IDENTIFIER_TOO_LONG,
    &REQUIRE_TABLE_SCHEMA,
    &BAN_DROP_SEQUENCE,
    &BAN_ALTER_SEQUENCE_VALUES,
    &BAN_DROP_EXTENSION,
    &BAN_ALTER_EXTENSION,
];

static BAN_DROP_TABLE: Rule = Rule {
    name: "ban-drop-table",
    numbers: &[30],
    level: Level::Error,
    spares_new: true,
    title: "A dropped table is lost, and running programs still ask for it",
    lock: "ACCESS EXCLUSIVE on the table and on those that refer to it, for a moment.",
    why: "First deploy code that does not name the table. Then move it out of the way, and drop it when nobody missed \
          it, with the reason written into the file.",
    bad: "DROP TABLE app.orders;",
    good: "ALTER TABLE app.orders SET SCHEMA quarantine;",
    check: Check::Squawk(Squawk::BanDropTable),
    ..Rule::USUAL
};

static BAN_TRUNCATE_CASCADE: Rule = Rule {
    name: "ban-truncate-cascade",
    numbers: &[30],
    level: Level::Error,
    title: "TRUNCATE … CASCADE empties every table that refers to this one",
    lock: "ACCESS EXCLUSIVE on all of them.",
    why: "Which tables those are is decided when it runs, and tomorrow there may be one more. Name each one.",
    bad: "TRUNCATE app.customers CASCADE;",
    good: "DELETE FROM app.customers WHERE created_at < '2020-01-01';",
    check: Check::Squawk(Squawk::BanTruncateCascade),
    ..Rule::USUAL
};

static BAN_DROP_SCHEMA: Rule = Rule {
    name: "ban-drop-schema",
    numbers: &[30],
    level: Level::Error,
    title: "A dropped schema takes everything in it along",
    lock: "ACCESS EXCLUSIVE on all that is in it.",
    why: "With CASCADE also views and functions elsewhere that use it. Drop what is in it by name first: then it is \
          clear what is lost.",
    bad: "DROP SCHEMA app CASCADE;",
    good: "ALTER SCHEMA app OWNER TO archive;",
    check: Check::Squawk(Squawk::BanDropSchema),
    ..Rule::USUAL
};

static BAN_DROP_DATABASE: Rule = Rule {
    name: "ban-drop-database",
    numbers: &[30],
    level: Level::Error,
    title: "A dropped database is gone",
    why: "No migration of a database's schema needs it. It cannot be rolled back.",
    bad: "DROP DATABASE shop;",
    good: "ALTER DATABASE shop CONNECTION LIMIT 0;",
    check: Check::Squawk(Squawk::BanDropDatabase),
    ..Rule::USUAL
};

static RENAMING_TABLE: Rule = Rule {
    name: "renaming-table",
    numbers: &[31],
    level: Level::Error,
    spares_new: true,
    title: "A renamed table is gone for every program that is running",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Put a view with the old name in front in the same transaction: simple views can be written to. Drop it when \
          no older program runs.",
    bad: "ALTER TABLE app.orders RENAME TO purchases;",
    good: "CREATE VIEW app.purchases AS SELECT * FROM app.orders;",
    check: Check::Squawk(Squawk::RenamingTable),
    ..Rule::USUAL
};

static RENAMING_OBJECT: Rule = Rule {
    name: "renaming-object",
    numbers: &[31],
    level: Level::Warning,
    spares_new: true,
    title: "A renamed schema, type, function or index is gone for whoever names it",
    why: "Schemas and functions are named by programs, constraints by their error handling, indexes by hints and \
          monitoring. Keep the old name until nobody uses it.",
    bad: "ALTER SCHEMA app RENAME TO shop;",
    good: "CREATE SCHEMA shop;",
    check: Check::Squawk(Squawk::RenamingObject),
    ..Rule::USUAL
};

pub(in crate::lint) static REQUIRE_CONCURRENT_PARTITION_DETACH: Rule = Rule {
    name: "require-concurrent-partition-detach",
    numbers: &[36],
    level: Level::Error,
    title: "DETACH PARTITION locks the whole partitioned table",
    lock: "ACCESS EXCLUSIVE on the parent and the partition.",
    why: "Every query on any partition waits. `CONCURRENTLY` (PostgreSQL 14 and later) takes SHARE UPDATE EXCLUSIVE \
          on the parent; it runs outside a transaction, and not where there is a default partition.",
    bad: "ALTER TABLE app.events DETACH PARTITION app.events_2020;",
    good: "ALTER TABLE app.events DETACH PARTITION app.events_2020 CONCURRENTLY;",
    check: Check::Squawk(Squawk::RequireConcurrentPartitionDetach),
    ..Rule::USUAL
};

pub(in crate::lint) static PREFER_REPACK: Rule = Rule {
    name: "prefer-repack",
    numbers: &[38],
    level: Level::Error,
    scales: true,
    needs: Needs::Version(19),
    title: "VACUUM FULL and CLUSTER lock the table while they copy it",
    lock: "ACCESS EXCLUSIVE on the table for the whole copy.",
    why: "PostgreSQL 19 has `REPACK (CONCURRENTLY)`, which copies while everybody goes on. For older servers see \
          `vacuum-full`; where nobody says which server it is, both are reported, this one as a note.",
    bad: "VACUUM FULL app.orders;",
    good: "REPACK (CONCURRENTLY) app.orders;",
    check: Check::Squawk(Squawk::PreferRepack),
    ..Rule::USUAL
};

static BAN_REPLICA_IDENTITY: Rule = Rule {
    name: "ban-replica-identity",
    numbers: &[40],
    level: Level::Warning,
    spares_new: true,
    title: "Logical replication and change capture depend on the replica identity",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Consumers get other keys, or none, and publications without a usable identity refuse UPDATE and DELETE.",
    bad: "ALTER TABLE app.orders REPLICA IDENTITY NOTHING;",
    good: "ALTER TABLE app.orders ALTER COLUMN id SET STATISTICS 500;",
    check: Check::Squawk(Squawk::BanReplicaIdentity),
    ..Rule::USUAL
};

static IDENTIFIER_TOO_LONG: Rule = Rule {
    name: "identifier-too-long",
    numbers: &[41],
    level: Level::Warning,
    title: "A name of more than 63 bytes is cut off silently",
    why: "Two long names become one, and later statements that write the whole name work only by luck.",
    bad: "CREATE TABLE app.orders_of_customers_that_were_imported_from_the_system_of_the_last_century (id bigint);",
    good: "CREATE TABLE app.orders_imported (id bigint);",
    check: Check::Squawk(Squawk::IdentifierTooLong),
    ..Rule::USUAL
};

static REQUIRE_TABLE_SCHEMA: Rule = Rule {
    name: "require-table-schema",
    numbers: &[42],
    title: "A name without a schema means what the search_path says",
    why: "The same file may create a table in `public` here and in the user's own schema there.",
    bad: "CREATE TABLE orders (id bigint);",
    good: "CREATE TABLE app.orders (id bigint);",
    check: Check::Squawk(Squawk::RequireTableSchema),
    ..Rule::USUAL
};

static BAN_DROP_SEQUENCE: Rule = Rule {
    name: "ban-drop-sequence",
    numbers: &[43],
    level: Level::Error,
    spares_new: true,
    title: "A dropped sequence loses its place, and nobody knows who calls it",
    why: "`nextval('app.numbers')` in a function body or in a program is no dependency that PostgreSQL knows.",
    bad: "DROP SEQUENCE app.numbers;",
    good: "ALTER SEQUENCE app.numbers OWNED BY app.orders.number;",
    check: Check::Squawk(Squawk::BanDropSequence),
    ..Rule::USUAL
};

static BAN_ALTER_SEQUENCE_VALUES: Rule = Rule {
    name: "ban-alter-sequence-values",
    numbers: &[43],
    level: Level::Warning,
    spares_new: true,
    title: "A sequence that starts anew gives numbers a second time",
    why: "The numbers collide with rows that exist, or leave a gap that somebody asks about.",
    bad: "ALTER SEQUENCE app.numbers RESTART WITH 1;",
    good: "CREATE SEQUENCE app.numbers_new;",
    check: Check::Squawk(Squawk::BanAlterSequenceValues),
    ..Rule::USUAL
};

static BAN_DROP_EXTENSION: Rule = Rule {
    name: "ban-drop-extension",
    numbers: &[47],
    level: Level::Error,
    title: "A dropped extension takes its types, and columns of them, along",
    why: "Without CASCADE it fails where something depends on it, with CASCADE that is lost. Calls in function bodies \
          are no known dependency.",
    bad: "DROP EXTENSION citext;",
    good: "CREATE EXTENSION IF NOT EXISTS citext;",
    check: Check::Squawk(Squawk::BanDropExtension),
    ..Rule::USUAL
};

static BAN_ALTER_EXTENSION: Rule = Rule {
    name: "ban-alter-extension",
    numbers: &[47],
    level: Level::Warning,
    title: "An upgraded extension may behave differently",
    why: "Read its release notes; indexes of its types may have to be rebuilt, and there is no way back.",
    bad: "ALTER EXTENSION vector UPDATE;",
    good: "CREATE EXTENSION IF NOT EXISTS vector;",
    check: Check::Squawk(Squawk::BanAlterExtension),
    ..Rule::USUAL
};
