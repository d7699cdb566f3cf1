//! Sequences, and how identity columns count.

use super::class::RELATION;
use super::reader::{Reader, name_of, other_name};
use crate::{
    Error, Facts, Object, Part, Privileges, QualifiedName, Sequence, SequenceOptions, object_name,
};
use std::collections::HashMap;
use underpin_pool::{Executor, Row};

/// The sequence of an identity column.
pub(super) struct IdentitySequence {
    /// None when it has the name that PostgreSQL gives.
    pub(super) name: Option<QualifiedName>,
    pub(super) options: SequenceOptions,
    pub(super) comment: Option<String>,
    pub(super) privileges: Privileges,
}

/// By relation and number of the column.
pub(super) type Identities = HashMap<(u32, i32), IdentitySequence>;

impl<E: Executor> Reader<'_, E> {
    pub(super) async fn sequences(&mut self) -> Result<(Facts<Sequence>, Identities), Error> {
        let (mut facts, mut identities) = (Facts::default(), Identities::new());
        for row in self.rows(include_str!("sql/sequences.sql")).await? {
            let (id, name, options) = (row.get("oid")?, name_of(&row)?, options(&row)?);
            let owner = owner(&row)?;
            match owner {
                Some(column) if row.get("is_identity")? => {
                    let place = (row.get("owner")?, row.get("owner_number")?);
                    self.knows(RELATION, id, Object::Column(column.clone()));
                    let usual = object_name(&column.of.name, &column.name, "seq");
                    let name = (name != column.of.sibling(usual)).then_some(name);
                    let identity = IdentitySequence {
                        name,
                        options,
                        comment: self.notes.comment(RELATION, id),
                        privileges: self.notes.privileges(RELATION, id),
                    };
                    identities.insert(place, identity);
                }
                owned_by => {
                    self.knows(RELATION, id, Object::Sequence(name.clone()));
                    facts.insert(Sequence {
                        name,
                        options,
                        owned_by,
                        unlogged: row.get("unlogged")?,
                        comment: self.notes.comment(RELATION, id),
                        privileges: self.notes.privileges(RELATION, id),
                    });
                }
            }
        }
        Ok((facts, identities))
    }
}

fn owner(row: &Row) -> Result<Option<Part>, Error> {
    let (table, column) = (
        other_name(row, "owner")?,
        row.get::<Option<String>>("owner_column")?,
    );
    Ok(table
        .zip(column)
        .map(|(table, column)| Part::new(table, column)))
}

fn options(row: &Row) -> Result<SequenceOptions, Error> {
    Ok(SequenceOptions {
        data_type: row.get("data_type")?,
        start: row.get("start")?,
        increment: row.get("increment")?,
        minimum: row.get("minimum")?,
        maximum: row.get("maximum")?,
        cache: row.get("cache")?,
        cycle: row.get("cycle")?,
    })
}
