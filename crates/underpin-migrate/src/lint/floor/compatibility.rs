//! What programs that are running may rely on: reported as notes, unless something is gone.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &BAN_DROP_VIEW,
    &BAN_DROP_FUNCTION,
    &BAN_DROP_TYPE,
    &BAN_DROP_DOMAIN,
    &BAN_DROP_TRIGGER,
    &BAN_DROP_DEFAULT,
    &BAN_DROP_GENERATED_EXPRESSION,
    &BAN_SET_SCHEMA,
    &BAN_ALTER_IDENTITY,
    &BAN_ALTER_GENERATED_EXPRESSION,
    &BAN_SET_DEFAULT,
    &BAN_DISABLE_TRIGGER,
    &BAN_REPLACE_VIEW_FUNCTION,
    &BAN_ALTER_FUNCTION_OPTIONS,
    &BAN_ALTER_VIEW_OPTIONS,
    &BAN_ALTER_DATABASE_OPTIONS,
    &BAN_ALTER_SYSTEM_OPTIONS,
    &BAN_ADD_COLUMN,
    &BAN_ADD_COMPOSITE_ATTRIBUTE,
    &BAN_DETACH_INHERITANCE,
];

const CALLERS: &str = "Bodies of functions and statements of programs are no dependency that PostgreSQL knows: it lets \
                       the object go, and they fail when they run. Deploy code that does not need it first.";

static BAN_DROP_VIEW: Rule = Rule {
    name: "ban-drop-view",
    level: Level::Warning,
    spares_new: true,
    title: "A dropped view is gone for every program that is running",
    why: CALLERS,
    bad: "DROP VIEW app.open_orders;",
    good: "ALTER VIEW app.open_orders OWNER TO archive;",
    check: Check::Squawk(Squawk::BanDropView),
    ..Rule::USUAL
};

static BAN_DROP_FUNCTION: Rule = Rule {
    name: "ban-drop-function",
    numbers: &[44],
    level: Level::Warning,
    title: "A dropped function is gone for whoever calls it",
    why: CALLERS,
    bad: "DROP FUNCTION app.total(bigint);",
    good: "ALTER FUNCTION app.total(bigint) OWNER TO archive;",
    check: Check::Squawk(Squawk::BanDropFunction),
    ..Rule::USUAL
};

static BAN_DROP_TYPE: Rule = Rule {
    name: "ban-drop-type",
    level: Level::Warning,
    spares_new: true,
    title: "A dropped type is gone for whoever casts to it",
    why: CALLERS,
    bad: "DROP TYPE app.state;",
    good: "ALTER TYPE app.state OWNER TO archive;",
    check: Check::Squawk(Squawk::BanDropType),
    ..Rule::USUAL
};

static BAN_DROP_DOMAIN: Rule = Rule {
    name: "ban-drop-domain",
    level: Level::Warning,
    spares_new: true,
    title: "A dropped domain is gone for whoever casts to it",
    why: CALLERS,
    bad: "DROP DOMAIN app.percent;",
    good: "ALTER DOMAIN app.percent OWNER TO archive;",
    check: Check::Squawk(Squawk::BanDropDomain),
    ..Rule::USUAL
};

static BAN_DROP_TRIGGER: Rule = Rule {
    name: "ban-drop-trigger",
    level: Level::Warning,
    spares_new: true,
    title: "What a dropped trigger did is no longer done",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Running programs count on it: nothing fails, the data is wrong.",
    bad: "DROP TRIGGER touch ON app.orders;",
    good: "ALTER TRIGGER touch ON app.orders RENAME TO touch_updated_at;",
    check: Check::Squawk(Squawk::BanDropTrigger),
    ..Rule::USUAL
};

static BAN_DROP_DEFAULT: Rule = Rule {
    name: "ban-drop-default",
    title: "Running programs may leave the column out",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Their INSERT then writes NULL, or fails when the column is required.",
    bad: "ALTER TABLE app.orders ALTER COLUMN channel DROP DEFAULT;",
    good: "ALTER TABLE app.orders ALTER COLUMN channel SET STATISTICS 500;",
    check: Check::Squawk(Squawk::BanDropDefault),
    ..Rule::USUAL
};

