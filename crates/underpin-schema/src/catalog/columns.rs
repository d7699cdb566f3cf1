//! Columns of tables and views, attributes of composite types.

use super::class::{DEFAULT, RELATION};
use super::options::Owner;
use super::reader::{Reader, expression, other_name};
use super::sequences::Identities;
use super::unknown;
use crate::{
    Column, Columns, Error, Generated, Identity, IdentityKind, NotNull, Object, Origin, Part,
    QualifiedName, object_name,
};
use std::collections::HashMap;
use underpin_pool::{Executor, Row};

/// By relation.
pub(super) type ColumnsByRelation = HashMap<u32, Columns>;

const NOT_NULLS_ARE_CONSTRAINTS_SINCE: i32 = 18;

impl<E: Executor> Reader<'_, E> {
    /// The columns of all relations, whose names are given.
    pub(super) async fn columns(
        &mut self,
        relations: &HashMap<u32, QualifiedName>,
        mut identities: Identities,
    ) -> Result<ColumnsByRelation, Error> {
        let mut not_nulls = self.not_nulls().await?;
        let mut all = HashMap::new();
        for row in self.rows(include_str!("sql/columns.sql")).await? {
            let relation: u32 = row.get("relation")?;
            let Some(table) = relations.get(&relation) else {
                continue;
            };
            let place = (relation, row.get("number")?);
            let mut column = self.column(&row, place)?;
            if let Some(id) = row.get::<Option<u32>>("default_oid")? {
                let part = Part::new(table.clone(), column.name.clone());
                self.knows(DEFAULT, id, Object::Default(part));
            }
            if let Some(not_null) = not_nulls.remove(&place) {
                let usual = object_name(&table.name, &column.name, "not_null");
                let name = not_null.name.filter(|name| *name != usual);
                column.not_null = Some(NotNull { name, ..not_null });
            }
            if let Some(sequence) = identities.remove(&place) {
                column.identity = Some(Identity {
                    kind: identity_kind(&row.get::<String>("identity")?)?,
                    sequence: sequence.name,
                    options: sequence.options,
                    comment: sequence.comment,
                    privileges: sequence.privileges,
                });
            }
            self.columns.insert(place, column.name.clone());
            all.entry(relation)
                .or_insert_with(Columns::default)
                .insert(column);
        }
        Ok(all)
    }

    fn column(&mut self, row: &Row, (relation, number): (u32, i32)) -> Result<Column, Error> {
        let expression = expression(row, "expression")?;
        let generated: String = row.get("generated")?;
        let (default, generated) = match generated.as_str() {
            "" => (expression, None),
            how => (
                None,
                expression.map(|expression| Generated {
                    expression,
                    stored: how == "s",
                }),
            ),
        };
        Ok(Column {
            name: row.get("name")?,
            data_type: row.get("data_type")?,
            not_null: row.get::<bool>("not_null")?.then(NotNull::default),
            default,
            identity: None,
            generated,
            collation: other_name(row, "collation")?,
            compression: row.get("compression")?,
            storage: row.get("storage")?,
            statistics: row.get("statistics")?,
            options: self.options(row, "options", Owner::Column)?,
            origin: origin(row)?,
            comment: self.notes.comment_on_part(RELATION, relation, number),
            privileges: self.notes.privileges_on_part(RELATION, relation, number),
        })
    }

    async fn not_nulls(&self) -> Result<HashMap<(u32, i32), NotNull>, Error> {
        let mut all = HashMap::new();
        if self.version < NOT_NULLS_ARE_CONSTRAINTS_SINCE {
            return Ok(all);
        }
        for row in self.rows(include_str!("sql/not_nulls.sql")).await? {
            let not_null = NotNull {
                name: row.get("name")?,
                validated: row.get("validated")?,
                inherits: row.get("inherits")?,
            };
            all.insert((row.get("relation")?, row.get("number")?), not_null);
        }
        Ok(all)
    }
}

/// `is_own` and `is_inherited`.
pub(super) fn origin(row: &Row) -> Result<Origin, Error> {
    Ok(match (row.get("is_own")?, row.get("is_inherited")?) {
        (_, false) => Origin::Own,
        (true, true) => Origin::Merged,
        (false, true) => Origin::Inherited,
    })
}

fn identity_kind(letter: &str) -> Result<IdentityKind, Error> {
    match letter {
        "a" => Ok(IdentityKind::Always),
        "d" => Ok(IdentityKind::ByDefault),
        other => Err(unknown("identity column", other)),
    }
}
