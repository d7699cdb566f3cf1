//! What the facts of an object do not tell, and what belongs to the database itself.

use super::super::reader::Reader;
use crate::{Belonging, Error, Facts, Object, Unmodelled};
use underpin_pool::Executor;

/// The table of the catalog that comments on large objects name: those are data.
const LARGE_OBJECT: u32 = 2613;

/// Something of an object: class, number, part; what; and how it is.
struct Left {
    at: (u32, u32, i32),
    what: String,
    value: Option<String>,
    belongs_to: Belonging,
}

impl<E: Executor> Reader<'_, E> {
    /// What no fact tells of objects that have facts.
    pub(super) async fn residues(&mut self, facts: &mut Facts<Unmodelled>) -> Result<(), Error> {
        let mut left = Vec::new();
        for row in self.rows(include_str!("../sql/residues.sql")).await? {
            let at: (u32, u32, i32) = (row.get("class")?, row.get("object")?, row.get("part")?);
            if row.get("makes_its_table")? {
                let table = self.objects.get(&(at.0, at.1)).cloned();
                self.needing_unmodelled.extend(table);
            }
            left.push(Left {
                at,
                what: row.get("what")?,
                value: row.get("value")?,
                belongs_to: match row.get("of_server")? {
                    true => Belonging::Server,
                    false => Belonging::Schema,
                },
            });
        }
        self.describe(left, facts).await
    }

    /// Comments and privileges that no fact has taken.
    pub(super) async fn left_notes(&mut self, facts: &mut Facts<Unmodelled>) -> Result<(), Error> {
        let comments = self.notes.take_comments(|class, _| class != LARGE_OBJECT);
        let comments = comments.into_iter().map(|(at, text)| (at, "comment", text));
        let privileges = self.notes.take_privileges().into_iter();
        let privileges = privileges.map(|(at, it)| (at, "privileges", format!("{it:?}")));
        let is_member = |(class, id, _): (u32, u32, i32)| {
            matches!(self.objects.get(&(class, id)), Some(Object::Extension(_)))
        };
        let left = comments.chain(privileges);
        let left = left.filter(|(at, ..)| !is_member(*at));
        let left = left.map(|(at, what, value)| Left {
            at,
            what: what.to_owned(),
            value: Some(value),
            belongs_to: Belonging::Schema,
        });
        self.describe(left.collect(), facts).await
    }

    /// Names the objects; those in schemas that are not read are left out.
    async fn describe(&self, left: Vec<Left>, facts: &mut Facts<Unmodelled>) -> Result<(), Error> {
        if left.is_empty() {
            return Ok(());
        }
        let classes: Vec<u32> = left.iter().map(|it| it.at.0).collect();
        let objects: Vec<u32> = left.iter().map(|it| it.at.1).collect();
        let parts: Vec<i32> = left.iter().map(|it| it.at.2).collect();
        let sql = include_str!("../sql/describe.sql");
        let rows = self
            .query(sql, &[&self.namespaces, &classes, &objects, &parts])
            .await?;
        for (row, it) in rows.iter().zip(left) {
            // None: dropped meanwhile, or in a schema that is not read.
            let name: Option<String> = row.get("name")?;
            let Some(name) = name else {
                continue;
            };
            let description = format!("{name}: {}", it.what);
            facts.insert(Unmodelled {
                belongs_to: it.belongs_to,
                of: self.object(it.at.0, it.at.1, it.at.2),
                ..Unmodelled::of_text(
                    description,
                    "value",
                    it.value.as_deref().unwrap_or_default(),
                )
            });
        }
        Ok(())
    }

    /// Settings that hold in this database alone.
    pub(super) async fn settings(&self, facts: &mut Facts<Unmodelled>) -> Result<(), Error> {
        for row in self.rows(include_str!("../sql/settings.sql")).await? {
            let role: Option<String> = row.get("role")?;
            let description = match role {
                Some(role) => format!("settings of role {role} in the database"),
                None => String::from("settings of the database"),
            };
            let value: String = row.get("value")?;
            facts.insert(Unmodelled {
                belongs_to: Belonging::Server,
                ..Unmodelled::of_text(description, "setconfig", &value)
            });
        }
        Ok(())
    }
}
