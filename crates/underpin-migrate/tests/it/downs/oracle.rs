//! What really vanished: all rows and values before and after, table by table and column by column, by identity.

use std::collections::BTreeMap;
use underpin_pool::{Error, Transaction};

/// Every column of every table; rows may move between the partitions of a whole.
const COLUMNS: &str = "\
SELECT c.oid, c.oid::regclass::text, coalesce(pg_partition_root(c.oid)::oid, c.oid), a.attnum, quote_ident(a.attname),
       format_type(a.atttypid, a.atttypmod), a.atttypid || ' ' || a.atttypmod
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|underpin|information_schema)'";

/// All data at one moment.
#[derive(Debug, Default)]
pub(super) struct Facts {
    tables: BTreeMap<u32, Table>,
    large_objects: i64,
}

#[derive(Debug)]
struct Table {
    name: String,
    whole: u32,
    rows: i64,
    columns: BTreeMap<i16, Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    type_name: String,
    r#type: String,
    values: BTreeMap<String, i64>,
}

/// What vanished: rows, and of each table the most values of a column.
#[derive(Debug, Default)]
pub(super) struct Vanished {
    pub(super) rows: i64,
    pub(super) values: i64,
    pub(super) what: Vec<String>,
}

/// Rows and values of a whole table.
#[derive(Debug, Default)]
struct Sum {
    name: String,
    rows: i64,
    columns: BTreeMap<i16, BTreeMap<String, i64>>,
}

impl Facts {
    /// All that is there; values as the types that they had `before`, where they have others now.
    pub(super) async fn read(tx: &Transaction<'_>, before: &Self) -> Result<Self, Error> {
        let mut facts = Self::default();
        for row in tx.query(COLUMNS, &[]).await? {
            let table = facts.tables.entry(row.get(0)?).or_insert(Table {
                name: row.get(1)?,
                whole: row.get(2)?,
                rows: 0,
                columns: BTreeMap::new(),
            });
            if let Some(number) = row.get::<Option<i16>>(3)? {
                let column = Column {
                    name: row.get(4)?,
                    type_name: row.get(5)?,
                    r#type: row.get(6)?,
                    values: BTreeMap::new(),
                };
                table.columns.insert(number, column);
            }
        }
        let mut queries = Vec::new();
        let mut retyped = Vec::new();
        for (id, table) in &facts.tables {
            let name = &table.name;
            queries.push(format!(
                "SELECT {id}::oid, 0::int2, NULL::text, count(*) FROM ONLY {name}"
            ));
            for (number, column) in &table.columns {
                let was = before.tables.get(id).and_then(|it| it.columns.get(number));
                let value = &column.name;
                match was.filter(|it| it.r#type != column.r#type) {
                    None => queries.push(values(*id, *number, name, &format!("{value}::text"))),
                    Some(was) => {
                        let back = format!("({value}::{})::text", was.type_name);
                        retyped.push(values(*id, *number, name, &back));
                    }
                }
            }
        }
        facts.add(tx.query(&queries.join(" UNION ALL "), &[]).await?)?;
        for query in retyped {
            let attempt = tx.savepoint().await?;
            // Where there is no way back, no value has come back.
            let rows = attempt.query(&query, &[]).await.unwrap_or_default();
            attempt.rollback().await?;
            facts.add(rows)?;
        }
        let large = "SELECT count(*) FROM pg_largeobject_metadata";
        facts.large_objects = tx.query_one(large, &[]).await?.get(0)?;
        Ok(facts)
    }

    fn add(&mut self, rows: Vec<underpin_pool::Row>) -> Result<(), Error> {
        for row in rows {
            let (id, number): (u32, i16) = (row.get(0)?, row.get(1)?);
            let (value, count): (Option<String>, i64) = (row.get(2)?, row.get(3)?);
            let Some(table) = self.tables.get_mut(&id) else {
                continue;
            };
            match (table.columns.get_mut(&number), value) {
                (Some(column), Some(value)) => {
                    column.values.insert(value, count);
                }
                _ => table.rows = count,
            }
        }
        Ok(())
    }

    /// What of this is no longer there.
    pub(super) async fn vanished(&self, tx: &Transaction<'_>) -> Result<Vanished, Error> {
        let after = Self::read(tx, self).await?;
        let (before, now) = (self.sums(self), after.sums(self));
        let mut vanished = Vanished::default();
        for (whole, sum) in &before {
            let none = Sum::default();
            let now = now.get(whole).unwrap_or(&none);
            let rows = (sum.rows - now.rows).max(0);
            if rows > 0 {
                vanished.rows += rows;
                vanished.what.push(format!("{rows} rows of {}", sum.name));
            }
            let mut most = 0;
            for (number, values) in &sum.columns {
                let now = now.columns.get(number);
                let left = |value: &str| now.and_then(|it| it.get(value)).copied().unwrap_or(0);
                let lost = values
                    .iter()
                    .map(|(value, count)| (count - left(value)).max(0));
                let lost: i64 = lost.sum();
                if lost > rows {
                    let name = &sum.name;
                    vanished
                        .what
                        .push(format!("{lost} values of column {number} of {name}"));
                }
                most = most.max(lost - rows);
            }
            vanished.values += most;
        }
        let large = (self.large_objects - after.large_objects).max(0);
        if large > 0 {
            vanished.rows += large;
            vanished.what.push(String::from("large objects"));
        }
        Ok(vanished)
    }

    /// Of whole tables, as the partitions were before.
    fn sums(&self, before: &Self) -> BTreeMap<u32, Sum> {
        let mut sums: BTreeMap<u32, Sum> = BTreeMap::new();
        for (id, table) in &self.tables {
            let was = before.tables.get(id);
            let sum = sums
                .entry(was.map_or(table.whole, |it| it.whole))
                .or_default();
            sum.name.clone_from(&table.name);
            sum.rows += table.rows;
            for (number, column) in &table.columns {
                let all = sum.columns.entry(*number).or_default();
                for (value, count) in &column.values {
                    *all.entry(value.clone()).or_insert(0) += count;
                }
            }
        }
        sums
    }
}

fn values(id: u32, number: i16, table: &str, value: &str) -> String {
    format!(
        "SELECT {id}::oid, {number}::int2, v, count(*) FROM (SELECT ({value}) COLLATE \"C\" AS v FROM ONLY {table}) AS t
         WHERE v IS NOT NULL GROUP BY v"
    )
}
