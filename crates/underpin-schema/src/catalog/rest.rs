//! What has no facts: objects of other kinds, and what the facts of an object do not tell.
//!
//! Each is told by a fingerprint of all columns of the catalog, with names in the place of numbers. Where nobody made
//! anything of the kind, this takes a handful of queries.

mod columns;
mod found;
mod left;

use super::catalogs::{self, CATALOGS, CatalogTable, Told};
use super::class::{RELATION, TYPE};
use super::reader::Reader;
use crate::{Belonging, Error, Facts, Fingerprint, Object, Unmodelled, quote_identifier};
use columns::{Columns, identity};
use found::Found;
use std::collections::BTreeMap;
use underpin_pool::{Executor, Row};

/// What `foreign_tables.sql` tells of a relation.
const OF_RELATION: [&str; 12] = [
    "kind",
    "persistence",
    "options",
    "server",
    "server_options",
    "columns",
    "constraints",
    "triggers",
    "rules",
    "parents",
    "bound",
    "row_security",
];

impl<E: Executor> Reader<'_, E> {
    /// Everything that has no facts. Comes when all facts are read: it tells the comments and privileges that none took.
    pub(super) async fn unmodelled(&mut self) -> Result<Facts<Unmodelled>, Error> {
        let mut facts = Facts::default();
        let found = self.found().await?;
        if !found.is_empty() {
            self.fingerprints(&found, &mut facts).await?;
        }
        self.residues(&mut facts).await?;
        self.settings(&mut facts).await?;
        self.members(&mut facts);
        self.left_notes(&mut facts).await?;
        Ok(facts)
    }

    async fn fingerprints(
        &mut self,
        found: &Found,
        facts: &mut Facts<Unmodelled>,
    ) -> Result<(), Error> {
        let is_part_of_found = |told: &Told| match told {
            Told::PartOf(_, whole) => found.contains_key(*whole),
            _ => false,
        };
        let parts = CATALOGS.iter().filter(|it| is_part_of_found(&it.told));
        let names = found.keys().map(String::as_str);
        let names: Vec<&str> = names.chain(parts.map(|it| it.name)).collect();
        let all = self.catalog_columns(&names).await?;
        for (catalog, objects) in found {
            let Some(columns) = all.get(catalog) else {
                continue;
            };
            match catalogs::find(catalog) {
                None => self.of_unknown_catalog(catalog, columns, facts).await?,
                Some(_) if catalog == "pg_class" => self.of_relations(objects, facts).await?,
                Some(table) => {
                    let parts = self.parts(catalog, objects, &all).await?;
                    let places = (columns, objects.as_slice());
                    self.of_catalog(table, places, &parts, facts).await?;
                }
            }
        }
        Ok(())
    }

    /// Objects of a table of the catalog: all columns, their parts, and their comments.
    async fn of_catalog(
        &mut self,
        table: &CatalogTable,
        (columns, objects): (&Columns, &[u32]),
        parts: &BTreeMap<u32, Vec<Part>>,
        facts: &mut Facts<Unmodelled>,
    ) -> Result<(), Error> {
        let finding = table.finding();
        let without = finding.map_or(&[][..], |it| it.without);
        let from = finding.and_then(|it| it.instead).unwrap_or(table.name);
        let told = columns.told(without);
        let sql = format!(
            "SELECT c.oid AS object, i.type || ' ' || i.identity AS description, {} AS values \
             FROM {from} c CROSS JOIN LATERAL pg_identify_object({}, c.oid, 0) i WHERE c.oid = ANY ($1)",
            array(&told),
            columns.class,
        );
        for row in self.query(&sql, &[&objects]).await? {
            let mut fingerprint = fingerprint(&row, &told)?;
            for name in columns.unreadable(without) {
                fingerprint.set_unreadable(name);
            }
            let id: u32 = row.get("object")?;
            for (name, values) in parts.get(&id).into_iter().flatten() {
                fingerprint.add_part(name.clone(), values);
            }
            let comment = self.notes.comment(columns.class, id);
            fingerprint.set("comment", comment.as_deref());
            self.tell((columns.class, id), &row, fingerprint, facts)?;
        }
        Ok(())
    }

    /// Keeps what was read of an object; what needs it cannot be told by facts either.
    fn tell(
        &mut self,
        (class, id): (u32, u32),
        row: &Row,
        fingerprint: Fingerprint,
        facts: &mut Facts<Unmodelled>,
    ) -> Result<(), Error> {
        // None: dropped meanwhile.
        let description: Option<String> = row.get("description")?;
        let Some(description) = description else {
            return Ok(());
        };
        // A type that facts tell in part.
        if let Some(object) = self.objects.get(&(class, id)).filter(|_| class == TYPE) {
            self.needing_unmodelled.insert(object.clone());
        }
        self.unmodelled.insert((class, id));
        facts.insert(Unmodelled {
            fingerprint,
            ..Unmodelled::new(description)
        });
        Ok(())
    }

    /// What belongs to objects of a table of the catalog and is kept in others: names and values, by object.
    async fn parts(
        &self,
        whole: &str,
        objects: &[u32],
        all: &BTreeMap<String, Columns>,
    ) -> Result<BTreeMap<u32, Vec<Part>>, Error> {
        let mut parts: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
        for table in CATALOGS {
            let Told::PartOf(owner, of) = table.told else {
                continue;
            };
            let Some(columns) = all.get(table.name).filter(|_| of == whole) else {
                continue;
            };
            let told = columns.told(&[owner]);
            let name = match columns.has("oid") {
                true => identity(columns.class, "c.oid"),
                false => format!("array_to_string({}, ' ')", array(&told)),
            };
            let sql = format!(
                "SELECT c.{owner} AS owner, {name} AS name, {} AS values FROM {} c WHERE c.{owner} = ANY ($1)",
                array(&told),
                table.name,
            );
            for row in self.query(&sql, &[&objects]).await? {
                let name: Option<String> = row.get("name")?;
                let part = (name.unwrap_or_default(), row.get("values")?);
                parts.entry(row.get("owner")?).or_default().push(part);
            }
        }
        Ok(parts)
    }

    /// Foreign tables, and relations of kinds that a newer PostgreSQL has.
    async fn of_relations(
        &mut self,
        objects: &[u32],
        facts: &mut Facts<Unmodelled>,
    ) -> Result<(), Error> {
        let sql = include_str!("sql/foreign_tables.sql");
        for row in self.query(sql, &[&objects]).await? {
            let mut fingerprint = Fingerprint::default();
            for name in OF_RELATION {
                let value: Option<String> = row.get(name)?;
                fingerprint.set(name, value.as_deref());
            }
            self.tell((RELATION, row.get("object")?), &row, fingerprint, facts)?;
        }
        Ok(())
    }

    /// What is in a table of the catalog that this program does not know, as far as it did not come with the server.
    async fn of_unknown_catalog(
        &self,
        catalog: &str,
        columns: &Columns,
        facts: &mut Facts<Unmodelled>,
    ) -> Result<(), Error> {
        let told = columns.told(&[]);
        let from = quote_identifier(catalog);
        let class = columns.class;
        let made = match columns.has("oid") {
            true => format!(
                "c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e \
                 WHERE e.classid = {class} AND e.objid = c.oid AND e.deptype IN ('e', 'i'))"
            ),
            false => {
                let references = columns.references();
                let made = references.map(|it| format!("c.{}::oid >= 16384", quote_identifier(it)));
                let made: Vec<String> = made.collect();
                match made.is_empty() {
                    true => String::from("false"),
                    false => made.join(" OR "),
                }
            }
        };
        let name = columns.name().map_or_else(
            || String::from("NULL"),
            |name| format!("c.{}", quote_identifier(name)),
        );
        let values = array(&told);
        let sql = format!(
            "SELECT {name}::text AS name, {values} AS values FROM {from} c WHERE {made} ORDER BY 1, 2"
        );
        for row in self.query(&sql, &[]).await? {
            let name: Option<String> = row.get("name")?;
            let description = match name {
                Some(name) => format!("{catalog} {}", quote_identifier(&name)),
                None => format!("rows of {catalog}"),
            };
            let mut unmodelled = facts
                .remove(&description)
                .unwrap_or_else(|| Unmodelled::new(description));
            let values: Vec<Option<String>> = row.get("values")?;
            let text = values.iter().flatten().cloned().collect::<Vec<_>>();
            unmodelled.fingerprint.add_part(text.join(" "), &values);
            facts.insert(unmodelled);
        }
        Ok(())
    }

    /// How many members each extension has, and what is said about them: somebody may have added some.
    fn members(&mut self, facts: &mut Facts<Unmodelled>) {
        let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let of_member = |class: u32, id: u32| match self.objects.get(&(class, id)) {
            Some(Object::Extension(extension)) => Some(extension),
            _ => None,
        };
        let is_of_member = |class: u32, id: u32| of_member(class, id).is_some();
        for ((class, id, _), text) in self.notes.take_comments(is_of_member) {
            if let Some(extension) = of_member(class, id) {
                said.entry(extension.clone()).or_default().push(text);
            }
        }
        for (extension, count) in &self.members {
            let mut said = said.remove(extension).unwrap_or_default();
            said.sort();
            let name = quote_identifier(extension);
            let mut unmodelled = Unmodelled {
                belongs_to: Belonging::Extension,
                ..Unmodelled::new(format!("members of extension {name}"))
            };
            let fingerprint = &mut unmodelled.fingerprint;
            fingerprint.set("number", Some(&count.to_string()));
            fingerprint.set("comments", Some(&said.join("\n")));
            facts.insert(unmodelled);
        }
    }
}

/// The name of a part, and its values.
type Part = (String, Vec<Option<String>>);

/// Expressions as an array of texts.
fn array(told: &[(&str, String)]) -> String {
    let expressions: Vec<&str> = told.iter().map(|(_, it)| it.as_str()).collect();
    format!("ARRAY[{}]::text[]", expressions.join(", "))
}

fn fingerprint(row: &Row, told: &[(&str, String)]) -> Result<Fingerprint, Error> {
    let values: Vec<Option<String>> = row.get("values")?;
    let mut fingerprint = Fingerprint::default();
    for ((name, _), value) in told.iter().zip(values) {
        // Only an owner that a statement must have given says something.
        if value.is_some() || !name.ends_with("owner") {
            fingerprint.set(name, value.as_deref());
        }
    }
    Ok(fingerprint)
}
