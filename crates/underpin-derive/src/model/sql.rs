//! The statements on one row, as constants.

use super::Model;
use super::columns::{Column, Insert, Role};
use crate::names::quoted;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::quote;

impl Model<'_> {
    /// All columns, quoted, as SELECT and RETURNING take them.
    pub(super) fn select(&self) -> String {
        self.columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What every update sets besides: the time, by the server's clock and later than before even when that stands still,
    /// so that no change is missed; the version. The table's name makes it fit into ON CONFLICT as well.
    fn touch(&self) -> Vec<String> {
        let table = quoted(&self.table_name());
        let touch = |column: &Column<'_>| match column.role {
            Role::UpdatedAt => Some(format!(
                r#""updated_at" = GREATEST(clock_timestamp(), {table}."updated_at" + interval '1 microsecond')"#
            )),
            Role::Version => Some(format!("{0} = {table}.{0} + 1", quoted(&column.name))),
            _ => None,
        };
        self.columns.iter().filter_map(touch).collect()
    }

    /// As `touch`, and the actor, who is the parameter after the key.
    fn stamp(&self) -> Vec<String> {
        let by = self.column("updated_by");
        let by = by.map(|_| format!(r#""updated_by" = ${}"#, self.key().len() + 1));
        self.touch().into_iter().chain(by).collect()
    }

    /// The constants of `underpin_model::Statements`.
    pub(super) fn statements(&self, root: &Root) -> TokenStream {
        let (table, select) = (self.sql_name(), self.select());
        let key = self.key();
        let by_key: Vec<String> = (1..)
            .zip(&key)
            .map(|(number, column)| format!("{} = ${number}", quoted(&column.name)))
            .collect();
        let by_key = by_key.join(" AND ");
        let soft = self.soft_delete();
        let live = if soft {
            r#" AND "deleted_at" IS NULL"#
        } else {
            ""
        };
        let stamps = self.stamp();
        let mark = |value: &str| {
            let sets = [vec![format!("\"deleted_at\" = {value}")], stamps.clone()].concat();
            sets.join(", ")
        };
        let insert = self.insert(&table, &select);
        let touch = self.touch().join(", ");
        let get = format!("SELECT {select} FROM {table} WHERE {by_key}{live}");
        let get_any = format!("SELECT {select} FROM {table} WHERE {by_key}");
        let lock = format!("{get} FOR UPDATE");
        let purge = format!("DELETE FROM {table} WHERE {by_key}");
        let (delete, restore) = if soft {
            (
                format!("UPDATE {table} SET {} WHERE {by_key}{live}", mark("now()")),
                format!(
                    r#"UPDATE {table} SET {} WHERE {by_key} AND "deleted_at" IS NOT NULL RETURNING {select}"#,
                    mark("NULL")
                ),
            )
        } else {
            (purge.clone(), String::new())
        };
        quote! {
            #root::Statements {
                insert: #insert,
                get: #get,
                get_any: #get_any,
                lock: #lock,
                delete: #delete,
                restore: #restore,
                purge: #purge,
                by_key: #by_key,
                touch: #touch,
            }
        }
    }

    fn insert(&self, table: &str, select: &str) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .filter(|column| matches!(column.insert, Insert::Always | Insert::Actor))
            .map(|column| quoted(&column.name))
            .collect();
        if columns.is_empty() {
            return format!("INSERT INTO {table} DEFAULT VALUES RETURNING {select}");
        }
        let values: Vec<String> = (1..=columns.len())
            .map(|number| format!("${number}"))
            .collect();
        format!(
            "INSERT INTO {table} ({}) VALUES ({}) RETURNING {select}",
            columns.join(", "),
            values.join(", ")
        )
    }
}