static BAN_DROP_GENERATED_EXPRESSION: Rule = Rule {
    name: "ban-drop-generated-expression",
    level: Level::Warning,
    spares_new: true,
    title: "The column is no longer computed",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Old values stay, new rows have none: running programs do not write the column.",
    bad: "ALTER TABLE app.orders ALTER COLUMN total DROP EXPRESSION;",
    good: "ALTER TABLE app.orders ALTER COLUMN total SET STATISTICS 500;",
    check: Check::Squawk(Squawk::BanDropGeneratedExpression),
    ..Rule::USUAL
};

static BAN_SET_SCHEMA: Rule = Rule {
    name: "ban-set-schema",
    numbers: &[31],
    level: Level::Warning,
    spares_new: true,
    title: "An object in another schema has another name",
    lock: "ACCESS EXCLUSIVE on a table, for a moment.",
    why: "Programs that write the schema do not find it any more. Put a view in its place.",
    bad: "ALTER TABLE app.orders SET SCHEMA archive;",
    good: "CREATE VIEW archive.orders AS SELECT * FROM app.orders;",
    check: Check::Squawk(Squawk::BanSetSchema),
    ..Rule::USUAL
};

static BAN_ALTER_IDENTITY: Rule = Rule {
    name: "ban-alter-identity",
    title: "Running programs may write the column themselves",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "GENERATED ALWAYS refuses a value that is given; without identity none is made.",
    bad: "ALTER TABLE app.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;",
    good: "ALTER TABLE app.orders ALTER COLUMN id SET STATISTICS 500;",
    check: Check::Squawk(Squawk::BanAlterIdentity),
    ..Rule::USUAL
};

static BAN_ALTER_GENERATED_EXPRESSION: Rule = Rule {
    name: "ban-alter-generated-expression",
    title: "A generated column means something else, or must not be written",
    lock: "ACCESS EXCLUSIVE on the table; SET EXPRESSION rewrites it.",
    why: "Programs read other values than before, and an INSERT that names a new generated column fails.",
    bad: "ALTER TABLE app.orders ALTER COLUMN total SET EXPRESSION AS (net + tax);",
    good: "ALTER TABLE app.orders ADD COLUMN total_new numeric;",
    check: Check::Squawk(Squawk::BanAlterGeneratedExpression),
    ..Rule::USUAL
};

static BAN_SET_DEFAULT: Rule = Rule {
    name: "ban-set-default",
    title: "Running programs write another value than before",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Whoever leaves the column out gets the new default from the commit on.",
    bad: "ALTER TABLE app.orders ALTER COLUMN channel SET DEFAULT 'shop';",
    good: "ALTER TABLE app.orders ALTER COLUMN channel SET STATISTICS 500;",
    check: Check::Squawk(Squawk::BanSetDefault),
    ..Rule::USUAL
};

static BAN_DISABLE_TRIGGER: Rule = Rule {
    name: "ban-disable-trigger",
    level: Level::Warning,
    spares_new: true,
    title: "What a trigger or rule does begins or ceases",
    lock: "SHARE ROW EXCLUSIVE on the table, for a moment.",
    why: "DISABLE TRIGGER ALL also switches foreign keys off: wrong rows come in and stay.",
    bad: "ALTER TABLE app.orders DISABLE TRIGGER touch;",
    good: "ALTER TRIGGER touch ON app.orders RENAME TO touch_updated_at;",
    check: Check::Squawk(Squawk::BanDisableTrigger),
    ..Rule::USUAL
};

static BAN_REPLACE_VIEW_FUNCTION: Rule = Rule {
    name: "ban-replace-view-function",
    numbers: &[44],
    title: "A replaced view or function means something else for running programs",
    why: "Old and new programs share it during a deployment; both must be able to live with it.",
    bad: "CREATE OR REPLACE VIEW app.open_orders AS SELECT * FROM app.orders WHERE state = 'open';",
    good: "CREATE VIEW app.open_orders_v2 AS SELECT * FROM app.orders WHERE state = 'open';",
    check: Check::Squawk(Squawk::BanReplaceViewFunction),
    ..Rule::USUAL
};

