//! The text of statements that depend on what is written: which columns are given, which are changed.
//!
//! Text depends on names only, never on values, so that each shape is prepared once a connection.

use crate::{Actor, DbValue, Field, Insert, Table, Value};
use std::borrow::Cow;
use std::fmt::Write as _;
use underpin_pool::quote_identifier;

/// The columns of a row that are written, and their values, in the order of the table.
pub(super) struct Assigned<'a> {
    pub(super) columns: Vec<&'static Field>,
    pub(super) values: Vec<Value<'a>>,
    /// Nothing but what is always given, so that the constant statement fits.
    is_usual: bool,
}

/// The columns of a row that are written, in the order of the table, and their values: those of `NewX`, and the actor.
pub(super) fn assigned<'a>(
    table: &'static Table,
    given: &[Option<&'a dyn DbValue>],
    actor: &'a Actor,
) -> impl Iterator<Item = (&'static Field, Value<'a>)> {
    let mut given = given.iter();
    table.columns.iter().filter_map(move |column| {
        let value: Option<Value<'a>> = match column.insert {
            Insert::Never => None,
            Insert::Actor => Some(actor.value()),
            Insert::Always | Insert::WhenGiven => given.next()?.map(|value| value as Value<'a>),
        };
        Some((column, value?))
    })
}

impl<'a> Assigned<'a> {
    pub(super) fn new_row(
        table: &'static Table,
        given: &[Option<&'a dyn DbValue>],
        actor: &'a Actor,
    ) -> Self {
        let mut row = Self {
            columns: Vec::with_capacity(table.columns.len()),
            values: Vec::with_capacity(table.columns.len()),
            is_usual: true,
        };
        for (column, value) in assigned(table, given, actor) {
            row.is_usual &= column.insert != Insert::WhenGiven;
            row.columns.push(column);
            row.values.push(value);
        }
        row
    }

    pub(super) fn insert(&self, table: &Table) -> Cow<'static, str> {
        if self.is_usual {
            return Cow::Borrowed(table.sql.insert);
        }
        Cow::Owned(format!(
            "{} RETURNING {}",
            self.insert_into(table),
            table.select
        ))
    }

    pub(super) fn upsert(&self, table: &Table, key: &[&str]) -> String {
        let kept = |column: &&&Field| {
            let name = column.name;
            !key.contains(&name) && !table.key.contains(&name) && name != "created_by"
        };
        let set = self.columns.iter().filter(kept).map(|column| {
            let name = quote_identifier(column.name);
            format!("{name} = EXCLUDED.{name}")
        });
        let touch = Some(String::from(table.sql.touch)).filter(|touch| !touch.is_empty());
        let set: Vec<String> = set.chain(touch).collect();
        let live = if table.soft_delete && key != table.key {
            " WHERE \"deleted_at\" IS NULL"
        } else {
            ""
        };
        // Something must be set, or the row that is there would not be returned.
        let set = if set.is_empty() {
            key.iter()
                .map(|name| format!("{0} = EXCLUDED.{0}", quote_identifier(name)))
                .collect()
        } else {
            set
        };
        // A key that deleted rows keep, as the primary key is, may be that of a deleted row, which stays as it is.
        let unless_deleted = if table.soft_delete {
            format!(
                " WHERE {}.\"deleted_at\" IS NULL",
                quote_identifier(table.name)
            )
        } else {
            String::new()
        };
        format!(
            "{} ON CONFLICT ({}){live} DO UPDATE SET {}{unless_deleted} RETURNING {}",
            self.insert_into(table),
            quoted(key.iter().copied()),
            set.join(", "),
            table.select,
        )
    }

    fn insert_into(&self, table: &Table) -> String {
        let columns = quoted(self.columns.iter().map(|column| column.name));
        let values: Vec<String> = (1..=self.columns.len())
            .map(|number| format!("${number}"))
            .collect();
        format!(
            "INSERT INTO {} ({columns}) VALUES ({})",
            table.sql_name,
            values.join(", ")
        )
    }
}

/// `UPDATE … SET …`, in one piece of text: the parameters are the key, the actor where he is stamped, the changed columns,
/// the version seen.
pub(super) fn update<'a>(
    table: &Table,
    columns: impl Iterator<Item = &'a str>,
    seen: Option<&str>,
) -> String {
    const BYTES: usize = 256;
    let mut sql = String::with_capacity(BYTES + table.select.len());
    sql.extend(["UPDATE ", table.sql_name, " SET "]);
    let mut number = table.key.len();
    // The derive has refused quotes in names.
    let mut equals = |sql: &mut String, name: &str| {
        number += 1;
        write!(sql, "\"{name}\" = ${number}").expect("a String takes all");
    };
    let mut actor = String::new();
    if table.stamps_actor() {
        equals(&mut actor, "updated_by");
    }
    let mut separator = "";
    for column in columns {
        sql.push_str(separator);
        equals(&mut sql, column);
        separator = ", ";
    }
    for stamp in [table.sql.touch, &actor] {
        if !stamp.is_empty() {
            sql.extend([separator, stamp]);
            separator = ", ";
        }
    }
    sql.extend([" WHERE ", table.sql.by_key, live(table)]);
    if let Some(column) = seen {
        sql.push_str(" AND ");
        equals(&mut sql, column);
    }
    sql.extend([" RETURNING ", table.select]);
    sql
}

/// The condition that leaves deleted rows out, after others.
pub(super) fn live(table: &Table) -> &'static str {
    if table.soft_delete {
        " AND \"deleted_at\" IS NULL"
    } else {
        ""
    }
}

/// `"a", "b"`
pub(super) fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quote_identifier).collect::<Vec<_>>().join(", ")
}
