//! Which objects there are that have no facts.

use super::super::catalogs::{CATALOGS, Finding, Told};
use super::super::reader::Reader;
use crate::Error;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use underpin_pool::Executor;

/// By table of the catalog: the numbers of its objects. A table that is not known has an entry without numbers.
pub(super) type Found = BTreeMap<String, Vec<u32>>;

impl<E: Executor> Reader<'_, E> {
    /// Looks through all tables of the catalog at once.
    pub(super) async fn found(&self) -> Result<Found, Error> {
        let names: Vec<&str> = CATALOGS.iter().map(|it| it.name).collect();
        let mut found = Found::new();
        for row in self
            .query(&statement(), &[&self.namespaces, &names])
            .await?
        {
            let objects = found.entry(row.get("catalog")?).or_default();
            objects.extend(row.get::<Option<u32>>("object")?);
        }
        Ok(found)
    }
}

/// Takes the schemas that are read as `$1`, and the tables that are known as `$2`.
fn statement() -> String {
    let mut sql = String::from(
        "SELECT c.relname::text AS catalog, NULL::oid AS object FROM pg_class c \
         WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($2)",
    );
    for table in CATALOGS {
        if let Some(finding) = table.finding() {
            let _ = write!(sql, "\nUNION ALL {}", of_table(table.name, finding));
        }
        // Operators and functions are added to operator families, which may have come with the server.
        if let Told::PartOf(owner, "pg_opfamily") = table.told {
            let _ = write!(sql, "\nUNION ALL {}", added(table.name, owner));
        }
    }
    sql
}

/// The objects of a table that neither came with the server nor belong to an extension or to another object.
fn of_table(name: &str, finding: Finding) -> String {
    let Finding {
        schema,
        only,
        instead,
        ..
    } = finding;
    let from = instead.unwrap_or(name);
    let only = only.unwrap_or("true");
    let place = schema.map_or_else(
        || only.to_owned(),
        |schema| {
            format!(
                "c.{schema} = ANY ($1) AND ({only}) \
                 OR c.{schema} IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema'))"
            )
        },
    );
    format!(
        "SELECT '{name}', c.oid FROM {from} c WHERE c.oid >= 16384 AND ({place}) AND NOT EXISTS ( \
             SELECT FROM pg_depend e WHERE e.classid = '{name}'::regclass AND e.objid = c.oid AND e.deptype IN ('e', 'i'))"
    )
}

/// What was added to an object that came with the server, and does not come from an extension.
fn added(name: &str, owner: &str) -> String {
    format!(
        "SELECT '{name}', c.oid FROM {name} c WHERE c.oid >= 16384 AND c.{owner} < 16384 AND NOT EXISTS ( \
             SELECT FROM pg_depend d JOIN pg_depend e ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e' \
             WHERE d.classid = '{name}'::regclass AND d.objid = c.oid)"
    )
}
