//! Where kept rows go back to, as the database has it now.

use super::Kept;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Row};

/// The last part of a column's name is the column, the ones before it are the table.
const NAMES: &str = "\
SELECT (SELECT string_agg(quote_ident(part), '.' ORDER BY n) FROM unnest(parts) WITH ORDINALITY AS u (part, n)
        WHERE NOT $2 OR n < cardinality(parts)),
       CASE WHEN $2 THEN quote_ident(parts[cardinality(parts)]) END
FROM parse_ident($1) AS parts";

const TABLE: &str = "\
SELECT c.oid::regclass::text, CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || c.oid::regclass::text AS own, to_regclass($2) IS NOT NULL FROM (VALUES (1)) AS one
LEFT JOIN pg_class AS c ON c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')";

/// Text that was made of a type somebody defined becomes that type again.
const COLUMNS: &str = "\
SELECT quote_ident(k.attname) AS name, t.attnum IS NOT NULL AS is_there, coalesce(t.attgenerated <> '', false) AS generated,
       coalesce(t.attidentity = 'a', false) AS always,
       CASE WHEN k.atttypid = 'text'::regtype AND y.typcategory <> 'S' THEN format_type(t.atttypid, NULL) END AS cast_to,
       CASE WHEN t.attnum IS NOT NULL THEN pg_get_serial_sequence($2, k.attname) END AS sequence
FROM pg_attribute AS k
LEFT JOIN pg_attribute AS t ON t.attrelid = $2::text::regclass AND t.attname = k.attname AND t.attnum > 0 AND NOT t.attisdropped
LEFT JOIN pg_type AS y ON y.oid = t.atttypid
WHERE k.attrelid = $1::text::regclass AND k.attnum > 0 AND NOT k.attisdropped
ORDER BY k.attnum";

const TRIGGERS: &str = "\
SELECT quote_ident(tgname), CASE tgenabled WHEN 'A' THEN 'ALWAYS ' ELSE '' END FROM pg_trigger
WHERE tgrelid = $1::text::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
ORDER BY tgname";

/// The table, the column when only one was kept, and what the copy has of it; names are SQL.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) table: String,
    /// Its own rows: without those of tables that inherit from it, which were kept by themselves.
    pub(super) own: String,
    /// The table's name when it was kept.
    recorded: String,
    pub(super) column: Option<String>,
    /// The columns of the copy, those that the table computes itself left out.
    pub(super) columns: Vec<Column>,
    triggers: Vec<(String, String)>,
}

/// A column of the copy and of the table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Is it an identity that refuses values?
    pub(super) always: bool,
    /// What its text has to be made into.
    pub(super) cast_to: Option<String>,
    /// What draws its values.
    pub(super) sequence: Option<String>,
}

