//! Extensions, extended statistics and default privileges.

use super::class::{EXTENSION, STATISTICS};
use super::notes::add_change;
use super::reader::{Reader, definition, name_of};
use super::unknown;
use crate::{
    DefaultPrivileges, DefaultPrivilegesKey, Error, Extension, ExtensionMember,
    ExtensionPrivileges, ExtensionTie, Facts, Grantable, Object, Privileges, Statistics,
};
use underpin_pool::{Executor, Row};

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn extensions(&mut self) -> Result<Facts<Extension>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/extensions.sql")).await? {
            let (id, name): (u32, String) = (row.get("oid")?, row.get("name")?);
            self.knows(EXTENSION, id, Object::Extension(name.clone()));
            self.members.insert(name.clone(), 0);
            let usual: Option<String> = row.get("usual_comment")?;
            facts.insert(Extension {
                name,
                schema: row.get("schema")?,
                version: row.get("version")?,
                comment: self
                    .notes
                    .comment(EXTENSION, id)
                    .filter(|it| usual.as_ref() != Some(it)),
            });
        }
        for row in self.rows(include_str!("sql/extension_members.sql")).await? {
            let extension: String = row.get("extension")?;
            *self.members.entry(extension.clone()).or_default() += 1;
            let extension = Object::Extension(extension);
            self.knows(row.get("class")?, row.get("object")?, extension);
        }
        Ok(facts)
    }

    pub(super) async fn statistics(&mut self) -> Result<Facts<Statistics>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/statistics.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(STATISTICS, id, Object::Statistics(name.clone()));
            facts.insert(Statistics {
                name,
                definition: definition(&row, "definition")?,
                target: row.get("target")?,
                comment: self.notes.comment(STATISTICS, id),
            });
        }
        Ok(facts)
    }

    pub(super) async fn default_privileges(&self) -> Result<Facts<DefaultPrivileges>, Error> {
        let mut facts: Facts<DefaultPrivileges> = Facts::default();
        for row in self
            .rows(include_str!("sql/default_privileges.sql"))
            .await?
        {
            let key = default_privileges_key(&row)?;
            let mut entry = facts.remove(&key).unwrap_or_else(|| DefaultPrivileges {
                key,
                privileges: Privileges::default(),
            });
            add_change(&mut entry.privileges, &row)?;
            facts.insert(entry);
        }
        Ok(facts)
    }

    /// What `ALTER … DEPENDS ON EXTENSION` noted of the objects that the other readers have met.
    pub(super) async fn extension_ties(&self) -> Result<Facts<ExtensionTie>, Error> {
        let mut facts = Facts::default();
        for row in self.rows(include_str!("sql/extension_ties.sql")).await? {
            let object = self.objects.get(&(row.get("class")?, row.get("object")?));
            if let Some(object) = object {
                let tie = (object.clone(), row.get("extension")?);
                facts.insert(ExtensionTie { tie });
            }
        }
        Ok(facts)
    }

    pub(super) async fn extension_privileges(&self) -> Result<Facts<ExtensionPrivileges>, Error> {
        let mut facts: Facts<ExtensionPrivileges> = Facts::default();
        for row in self
            .rows(include_str!("sql/extension_privileges.sql"))
            .await?
        {
            let key = ExtensionMember {
                extension: row.get("extension")?,
                target: row.get("target")?,
                column: row.get("column_name")?,
            };
            let mut entry = facts.remove(&key).unwrap_or_else(|| ExtensionPrivileges {
                key,
                privileges: Privileges::default(),
            });
            add_change(&mut entry.privileges, &row)?;
            facts.insert(entry);
        }
        Ok(facts)
    }
}

fn default_privileges_key(row: &Row) -> Result<DefaultPrivilegesKey, Error> {
    let letter: String = row.get("objects")?;
    Ok(DefaultPrivilegesKey {
        role: row.get("for_role")?,
        schema: row.get("schema")?,
        objects: match letter.as_str() {
            "r" => Grantable::Tables,
            "S" => Grantable::Sequences,
            "f" => Grantable::Functions,
            "T" => Grantable::Types,
            "n" => Grantable::Schemas,
            "L" => Grantable::LargeObjects,
            other => return Err(unknown("default privilege", other)),
        },
    })
}
