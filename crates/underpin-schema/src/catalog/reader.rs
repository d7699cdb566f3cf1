//! What the readers of all kinds share: the connection, the scope, comments, privileges, and who is who.

use super::canonical::canonical;
use super::class::NAMESPACE;
use super::notes::Notes;
use super::options::{Owner, options};
use super::version::statement_for;
use crate::{Error, Facts, Namespace, Object, Parameters, QualifiedName, Scope};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use underpin_pool::{Executor, Params, Row};

/// An object as the catalog knows it: the table of the catalog, and its number there.
pub(super) type ObjectId = (u32, u32);

/// Reads one catalog.
pub(super) struct Reader<'a, E> {
    executor: &'a E,
    pub(super) version: i32,
    /// The schemas in scope, by number.
    pub(super) namespaces: Vec<u32>,
    pub(super) notes: Notes,
    /// Who is who, for the dependencies.
    pub(super) objects: HashMap<ObjectId, Object>,
    /// The names of the columns of relations in scope.
    pub(super) columns: HashMap<(u32, i32), String>,
    /// The options that are left out, because nobody knows them.
    pub(super) unknown_options: BTreeSet<String>,
    pub(super) invalid_indexes: BTreeSet<QualifiedName>,
    pub(super) unpopulated: BTreeSet<QualifiedName>,
    /// How many members each extension has.
    pub(super) members: BTreeMap<String, usize>,
    /// What has no facts.
    pub(super) unmodelled: HashSet<ObjectId>,
    /// What has facts and needs something that has none.
    pub(super) needing_unmodelled: BTreeSet<Object>,
    /// What has facts and is needed by something that has none.
    pub(super) needed_by_unmodelled: BTreeSet<Object>,
}

impl<'a, E: Executor> Reader<'a, E> {
    pub(super) fn new(executor: &'a E, version: i32) -> Self {
        Self {
            executor,
            version,
            namespaces: Vec::new(),
            notes: Notes::default(),
            objects: HashMap::new(),
            columns: HashMap::new(),
            unknown_options: BTreeSet::new(),
            invalid_indexes: BTreeSet::new(),
            unpopulated: BTreeSet::new(),
            members: BTreeMap::new(),
            unmodelled: HashSet::new(),
            needing_unmodelled: BTreeSet::new(),
            needed_by_unmodelled: BTreeSet::new(),
        }
    }

    /// Runs a statement that takes the schemas in scope as `$1`, or nothing.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Row>, Error> {
        let statement = statement_for(self.version, sql);
        let rows = if statement.contains("$1") {
            self.executor.query(&statement, &[&self.namespaces]).await
        } else {
            self.executor.query(&statement, &[]).await
        };
        Ok(rows?)
    }

    /// Runs a statement with parameters of its own.
    pub(super) async fn query(&self, sql: &str, parameters: Params<'_>) -> Result<Vec<Row>, Error> {
        let statement = statement_for(self.version, sql);
        Ok(self.executor.query(&statement, parameters).await?)
    }

    /// Notes that `id` is `object`.
    pub(super) fn knows(&mut self, class: u32, id: u32, object: Object) {
        self.objects.insert((class, id), object);
    }

    /// The options in a column of a row, as far as they are known.
    pub(super) fn options(
        &mut self,
        row: &Row,
        column: &str,
        owner: Owner<'_>,
    ) -> Result<Parameters, Error> {
        options(row, column, owner, &mut self.unknown_options)
    }

    /// Finds the schemas in scope, and then what all kinds of objects have: comments and privileges.
    pub(super) async fn namespaces(&mut self, scope: &Scope) -> Result<Facts<Namespace>, Error> {
        let Scope { only, without } = scope;
        let found = self
            .executor
            .query(include_str!("sql/namespaces.sql"), &[only, without])
            .await?;
        let numbers: Result<Vec<u32>, _> = found.iter().map(|row| row.get("oid")).collect();
        self.namespaces = numbers?;
        self.notes = Notes::read(self).await?;
        let mut facts = Facts::default();
        for row in &found {
            let (id, name): (u32, String) = (row.get("oid")?, row.get("name")?);
            if row.get("of_extension")? {
                continue;
            }
            self.knows(NAMESPACE, id, Object::Namespace(name.clone()));
            let namespace = Namespace {
                comment: self.notes.comment(NAMESPACE, id),
                privileges: self.notes.privileges(NAMESPACE, id),
                name,
            };
            if namespace != Namespace::new(Namespace::PUBLIC) {
                facts.insert(namespace);
            }
        }
        Ok(facts)
    }
}

/// `schema` and `name`.
pub(super) fn name_of(row: &Row) -> Result<QualifiedName, Error> {
    Ok(QualifiedName::new(
        row.get::<String>("schema")?,
        row.get::<String>("name")?,
    ))
}

/// `<what>_schema` and `<what>_name`, when they are not NULL.
pub(super) fn other_name(row: &Row, what: &str) -> Result<Option<QualifiedName>, Error> {
    let schema: Option<String> = row.get(format!("{what}_schema").as_str())?;
    let name: Option<String> = row.get(format!("{what}_name").as_str())?;
    Ok(schema
        .zip(name)
        .map(|(schema, name)| QualifiedName::new(schema, name)))
}

/// An expression or a definition, in one form of those that mean the same.
pub(super) fn expression(row: &Row, column: &str) -> Result<Option<String>, Error> {
    Ok(row.get::<Option<String>>(column)?.map(canonical))
}

/// As [`expression`], where there always is one.
pub(super) fn definition(row: &Row, column: &str) -> Result<String, Error> {
    Ok(canonical(row.get(column)?))
}
