//! From what a statement names to what the database has under that name.

use crate::sql::Destroys;
use underpin_pool::{Error, Executor};

const TABLE: &str = "\
SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')";

const COLUMN: &str = "\
SELECT c.oid::regclass::text, quote_ident(a.attname)
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p') AND a.attname = (parse_ident($2))[1]::name
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''";

const SCHEMA: &str = "\
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' ORDER BY 1";

const OF_TYPE: &str = "\
SELECT c.oid::regclass::text, quote_ident(a.attname)
FROM pg_type AS t
JOIN pg_attribute AS a ON a.atttypid IN (t.oid, nullif(t.typarray, 0))
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE t.oid = to_regtype($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped
ORDER BY 1, 2";

const IS_THERE: &str = "\
SELECT count(*) > 0 FROM pg_attribute AS a
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
  AND (cardinality($2::text[]) = 0 OR a.attname IN (SELECT (parse_ident(c))[1]::name FROM unnest($2::text[]) AS u (c)))";

/// Something in the database that is about to be destroyed; names are SQL, quoted where they must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doomed {
    Table {
        table: String,
    },
    Column {
        table: String,
        column: String,
    },
    Cast {
        table: String,
        column: String,
        to: String,
        using: Option<String>,
    },
}

impl Doomed {
    pub(super) fn table(&self) -> &str {
        match self {
            Self::Table { table } | Self::Column { table, .. } | Self::Cast { table, .. } => table,
        }
    }

    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Table { .. } => None,
            Self::Column { column, .. } | Self::Cast { column, .. } => Some(column),
        }
    }

    /// In words.
    pub(super) fn describe(&self) -> String {
        match self.column() {
            Some(column) => format!("column {}.{column}", self.table()),
            None => format!("table {}", self.table()),
        }
    }
}

/// Is the table there, with one of the columns when any is named?
pub(super) async fn is_there(
    db: &impl Executor,
    table: &str,
    columns: &[String],
) -> Result<bool, Error> {
    db.query_one(IS_THERE, &[&table, &columns]).await?.get(0)
}

/// What there is of it. Nothing when the name means nothing: the statement then fails, or is one with IF EXISTS.
pub(super) async fn find(db: &impl Executor, destroys: &Destroys) -> Result<Vec<Doomed>, Error> {
    let mut doomed = Vec::new();
    match destroys {
        Destroys::Table { table } => {
            for row in db.query(TABLE, &[table]).await? {
                doomed.push(Doomed::Table { table: row.get(0)? });
            }
        }
        Destroys::Schema { schema } => {
            for row in db.query(SCHEMA, &[schema]).await? {
                doomed.push(Doomed::Table { table: row.get(0)? });
            }
        }
        Destroys::Column { table, column } => {
            for row in db.query(COLUMN, &[table, column]).await? {
                doomed.push(Doomed::Column {
                    table: row.get(0)?,
                    column: row.get(1)?,
                });
            }
        }
        Destroys::TypeCascade { r#type } => {
            for row in db.query(OF_TYPE, &[r#type]).await? {
                doomed.push(Doomed::Column {
                    table: row.get(0)?,
                    column: row.get(1)?,
                });
            }
        }
        Destroys::Type {
            table,
            column,
            to,
            using,
        } => {
            for row in db.query(COLUMN, &[table, column]).await? {
                doomed.push(Doomed::Cast {
                    table: row.get(0)?,
                    column: row.get(1)?,
                    to: to.clone(),
                    using: using.clone(),
                });
            }
        }
        Destroys::Rows { .. } | Destroys::Renames { .. } | Destroys::Unknown => {}
    }
    Ok(doomed)
}
