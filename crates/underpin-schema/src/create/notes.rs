//! Comments and privileges, after the statements that make a thing.

use super::Apart;
use super::thing::Thing;
use crate::facts::*;
use crate::sql;
use std::collections::BTreeSet;

/// What is said about one thing: its comment and its privileges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note<'a> {
    /// As `COMMENT ON` names it: `TABLE public.notes`.
    pub(crate) target: String,
    pub(crate) comment: Option<&'a str>,
    pub(crate) privileges: Option<Granted<'a>>,
}

/// Privileges, and what `GRANT` names them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted<'a> {
    on: String,
    column: Option<&'a str>,
    privileges: &'a Privileges,
}

impl<'a> Note<'a> {
    fn comment(target: String, comment: Option<&'a String>) -> Self {
        Self {
            target,
            comment: comment.map(String::as_str),
            privileges: None,
        }
    }

    /// About something that `GRANT` names as `COMMENT ON` does.
    fn new(target: String, comment: Option<&'a String>, privileges: &'a Privileges) -> Self {
        let on = target.clone();
        Self::comment(target, comment).granted(on, None, privileges)
    }

    fn granted(self, on: String, column: Option<&'a str>, privileges: &'a Privileges) -> Self {
        let privileges = Some(Granted {
            on,
            column,
            privileges,
        });
        Self { privileges, ..self }
    }

    fn column(relation: &QualifiedName, column: &'a Column) -> Self {
        let target = format!("COLUMN {relation}.{}", quote_identifier(&column.name));
        // A view is a table to GRANT.
        Self::comment(target, column.comment.as_ref()).granted(
            format!("TABLE {relation}"),
            Some(&column.name),
            &column.privileges,
        )
    }

    /// The statements that say it of a thing of which that was said before.
    ///
    /// Who loses a privilege on a whole relation loses it on its columns: `lost` tells what is to be given again.
    /// The owner is named when it is known, else it is whoever runs the statements.
    pub(crate) fn since(
        &self,
        before: Option<&Note<'_>>,
        lost: &BTreeSet<Grant>,
        owner: Option<&str>,
    ) -> Vec<String> {
        let comment = before.and_then(|before| before.comment);
        let comment =
            (comment != self.comment).then(|| sql::comment_on(&self.target, self.comment));
        let grants = self.privileges.iter().flat_map(|now| {
            let before = before.and_then(|before| before.privileges.as_ref());
            let mut before = before.map_or_else(Privileges::default, |it| it.privileges.clone());
            if now.column.is_some() {
                let is_lost = |grant: &Grant| {
                    let mut lost = lost.iter();
                    lost.any(|it| {
                        (&it.grantee, &it.privilege) == (&grant.grantee, &grant.privilege)
                    })
                };
                before.granted.retain(|grant| !is_lost(grant));
            }
            let change = now.privileges.since(&before);
            let change = owner.map_or_else(|| change.clone(), |owner| change.of_owner(owner));
            sql::grants(&now.on, now.column, &change)
        });
        comment.into_iter().chain(grants).collect()
    }
}

