//! Tables, views, materialised views and composite types: what has columns.

use super::class::{RELATION, TYPE};
use super::options::Owner;
use super::reader::{Reader, definition, name_of};
use super::sequences::Identities;
use super::unknown;
use crate::{
    Attribute, Columns, Composite, Error, MaterialisedView, Object, Partition, PartitionKey,
    QualifiedName, ReplicaIdentity, RowSecurity, Schema, Table, TableKind, View,
};
use std::collections::HashMap;
use underpin_pool::{Executor, Row};

impl<E: Executor> Reader<'_, E> {
    /// Reads everything that has columns, with all that is on it.
    pub(super) async fn relations(
        &mut self,
        identities: Identities,
        schema: &mut Schema,
    ) -> Result<(), Error> {
        let rows = self.rows(include_str!("sql/relations.sql")).await?;
        let mut names = HashMap::new();
        for row in &rows {
            names.insert(row.get("oid")?, name_of(row)?);
        }
        let mut columns = self.columns(&names, identities).await?;
        let mut indexes = self.indexes().await?;
        let mut triggers = self.triggers(&names).await?;
        let mut rules = self.rules(&names).await?;
        let mut policies = self.policies(&names).await?;
        let mut tables = HashMap::new();
        for row in &rows {
            let id: u32 = row.get("oid")?;
            let name = name_of(row)?;
            let kind: String = row.get("kind")?;
            let columns = columns.remove(&id).unwrap_or_default();
            let object = match kind.as_str() {
                "r" | "p" => {
                    let mut table = self.table(row, id, columns)?;
                    let indexes = indexes.remove(&id).unwrap_or_default();
                    if let Some(index) = indexes.replica_identity {
                        table.replica_identity = ReplicaIdentity::Index(index);
                    }
                    table.indexes = indexes.facts;
                    table.triggers = triggers.remove(&id).unwrap_or_default();
                    table.rules = rules.remove(&id).unwrap_or_default();
                    table.policies = policies.remove(&id).unwrap_or_default();
                    tables.insert(id, table);
                    Object::Table(name)
                }
                "v" => {
                    let mut view = self.view(row, id, columns)?;
                    view.triggers = triggers.remove(&id).unwrap_or_default();
                    view.rules = rules.remove(&id).unwrap_or_default();
                    schema.views.insert(view);
                    Object::View(name)
                }
                "m" => {
                    if !row.get::<bool>("populated")? {
                        self.unpopulated.insert(name.clone());
                    }
                    let mut view = self.materialised_view(row, id, columns)?;
                    view.indexes = indexes.remove(&id).unwrap_or_default().facts;
                    schema.materialised_views.insert(view);
                    Object::MaterialisedView(name)
                }
                "c" => {
                    schema.composites.insert(self.composite(row, &columns)?);
                    Object::Type(name)
                }
                other => return Err(unknown("relation", other)),
            };
            self.knows(TYPE, row.get("row_type")?, object.clone());
            self.knows(RELATION, id, object);
        }
        self.constraints(&mut tables).await?;
        schema.tables.extend(tables.into_values());
        Ok(())
    }

    fn table(&mut self, row: &Row, id: u32, columns: Columns) -> Result<Table, Error> {
        let parents = parents(row)?;
        let access_method: Option<String> = row.get("access_method")?;
        let bound: Option<String> = row.get("bound")?;
        let key: Option<String> = row.get("partition_key")?;
        let (partition, inherits) = match (bound, parents.first()) {
            (Some(bound), Some(parent)) => {
                let parent = parent.clone();
                (Some(Partition { parent, bound }), Vec::new())
            }
            _ => (None, parents),
        };
        Ok(Table {
            kind: key.map_or(TableKind::Plain, |key| {
                TableKind::Partitioned(PartitionKey(key))
            }),
            partition,
            inherits,
            columns,
            row_security: RowSecurity {
                enabled: row.get("row_security")?,
                forced: row.get("forces_row_security")?,
            },
            unlogged: row.get("unlogged")?,
            parameters: self.options(row, "parameters", Owner::Table(access_method.as_deref()))?,
            access_method,
            tablespace: row.get("tablespace")?,
            replica_identity: replica_identity(&row.get::<String>("replica_identity")?)?,
            comment: self.notes.comment(RELATION, id),
            privileges: self.notes.privileges(RELATION, id),
            ..Table::new(name_of(row)?)
        })
    }

    fn view(&mut self, row: &Row, id: u32, columns: Columns) -> Result<View, Error> {
        Ok(View {
            name: name_of(row)?,
            definition: query(row)?,
            columns,
            parameters: self.options(row, "parameters", Owner::View)?,
            triggers: Default::default(),
            rules: Default::default(),
            comment: self.notes.comment(RELATION, id),
            privileges: self.notes.privileges(RELATION, id),
        })
    }

    fn materialised_view(
        &mut self,
        row: &Row,
        id: u32,
        columns: Columns,
    ) -> Result<MaterialisedView, Error> {
        let access_method: Option<String> = row.get("access_method")?;
        Ok(MaterialisedView {
            name: name_of(row)?,
            definition: query(row)?,
            columns,
            parameters: self.options(row, "parameters", Owner::Table(access_method.as_deref()))?,
            access_method,
            tablespace: row.get("tablespace")?,
            indexes: Default::default(),
            comment: self.notes.comment(RELATION, id),
            privileges: self.notes.privileges(RELATION, id),
        })
    }

    fn composite(&self, row: &Row, columns: &Columns) -> Result<Composite, Error> {
        let row_type: u32 = row.get("row_type")?;
        let attributes = columns.iter().map(|column| Attribute {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            collation: column.collation.clone(),
            comment: column.comment.clone(),
        });
        Ok(Composite {
            name: name_of(row)?,
            attributes: attributes.collect(),
            comment: self.notes.comment(TYPE, row_type),
            privileges: self.notes.privileges(TYPE, row_type),
        })
    }
}

fn parents(row: &Row) -> Result<Vec<QualifiedName>, Error> {
    let schemas: Option<Vec<String>> = row.get("parent_schemas")?;
    let names: Option<Vec<String>> = row.get("parent_names")?;
    let pairs = schemas
        .unwrap_or_default()
        .into_iter()
        .zip(names.unwrap_or_default());
    Ok(pairs
        .map(|(schema, name)| QualifiedName::new(schema, name))
        .collect())
}

fn query(row: &Row) -> Result<String, Error> {
    let definition = definition(row, "definition")?;
    Ok(definition.trim().trim_end_matches(';').to_owned())
}

fn replica_identity(letter: &str) -> Result<ReplicaIdentity, Error> {
    match letter {
        "d" => Ok(ReplicaIdentity::Default),
        "n" => Ok(ReplicaIdentity::Nothing),
        "f" => Ok(ReplicaIdentity::Full),
        // The index says so itself.
        "i" => Ok(ReplicaIdentity::Default),
        other => Err(unknown("replica identity", other)),
    }
}
