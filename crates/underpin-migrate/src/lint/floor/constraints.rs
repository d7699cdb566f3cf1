//! Constraints: checked without stopping anybody.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &ADDING_FOREIGN_KEY_CONSTRAINT,
    &CONSTRAINT_MISSING_NOT_VALID,
    &DISALLOWED_UNIQUE_CONSTRAINT,
    &ADDING_SERIAL_PRIMARY_KEY_FIELD,
    &BAN_DROP_CONSTRAINT,
    &BAN_NEW_WRITE_RESTRICTION,
];

pub(in crate::lint) static ADDING_FOREIGN_KEY_CONSTRAINT: Rule = Rule {
    name: "adding-foreign-key-constraint",
    numbers: &[22],
    level: Level::Error,
    scales: true,
    title: "A foreign key stops writes to both tables while it is checked",
    lock: "SHARE ROW EXCLUSIVE on both tables for the whole check.",
    why: "With `NOT VALID` new rows are checked at once and old ones not; `VALIDATE` then reads them while everybody \
          goes on. The two must not share a transaction: Underpin's runner keeps them apart.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id);",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES app.customers (id) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_customer;",
    check: Check::Squawk(Squawk::AddingForeignKeyConstraint),
    ..Rule::USUAL
};

pub(in crate::lint) static CONSTRAINT_MISSING_NOT_VALID: Rule = Rule {
    name: "constraint-missing-not-valid",
    numbers: &[23, 24],
    level: Level::Error,
    scales: true,
    title: "A constraint is checked against all rows while the table is locked",
    lock: "ACCESS EXCLUSIVE on the table for the whole scan (foreign keys: SHARE ROW EXCLUSIVE on both).",
    why: "Add it `NOT VALID`, which takes a moment, then `VALIDATE CONSTRAINT`, which reads under SHARE UPDATE \
          EXCLUSIVE. In one transaction the strong lock would be held during the scan all the same.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_total CHECK (total >= 0);",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_total;",
    check: Check::Squawk(Squawk::ConstraintMissingNotValid),
    ..Rule::USUAL
};

pub(in crate::lint) static DISALLOWED_UNIQUE_CONSTRAINT: Rule = Rule {
    name: "disallowed-unique-constraint",
    numbers: &[25],
    level: Level::Error,
    scales: true,
    title: "A unique constraint builds its index while nobody may use the table",
    lock: "ACCESS EXCLUSIVE on the table for the whole build.",
    why: "Build the index concurrently, then make it the constraint: that takes a moment. Duplicates make the build \
          fail and leave an INVALID index, so look for them first.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_number UNIQUE (number);",
    good: "CREATE UNIQUE INDEX CONCURRENTLY orders_number ON app.orders (number);\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_number UNIQUE USING INDEX orders_number;",
    check: Check::Squawk(Squawk::DisallowedUniqueConstraint),
    ..Rule::USUAL
};

static ADDING_SERIAL_PRIMARY_KEY_FIELD: Rule = Rule {
    name: "adding-serial-primary-key-field",
    numbers: &[25],
    level: Level::Error,
    scales: true,
    title: "A primary key builds its index while nobody may use the table",
    lock: "ACCESS EXCLUSIVE on the table for the whole build, and for a scan when a column may be NULL.",
    why: "Make the columns NOT NULL first (see `adding-not-nullable-field`), build a unique index concurrently, then \
          make it the primary key.",
    bad: "ALTER TABLE app.orders ADD PRIMARY KEY (id);",
    good: "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON app.orders (id);\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;",
    check: Check::Squawk(Squawk::AddingSerialPrimaryKeyField),
    ..Rule::USUAL
};

pub(in crate::lint) static BAN_DROP_CONSTRAINT: Rule = Rule {
    name: "ban-drop-constraint",
    numbers: &[28],
    level: Level::Warning,
    spares_new: true,
    title: "Others rely on what a constraint guarantees",
    lock: "ACCESS EXCLUSIVE on the table, and on the referenced one for a foreign key, for a moment.",
    why: "Without it wrong rows come in at once, and it cannot be added again until they are found and repaired. \
          Foreign keys of other tables hang on a unique constraint.",
    bad: "ALTER TABLE app.orders DROP CONSTRAINT orders_number;",
    good: "ALTER TABLE app.orders RENAME CONSTRAINT orders_number TO orders_number_unique;",
    check: Check::Squawk(Squawk::BanDropConstraint),
    ..Rule::USUAL
};

static BAN_NEW_WRITE_RESTRICTION: Rule = Rule {
    name: "ban-new-write-restriction",
    title: "A new constraint may refuse what running programs write",
    why: "Also NOT VALID constraints are checked for every new row. Deploy programs that keep the rule first.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;",
    good: "ALTER TABLE app.orders ADD COLUMN total numeric;",
    check: Check::Squawk(Squawk::BanNewWriteRestriction),
    ..Rule::USUAL
};
