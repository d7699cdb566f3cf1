//! Constraints of tables.

use super::class::{CONSTRAINT, RELATION};
use super::columns::origin;
use super::options::{Owner, options};
use super::reader::{Reader, definition, other_name};
use super::unknown;
use crate::{
    Action, Check, Constraint, ConstraintKind, Deferral, Error, Exclusion, ForeignKey, Key, Match,
    Object, Part, ReplicaIdentity, Table,
};
use std::collections::{BTreeSet, HashMap};
use underpin_pool::{Executor, Row};

impl<E: Executor> Reader<'_, E> {
    /// Adds the constraints of all tables to them.
    pub(super) async fn constraints(
        &mut self,
        tables: &mut HashMap<u32, Table>,
    ) -> Result<(), Error> {
        for row in self.rows(include_str!("sql/constraints.sql")).await? {
            let Some(table) = tables.get_mut(&row.get("relation")?) else {
                continue;
            };
            let (id, name): (u32, String) = (row.get("oid")?, row.get("name")?);
            let object = Object::Constraint(Part::new(table.name.clone(), name.clone()));
            let index: Option<u32> = row.get("index")?;
            if let Some(index) = index {
                self.knows(RELATION, index, object.clone());
            }
            self.knows(CONSTRAINT, id, object);
            if row.get("clustered").unwrap_or(false) {
                table.clustered_on = Some(name.clone());
            }
            if row.get("replica_identity").unwrap_or(false) {
                table.replica_identity = ReplicaIdentity::Index(name.clone());
            }
            table.constraints.insert(Constraint {
                name,
                kind: kind(&row, &mut self.unknown_options)?,
                deferral: deferral(&row)?,
                validated: row.get("validated")?,
                enforced: row.get("enforced")?,
                origin: origin(&row)?,
                comment: self.notes.comment(CONSTRAINT, id),
                index_comment: index.and_then(|it| self.notes.comment(RELATION, it)),
            });
        }
        Ok(())
    }
}

fn kind(row: &Row, unknown_options: &mut BTreeSet<String>) -> Result<ConstraintKind, Error> {
    let letter: String = row.get("kind")?;
    Ok(match letter.as_str() {
        "p" => ConstraintKind::PrimaryKey(key(row, unknown_options)?),
        "u" => ConstraintKind::Unique(key(row, unknown_options)?),
        "f" => ConstraintKind::ForeignKey(foreign_key(row)?),
        "c" => ConstraintKind::Check(Check {
            expression: definition(row, "expression")?,
            inherits: row.get("inherits")?,
        }),
        "x" => ConstraintKind::Exclusion(Exclusion {
            definition: without_deferral(definition(row, "definition")?),
        }),
        other => return Err(unknown("constraint", other)),
    })
}

fn key(row: &Row, unknown_options: &mut BTreeSet<String>) -> Result<Key, Error> {
    let without_overlaps: bool = row.get("period")?;
    let method = if without_overlaps { "gist" } else { "btree" };
    Ok(Key {
        columns: row.get("columns")?,
        include: row.get("include")?,
        nulls_distinct: row.get("nulls_distinct")?,
        without_overlaps,
        complete: row.get("complete")?,
        parameters: options(row, "parameters", Owner::Index(method), unknown_options)?,
        tablespace: row.get("tablespace")?,
        part_of: other_name(row, "part_of")?,
    })
}

fn foreign_key(row: &Row) -> Result<ForeignKey, Error> {
    let table = other_name(row, "referenced")?;
    Ok(ForeignKey {
        columns: row.get("columns")?,
        table: table.ok_or_else(|| unknown("foreign key", "to no table"))?,
        referenced: row.get("referenced")?,
        on_delete: action(&row.get::<String>("on_delete")?)?,
        on_delete_columns: row.get("on_delete_columns")?,
        on_update: action(&row.get::<String>("on_update")?)?,
        matching: match row.get::<String>("matching")?.as_str() {
            "s" => Match::Simple,
            "f" => Match::Full,
            other => return Err(unknown("foreign key match", other)),
        },
        period: row.get("period")?,
    })
}

fn action(letter: &str) -> Result<Action, Error> {
    match letter {
        "a" => Ok(Action::NoAction),
        "r" => Ok(Action::Restrict),
        "c" => Ok(Action::Cascade),
        "n" => Ok(Action::SetNull),
        "d" => Ok(Action::SetDefault),
        other => Err(unknown("foreign key action", other)),
    }
}

fn deferral(row: &Row) -> Result<Deferral, Error> {
    Ok(match (row.get("deferrable")?, row.get("deferred")?) {
        (false, _) => Deferral::NotDeferrable,
        (true, false) => Deferral::InitiallyImmediate,
        (true, true) => Deferral::InitiallyDeferred,
    })
}

/// The facts tell deferral apart.
fn without_deferral(definition: String) -> String {
    let cut = [" DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE"];
    let ending = cut
        .iter()
        .find_map(|ending| definition.strip_suffix(ending));
    ending.map(str::to_owned).unwrap_or(definition)
}
