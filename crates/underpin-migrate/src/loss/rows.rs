//! The rows of a copy and those that they belong to.

use super::Kept;
use super::target::{Column, Target};
use underpin_pool::{Error, Transaction};

/// Which row of the copy belongs to which of the table; a row without one is not in it.
const MATCHED: &str = "pg_temp.underpin_matched";

/// Most rounds of moving rows one by one.
const ROUNDS_MAX: u32 = 10;

/// Class of SQLSTATEs for values that do not fit a type.
const DATA_EXCEPTION: &str = "22";
/// Class of SQLSTATEs for rows that break a constraint.
const INTEGRITY_VIOLATION: &str = "23";

/// A copy whose rows have found their places.
pub(super) struct Rows<'a> {
    copy: &'a str,
    target: &'a Target,
}

impl<'a> Rows<'a> {
    /// Finds the place of each row: of a table's rows none, of a column's values the row with the same key. Rows that
    /// nothing tells apart are taken in any order.
    pub(super) async fn find(
        tx: &Transaction<'_>,
        kept: &'a Kept,
        target: &'a Target,
        waiting: &[Kept],
    ) -> Result<Self, Error> {
        let (copy, table) = (kept.kept_as.as_str(), &target.own);
        let matched = match target.column {
            None => format!(
                "SELECT ctid AS kept, NULL::tid AS place, NULL::oid AS relation FROM {copy}"
            ),
            Some(_) => {
                // As text, because not every type can be compared, and some became text when they were kept.
                let key = format!("ROW({})::text", target.keys(waiting).join(", "));
                let numbered = |place: &str, rows: &str| {
                    format!(
                        "SELECT {place}, {key} AS key, row_number() OVER (PARTITION BY {key}) AS n FROM {rows}"
                    )
                };
                let kept = numbered("ctid AS kept", copy);
                let there = numbered("ctid AS place, tableoid AS relation", table);
                format!(
                    "SELECT kept, place, relation FROM ({kept}) AS k JOIN ({there}) AS t USING (key, n)"
                )
            }
        };
        tx.batch(&format!("DROP TABLE IF EXISTS {MATCHED}; CREATE TEMPORARY TABLE underpin_matched ON COMMIT DROP AS {matched}"))
            .await?;
        Ok(Self { copy, target })
    }

    /// How many values other than NULL will be replaced.
    pub(super) async fn count_replaced(&self, tx: &Transaction<'_>) -> Result<i64, Error> {
        let Some(column) = &self.target.column else {
            return Ok(0);
        };
        let (copy, table) = (self.copy, &self.target.own);
        let sql = format!(
            "SELECT count(*) FROM {MATCHED} AS m JOIN {copy} AS k ON k.ctid = m.kept
             JOIN {table} AS t ON t.ctid = m.place AND t.tableoid = m.relation
             WHERE t.{column}::text <> k.{column}::text OR (t.{column} IS NOT NULL AND k.{column} IS NULL)"
        );
        tx.query_one(&sql, &[]).await?.get(0)
    }

    /// How many rows the copy has now.
    pub(super) async fn count(&self, tx: &Transaction<'_>) -> Result<i64, Error> {
        let sql = format!("SELECT count(*) FROM {}", self.copy);
        tx.query_one(&sql, &[]).await?.get(0)
    }

    /// Moves all rows at once, or, when one does not fit, one by one; says why the first one did not.
    pub(super) async fn bring_back(&self, tx: &Transaction<'_>) -> Result<Option<String>, Error> {
        let copy = self.copy;
        let attempt = tx.savepoint().await?;
        let all = format!(
            "{}; DELETE FROM {copy} AS k USING {MATCHED} AS m WHERE k.ctid = m.kept",
            self.statement(MATCHED)
        );
        match attempt.batch(&all).await {
            Ok(()) => attempt.release().await.map(|()| None),
            Err(error) if does_not_fit(&error) => {
                attempt.rollback().await?;
                self.one_by_one(tx).await
            }
            Err(error) => Err(error),
        }
    }

    /// In rounds, there and back: a value may wait for another row to give it up.
    async fn one_by_one(&self, tx: &Transaction<'_>) -> Result<Option<String>, Error> {
        let copy = self.copy;
        let one = self.statement("(SELECT one.kept, one.place, one.relation)");
        tx.batch(&format!(
            "CREATE OR REPLACE FUNCTION pg_temp.underpin_restore() RETURNS text LANGUAGE plpgsql AS $underpin$
             DECLARE one record; moved boolean; reason text;
             BEGIN
                 FOR round IN 1..{ROUNDS_MAX} LOOP
                     moved := false;
                     reason := NULL;
                     FOR one IN SELECT m.* FROM {MATCHED} AS m JOIN {copy} AS k ON k.ctid = m.kept
                                ORDER BY CASE round % 2 WHEN 1 THEN m.kept END, m.kept DESC LOOP
                         BEGIN
                             {one};
                             DELETE FROM {copy} WHERE ctid = one.kept;
                             moved := true;
                         EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                             reason := coalesce(reason, SQLERRM);
                         END;
                     END LOOP;
                     EXIT WHEN reason IS NULL OR NOT moved;
                 END LOOP;
                 RETURN reason;
             END $underpin$"
        ))
        .await?;
        tx.query_one("SELECT pg_temp.underpin_restore()", &[])
            .await?
            .get(0)
    }

    /// What moves the rows that `matched` names.
    fn statement(&self, matched: &str) -> String {
        let (copy, table) = (self.copy, &self.target.table);
        let from =
            format!("{copy} AS k, {matched} AS m (kept, place, relation) WHERE k.ctid = m.kept");
        let own = &self.target.own;
        if let Some(column) = &self.target.column {
            let mut columns = self.target.columns.iter();
            let value = columns
                .find(|it| it.name == *column)
                .map_or_else(|| format!("k.{column}"), value);
            return format!(
                "UPDATE {own} AS t SET {column} = {value} FROM {from} AND t.ctid = m.place AND t.tableoid = m.relation"
            );
        }
        let columns = &self.target.columns;
        let names: Vec<_> = columns.iter().map(|it| it.name.as_str()).collect();
        let values: Vec<_> = columns.iter().map(value).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {from}")
    }
}

/// A column of the copy as the table takes it.
fn value(column: &Column) -> String {
    let name = &column.name;
    match &column.cast_to {
        Some(cast_to) => format!("k.{name}::{cast_to}"),
        None => format!("k.{name}"),
    }
}

fn does_not_fit(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    code.starts_with(DATA_EXCEPTION) || code.starts_with(INTEGRITY_VIOLATION)
}
