//! What objects of every kind may have: a comment, and privileges that are not the default.

use super::reader::Reader;
use crate::{Error, Grant, Grantee, Privileges};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use underpin_pool::{Executor, Row};

/// Class, object, and part: the number of a column, or 0 for the object itself.
type PartId = (u32, u32, i32);

/// Comments and privileges of everything in scope.
#[derive(Default)]
pub(super) struct Notes {
    comments: HashMap<PartId, Note<String>>,
    privileges: HashMap<PartId, Note<Privileges>>,
}

/// What is said of something, and whether a fact has taken it.
#[derive(Default)]
struct Note<T> {
    text: T,
    is_taken: AtomicBool,
}

impl<T> Note<T> {
    fn take(&self) -> &T {
        self.is_taken.store(true, Ordering::Relaxed);
        &self.text
    }

    fn is_left(&self) -> bool {
        !self.is_taken.load(Ordering::Relaxed)
    }
}

impl Notes {
    pub(super) async fn read<E: Executor>(reader: &Reader<'_, E>) -> Result<Self, Error> {
        let mut notes = Self::default();
        for row in reader.rows(include_str!("sql/comments.sql")).await? {
            let note = Note {
                text: row.get("text")?,
                is_taken: AtomicBool::new(false),
            };
            notes.comments.insert(part_id(&row)?, note);
        }
        for row in reader.rows(include_str!("sql/privileges.sql")).await? {
            let privileges = notes.privileges.entry(part_id(&row)?).or_default();
            add_change(&mut privileges.text, &row)?;
        }
        Ok(notes)
    }

    pub(super) fn comment(&self, class: u32, object: u32) -> Option<String> {
        self.comment_on_part(class, object, 0)
    }

    pub(super) fn comment_on_part(&self, class: u32, object: u32, part: i32) -> Option<String> {
        let found = self.comments.get(&(class, object, part))?;
        Some(found.take().clone())
    }

    pub(super) fn privileges(&self, class: u32, object: u32) -> Privileges {
        self.privileges_on_part(class, object, 0)
    }

    pub(super) fn privileges_on_part(&self, class: u32, object: u32, part: i32) -> Privileges {
        let found = self.privileges.get(&(class, object, part));
        found.map(|it| it.take().clone()).unwrap_or_default()
    }

    /// Takes the comments that no fact has taken, of these classes and numbers.
    pub(super) fn take_comments(
        &self,
        is_wanted: impl Fn(u32, u32) -> bool,
    ) -> Vec<(PartId, String)> {
        let left = self.comments.iter().filter(|(_, it)| it.is_left());
        let wanted = left.filter(|((class, id, _), _)| is_wanted(*class, *id));
        let mut wanted: Vec<_> = wanted.map(|(at, it)| (*at, it.take().clone())).collect();
        wanted.sort();
        wanted
    }

    /// Takes the privileges that no fact has taken.
    pub(super) fn take_privileges(&self) -> Vec<(PartId, Privileges)> {
        let left = self.privileges.iter().filter(|(_, it)| it.is_left());
        let mut left: Vec<_> = left.map(|(at, it)| (*at, it.take().clone())).collect();
        left.sort_by_key(|(at, _)| *at);
        left
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