impl Target {
    /// Finds it, and refuses what cannot be taken back.
    pub(super) async fn find(db: &impl Executor, kept: &Kept) -> Result<Self, Error> {
        let failed = |error| super::restore::failed(kept, error);
        let (is_column, object) = match kept.object.split_once(' ') {
            Some(("column", object)) => (true, object),
            Some((_, object)) => (false, object),
            None => (false, kept.object.as_str()),
        };
        let row = db
            .query_one(NAMES, &[&object, &is_column])
            .await
            .map_err(failed)?;
        let names = row.get(0).and_then(|table| Ok((table, row.get(1)?)));
        let (table, column): (String, Option<String>) = names.map_err(failed)?;
        let row = db
            .query_one(TABLE, &[&table, &kept.kept_as])
            .await
            .map_err(failed)?;
        let found = row
            .get(0)
            .and_then(|table| Ok((table, row.get(1)?, row.get(2)?)));
        let (found, own, copy_is_there): (Option<String>, Option<String>, bool) =
            found.map_err(failed)?;
        if !copy_is_there {
            return Err(refused(format!("the copy {} is gone", kept.kept_as))
                .with_hint("somebody took or dropped it; `underpin migrate purge` forgets it"));
        }
        let recorded = table;
        let Some(table) = found else {
            return Err(not_there(format!(
                "there is no table {recorded} to take its rows back"
            )));
        };
        let rows = db
            .query(COLUMNS, &[&kept.kept_as, &table])
            .await
            .map_err(failed)?;
        let mut columns = Vec::with_capacity(rows.len());
        for row in &rows {
            let (state, column_found) = State::read(row).map_err(failed)?;
            let name = &column_found.name;
            match state {
                State::Missing => {
                    return Err(not_there(format!(
                        "table {table} has no column {name}, which {} has",
                        kept.kept_as
                    )));
                }
                State::Generated if column.as_ref() == Some(name) => {
                    return Err(refused(format!(
                        "column {table}.{name} is generated now, its values come by themselves"
                    ))
                    .with_hint("`underpin migrate purge` drops the copy"));
                }
                State::Generated => {}
                State::There => columns.push(column_found),
            }
        }
        let triggers = db.query(TRIGGERS, &[&table]).await.map_err(failed)?;
        let triggers = triggers.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
        let triggers = triggers.collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self {
            own: own.unwrap_or_else(|| table.clone()),
            table,
            recorded,
            column,
            columns,
            triggers,
        })
    }

    /// What opens the table to values as they were: no trigger changes them, and identities take them.
    pub(super) fn open(&self) -> String {
        let table = &self.table;
        let mut sql = format!(
            "LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE; SET CONSTRAINTS ALL IMMEDIATE;"
        );
        for (trigger, _) in &self.triggers {
            sql.push_str(&format!("ALTER TABLE {table} DISABLE TRIGGER {trigger};"));
        }
        if let Some(identity) = self.identity() {
            sql.push_str(&format!(
                "ALTER TABLE {table} ALTER COLUMN {identity} SET GENERATED BY DEFAULT;"
            ));
        }
        sql
    }

    /// What makes it as it was before.
    pub(super) fn close(&self) -> String {
        let table = &self.table;
        let mut sql = String::new();
        for (trigger, when) in &self.triggers {
            sql.push_str(&format!(
                "ALTER TABLE {table} ENABLE {when}TRIGGER {trigger};"
            ));
        }
        if let Some(identity) = self.identity() {
            sql.push_str(&format!(
                "ALTER TABLE {table} ALTER COLUMN {identity} SET GENERATED ALWAYS;"
            ));
        }
        sql
    }

    /// The columns that tell a row of the copy from others: not those that are still kept themselves.
    pub(super) fn keys(&self, waiting: &[Kept]) -> Vec<&str> {
        let prefix = format!("column {}.", self.recorded);
        let kept = |name: &str| {
            let mut waiting = waiting.iter();
            waiting.any(|it| it.object.strip_prefix(&prefix) == Some(name))
        };
        let names = self.columns.iter().map(|it| it.name.as_str());
        let names = names.filter(|name| self.column.as_deref() != Some(*name) && !kept(name));
        names.collect()
    }

    /// What lets the sequences of the columns go on after the values that came back.
    pub(super) fn sequences(&self) -> Vec<String> {
        let table = &self.table;
        let drawn = self
            .columns
            .iter()
            .filter_map(|it| Some((&it.name, it.sequence.as_ref()?)));
        let advance = drawn.map(|(column, sequence)| {
            let sequence = sequence.replace('\'', "''");
            format!(
                "SELECT setval('{sequence}', newest) FROM (SELECT max({column})::bigint AS newest FROM {table}) AS t, pg_sequence
                 WHERE seqrelid = '{sequence}'::regclass AND seqincrement > 0
                   AND newest > coalesce(pg_sequence_last_value(seqrelid), seqstart - 1)"
            )
        });
        advance.collect()
    }

    /// An identity column that only an INSERT could override.
    fn identity(&self) -> Option<&str> {
        let mut columns = self.columns.iter();
        let found = columns.find(|it| it.always && self.column.as_ref() == Some(&it.name));
        found.map(|it| it.name.as_str())
    }
}

enum State {
    There,
    Generated,
    Missing,
}

impl State {
    fn read(row: &Row) -> Result<(Self, Column), underpin_pool::Error> {
        let (is_there, generated): (bool, bool) = (row.get("is_there")?, row.get("generated")?);
        let state = match (is_there, generated) {
            (false, _) => Self::Missing,
            (true, true) => Self::Generated,
            (true, false) => Self::There,
        };
        let column = Column {
            name: row.get("name")?,
            always: row.get("always")?,
            cast_to: row.get("cast_to")?,
            sequence: row.get("sequence")?,
        };
        Ok((state, column))
    }
}

fn not_there(message: String) -> Error {
    refused(message).with_hint(
        "apply the migration that makes it with `underpin migrate up`, then restore; what has changed since can be taken \
         from the copy by hand",
    )
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Refused, message)
}
