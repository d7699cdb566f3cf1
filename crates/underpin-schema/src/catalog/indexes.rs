//! Indexes that hold no constraint.

use super::canonical::without_double_parentheses;
use super::class::RELATION;
use super::options::{Owner, options};
use super::reader::{Reader, definition, expression, name_of, other_name};
use crate::{Error, Facts, Index, IndexKey, NullsOrder, Object, OperatorClass, SortOrder, Target};
use std::collections::{BTreeSet, HashMap};
use underpin_pool::{Executor, Row};

/// The indexes of one relation.
#[derive(Default)]
pub(super) struct Indexes {
    pub(super) facts: Facts<Index>,
    /// The one that identifies rows to subscribers.
    pub(super) replica_identity: Option<String>,
}

#[derive(Default)]
struct Keys {
    keys: Vec<IndexKey>,
    include: Vec<String>,
}

impl<E: Executor> Reader<'_, E> {
    /// The indexes by relation.
    pub(super) async fn indexes(&mut self) -> Result<HashMap<u32, Indexes>, Error> {
        let mut keys = self.index_keys().await?;
        let mut all: HashMap<u32, Indexes> = HashMap::new();
        for row in self.rows(include_str!("sql/indexes.sql")).await? {
            let (id, name) = (row.get("oid")?, name_of(&row)?);
            self.knows(RELATION, id, Object::Index(name.clone()));
            // On a partitioned table an index is invalid as long as a part is missing, which is a fact; on any other table
            // it is what a failed build left.
            let is_complete = !row.get::<bool>("partitioned")? || row.get("valid")?;
            if is_complete && !row.get::<bool>("valid")? {
                self.invalid_indexes.insert(name.clone());
            }
            let Keys { keys, include } = keys.remove(&id).unwrap_or_default();
            let indexes = all.entry(row.get("relation")?).or_default();
            if row.get("replica_identity")? {
                indexes.replica_identity = Some(name.name.clone());
            }
            let method: String = row.get("method")?;
            let parameters = self.options(&row, "parameters", Owner::Index(&method))?;
            indexes.facts.insert(Index {
                name: name.name,
                method,
                keys,
                include,
                unique: row.get("is_unique")?,
                nulls_distinct: row.get("nulls_distinct")?,
                predicate: expression(&row, "predicate")?,
                parameters,
                tablespace: row.get("tablespace")?,
                clustered: row.get("clustered")?,
                valid: is_complete,
                part_of: other_name(&row, "parent")?,
                comment: self.notes.comment(RELATION, id),
            });
        }
        Ok(all)
    }

    async fn index_keys(&mut self) -> Result<HashMap<u32, Keys>, Error> {
        let mut all: HashMap<u32, Keys> = HashMap::new();
        for row in self.rows(include_str!("sql/index_keys.sql")).await? {
            let keys = all.entry(row.get("index")?).or_default();
            if row.get("is_included")? {
                keys.include.push(row.get("column_name")?);
            } else {
                keys.keys.push(key(&row, &mut self.unknown_options)?);
            }
        }
        Ok(all)
    }
}

fn key(row: &Row, unknown_options: &mut BTreeSet<String>) -> Result<IndexKey, Error> {
    let column: Option<String> = row.get("column_name")?;
    let operator_class = other_name(row, "operator_class")?;
    let schema = operator_class
        .as_ref()
        .map_or("pg_catalog", |name| &name.schema);
    let owner = Owner::OperatorClass(schema);
    let class_options = options(row, "operator_class_options", owner, unknown_options)?;
    Ok(IndexKey {
        target: match column {
            Some(column) => Target::Column(column),
            None => Target::Expression(without_double_parentheses(definition(row, "expression")?)),
        },
        collation: other_name(row, "collation")?,
        operator_class: operator_class.map(|name| OperatorClass {
            name,
            options: class_options,
        }),
        order: if row.get("descending")? {
            SortOrder::Descending
        } else {
            SortOrder::Ascending
        },
        nulls: if row.get("nulls_first")? {
            NullsOrder::First
        } else {
            NullsOrder::Last
        },
        statistics: row.get("statistics")?,
    })
}
