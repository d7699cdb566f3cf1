//! The statements on one row, as constants.

use super::Model;
use super::columns::{Column, Insert, Role};
use crate::names::quoted;
use crate::root::Root;
use proc_macro2::TokenStream;
use quote::quote;

/// The server's clock, and later than before even when that stands still: a change is never missed.
const TOUCH: &str =
    r#""updated_at" = GREATEST(clock_timestamp(), "updated_at" + interval '1 microsecond')"#;

impl Model<'_> {
    /// All columns, quoted, as SELECT and RETURNING take them.
    pub(super) fn select(&self) -> String {
        self.columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What every update sets besides: time, version, and the actor as the parameter after the key.
    fn stamps(&self) -> Vec<String> {
        let stamp = |column: &Column<'_>| match column.role {
            Role::UpdatedAt => Some(String::from(TOUCH)),
            Role::Version => Some(format!("{0} = {0} + 1", quoted(&column.name))),
            Role::UpdatedBy => Some(format!(
                "{} = ${}",
                quoted(&column.name),
                self.key().len() + 1
            )),
            _ => None,
        };
        self.columns.iter().filter_map(stamp).collect()
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
        let stamps = self.stamps();
        let mark = |value: &str| {
            let sets = [vec![format!("\"deleted_at\" = {value}")], stamps.clone()].concat();
            sets.join(", ")
        };
        let insert = self.insert(&table, &select);
        let stamp = stamps.join(", ");
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
                stamp: #stamp,
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
