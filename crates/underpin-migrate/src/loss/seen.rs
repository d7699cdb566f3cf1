//! The tables of the database at one moment of a transaction: which there are, with which columns, and what the
//! transaction has done to their rows so far.

use std::collections::{BTreeMap, BTreeSet};
use underpin_pool::{Error, Executor, Row};

/// Objects are known by their oids, so that no rename hides one. `deleted` and `updated` are the server's own counts of
/// what this transaction did, whether by a statement, a function, a trigger, a rule or a foreign key.
const TABLES: &str = "\
SELECT c.oid AS id, c.oid::regclass::text AS name, c.relkind::text AS kind, c.relfilenode AS file,
       (SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND c.relispartition LIMIT 1) AS parent,
       x.oid IS NOT NULL AS of_extension,
       x.extcondition[array_position(x.extconfig, c.oid)] AS condition,
       coalesce(c.oid = ANY (x.extconfig), false) AS configures,
       c.relhasrules OR EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS reacts,
       c.relkind = 'f' AND EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = pg_backend_pid() AND l.relation = c.oid
           AND l.mode IN ('RowExclusiveLock', 'AccessExclusiveLock')) AS written,
       pg_stat_get_xact_tuples_deleted(c.oid) AS deleted, pg_stat_get_xact_tuples_updated(c.oid) AS updated,
       a.*, current_setting('track_counts')::boolean AS counting
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
LEFT JOIN pg_extension AS x ON x.oid = d.refobjid
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(attnum ORDER BY attnum), '{}') AS numbers,
           coalesce(array_agg(quote_ident(attname) ORDER BY attnum), '{}') AS names,
           coalesce(array_agg(atttypid ORDER BY attnum), '{}') AS types,
           coalesce(array_agg(atttypmod ORDER BY attnum), '{}') AS modifiers,
           coalesce(array_agg(attgenerated <> '' ORDER BY attnum), '{}') AS generated
    FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS a
WHERE c.relkind IN ('r', 'p', 'c', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   OR c.oid IN ('pg_catalog.pg_largeobject'::regclass, 'pg_catalog.pg_largeobject_metadata'::regclass)";

/// A table, by its oid.
pub(super) type Id = u32;

/// A column of a table, by its number.
pub(super) type ColumnId = (Id, i16);

/// All tables, and all composite types.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(super) tables: BTreeMap<Id, Table>,
    /// Does the server count changed rows at all?
    pub(super) counting: bool,
}

/// One of them. Names are SQL, quoted where they must be, and valid under the search path of that moment.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) kind: Kind,
    file: Id,
    /// What it is a partition of.
    pub(super) parent: Option<Id>,
    /// The rows that are not simply an extension's own.
    pub(super) rows: Rows,
    /// Has it triggers or rules that somebody made?
    pub(super) reacts: bool,
    /// Is it a foreign table that this transaction may have written to?
    pub(super) written: bool,
    pub(super) deleted: i64,
    pub(super) updated: i64,
    pub(super) columns: BTreeMap<i16, Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Partitioned,
    Foreign,
    Composite,
}

/// Whose the rows of a table are: an extension brings its own again when it is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rows {
    Users,
    /// Those that a condition, `WHERE …`, finds; as `pg_dump` decides.
    UsersWhere(String),
    Extensions,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    r#type: Id,
    modifier: i32,
    pub(super) generated: bool,
}

/// What is no longer there, or not as it was.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// Tables that were dropped or emptied.
    pub(super) tables: BTreeSet<Id>,
    /// Columns of tables that are still there.
    pub(super) columns: BTreeSet<ColumnId>,
    /// Columns that have another type.
    pub(super) retyped: BTreeSet<ColumnId>,
    /// Tables and composite types that lack columns: values of that type somewhere else lack them, too.
    pub(super) narrowed: Vec<Id>,
}

/// What the plan has made itself so far: its end is no loss.
#[derive(Debug, Default)]
pub(super) struct Made {
    tables: BTreeSet<Id>,
    columns: BTreeSet<ColumnId>,
}

impl Made {
    /// Adds what a statement has made.
    pub(super) fn note(&mut self, before: &Seen, after: &Seen) {
        for (&id, table) in &after.tables {
            let Some(was) = before.tables.get(&id) else {
                self.tables.insert(id);
                continue;
            };
            let new = table
                .columns
                .keys()
                .filter(|it| !was.columns.contains_key(it));
            self.columns.extend(new.map(|number| (id, *number)));
        }
    }

