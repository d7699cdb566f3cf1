//! Columns: added, changed and taken away under running programs.

use crate::lint::Level;
use crate::lint::rule::{Check, Rule};
use squawk_linter::Rule as Squawk;

pub(super) static ALL: &[&Rule] = &[
    &ADDING_FIELD_WITH_DEFAULT,
    &ADDING_REQUIRED_FIELD,
    &ADDING_NOT_NULLABLE_FIELD,
    &CHANGING_COLUMN_TYPE,
    &BAN_DROP_COLUMN,
    &RENAMING_COLUMN,
    &BAN_DROP_NOT_NULL,
    &BAN_DUPLICATE_COLUMN_ASSIGNMENTS,
];

pub(in crate::lint) static ADDING_FIELD_WITH_DEFAULT: Rule = Rule {
    name: "adding-field-with-default",
    numbers: &[11, 12, 14],
    level: Level::Error,
    scales: true,
    title: "A new column whose value differs by row rewrites the table",
    lock: "ACCESS EXCLUSIVE on the table while every row is written again: nobody reads, nobody writes.",
    why: "A constant default is stored once in the catalog (since PostgreSQL 11). A volatile function or a stored \
          generated column must be computed for each row, so the whole table and all its indexes are written anew. \
          Add the column empty, give it its default for new rows, and fill old rows in batches.",
    bad: "ALTER TABLE app.orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    good: "ALTER TABLE app.orders ADD COLUMN token uuid;\n\
           ALTER TABLE app.orders ALTER COLUMN token SET DEFAULT gen_random_uuid();\n\
           -- then, in a migration of its own: fill old rows in batches",
    check: Check::Squawk(Squawk::AddingFieldWithDefault),
    ..Rule::USUAL
};

static ADDING_REQUIRED_FIELD: Rule = Rule {
    name: "adding-required-field",
    numbers: &[13],
    level: Level::Error,
    spares_new: true,
    title: "A required column without a default cannot be added to a table with rows",
    lock: "ACCESS EXCLUSIVE on the table until it fails.",
    why: "The statement fails as soon as there is one row (23502). In an empty table it breaks every older program, \
          whose INSERT does not know the column.",
    bad: "ALTER TABLE app.orders ADD COLUMN channel text NOT NULL;",
    good: "ALTER TABLE app.orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
    check: Check::Squawk(Squawk::AddingRequiredField),
    ..Rule::USUAL
};

pub(in crate::lint) static ADDING_NOT_NULLABLE_FIELD: Rule = Rule {
    name: "adding-not-nullable-field",
    numbers: &[15],
    level: Level::Error,
    scales: true,
    title: "SET NOT NULL reads the whole table while nobody may use it",
    lock: "ACCESS EXCLUSIVE on the table for the whole scan.",
    why: "Where a valid CHECK constraint says `IS NOT NULL`, PostgreSQL (12 and later) skips the scan. Such a \
          constraint can be added and validated without stopping anybody, and dropped again afterwards.",
    bad: "ALTER TABLE app.orders ALTER COLUMN channel SET NOT NULL;",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_channel_there CHECK (channel IS NOT NULL) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_channel_there;\n\
           ALTER TABLE app.orders ALTER COLUMN channel SET NOT NULL;\n\
           ALTER TABLE app.orders DROP CONSTRAINT orders_channel_there;",
    check: Check::Squawk(Squawk::AddingNotNullableField),
    ..Rule::USUAL
};

pub(in crate::lint) static CHANGING_COLUMN_TYPE: Rule = Rule {
    name: "changing-column-type",
    numbers: &[16],
    level: Level::Error,
    scales: true,
    title: "A new column type rewrites the table and its indexes",
    lock: "ACCESS EXCLUSIVE on the table while every row is written again.",
    why: "Free are only: a longer or unlimited varchar, varchar to text and back, cidr to inet, a wider numeric of the \
          same scale, a wider precision of times, and timestamp to timestamptz in a session whose time zone is UTC. \
          With a database URL the old type is known and these are not reported as errors. For the rest: a new \
          column, written by both old and new code, filled in batches, then swapped.",
    bad: "ALTER TABLE app.orders ALTER COLUMN id TYPE bigint;",
    good: "ALTER TABLE app.orders ADD COLUMN id_new bigint;\n\
           -- a trigger keeps both equal; old rows are filled in batches; then the names are swapped",
    check: Check::Squawk(Squawk::ChangingColumnType),
    ..Rule::USUAL
};

static BAN_DROP_COLUMN: Rule = Rule {
    name: "ban-drop-column",
    numbers: &[18],
    level: Level::Error,
    spares_new: true,
    title: "A dropped column is lost, and running programs still ask for it",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "First deploy code that does not name the column, and wait until no older program runs. Then drop it, with \
          the reason written into the file; a rename to a quarantine name keeps the way back open.",
    bad: "ALTER TABLE app.orders DROP COLUMN fax;",
    good: "ALTER TABLE app.orders ALTER COLUMN fax DROP DEFAULT;\n\
           -- later: -- underpin: allow=ban-drop-column reason=\"unused since v4\"",
    check: Check::Squawk(Squawk::BanDropColumn),
    ..Rule::USUAL
};

static RENAMING_COLUMN: Rule = Rule {
    name: "renaming-column",
    numbers: &[19],
    level: Level::Error,
    spares_new: true,
    title: "A renamed column is gone for every program that is running",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "Old and new programs run side by side during a deployment, and one of them has the wrong name. Add the new \
          column, write both, fill, switch reads, drop the old one; or put a view with the old name in front.",
    bad: "ALTER TABLE app.orders RENAME COLUMN fax TO telefax;",
    good: "ALTER TABLE app.orders ADD COLUMN telefax text;",
    check: Check::Squawk(Squawk::RenamingColumn),
    ..Rule::USUAL
};

static BAN_DROP_NOT_NULL: Rule = Rule {
    name: "ban-drop-not-null",
    numbers: &[20],
    level: Level::Warning,
    spares_new: true,
    title: "Readers may not expect NULL",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    why: "A program that reads the column into a type without NULL fails at the first one, possibly months later.",
    bad: "ALTER TABLE app.orders ALTER COLUMN channel DROP NOT NULL;",
    good: "ALTER TABLE app.orders ALTER COLUMN channel SET DEFAULT 'web';",
    check: Check::Squawk(Squawk::BanDropNotNull),
    ..Rule::USUAL
};

static BAN_DUPLICATE_COLUMN_ASSIGNMENTS: Rule = Rule {
    name: "ban-duplicate-column-assignments",
    numbers: &[54],
    level: Level::Error,
    title: "A column is named twice",
    lock: "None: the server refuses.",
    why: "PostgreSQL refuses two assignments to one column, and two columns of one name; the migration fails there.",
    bad: "UPDATE app.orders SET channel = 'web', channel = 'shop' WHERE id = 1;",
    good: "UPDATE app.orders SET channel = 'web' WHERE id = 1;",
    check: Check::Squawk(Squawk::BanDuplicateColumnAssignments),
    ..Rule::USUAL
};
