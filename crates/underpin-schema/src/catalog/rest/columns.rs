//! The columns of a table of the catalog, each as an expression that is equal where PostgreSQL would not tell two objects
//! apart.

use super::super::reader::Reader;
use crate::Error;
use std::collections::BTreeMap;
use underpin_pool::{Executor, Row, quote_identifier};

const ROLE: u32 = 1260;
const COLUMN: u32 = 1249;
const RELATION: u32 = 1259;

/// A table of the catalog with its columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) class: u32,
    all: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    data_type: String,
    readable: bool,
    /// The table of the catalog whose numbers are in it, or COLUMN.
    refers_to: Option<u32>,
    is_array: bool,
    /// Of numbers of columns: the column that says of which relation.
    relation: Option<String>,
}

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn catalog_columns(
        &self,
        catalogs: &[&str],
    ) -> Result<BTreeMap<String, Columns>, Error> {
        let mut all: BTreeMap<String, Columns> = BTreeMap::new();
        let sql = include_str!("../sql/catalog_columns.sql");
        for row in self.query(sql, &[&catalogs]).await? {
            let columns = all.entry(row.get("catalog")?).or_default();
            columns.class = row.get("class")?;
            columns.all.push(column(&row)?);
        }
        Ok(all)
    }
}

fn column(row: &Row) -> Result<Column, Error> {
    Ok(Column {
        name: row.get("name")?,
        data_type: row.get("type")?,
        readable: row.get("readable")?,
        refers_to: row.get("refers_to")?,
        is_array: row.get("is_array")?,
        relation: row.get("relation_column")?,
    })
}

impl Column {
    fn is_about_the_object(&self, without: &[&str]) -> bool {
        self.name != "oid" && !without.contains(&self.name.as_str())
    }
}

impl Columns {
    /// Is there one of this name?
    pub(super) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|it| it.name == name)
    }

    /// The first that holds a name.
    pub(super) fn name(&self) -> Option<&str> {
        let found = self.all.iter().find(|it| it.data_type == "name");
        found.map(|it| it.name.as_str())
    }

    /// Those that hold the number of an object.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        let single = |it: &&Column| it.refers_to.is_some_and(|to| to != COLUMN) && !it.is_array;
        self.all.iter().filter(single).map(|it| it.name.as_str())
    }

    /// Names and expressions of those that tell something and may be read.
    pub(super) fn told(&self, without: &[&str]) -> Vec<(&str, String)> {
        let told = self.all.iter();
        let told = told.filter(|it| it.readable && it.is_about_the_object(without));
        let told = told.filter_map(|it| Some((it.name.as_str(), self.expression(it)?)));
        told.collect()
    }

    /// Those that may not be read.
    pub(super) fn unreadable(&self, without: &[&str]) -> Vec<&str> {
        let unreadable = self.all.iter();
        let unreadable = unreadable.filter(|it| !it.readable && it.is_about_the_object(without));
        unreadable.map(|it| it.name.as_str()).collect()
    }

    /// The text of a column of row `c`; None for a number that says nothing elsewhere.
    fn expression(&self, column: &Column) -> Option<String> {
        let it = format!("c.{}", quote_identifier(&column.name));
        Some(match (column.refers_to, &column.relation) {
            (Some(COLUMN), Some(relation)) => {
                let relation = quote_identifier(relation);
                let numbers = match column.is_array {
                    true => format!("{it}::int2[]"),
                    false => format!("ARRAY[{it}]"),
                };
                format!(
                    "(SELECT string_agg(a.attname, ', ' ORDER BY a.attname) FROM pg_attribute a \
                      WHERE a.attrelid = c.{relation} AND a.attnum = ANY ({numbers}))"
                )
            }
            (Some(ROLE), _) if column.name.ends_with("owner") => owner(&it),
            (Some(class), _) if column.is_array => format!(
                "(SELECT string_agg({}, ', ' ORDER BY place) FROM unnest({it}::oid[]) WITH ORDINALITY AS u (number, place))",
                identity(class, "u.number")
            ),
            (Some(class), _) => identity(class, &it),
            (None, _) => match column.data_type.as_str() {
                "oid" => return None,
                "pg_node_tree" => format!("pg_get_expr({it}, {})", self.relation()),
                "_aclitem" => self.privileges(&it),
                _ => format!("{it}::text"),
            },
        })
    }

    /// The relation that expressions are about.
    fn relation(&self) -> String {
        let of_relation = |it: &&Column| it.refers_to == Some(RELATION) && !it.is_array;
        let found = self.all.iter().find(of_relation);
        found.map_or_else(
            || String::from("0"),
            |it| format!("c.{}", quote_identifier(&it.name)),
        )
    }

    /// Privileges in an order of their own, the owner's as the owner's; none are those by default.
    fn privileges(&self, it: &str) -> String {
        let owner = self.all.iter().find(|it| it.name.ends_with("owner"));
        let owner = owner.map(|it| format!("c.{}", quote_identifier(&it.name)));
        let usual = match (self.class, &owner) {
            (2612, Some(owner)) => format!("acldefault('l', {owner})"),
            (2328, Some(owner)) => format!("acldefault('F', {owner})"),
            (1417, Some(owner)) => format!("acldefault('S', {owner})"),
            (1247, Some(owner)) => format!("acldefault('T', {owner})"),
            (1255, Some(owner)) => format!("acldefault('f', {owner})"),
            _ => String::from("NULL"),
        };
        let owner = owner.unwrap_or_else(|| String::from("NULL::oid"));
        format!(
            "(SELECT string_agg(g.text, ', ' ORDER BY g.text) FROM ( \
                 SELECT concat_ws(' ', CASE WHEN e.grantee = {owner} THEN '' ELSE pg_get_userbyid(NULLIF(e.grantee, 0))::text END, \
                     e.privilege_type, e.is_grantable) AS text \
                 FROM aclexplode(COALESCE({it}, {usual})) e) AS g)"
        )
    }
}

/// The name of an object, in no language and under no search path.
pub(super) fn identity(class: u32, number: &str) -> String {
    format!(
        "CASE WHEN {number}::oid <> 0 THEN (pg_identify_object({class}, {number}::oid, 0)).identity END"
    )
}

/// The owner, where a statement must have given it: not the role that reads, nor the owner of the database, nor a superuser.
fn owner(it: &str) -> String {
    format!(
        "(SELECT r.rolname::text FROM pg_roles r WHERE r.oid = {it} AND NOT r.rolsuper AND r.rolname <> current_user \
          AND r.oid <> (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))"
    )
}
