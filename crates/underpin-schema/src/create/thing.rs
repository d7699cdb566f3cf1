//! What statements are written for, one after the other.

use super::Apart;
use crate::facts::*;
use crate::{Object, sql};

/// Something that is made by statements of its own.
pub(super) enum Thing<'a> {
    Namespace(&'a Namespace),
    Extension(&'a Extension),
    Collation(&'a Collation),
    Enum(&'a EnumType),
    Domain(&'a Domain),
    Composite(&'a Composite),
    Range(&'a Range),
    Sequence(&'a Sequence),
    Function(&'a Function),
    Table(&'a Table),
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
}

/// An index of a partition, and that of the partitioned table, which is not complete.
pub(super) struct PartOfIndex<'a> {
    pub(super) parent: &'a QualifiedName,
    pub(super) part: QualifiedName,
    pub(super) whole: QualifiedName,
}

/// Everything in a schema, in the order in which it is made when nothing else matters.
pub(super) fn all(schema: &Schema) -> Vec<Thing<'_>> {
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
    for table in &schema.tables {
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
    all.extend(
        parts_of_incomplete(schema)
            .into_iter()
            .map(Thing::AttachIndex),
    );
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
    all
}

impl Thing<'_> {
    /// What it makes.
    pub(super) fn object(&self) -> Object {
        let part = |table: &QualifiedName, name: &str| Part::new(table.clone(), name);
        match self {
            Self::Namespace(it) => Object::Namespace(it.name.clone()),
            Self::Extension(it) => Object::Extension(it.name.clone()),
            Self::Collation(it) => Object::Collation(it.name.clone()),
            Self::Enum(it) => Object::Type(it.name.clone()),
            Self::Domain(it) => Object::Type(it.name.clone()),
            Self::Composite(it) => Object::Type(it.name.clone()),
            Self::Range(it) => Object::Type(it.name.clone()),
            Self::Sequence(it) | Self::Ownership(it) => Object::Sequence(it.name.clone()),
            Self::Function(it) => Object::Function(it.signature.clone()),
            Self::Table(it) | Self::Attach(it, _) | Self::TableSettings(it) => {
                Object::Table(it.name.clone())
            }
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
        }
    }

    /// Does this one stand for its object, when there are several things of it?
    pub(super) fn is_main(&self) -> bool {
        !matches!(
            self,
            Self::Attach(..) | Self::AttachIndex(..) | Self::TableSettings(_) | Self::Ownership(_)
        )
    }

    /// Can it be written as a part of its table?
    pub(super) fn is_inline(&self) -> bool {
        match self {
            Self::Default(..) => true,
            Self::Constraint(_, it) => it.is_complete() && (it.validated || !it.enforced),
            _ => false,
        }
    }

    /// Can it also be written apart from it, to break a circle?
    pub(super) fn can_be_apart(&self) -> bool {
        matches!(self, Self::Default(..) | Self::Constraint(..))
    }

    /// Its statements; none when it is a part of its table, or when there is nothing to be said.
    pub(super) fn statements(&self, schema: &Schema, apart: &Apart) -> Vec<String> {
        if self.is_inline() && !apart.contains(&self.object()) {
            return Vec::new();
        }
        let mut statements = self.making(schema, apart);
        statements.extend(self.notes(apart));
        statements
    }

    fn making(&self, schema: &Schema, apart: &Apart) -> Vec<String> {
        match self {
            Self::Namespace(it) => vec![sql::create_namespace(it)],
            Self::Extension(it) => vec![sql::create_extension(it)],
            Self::Collation(it) => vec![sql::create_collation(it)],
            Self::Enum(it) => vec![sql::create_enum(it)],
            Self::Domain(it) => sql::create_domain(it),
            Self::Composite(it) => vec![sql::create_composite(it)],
            Self::Range(it) => vec![sql::create_range(it)],
            Self::Sequence(it) => vec![sql::create_sequence(it)],
            Self::Function(it) => vec![it.definition.clone()],
            Self::Table(it) => make_table(it, schema, apart),
            Self::Default(table, it) => {
                let default = it.default.iter();
                default
                    .map(|text| {
                        sql::alter_column(&table.name, &it.name, &format!("SET DEFAULT {text}"))
                    })
                    .collect()
            }
            Self::Constraint(table, it) if it.origin.is_own() || table.inherits.is_empty() => {
                vec![sql::add_constraint(&table.name, it)]
            }
            Self::Constraint(..) => Vec::new(),
            Self::Index(table, it) => {
                let create = sql::create_index(table, it, false);
                std::iter::once(create)
                    .chain(sql::index_settings(table, it))
                    .collect()
            }
            Self::Attach(table, partition) => vec![sql::attach_partition(&table.name, partition)],
            Self::AttachIndex(it) => vec![sql::attach_index(&it.whole, &it.part)],
            Self::TableSettings(it) => sql::table_settings(it),
            Self::Ownership(it) => {
                let owner = it.owned_by.iter();
                owner
                    .map(|owner| sql::own_sequence(&it.name, Some(owner)))
                    .collect()
            }
            Self::View(it) => sql::create_view(it),
            Self::MaterialisedView(it) => sql::create_materialised_view(it),
            Self::Rule(table, it) => sql::create_rule(table, it),
            Self::Trigger(table, it) => sql::create_trigger(table, it),
            Self::Policy(table, it) => vec![sql::create_policy(table, it)],
            Self::Statistics(it) => sql::create_statistics(it),
            Self::DefaultPrivileges(it) => sql::grant_default(it),
        }
    }

    /// Comments and privileges.
    fn notes(&self, apart: &Apart) -> Vec<String> {
        match self {
            Self::Namespace(it) => {
                let name = quote_identifier(&it.name);
                annotated(
                    &format!("SCHEMA {name}"),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                )
            }
            Self::Collation(it) => annotated(
                &format!("COLLATION {}", it.name),
                it.comment.as_deref(),
                None,
            ),
            Self::Enum(it) => annotated(
                &format!("TYPE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Range(it) => annotated(
                &format!("TYPE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Domain(it) => {
                let mut all = annotated(
                    &format!("DOMAIN {}", it.name),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                );
                for check in &it.checks {
                    let target = format!(
                        "CONSTRAINT {} ON DOMAIN {}",
                        quote_identifier(&check.name),
                        it.name
                    );
                    all.extend(annotated(&target, check.comment.as_deref(), None));
                }
                all
            }
            Self::Composite(it) => {
                let mut all = annotated(
                    &format!("TYPE {}", it.name),
                    it.comment.as_deref(),
                    Some(&it.privileges),
                );
                for attribute in &it.attributes {
                    let target =
                        format!("COLUMN {}.{}", it.name, quote_identifier(&attribute.name));
                    all.extend(annotated(&target, attribute.comment.as_deref(), None));
                }
                all
            }
            Self::Sequence(it) => annotated(
                &format!("SEQUENCE {}", it.name),
                it.comment.as_deref(),
                Some(&it.privileges),
            ),
            Self::Function(it) => {
                let target = format!("{} {}", it.kind.sql(), called(it));
                let mut all = annotated(&target, it.comment.as_deref(), None);
                // An aggregate is a function to GRANT.
                let target = match it.kind {
                    FunctionKind::Procedure => target,
                    _ => format!("FUNCTION {}", it.signature),
                };
                all.extend(sql::grants(&target, None, &it.privileges));
                all
            }
            Self::Table(it) => {
                let mut all = relation_notes(
                    "TABLE",
                    &it.name,
                    it.comment.as_deref(),
                    &it.privileges,
                    &it.columns,
                );
                let inline = it
                    .constraints
                    .iter()
                    .map(|constraint| Thing::Constraint(it, constraint));
                let inline =
                    inline.filter(|thing| thing.is_inline() && !apart.contains(&thing.object()));
                all.extend(inline.flat_map(|thing| thing.notes(apart)));
                all
            }
            Self::Constraint(table, it) => {
                let target = format!(
                    "CONSTRAINT {} ON {}",
                    quote_identifier(&it.name),
                    table.name
                );
                annotated(&target, it.comment.as_deref(), None)
            }
            Self::View(it) => relation_notes(
                "VIEW",
                &it.name,
                it.comment.as_deref(),
                &it.privileges,
                &it.columns,
            ),
            Self::MaterialisedView(it) => relation_notes(
                "MATERIALIZED VIEW",
                &it.name,
                it.comment.as_deref(),
                &it.privileges,
                &it.columns,
            ),
            Self::Index(table, it) => annotated(
                &format!("INDEX {}", table.sibling(&it.name)),
                it.comment.as_deref(),
                None,
            ),
            Self::Rule(table, it) => part_note("RULE", table, &it.name, it.comment.as_deref()),
            Self::Trigger(table, it) => {
                part_note("TRIGGER", table, &it.name, it.comment.as_deref())
            }
            Self::Policy(table, it) => part_note("POLICY", table, &it.name, it.comment.as_deref()),
            Self::Statistics(it) => annotated(
                &format!("STATISTICS {}", it.name),
                it.comment.as_deref(),
                None,
            ),
            Self::Extension(_)
            | Self::Default(..)
            | Self::Attach(..)
            | Self::AttachIndex(..)
            | Self::TableSettings(_)
            | Self::Ownership(_)
            | Self::DefaultPrivileges(_) => Vec::new(),
        }
    }
}

/// The table without the parts that are made apart from it.
fn make_table(table: &Table, schema: &Schema, apart: &Apart) -> Vec<String> {
    let is_inline = |thing: &Thing<'_>| thing.is_inline() && !apart.contains(&thing.object());
    let columns = table.columns.iter().map(|column| {
        let mut column = column.clone();
        if !is_inline(&Thing::Default(table, &column)) {
            column.default = None;
        }
        column
    });
    let constraints = table.constraints.iter();
    let constraints =
        constraints.filter(|constraint| is_inline(&Thing::Constraint(table, constraint)));
    let create = sql::create_table(table, &columns.collect(), constraints);
    let parents: Vec<&Table> = table
        .inherits
        .iter()
        .filter_map(|name| schema.tables.get(name))
        .collect();
    let settings = if parents.is_empty() {
        table
            .columns
            .iter()
            .flat_map(|column| sql::column_settings(&table.name, column))
            .collect()
    } else {
        sql::inherited_settings(table, &parents)
    };
    std::iter::once(create).chain(settings).collect()
}

/// The parts of indexes that are not complete. One that is complete takes its parts by itself.
fn parts_of_incomplete(schema: &Schema) -> Vec<PartOfIndex<'_>> {
    let mut parts = Vec::new();
    for table in &schema.tables {
        let Some(parent) = table
            .partition
            .as_ref()
            .and_then(|it| schema.tables.get(&it.parent))
        else {
            continue;
        };
        let mut add = |part: &str, whole: &str| {
            parts.push(PartOfIndex {
                parent: &parent.name,
                part: table.name.sibling(part),
                whole: parent.name.sibling(whole),
            });
        };
        for index in &table.indexes {
            let whole = index
                .part_of
                .as_ref()
                .and_then(|whole| parent.indexes.get(&whole.name));
            if let Some(whole) = whole.filter(|whole| !whole.valid) {
                add(&index.name, &whole.name);
            }
        }
        for constraint in table.constraints.iter().filter(|it| !it.origin.is_own()) {
            let columns = |it: &Constraint| it.as_key().map(|key| key.columns.clone());
            let mut wholes = parent
                .constraints
                .iter()
                .filter(|whole| !whole.is_complete());
            if let Some(whole) = wholes.find(|whole| columns(whole) == columns(constraint)) {
                add(&constraint.name, &whole.name);
            }
        }
    }
    parts
}

fn annotated(target: &str, comment: Option<&str>, privileges: Option<&Privileges>) -> Vec<String> {
    let comment = comment.map(|comment| sql::comment_on(target, Some(comment)));
    let grants = privileges.map(|privileges| sql::grants(target, None, privileges));
    comment
        .into_iter()
        .chain(grants.into_iter().flatten())
        .collect()
}

fn relation_notes(
    kind: &str,
    name: &QualifiedName,
    comment: Option<&str>,
    privileges: &Privileges,
    columns: &Columns,
) -> Vec<String> {
    let mut all = annotated(&format!("{kind} {name}"), comment, None);
    all.extend(columns.iter().flat_map(|column| {
        let target = format!("COLUMN {name}.{}", quote_identifier(&column.name));
        annotated(&target, column.comment.as_deref(), None)
    }));
    // A view is a table to GRANT.
    let target = format!("TABLE {name}");
    all.extend(sql::grants(&target, None, privileges));
    let of_columns = columns.iter();
    all.extend(
        of_columns.flat_map(|column| sql::grants(&target, Some(&column.name), &column.privileges)),
    );
    all
}

fn part_note(kind: &str, table: &QualifiedName, name: &str, comment: Option<&str>) -> Vec<String> {
    annotated(
        &format!("{kind} {} ON {table}", quote_identifier(name)),
        comment,
        None,
    )
}

/// How an object is named where an aggregate without parameters has a star.
fn called(function: &Function) -> String {
    let is_star = function.kind == FunctionKind::Aggregate && function.arguments == "*";
    if is_star {
        format!("{}(*)", function.signature.name)
    } else {
        function.signature.to_string()
    }
}