    pub(super) fn table(&self, table: Id) -> bool {
        self.tables.contains(&table)
    }

    pub(super) fn column(&self, column: ColumnId) -> bool {
        self.table(column.0) || self.columns.contains(&column)
    }
}

impl Seen {
    /// Looks.
    pub(crate) async fn take(db: &impl Executor) -> Result<Self, Error> {
        let rows = db.query(TABLES, &[]).await?;
        let mut seen = Self {
            tables: BTreeMap::new(),
            counting: true,
        };
        for row in &rows {
            seen.counting = row.get("counting")?;
            seen.tables.insert(row.get("id")?, Table::read(row)?);
        }
        Ok(seen)
    }

    pub(super) fn name(&self, table: Id) -> &str {
        self.tables.get(&table).map_or("", |it| &it.name)
    }

    /// The table that it is a part of in the end.
    pub(super) fn root(&self, mut table: Id) -> Id {
        while let Some(parent) = self.tables.get(&table).and_then(|it| it.parent) {
            table = parent;
        }
        table
    }

    /// The column of that name in the table that this one is a partition of.
    pub(super) fn above(&self, (table, column): ColumnId) -> Option<ColumnId> {
        let table = self.tables.get(&table)?;
        let name = &table.columns.get(&column)?.name;
        let parent = table.parent?;
        let mut columns = self.tables.get(&parent)?.columns.iter();
        let (number, _) = columns.find(|(_, it)| it.name == *name)?;
        Some((parent, *number))
    }

    /// What is not there any more later in the same transaction. Where the statement `rewrites`, a table with another file
    /// was written anew; elsewhere it was emptied.
    pub(super) fn gone(&self, after: &Self, rewrites: bool) -> Gone {
        let mut gone = Gone::default();
        for (&id, table) in &self.tables {
            let Some(now) = after.tables.get(&id) else {
                gone.tables.insert(id);
                continue;
            };
            if table.kind == Kind::Table && table.file != now.file && !rewrites {
                gone.tables.insert(id);
                continue;
            }
            let mut narrowed = false;
            for (&number, column) in &table.columns {
                match now.columns.get(&number) {
                    None => {
                        narrowed = true;
                        gone.columns.insert((id, number));
                    }
                    Some(now) if (now.r#type, now.modifier) != (column.r#type, column.modifier) => {
                        gone.retyped.insert((id, number));
                    }
                    Some(_) => {}
                }
            }
            if narrowed {
                gone.narrowed.push(id);
            }
        }
        gone
    }
}

impl Table {
    fn read(row: &Row) -> Result<Self, Error> {
        let kind: String = row.get("kind")?;
        let (of_extension, configures): (bool, bool) =
            (row.get("of_extension")?, row.get("configures")?);
        let condition: Option<String> = row.get("condition")?;
        let numbers: Vec<i16> = row.get("numbers")?;
        let names: Vec<String> = row.get("names")?;
        let types: Vec<Id> = row.get("types")?;
        let modifiers: Vec<i32> = row.get("modifiers")?;
        let generated: Vec<bool> = row.get("generated")?;
        let rest = names.into_iter().zip(types).zip(modifiers).zip(generated);
        let columns = numbers.into_iter().zip(rest);
        let columns = columns.map(|(number, (((name, r#type), modifier), generated))| {
            let column = Column {
                name,
                r#type,
                modifier,
                generated,
            };
            (number, column)
        });
        Ok(Self {
            name: row.get("name")?,
            kind: match kind.as_str() {
                "p" => Kind::Partitioned,
                "f" => Kind::Foreign,
                "c" => Kind::Composite,
                _ => Kind::Table,
            },
            file: row.get("file")?,
            parent: row.get("parent")?,
            rows: match (of_extension, configures) {
                (false, _) => Rows::Users,
                (true, false) => Rows::Extensions,
                (true, true) => Rows::UsersWhere(condition.unwrap_or_default()),
            },
            reacts: row.get("reacts")?,
            written: row.get("written")?,
            deleted: row.get("deleted")?,
            updated: row.get("updated")?,
            columns: columns.collect(),
        })
    }

    /// Its own rows in FROM: not those of tables that inherit from it, but those of its partitions.
    pub(super) fn relation(&self) -> String {
        match self.kind {
            Kind::Partitioned => self.name.clone(),
            _ => format!("ONLY {}", self.name),
        }
    }
}
