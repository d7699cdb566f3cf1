//! Random ways back: statements over the tables of the fixture, one after the other.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const TABLES: [(&str, &[&str]); 16] = [
    ("users", &["id", "age", "m", "d", "tags"]),
    ("parents", &["id", "note"]),
    ("children", &["id", "parent", "v"]),
    ("grand", &["id", "child"]),
    ("orphans", &["id", "parent"]),
    ("keyed", &["key", "v"]),
    ("parts", &["id", "at", "v"]),
    ("base", &["id", "c", "n"]),
    ("heir", &["id", "extra"]),
    ("empty", &["a", "b"]),
    ("log", &["id", "line", "hint"]),
    ("numbers", &["id", "n", "t", "price"]),
    ("watched", &["id", "v"]),
    ("ruled", &["id", "v"]),
    ("nests", &["id", "n"]),
    ("collated", &["id", "v"]),
];

/// Types, with the way there.
const TYPES: [&str; 8] = [
    "text",
    "varchar(3) USING left({}::text, 3)",
    "varchar(200)",
    "int USING length({}::text)",
    "text USING upper({}::text)",
    "text[] USING ARRAY[{}::text]",
    "jsonb USING to_jsonb({})",
    "bytea USING convert_to({}::text, 'UTF8')",
];

/// Statements that need no table.
const OTHERS: [&str; 22] = [
    "DROP TYPE app.mood CASCADE",
    "DROP TYPE app.pair CASCADE",
    "DROP TYPE app.shape CASCADE",
    "DROP DOMAIN app.short CASCADE",
    "DROP COLLATION app.c CASCADE",
    "DROP EXTENSION citext CASCADE",
    "DROP SCHEMA s2 CASCADE",
    "DROP INDEX app.users_name",
    "DROP VIEW app.wiping",
    "DROP FUNCTION app.nothing()",
    "DROP SEQUENCE app.seq CASCADE",
    "ALTER TYPE app.pair DROP ATTRIBUTE x",
    "ALTER TYPE app.nest DROP ATTRIBUTE z",
    "ALTER TYPE app.shape DROP ATTRIBUTE a CASCADE",
    "ALTER TABLE app.users DROP CONSTRAINT named",
    "SELECT app.sly()",
    "SELECT app.nothing()",
    "SELECT count(*) FROM app.users",
    "INSERT INTO app.keys VALUES (7)",
    "CREATE TABLE s3.helper AS SELECT 1 AS a; UPDATE s3.helper SET a = 2; DROP TABLE s3.helper",
    "CREATE INDEX more ON app.users (id)",
    "COMMENT ON SCHEMA app IS 'random'",
];

/// A table as it is called by then, and its columns.
struct Table {
    schema: &'static str,
    name: String,
    columns: Vec<String>,
}

/// The way back of a seed.
pub(super) fn down(seed: u64) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let tables = TABLES.iter().map(|(name, columns)| Table {
        schema: "app",
        name: (*name).to_owned(),
        columns: columns.iter().map(|it| (*it).to_owned()).collect(),
    });
    let mut tables: Vec<Table> = tables.collect();
    let count = random.random_range(1..5);
    let statements = (0..count).map(|number| statement(&mut random, number, &mut tables));
    statements.collect::<Vec<_>>().join(";\n")
}

fn statement(random: &mut StdRng, number: usize, tables: &mut Vec<Table>) -> String {
    let one = random.random_range(0..tables.len());
    let it = &mut tables[one];
    let table = format!("{}.{}", it.schema, it.name);
    let which = random.random_range(0..it.columns.len());
    let column = it.columns[which].clone();
    let first = it.columns[0].clone();
    let id = random.random_range(0..4);
    match random.random_range(0..20) {
        0 | 1 => {
            tables.remove(one);
            format!("DROP TABLE {table} CASCADE")
        }
        2 => format!("TRUNCATE {table} CASCADE"),
        3 => format!("TRUNCATE {table}"),
        4..=6 if it.columns.len() > 1 => {
            it.columns.remove(which);
            format!("ALTER TABLE {table} DROP COLUMN {column} CASCADE")
        }
        7 => format!("DELETE FROM {table} WHERE {first}::text = '{id}'"),
        8 => format!("UPDATE {table} SET {column} = NULL WHERE {first}::text = '{id}'"),
        9 => format!("UPDATE {table} SET {column} = {column}"),
        10..=12 => {
            let r#type = TYPES[random.random_range(0..TYPES.len())].replace("{}", &column);
            format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {type}")
        }
        13 | 14 => {
            it.name = format!("renamed_{number}");
            format!("ALTER TABLE {table} RENAME TO {}", it.name)
        }
        15 if it.schema == "app" => {
            it.schema = "s3";
            format!("ALTER TABLE {table} SET SCHEMA s3")
        }
        16 => {
            it.columns[which] = format!("other_{number}");
            format!("ALTER TABLE {table} RENAME {column} TO other_{number}")
        }
        17 => format!(
            "ALTER TABLE {table} ADD COLUMN made text; UPDATE {table} SET made = 'x'; ALTER TABLE {table} DROP COLUMN made"
        ),
        18 => format!(
            "WITH gone AS (DELETE FROM {table} WHERE {first}::text = '{id}' RETURNING {first}) SELECT * FROM gone"
        ),
        _ => OTHERS[random.random_range(0..OTHERS.len())].to_owned(),
    }
}
