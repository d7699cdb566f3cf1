//! Types: those that are regretted later, and changes of enums and domains.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &PREFER_BIGINT_OVER_INT,
    &PREFER_BIGINT_OVER_SMALLINT,
    &PREFER_IDENTITY,
    &BAN_CHAR_FIELD,
    &PREFER_TEXT_FIELD,
    &PREFER_TIMESTAMP_TZ,
    &BAN_CREATE_DOMAIN_WITH_CONSTRAINT,
    &BAN_ALTER_DOMAIN_WITH_ADD_CONSTRAINT,
    &REQUIRE_ENUM_VALUE_ORDERING,
    &BAN_ADD_ENUM_VALUE,
];

static PREFER_BIGINT_OVER_INT: Rule = Rule {
    name: "prefer-bigint-over-int",
    numbers: &[21],
    level: Level::Warning,
    title: "A 32-bit number runs full",
    why: "2,147,483,647 rows come sooner than planned, the change to bigint then rewrites the table (see \
          `changing-column-type`), and alignment often makes the four bytes saved worth nothing.",
    bad: "CREATE TABLE app.orders (id int PRIMARY KEY);",
    good: "CREATE TABLE app.orders (id bigint PRIMARY KEY);",
    check: Check::Squawk(Squawk::PreferBigintOverInt),
    ..Rule::USUAL
};

static PREFER_BIGINT_OVER_SMALLINT: Rule = Rule {
    name: "prefer-bigint-over-smallint",
    numbers: &[21],
    level: Level::Warning,
    title: "A 16-bit number runs full",
    why: "32,767 is few, and the change to a wider type later rewrites the table.",
    bad: "CREATE TABLE app.orders (shelf smallint);",
    good: "CREATE TABLE app.orders (shelf bigint);",
    check: Check::Squawk(Squawk::PreferBigintOverSmallint),
    ..Rule::USUAL
};

static PREFER_IDENTITY: Rule = Rule {
    name: "prefer-identity",
    numbers: &[21],
    level: Level::Warning,
    title: "serial leaves a sequence that the column does not really own",
    why: "Rights on the table do not reach the sequence of a serial column, and its default can be dropped without it. \
          An identity column has neither trap and is the SQL standard.",
    bad: "CREATE TABLE app.orders (id bigserial PRIMARY KEY);",
    good: "CREATE TABLE app.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);",
    check: Check::Squawk(Squawk::PreferIdentity),
    ..Rule::USUAL
};

static BAN_CHAR_FIELD: Rule = Rule {
    name: "ban-char-field",
    numbers: &[21],
    level: Level::Warning,
    title: "char(n) pads with spaces",
    why: "Comparisons, concatenation and length treat the padding differently, and nothing is gained over text.",
    bad: "CREATE TABLE app.orders (country char(2));",
    good: "CREATE TABLE app.orders (country text CHECK (length(country) = 2));",
    check: Check::Squawk(Squawk::BanCharField),
    ..Rule::USUAL
};

static PREFER_TEXT_FIELD: Rule = Rule {
    name: "prefer-text-field",
    numbers: &[21],
    level: Level::Warning,
    title: "The limit of varchar(n) is a type, so a smaller one rewrites the table",
    why: "A CHECK constraint says the same and can be added, validated and replaced without stopping anybody.",
    bad: "CREATE TABLE app.orders (note varchar(200));",
    good: "CREATE TABLE app.orders (note text CHECK (length(note) <= 200));",
    check: Check::Squawk(Squawk::PreferTextField),
    ..Rule::USUAL
};

static PREFER_TIMESTAMP_TZ: Rule = Rule {
    name: "prefer-timestamp-tz",
    aliases: &["prefer-timestamptz"],
    numbers: &[21],
    level: Level::Warning,
    title: "timestamp without time zone is no point in time",
    why: "It is a reading of some clock; which one depends on the session that wrote it. timestamptz takes the same \
          eight bytes and means the same everywhere.",
    bad: "CREATE TABLE app.orders (placed_at timestamp);",
    good: "CREATE TABLE app.orders (placed_at timestamptz);",
    check: Check::Squawk(Squawk::PreferTimestampTz),
    ..Rule::USUAL
};

static BAN_CREATE_DOMAIN_WITH_CONSTRAINT: Rule = Rule {
    name: "ban-create-domain-with-constraint",
    numbers: &[29],
    level: Level::Warning,
    title: "A domain's CHECK can only be changed by reading every table that uses it",
    lock: "Later changes: SHARE on every table with a column of the domain, for the scans.",
    why: "A CHECK of one column of one table can be replaced with `NOT VALID` and `VALIDATE`, one table at a time.",
    bad: "CREATE DOMAIN app.percent AS numeric CHECK (value BETWEEN 0 AND 100);",
    good: "CREATE DOMAIN app.percent AS numeric;",
    check: Check::Squawk(Squawk::BanCreateDomainWithConstraint),
    ..Rule::USUAL
};

pub(in crate::lint) static BAN_ALTER_DOMAIN_WITH_ADD_CONSTRAINT: Rule = Rule {
    name: "ban-alter-domain-with-add-constraint",
    numbers: &[29],
    level: Level::Error,
    spares_new: true,
    title: "A new constraint of a domain reads every table that uses it",
    lock: "SHARE on every table with a column of the domain, for the scans.",
    why: "All the tables are locked and read in one statement. Put the CHECK on the columns, table by table.",
    bad: "ALTER DOMAIN app.percent ADD CONSTRAINT percent_range CHECK (value BETWEEN 0 AND 100);",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_discount_range CHECK (discount BETWEEN 0 AND 100) NOT VALID;",
    check: Check::Squawk(Squawk::BanAlterDomainWithAddConstraint),
    ..Rule::USUAL
};

static REQUIRE_ENUM_VALUE_ORDERING: Rule = Rule {
    name: "require-enum-value-ordering",
    numbers: &[33],
    level: Level::Warning,
    title: "An enum value without a place is sorted last, for good",
    why: "Enum values compare by position, and the position of an existing value cannot be changed. Say where it goes.",
    bad: "ALTER TYPE app.state ADD VALUE 'packed';",
    good: "ALTER TYPE app.state ADD VALUE 'packed' BEFORE 'sent';",
    check: Check::Squawk(Squawk::RequireEnumValueOrdering),
    ..Rule::USUAL
};

static BAN_ADD_ENUM_VALUE: Rule = Rule {
    name: "ban-add-enum-value",
    numbers: &[33],
    title: "Running programs do not know the new enum value",
    why: "A program that reads the type into an enum of its own fails at the first unknown value: deploy it first.",
    bad: "ALTER TYPE app.state ADD VALUE 'packed' BEFORE 'sent';",
    good: "CREATE TYPE app.state AS ENUM ('open', 'packed', 'sent');",
    check: Check::Squawk(Squawk::BanAddEnumValue),
    ..Rule::USUAL
};
