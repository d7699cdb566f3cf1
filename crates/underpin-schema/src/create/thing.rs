//! What statements are written for, one after the other.

use super::Apart;
use super::parts::{PartOfIndex, parts};
use crate::Object;
use crate::facts::*;

/// Something that is made by statements of its own.
pub(crate) enum Thing<'a> {
    Namespace(&'a Namespace),
    Extension(&'a Extension),
    Collation(&'a Collation),
    Enum(&'a EnumType),
    Domain(&'a Domain),
    /// The default of a domain that is there; that of a new domain is written with it.
    DomainDefault(&'a Domain),
    /// A condition of a domain that is there; those of a new domain are written with it.
    DomainCheck(&'a Domain, &'a DomainCheck),
    Composite(&'a Composite),
    Range(&'a Range),
    Sequence(&'a Sequence),
    Function(&'a Function),
    Table(&'a Table),
    /// A column of a table that is there; those of a new table are written with it.
    Column(&'a Table, &'a Column),
    /// A place below another table; those of a new table are written with it.
    Inherit(&'a Table, &'a QualifiedName),
    /// A default that is set after its table was made, when it must be.
    Default(&'a Table, &'a Column),
    /// A constraint that is added after its table was made, when it must be.
    Constraint(&'a Table, &'a Constraint),
    Index(&'a QualifiedName, &'a Index),
    Attach(&'a Table, &'a Partition),
    /// Gives a partition's index its place; only where PostgreSQL does not do so by itself.
    AttachIndex(PartOfIndex<'a>),
    TableSettings(&'a Table),
    Ownership(&'a Sequence),
    View(&'a View),
    MaterialisedView(&'a MaterialisedView),
    Rule(&'a QualifiedName, &'a Rule),
    Trigger(&'a QualifiedName, &'a Trigger),
    Policy(&'a QualifiedName, &'a Policy),
    Statistics(&'a Statistics),
    DefaultPrivileges(&'a DefaultPrivileges),
    /// `ALTER … DEPENDS ON EXTENSION`.
    Tie(&'a ExtensionTie),
    /// Privileges on a member of an extension.
    Member(&'a ExtensionPrivileges),
}

/// Everything in a schema, in the order in which it is made when nothing else matters.
pub(crate) fn all(schema: &Schema) -> Vec<Thing<'_>> {
    let mut all = Vec::new();
    all.extend(schema.namespaces.iter().map(Thing::Namespace));
    all.extend(schema.extensions.iter().map(Thing::Extension));
    all.extend(schema.collations.iter().map(Thing::Collation));
    all.extend(schema.enums.iter().map(Thing::Enum));
    all.extend(schema.composites.iter().map(Thing::Composite));
    all.extend(schema.domains.iter().map(Thing::Domain));
    all.extend(schema.ranges.iter().map(Thing::Range));
    all.extend(schema.sequences.iter().map(Thing::Sequence));
    all.extend(schema.functions.iter().map(Thing::Function));
    for table in parents_first(schema) {
        all.push(Thing::Table(table));
        let defaults = table
            .columns
            .iter()
            .filter(|column| column.default.is_some());
        all.extend(defaults.map(|column| Thing::Default(table, column)));
        all.extend(
            table
                .constraints
                .iter()
                .map(|constraint| Thing::Constraint(table, constraint)),
        );
        all.extend(
            table
                .indexes
                .iter()
                .map(|index| Thing::Index(&table.name, index)),
        );
        all.extend(
            table
                .partition
                .iter()
                .map(|partition| Thing::Attach(table, partition)),
        );
        all.push(Thing::TableSettings(table));
    }
    let parts = parts(schema).into_iter().filter(|part| !part.is_taken);
    all.extend(parts.map(Thing::AttachIndex));
    all.extend(schema.sequences.iter().map(Thing::Ownership));
    all.extend(schema.views.iter().map(Thing::View));
    for view in &schema.materialised_views {
        all.push(Thing::MaterialisedView(view));
        all.extend(
            view.indexes
                .iter()
                .map(|index| Thing::Index(&view.name, index)),
        );
    }
    for view in &schema.views {
        all.extend(view.rules.iter().map(|rule| Thing::Rule(&view.name, rule)));
        all.extend(
            view.triggers
                .iter()
                .map(|trigger| Thing::Trigger(&view.name, trigger)),
        );
    }
    for table in &schema.tables {
        all.extend(
            table
                .rules
                .iter()
                .map(|rule| Thing::Rule(&table.name, rule)),
        );
        all.extend(
            table
                .triggers
                .iter()
                .map(|trigger| Thing::Trigger(&table.name, trigger)),
        );
        all.extend(
            table
                .policies
                .iter()
                .map(|policy| Thing::Policy(&table.name, policy)),
        );
    }
    all.extend(schema.statistics.iter().map(Thing::Statistics));
    all.extend(
        schema
            .default_privileges
            .iter()
            .map(Thing::DefaultPrivileges),
    );
    all.extend(schema.extension_ties.iter().map(Thing::Tie));
    all.extend(schema.extension_privileges.iter().map(Thing::Member));
    all
}

impl Thing<'_> {
    /// What it makes.
    pub(crate) fn object(&self) -> Object {
        let part = |table: &QualifiedName, name: &str| Part::new(table.clone(), name);
        match self {
            Self::Namespace(it) => Object::Namespace(it.name.clone()),
            Self::Extension(it) => Object::Extension(it.name.clone()),
            Self::Collation(it) => Object::Collation(it.name.clone()),
            Self::Enum(it) => Object::Type(it.name.clone()),
            Self::Domain(it) | Self::DomainDefault(it) => Object::Type(it.name.clone()),
            Self::DomainCheck(domain, it) => Object::Constraint(part(&domain.name, &it.name)),
            Self::Composite(it) => Object::Type(it.name.clone()),
            Self::Range(it) => Object::Type(it.name.clone()),
            Self::Sequence(it) | Self::Ownership(it) => Object::Sequence(it.name.clone()),
            Self::Function(it) => Object::Function(it.signature.clone()),
            Self::Table(it)
            | Self::Inherit(it, _)
            | Self::Attach(it, _)
            | Self::TableSettings(it) => Object::Table(it.name.clone()),
            Self::Column(table, it) => Object::Column(part(&table.name, &it.name)),
            Self::Default(table, it) => Object::Default(part(&table.name, &it.name)),
            Self::Constraint(table, it) => Object::Constraint(part(&table.name, &it.name)),
            Self::Index(table, it) => Object::Index(table.sibling(&it.name)),
            Self::AttachIndex(it) => Object::Index(it.part.clone()),
            Self::View(it) => Object::View(it.name.clone()),
            Self::MaterialisedView(it) => Object::MaterialisedView(it.name.clone()),
            Self::Rule(table, it) => Object::Rule(part(table, &it.name)),
            Self::Trigger(table, it) => Object::Trigger(part(table, &it.name)),
            Self::Policy(table, it) => Object::Policy(part(table, &it.name)),
            Self::Statistics(it) => Object::Statistics(it.name.clone()),
            Self::DefaultPrivileges(_) => Object::DefaultPrivileges,
            Self::Tie(it) => it.tie.0.clone(),
            Self::Member(it) => Object::Extension(it.key.extension.clone()),
        }
    }

    /// Does this one stand for its object, when there are several things of it?
    pub(crate) fn is_main(&self) -> bool {
        !matches!(
            self,
            Self::Attach(..)
                | Self::AttachIndex(..)
                | Self::TableSettings(_)
                | Self::Ownership(_)
                | Self::DomainDefault(_)
                | Self::Tie(_)
                | Self::Member(_)
        )
    }

    /// Is it a type that columns can have?
    pub(crate) fn is_type(&self) -> bool {
        matches!(
            self,
            Self::Enum(_) | Self::Domain(_) | Self::Composite(_) | Self::Range(_)
        )
    }

    /// Can it be written as a part of its table?
    pub(crate) fn is_inline(&self) -> bool {
        match self {
            Self::Default(..) => true,
            Self::Constraint(_, it) => {
                let is_checked = it.validated || !it.enforced;
                it.is_complete() && is_checked && !it.comes_with_place()
            }
            _ => false,
        }
    }

    /// Can it also be written apart from it, to break a circle?
    pub(crate) fn can_be_apart(&self) -> bool {
        matches!(self, Self::Default(..) | Self::Constraint(..))
    }

    /// Its statements; none when it is a part of its table, or when there is nothing to be said.
    pub(crate) fn statements(&self, schema: &Schema, apart: &Apart) -> Vec<String> {
        if self.is_inline() && !apart.contains(&self.object()) {
            return Vec::new();
        }
        let mut statements = self.making(schema, apart);
        statements.extend(self.notes(apart));
        statements
    }
}

/// The tables, each after those that it is below: PostgreSQL 18 names a parent's NOT NULL otherwise than usual when a
/// partition has taken the usual name.
fn parents_first(schema: &Schema) -> Vec<&Table> {
    let depth = |table: &Table| {
        let above = |table: &Table| {
            let parent = table.partition.iter().map(|partition| &partition.parent);
            parent.chain(&table.inherits).next().cloned()
        };
        let parents =
            std::iter::successors(above(table), |parent| above(schema.tables.get(parent)?));
        parents.take(schema.tables.len()).count()
    };
    let mut tables: Vec<&Table> = schema.tables.iter().collect();
    tables.sort_by_cached_key(|table| depth(table));
    tables
}

impl Schema {
    /// Is this object told by a fact?
    #[must_use]
    pub fn has(&self, object: &Object) -> bool {
        match object {
            Object::Column(part) | Object::Default(part) => self.has_column(part),
            object => all(self).iter().any(|it| it.object() == *object),
        }
    }

    fn has_column(&self, part: &Part) -> bool {
        let Part { of, name } = part;
        let table = self.tables.get(of).map(|it| &it.columns);
        let view = || self.views.get(of).map(|it| &it.columns);
        let materialised = || self.materialised_views.get(of).map(|it| &it.columns);
        let columns = table.or_else(view).or_else(materialised);
        columns.is_some_and(|it| it.get(name).is_some()) || self.composites.contains(of)
    }
}
