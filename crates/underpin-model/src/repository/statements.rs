//! The text of statements that depend on what is written: which columns are given, which are changed.
//!
//! Text depends on names only, never on values, so that each shape is prepared once a connection.

use crate::{Actor, DbValue, Field, Insert, Table, Value};
use std::borrow::Cow;
use underpin_pool::quote_identifier;

/// The columns of a row that are written, and their values, in the order of the table.
pub(super) struct Assigned<'a> {
    pub(super) columns: Vec<&'static Field>,
    pub(super) values: Vec<Value<'a>>,
    /// Nothing but what is always given, so that the constant statement fits.
    is_usual: bool,
}

impl<'a> Assigned<'a> {
    /// The values of `NewX`, and the actor.
    pub(super) fn new_row(
        table: &'static Table,
        given: &[Option<&'a dyn DbValue>],
        actor: &'a Actor,
    ) -> Self {
        let mut given = given.iter();
        let mut assigned = Self {
            columns: Vec::with_capacity(table.columns.len()),
            values: Vec::with_capacity(table.columns.len()),
            is_usual: true,
        };
        for column in table.columns {
            let value: Option<Value<'a>> = match column.insert {
                Insert::Never => None,
                Insert::Actor => Some(actor.value()),
                Insert::Always | Insert::WhenGiven => given
                    .next()
                    .copied()
                    .flatten()
                    .map(|value| value as Value<'a>),
            };
            if let Some(value) = value {
                assigned.is_usual &= column.insert != Insert::WhenGiven;
                assigned.columns.push(column);
                assigned.values.push(value);
            }
        }
        assigned
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
        format!(
            "{} ON CONFLICT ({}){live} DO UPDATE SET {} RETURNING {}",
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

/// `UPDATE … SET …`: the parameters are the key, the actor where he is stamped, the changed columns, the version seen.
pub(super) fn update<'a>(
    table: &Table,
    columns: impl Iterator<Item = &'a str>,
    seen: Option<&str>,
) -> String {
    let mut number = table.key.len();
    let mut next = |name: &str| {
        number += 1;
        format!("{} = ${number}", quote_identifier(name))
    };
    let actor = table.stamps_actor().then(|| next("updated_by"));
    let mut set: Vec<String> = columns.map(&mut next).collect();
    let seen = seen
        .map(|column| format!(" AND {}", next(column)))
        .unwrap_or_default();
    set.extend(Some(String::from(table.sql.touch)).filter(|touch| !touch.is_empty()));
    set.extend(actor);
    format!(
        "UPDATE {} SET {} WHERE {}{}{seen} RETURNING {}",
        table.sql_name,
        set.join(", "),
        table.sql.by_key,
        live(table),
        table.select,
    )
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