static BAN_ALTER_FUNCTION_OPTIONS: Rule = Rule {
    name: "ban-alter-function-options",
    numbers: &[44],
    title: "A function's options decide with whose rights and how often it runs",
    why: "SECURITY DEFINER lends the owner's rights, IMMUTABLE lets results be kept.",
    bad: "ALTER FUNCTION app.total(bigint) SECURITY DEFINER;",
    good: "ALTER FUNCTION app.total(bigint) OWNER TO app;",
    check: Check::Squawk(Squawk::BanAlterFunctionOptions),
    ..Rule::USUAL
};

static BAN_ALTER_VIEW_OPTIONS: Rule = Rule {
    name: "ban-alter-view-options",
    title: "A view's options decide with whose rights it reads",
    why: "security_invoker and security_barrier change who sees which rows.",
    bad: "ALTER VIEW app.open_orders SET (security_invoker = true);",
    good: "ALTER VIEW app.open_orders OWNER TO app;",
    check: Check::Squawk(Squawk::BanAlterViewOptions),
    ..Rule::USUAL
};

static BAN_ALTER_DATABASE_OPTIONS: Rule = Rule {
    name: "ban-alter-database-options",
    title: "A database's settings hold for every new session",
    why: "Programs connect anew one after the other, so old and new settings are mixed for a while.",
    bad: "ALTER DATABASE shop SET timezone = 'UTC';",
    good: "SET timezone = 'UTC';",
    check: Check::Squawk(Squawk::BanAlterDatabaseOptions),
    ..Rule::USUAL
};

static BAN_ALTER_SYSTEM_OPTIONS: Rule = Rule {
    name: "ban-alter-system-options",
    level: Level::Warning,
    title: "ALTER SYSTEM changes the whole server",
    why: "All its databases are affected, and the next person to look for the setting looks in postgresql.conf.",
    bad: "ALTER SYSTEM SET work_mem = '64MB';",
    good: "SET work_mem = '64MB';",
    check: Check::Squawk(Squawk::BanAlterSystemOptions),
    ..Rule::USUAL
};

static BAN_ADD_COLUMN: Rule = Rule {
    name: "ban-add-column",
    title: "Programs that read `SELECT *` get one column more",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Those that read by position, or insert without naming columns, see it. Most do neither: a note.",
    bad: "ALTER TABLE app.orders ADD COLUMN note text;",
    good: "CREATE TABLE app.order_notes (order_id bigint, note text);",
    check: Check::Squawk(Squawk::BanAddColumn),
    ..Rule::USUAL
};

static BAN_ADD_COMPOSITE_ATTRIBUTE: Rule = Rule {
    name: "ban-add-composite-attribute",
    title: "A composite type gets one attribute more",
    lock: "ACCESS EXCLUSIVE on every table with a column of the type.",
    why: "Programs that write it as a row of so many values fail.",
    bad: "ALTER TYPE app.address ADD ATTRIBUTE country text;",
    good: "CREATE TYPE app.address_v2 AS (street text, country text);",
    check: Check::Squawk(Squawk::BanAddCompositeAttribute),
    ..Rule::USUAL
};

static BAN_DETACH_INHERITANCE: Rule = Rule {
    name: "ban-detach-inheritance",
    level: Level::Warning,
    title: "A detached table's rows disappear from its parent",
    lock: "ACCESS EXCLUSIVE on the child, SHARE on the parent, for a moment (partitions: see \
           `require-concurrent-partition-detach`).",
    why: "Queries on the parent go on without them, silently.",
    bad: "ALTER TABLE app.events_2020 NO INHERIT app.events;",
    good: "CREATE TABLE app.events_2021 () INHERITS (app.events);",
    check: Check::Squawk(Squawk::BanDetachInheritance),
    ..Rule::USUAL
};
