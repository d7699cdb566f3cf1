//! What objects of every kind may have: a comment, and privileges that are not the default.

use super::reader::Reader;
use crate::{Error, Grant, Grantee, Privileges};
use std::collections::HashMap;
use underpin_pool::{Executor, Row};

/// Class, object, and part: the number of a column, or 0 for the object itself.
type PartId = (u32, u32, i32);

/// Comments and privileges of everything in scope.
#[derive(Default)]
pub(super) struct Notes {
    comments: HashMap<PartId, String>,
    privileges: HashMap<PartId, Privileges>,
}

impl Notes {
    pub(super) async fn read<E: Executor>(reader: &Reader<'_, E>) -> Result<Self, Error> {
        let mut notes = Self::default();
        for row in reader.rows(include_str!("sql/comments.sql")).await? {
            notes.comments.insert(part_id(&row)?, row.get("text")?);
        }
        for row in reader.rows(include_str!("sql/privileges.sql")).await? {
            let privileges = notes.privileges.entry(part_id(&row)?).or_default();
            add_change(privileges, &row)?;
        }
        Ok(notes)
    }

    pub(super) fn comment(&self, class: u32, object: u32) -> Option<String> {
        self.comment_on_part(class, object, 0)
    }

    pub(super) fn comment_on_part(&self, class: u32, object: u32, part: i32) -> Option<String> {
        self.comments.get(&(class, object, part)).cloned()
    }

    pub(super) fn privileges(&self, class: u32, object: u32) -> Privileges {
        self.privileges_on_part(class, object, 0)
    }

    pub(super) fn privileges_on_part(&self, class: u32, object: u32, part: i32) -> Privileges {
        let found = self.privileges.get(&(class, object, part));
        found.cloned().unwrap_or_default()
    }
}

fn part_id(row: &Row) -> Result<PartId, Error> {
    Ok((row.get("class")?, row.get("object")?, row.get("part")?))
}

/// Takes in a row that says how privileges differ from the default.
pub(super) fn add_change(privileges: &mut Privileges, row: &Row) -> Result<(), Error> {
    let role: Option<String> = row.get("role")?;
    let grantee = match role {
        None => Grantee::Public,
        Some(_) if row.get("is_owner")? => Grantee::Owner,
        Some(role) => Grantee::Role(role),
    };
    let grant = Grant {
        grantee,
        privilege: row.get("privilege")?,
        grantable: row.get("grantable")?,
    };
    if row.get("granted")? {
        privileges.granted.insert(grant);
    } else {
        privileges.revoked.insert(grant);
    }
    Ok(())
}