impl Thing<'_> {
    /// Comments and privileges.
    pub(crate) fn notes(&self, apart: &Apart) -> Vec<String> {
        let mut all: Vec<String> = self
            .noted()
            .iter()
            .flat_map(|note| note.since(None, &BTreeSet::new(), None))
            .collect();
        if let Self::Table(table) = self {
            let inline = table.constraints.iter();
            let inline = inline.map(|constraint| Thing::Constraint(table, constraint));
            let inline =
                inline.filter(|thing| thing.is_inline() && !apart.contains(&thing.object()));
            all.extend(inline.flat_map(|thing| thing.notes(apart)));
        }
        all
    }

    /// What is said about it and its columns.
    pub(crate) fn noted(&self) -> Vec<Note<'_>> {
        let part = |kind: &str, of: &QualifiedName, name: &str| {
            format!("{kind} {} ON {of}", quote_identifier(name))
        };
        match self {
            Self::Namespace(it) => {
                let target = format!("SCHEMA {}", quote_identifier(&it.name));
                vec![Note::new(target, it.comment.as_ref(), &it.privileges)]
            }
            Self::Extension(it) => {
                let target = format!("EXTENSION {}", quote_identifier(&it.name));
                vec![Note::comment(target, it.comment.as_ref())]
            }
            Self::Collation(it) => {
                let target = format!("COLLATION {}", it.name);
                vec![Note::comment(target, it.comment.as_ref())]
            }
            Self::Enum(it) => vec![type_note(&it.name, &it.comment, &it.privileges)],
            Self::Range(it) => vec![type_note(&it.name, &it.comment, &it.privileges)],
            Self::Domain(it) => {
                let target = format!("DOMAIN {}", it.name);
                let checks = it.checks.iter().map(|check| check_note(it, check));
                std::iter::once(Note::new(target, it.comment.as_ref(), &it.privileges))
                    .chain(checks)
                    .collect()
            }
            Self::DomainCheck(domain, check) => vec![check_note(domain, check)],
            Self::Composite(it) => {
                let attributes = it.attributes.iter().map(|attribute| {
                    let name = quote_identifier(&attribute.name);
                    Note::comment(
                        format!("COLUMN {}.{name}", it.name),
                        attribute.comment.as_ref(),
                    )
                });
                std::iter::once(type_note(&it.name, &it.comment, &it.privileges))
                    .chain(attributes)
                    .collect()
            }
            Self::Sequence(it) => {
                let target = format!("SEQUENCE {}", it.name);
                vec![Note::new(target, it.comment.as_ref(), &it.privileges)]
            }
            Self::Function(it) => vec![function_note(it)],
            Self::Table(it) => {
                let own = relation_note("TABLE", &it.name, &it.comment, &it.privileges);
                with_columns(own, &it.name, &it.columns)
            }
            Self::View(it) => {
                let own = relation_note("VIEW", &it.name, &it.comment, &it.privileges);
                with_columns(own, &it.name, &it.columns)
            }
            Self::MaterialisedView(it) => {
                let own = relation_note("MATERIALIZED VIEW", &it.name, &it.comment, &it.privileges);
                with_columns(own, &it.name, &it.columns)
            }
            Self::Column(table, it) => column_notes(&table.name, it).collect(),
            Self::Constraint(table, it) => {
                let target = part("CONSTRAINT", &table.name, &it.name);
                let index = format!("INDEX {}", table.name.sibling(&it.name));
                vec![
                    Note::comment(target, it.comment.as_ref()),
                    Note::comment(index, it.index_comment.as_ref()),
                ]
            }
            Self::Index(table, it) => {
                let target = format!("INDEX {}", table.sibling(&it.name));
                vec![Note::comment(target, it.comment.as_ref())]
            }
            Self::Rule(table, it) => {
                vec![Note::comment(
                    part("RULE", table, &it.name),
                    it.comment.as_ref(),
                )]
            }
            Self::Trigger(table, it) => {
                vec![Note::comment(
                    part("TRIGGER", table, &it.name),
                    it.comment.as_ref(),
                )]
            }
            Self::Policy(table, it) => {
                vec![Note::comment(
                    part("POLICY", table, &it.name),
                    it.comment.as_ref(),
                )]
            }
            Self::Statistics(it) => {
                let target = format!("STATISTICS {}", it.name);
                vec![Note::comment(target, it.comment.as_ref())]
            }
            Self::Member(it) => {
                let target = it.key.target.clone();
                let note = Note::comment(target.clone(), None);
                vec![note.granted(target, it.key.column.as_deref(), &it.privileges)]
            }
            Self::DomainDefault(_)
            | Self::Tie(_)
            | Self::Inherit(..)
            | Self::Default(..)
            | Self::Attach(..)
            | Self::AttachIndex(..)
            | Self::TableSettings(_)
            | Self::Ownership(_)
            | Self::DefaultPrivileges(_) => Vec::new(),
        }
    }
}

fn check_note<'a>(domain: &Domain, check: &'a DomainCheck) -> Note<'a> {
    let name = quote_identifier(&check.name);
    let target = format!("CONSTRAINT {name} ON DOMAIN {}", domain.name);
    Note::comment(target, check.comment.as_ref())
}

fn type_note<'a>(
    name: &QualifiedName,
    comment: &'a Option<String>,
    privileges: &'a Privileges,
) -> Note<'a> {
    Note::new(format!("TYPE {name}"), comment.as_ref(), privileges)
}

fn relation_note<'a>(
    kind: &str,
    name: &QualifiedName,
    comment: &'a Option<String>,
    privileges: &'a Privileges,
) -> Note<'a> {
    // A view is a table to GRANT.
    let note = Note::comment(format!("{kind} {name}"), comment.as_ref());
    note.granted(format!("TABLE {name}"), None, privileges)
}

fn with_columns<'a>(own: Note<'a>, name: &QualifiedName, columns: &'a Columns) -> Vec<Note<'a>> {
    let columns = columns.iter().flat_map(|column| column_notes(name, column));
    std::iter::once(own).chain(columns).collect()
}

/// What is said about a column, and about the sequence that numbers it.
fn column_notes<'a>(
    relation: &QualifiedName,
    column: &'a Column,
) -> impl Iterator<Item = Note<'a>> + use<'a> {
    let sequence = column.identity.as_ref().map(|identity| {
        let usual = || relation.sibling(object_name(&relation.name, &column.name, "seq"));
        let name = identity.sequence.clone().unwrap_or_else(usual);
        let target = format!("SEQUENCE {name}");
        Note::new(target, identity.comment.as_ref(), &identity.privileges)
    });
    std::iter::once(Note::column(relation, column)).chain(sequence)
}

fn function_note(function: &Function) -> Note<'_> {
    let target = format!("{} {}", function.kind.sql(), called(function));
    // An aggregate is a function to GRANT.
    let on = match function.kind {
        FunctionKind::Procedure => target.clone(),
        _ => format!("FUNCTION {}", function.signature),
    };
    Note::comment(target, function.comment.as_ref()).granted(on, None, &function.privileges)
}

/// How an object is named where an aggregate without parameters has a star.
pub(crate) fn called(function: &Function) -> String {
    let is_star = function.kind == FunctionKind::Aggregate && function.arguments.is_empty();
    if is_star {
        format!("{}(*)", function.signature.name)
    } else {
        function.signature.to_string()
    }
}
